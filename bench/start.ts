// start: from `npm start` on a data folder that has been started before to the first 200 on /readyz.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { packageRoot } from '../platform/index.ts'
import { type Row, row } from './row.ts'

const STARTS = 5
const PATIENCE_MS = 120_000

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Starts the server in a process group of its own, answers how long until it was ready, and leaves it running. */
async function start(dataDir: string): Promise<{ readyMs: number; child: ChildProcess }> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = { ...process.env, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'error', INIT_CWD: packageRoot }
  const begin = performance.now()
  const child = spawn('npm', ['start'], { cwd: packageRoot, env, stdio: 'ignore', detached: true })
  while (performance.now() - begin < PATIENCE_MS) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`)
    const isReady = await fetch(`${url}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    )
    if (isReady) return { readyMs: performance.now() - begin, child }
    await wait(5)
  }
  throw new Error('the server did not become ready')
}

/** Ends npm and the server it started, which completes what is under way first; returns when the last of the group is gone. */
async function stop({ pid }: ChildProcess): Promise<void> {
  const group = -(pid as number)
  process.kill(group, 'SIGTERM')
  for (const begin = performance.now(); performance.now() - begin < PATIENCE_MS; await wait(20)) {
    try {
      process.kill(group, 0)
    } catch {
      return
    }
  }
  process.kill(group, 'SIGKILL')
  throw new Error('the server did not stop')
}

/** `start`: the second and later starts; the first makes keys, departments and examples. */
export async function* rows(): AsyncIterable<Row> {
  const dataDir = mkdtempSync(join(tmpdir(), 'zhengyin-start-'))
  try {
    const first = await start(dataDir)
    await stop(first.child)
    const times: number[] = []
    for (let i = 0; i < STARTS; i++) {
      const { readyMs, child } = await start(dataDir)
      times.push(readyMs)
      await stop(child)
    }
    times.sort((a, b) => a - b)
    const [fastest, slowest] = [times[0] as number, times.at(-1) as number]
    const note = `npm start on an existing data folder, embedded database, to 200 on /readyz; median of ${STARTS}, ${(fastest / 1000).toFixed(2)} to ${(slowest / 1000).toFixed(2)} s; first start ${(first.readyMs / 1000).toFixed(1)} s`
    yield row('start', (times[STARTS >> 1] as number) / 1000, 's', note)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
