// docs/operations/keys-and-ceremony.md, its commands in their order: from an empty PostgreSQL to a sealed licence, and what comes after.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'
import { type ScratchPostgres, startScratchPostgres } from '../../tools/scratch-postgres.ts'
import { launchServer } from '../support/server-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const page = readFileSync(join(packageRoot, 'docs', 'operations', 'keys-and-ceremony.md'), 'utf8')

interface Step {
  readonly command: string
  /** Lines that the page says are printed; `…` stands for any number of others. */
  readonly printed: readonly string[]
}

/** Every command of the page with what it says is printed. */
const steps: Step[] = [...page.matchAll(/```console\n([\s\S]*?)```/g)].flatMap((block) =>
  block[1]!
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command, ...printed] = text.trimEnd().split('\n')
      return { command: command!, printed }
    }),
)

const passphrases = ['first holder 1', 'second holder 2', 'third holder 3', 'fourth holder 4', 'fifth holder 5']
const newHolders = passphrases.flatMap((passphrase, i) => [`Holder ${i + 1}`, passphrase, passphrase])
const people = ['Room 1', 'Li Lei', 'Han Mei, Wang Fang']
const sharesOf = (...numbers: number[]) =>
  numbers.flatMap((number) => [`Holder ${number}`, `shares/share-${number}-of-5.txt`, passphrases[number - 1]!])
const making = ['云汀市数据局', 'Yunting Root CA', 'CN', ...people, '5', '3', ...newHolders, 'yes']

/** What the people of the page answer, by the command they are asked by. */
const answers: readonly (readonly [pattern: RegExp, answers: readonly string[]])[] = [
  [/ceremony root/, making],
  [/ceremony shares/, [...people, ...sharesOf(1, 2, 3), 'yes', '5', '3', ...newHolders]],
  [/ceremony restore/, [...people, ...sharesOf(5, 2, 4), 'yes']],
  [/ceremony (crl|sign|revoke)/, [...people, ...sharesOf(4, 1, 3), 'yes']],
  [/set-up/, ['password of li lei', 'password of li lei']],
]

const folder = temporaryFolder()
const settings = (url: string): Record<string, string> => ({
  NODE_ENV: 'production',
  DATABASE_URL: url,
  BASE_URL: 'https://licences.yunting.example',
  KEY_PASSPHRASE: 'a passphrase of the online machine',
  DATA_DIR: join(folder, 'data'),
  LOG_LEVEL: 'warn',
})

let postgres: ScratchPostgres | undefined
beforeAll(async () => {
  postgres = await startScratchPostgres()
}, 60_000)
afterAll(() => postgres?.stop())

function run(command: string) {
  const input = `${(answers.find(([pattern]) => pattern.test(command))?.[1] ?? []).join('\n')}\n`
  const { NODE_ENV: _mode, BASE_URL: _base, ...inherited } = process.env
  const program = command.replace(
    'npm run -s zhengyin --',
    `"${process.execPath}" "${join(packageRoot, 'bin', 'zhengyin.ts')}"`,
  )
  const { status, stdout, stderr } = spawnSync('bash', ['-c', program], {
    cwd: folder,
    env: { ...inherited, ...settings(postgres!.url), INIT_CWD: folder },
    encoding: 'utf8',
    input,
  })
  return { status, stdout, stderr, output: stdout + stderr }
}

/** Whether a line that the page shows was printed; identifiers and digests of another run are other ones. */
const isPrinted = (line: string, output: string): boolean =>
  line.trim() === '…' || output.includes(line.replace(/key [0-9a-f]{32}$/, 'key ').trimEnd())

const isMadeByHand = (command: string) => /^(createdb|export|read) /.test(command)
const indexOf = (part: string) => steps.findIndex(({ command }) => command.includes(part))

async function follow({ command, printed }: Step): Promise<void> {
  if (isMadeByHand(command)) return
  if (command === 'npm start') {
    const server = await launchServer(join(folder, 'data'), settings(postgres!.url))
    expect(Buffer.from(await (await fetch(`${server.url}/pki/ca/root.cer`)).arrayBuffer())).toEqual(
      readFileSync(join(folder, 'root', 'root.cer')),
    )
    await server.kill('SIGTERM')
    return
  }
  if (command.includes('set-up'))
    writeFileSync(join(folder, 'departments.json'), /```json\n([\s\S]*?)```/.exec(page)![1]!)
  const { status, output } = run(command)
  expect(status, output).toBe(0)
  expect(
    printed.filter((line) => !isPrinted(line, output)),
    output,
  ).toEqual([])
}

describe('keys-and-ceremony.md', () => {
  it('tells of every act there is', () => {
    const acts = ['request', 'root', 'check', 'import', 'crl', 'sign', 'shares', 'restore', 'revoke']
    for (const act of acts) expect(indexOf(`ceremony ${act}`), act).toBeGreaterThanOrEqual(0)
  })

  it('leads to a root without leaving anything of its rehearsal', async () => {
    if (!postgres) return console.log('skipped: PostgreSQL is not installed')
    const rehearsal = indexOf('--dry-run')
    for (const step of steps.slice(0, rehearsal + 1)) await follow(step)
    expect(readdirSync(folder).sort()).toEqual(['data', 'requests'])
    for (const step of steps.slice(rehearsal + 1, indexOf('ceremony import'))) await follow(step)
    expect(statSync(join(folder, 'shares', 'share-1-of-5.txt')).mode & 0o777).toBe(0o600)
  }, 600_000)

  it('refuses to start in production, and to issue, before the import', () => {
    if (!postgres) return
    const early = run('npm run -s zhengyin -- api-key --department 11330199MB3301255M --name early')
    expect(early).toMatchObject({ status: 2, stderr: expect.stringContaining('PKI_ROOT_MISSING') })
  }, 60_000)

  it('leads from the import to a licence that verify accepts, and on through every later act', async () => {
    if (!postgres) return
    for (const step of steps.slice(indexOf('ceremony import'))) await follow(step)
    const { output } = run('npm run -s zhengyin -- ceremony check root')
    expect(output).toContain('seal-ca-2.cer')
  }, 900_000)

  it('leaves licences as they were when their CA was succeeded and revoked, and new ones stand under the next', () => {
    if (!postgres) return
    expect(run('npm run -s zhengyin -- set-up departments.json').status).toBe(0)
    const old = run('npm run -s zhengyin -- verify first.pdf --offline --trust data/trust')
    expect(old.output).toContain('真实有效')
  }, 120_000)

  it('shows no passphrase, neither on paper nor on the screen', () => {
    if (!postgres) return
    const shown = run('npm run -s zhengyin -- ceremony crl --root root --dry-run')
    const written = readdirSync(join(folder, 'root')).map((name) => readFileSync(join(folder, 'root', name), 'latin1'))
    for (const passphrase of passphrases) {
      expect(shown.output).not.toContain(passphrase)
      expect(written.join()).not.toContain(passphrase)
    }
  }, 60_000)

  it('opens the root with three shares and not with two', () => {
    if (!postgres) return
    const before = readdirSync(join(folder, 'root'))
    writeFileSync(join(folder, 'answers'), [...people, ...sharesOf(1, 2), ''].join('\n'))
    const attempt = run('npm run -s zhengyin -- ceremony crl --root root < answers')
    expect(attempt).toMatchObject({ status: 2, stderr: expect.stringContaining('ANSWER_MISSING') })
    expect(readdirSync(join(folder, 'root'))).toEqual(before)
  }, 60_000)
})
