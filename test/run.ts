// `npm test`: the whole suite on both database engines; the last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startScratchPostgres } from '../tools/scratch-postgres.ts'

const long = process.argv.includes('--long')
const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const inCi = process.env['CI'] === 'true'

const postgres = process.env['TEST_DATABASE_URL'] ? undefined : await startScratchPostgres()
const databaseUrl = process.env['TEST_DATABASE_URL'] ?? postgres?.url
if (!databaseUrl) {
  console.log('PostgreSQL 15 or newer is not installed: the suites run on the embedded engine only')
  if (inCi) {
    console.log('0 passed, 1 failed')
    process.exit(1)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'zhengyin-test-'))
const results = join(folder, 'results.json')
const { status } = spawnSync(
  process.execPath,
  [
    join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--root',
    join(import.meta.dirname, '..'),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...only,
  ],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...(databaseUrl ? { TEST_DATABASE_URL: databaseUrl } : {}),
      ...(long ? { TEST_LONG: '1' } : {}),
    },
  },
)
postgres?.stop()

let passed = 0
let failed = 1
try {
  const report = JSON.parse(readFileSync(results, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numFailedTestSuites: number
  }
  passed = report.numPassedTests
  failed = status === 0 ? report.numFailedTests : Math.max(1, report.numFailedTests)
} catch {
  console.log('the test runner ended without a report')
}
rmSync(folder, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
