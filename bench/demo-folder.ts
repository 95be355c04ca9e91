// One licence of every template with what verifies it, as `demo` writes them, in a folder that the bench removes.
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demo } from '../bin/commands/demo.ts'

export type DemoLevel = 'B-B' | 'B-LT'

export async function demoFolder(level: DemoLevel): Promise<{ folder: string; files: string[]; trust: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-bench-'))
  await demo({ out: folder, level }, () => {})
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.pdf'))
    .map((name) => join(folder, name))
  return { folder, files, trust: join(folder, 'trust') }
}
