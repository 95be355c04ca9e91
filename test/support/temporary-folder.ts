import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder of its own that is gone after the suite. Called at the top of a suite. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
