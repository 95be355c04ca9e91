import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../platform/package-root.ts'
import { run } from '../../support/tools.ts'

export interface RunningServer {
  readonly url: string
  /** What the process has said so far. */
  output(): string
  stop(): Promise<void>
}

const START_LIMIT_MS = 300_000

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

/** Builds the pages where a source is newer, as the scripts do. */
function buildPages(): void {
  const { status, output } = run(process.execPath, [join(packageRoot, 'tools', 'prepare.mjs'), 'web'])
  if (status !== 0) throw new Error(`the pages could not be built: ${output}`)
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  )

/** `npm start` as people run it, in a folder of its own on a free port of the loopback, up to its first 200 on /readyz. Security keys need a name, such as localhost. */
export async function startServer(host = '127.0.0.1'): Promise<RunningServer> {
  buildPages()
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-pages-'))
  const port = await freePort()
  const url = `http://${host}:${port}`
  const environment = {
    ...process.env,
    PORT: String(port),
    HOST: '127.0.0.1',
    BASE_URL: url,
    DATA_DIR: folder,
    LOG_LEVEL: 'warn',
  }
  const child = spawn(process.execPath, ['bin/start.ts'], { cwd: packageRoot, env: environment })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  const stop = async () => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  const limit = performance.now() + START_LIMIT_MS
  while (!(await isReady(url))) {
    if (child.exitCode !== null || performance.now() > limit) {
      await stop()
      throw new Error(`the server did not come up: ${said}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { url, output: () => said, stop }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await gone
  clearTimeout(timer)
}
