// The server as a child process, as `npm start` runs it, for tests that end it without asking.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { demoDepartments } from '../../directory/index.ts'
import { packageRoot } from '../../platform/package-root.ts'
import { type Reply, type Send, send } from './running-house.ts'

export interface ServerProcess {
  readonly url: string
  readonly child: ChildProcess
  /** Exit code once it has ended; null when it was killed. */
  readonly ended: Promise<number | null>
  /** What it told the person at the terminal. */
  output(): string
  log(): string
  call(path: string, options?: Send): Promise<Reply>
  kill(signal?: NodeJS.Signals): Promise<void>
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/** Starts `bin/start.ts` on a data folder and waits until it is ready. */
export async function launchServer(dataDir: string, settings: Record<string, string> = {}): Promise<ServerProcess> {
  const port = await freePort()
  const { NODE_ENV: _mode, DATABASE_URL: _database, ...inherited } = process.env
  const child = spawn(process.execPath, ['bin/start.ts'], {
    cwd: packageRoot,
    env: {
      ...inherited,
      BASE_URL: 'http://licences.example.test',
      DATA_DIR: dataDir,
      PORT: String(port),
      LOG_LEVEL: 'info',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (piece) => {
      written[name] += piece
    })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const url = `http://127.0.0.1:${port}`
  let isOver = false
  ended.then(() => {
    isOver = true
  })
  for (;;) {
    const reply = await fetch(`${url}/readyz`).catch(() => undefined)
    if (reply?.ok) break
    if (isOver) throw new Error(`the server ended: ${written.stderr}`)
    await delay(50)
  }
  return {
    url,
    child,
    ended,
    output: () => written.stdout,
    log: () => written.stderr,
    call: (path, options) => send(url + path, options),
    async kill(signal = 'SIGKILL') {
      child.kill(signal)
      await ended
    },
  }
}

/** The API key of a demo department that a first start shows beside its name; it is told right after the server begins to answer. */
export async function apiKeyIn(server: ServerProcess, stem: string): Promise<string> {
  const { name } = demoDepartments.find((department) => department.stem === stem)!
  const line = new RegExp(`(zhengyin_[\\w-]+)\\s+${name.zh}\\s`)
  for (let tries = 0; tries < 500; tries++) {
    const shown = line.exec(server.output())
    if (shown) return shown[1]!
    await delay(20)
  }
  throw new Error('the server shows no API key of this department')
}
