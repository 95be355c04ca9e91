// `npm run check`: types, lint and format, rooms, unused code. Every step runs; the exit code says whether all were clean.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const bin = (name: string) => join(root, 'node_modules', '.bin', name)

const steps: readonly (readonly [string, string, readonly string[]])[] = [
  ['types', bin('tsc'), ['--noEmit', '-p', '.']],
  ...(existsSync(join(root, 'web', 'tsconfig.json'))
    ? [['types of the pages', bin('vue-tsc'), ['--noEmit', '--noUnusedLocals', '-p', 'web/tsconfig.json']] as const]
    : []),
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['rooms', bin('vitest'), ['run', 'test/architecture', '--reporter=dot']],
  ['unused code', bin('knip'), ['--no-progress']],
]

let failed = 0
for (const [name, program, args] of steps) {
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  console.log(`${status === 0 ? 'clean' : 'FAILED'}: ${name}`)
  if (status !== 0) failed++
}
process.exitCode = failed === 0 ? 0 : 1
