// A PostgreSQL of one's own for tests and benches: a throw-away cluster on a free loopback port.
import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ScratchPostgres {
  readonly url: string
  /** Ends it without a farewell to its clients, as a lost host would. */
  crash(): void
  /** Starts it again after a crash, on the same port. */
  start(): void
  /** Ends it for good. It has to be running. */
  stop(): void
}

/** The folder of the newest installed PostgreSQL server's programs, 15 or newer. */
export function findPostgres(): string | undefined {
  const base = '/usr/lib/postgresql'
  if (!existsSync(base)) return undefined
  const versions = readdirSync(base)
    .map(Number)
    .filter((version) => version >= 15 && existsSync(join(base, String(version), 'bin', 'initdb')))
  return versions.length ? join(base, String(Math.max(...versions)), 'bin') : undefined
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

function run(program: string, args: readonly string[], as: { uid: number; gid: number } | undefined): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    ...as,
  })
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`)
  return stdout
}

/** Starts a cluster, or answers `undefined` where no server is installed. PostgreSQL refuses root, so root borrows the account `postgres`. */
export async function startScratchPostgres(): Promise<ScratchPostgres | undefined> {
  const bin = findPostgres()
  if (!bin) return undefined
  const id = (flag: string) => Number(run('id', [flag, 'postgres'], undefined))
  const account = process.getuid?.() === 0 ? { uid: id('-u'), gid: id('-g') } : undefined
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-pg-'))
  if (account) chownSync(folder, account.uid, account.gid)
  const data = join(folder, 'data')
  const port = await freePort()
  run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale'], account)
  const control = (...args: string[]) => run(join(bin, 'pg_ctl'), ['-D', data, '-w', ...args], account)
  const options = `-k ${folder} -c listen_addresses=127.0.0.1 -p ${port}`
  const start = () => control('-l', join(folder, 'log'), '-o', options, 'start')
  const crash = () => control('-m', 'immediate', 'stop')
  start()
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    crash,
    start,
    stop() {
      crash()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
