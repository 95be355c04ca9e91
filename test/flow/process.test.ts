// The server as a person runs it: start, refuse a second one, stop, start again.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'zhengyin-process-'))
const running: ChildProcess[] = []
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(dataDir, { recursive: true, force: true })
})

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

interface Server {
  readonly child: ChildProcess
  readonly url: string
  output(): string
  /** Exit code, when it has ended. */
  readonly ended: Promise<number | null>
}

async function launch(environment: Record<string, string> = {}): Promise<Server> {
  const port = await freePort()
  // The test runner sets a BASE_URL and NODE_ENV of its own.
  const { BASE_URL: _base, NODE_ENV: _mode, DATABASE_URL: _database, ...inherited } = process.env
  const child = spawn(process.execPath, ['bin/start.ts'], {
    cwd: packageRoot,
    env: { ...inherited, DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { child, url: `http://127.0.0.1:${port}`, output: () => output, ended }
}

async function ready(server: Server): Promise<void> {
  let over = false
  server.ended.then(() => (over = true))
  while (!over) {
    const response = await fetch(`${server.url}/readyz`).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the server ended: ${server.output()}`)
}

const catalogueOf = async (server: Server) =>
  (await (await fetch(`${server.url}/api/catalogue`)).json()) as { types: unknown[] }

describe('npm start', () => {
  it('comes up on an empty folder, keeps a second process and a wrong passphrase out, stops cleanly and comes up again', async () => {
    const first = await launch()
    await ready(first)
    expect((await catalogueOf(first)).types.length).toBeGreaterThan(0)
    expect(first.output()).toContain('/verify')
    expect(first.output()).toContain('demo-market-issuer')

    const second = await launch()
    expect(await second.ended).toBe(1)
    expect(second.output()).toContain('DATA_FOLDER_IN_USE')
    expect(second.output()).not.toMatch(/\n\s+at /)

    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)

    const stranger = await launch({ KEY_PASSPHRASE: 'not the passphrase of this folder' })
    expect(await stranger.ended).toBe(1)
    expect(stranger.output()).toContain('KEY_STORE_PASSPHRASE_WRONG')
    expect(stranger.output()).not.toMatch(/\n\s+at /)

    const again = await launch()
    await ready(again)
    expect(again.output()).not.toContain('shown this once')
    again.child.kill('SIGKILL')
    await again.ended

    const afterKill = await launch()
    await ready(afterKill)
    afterKill.child.kill('SIGINT')
    expect(await afterKill.ended).toBe(0)
  })

  it('finds out that its port is taken before it makes anything', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const folder = join(dataDir, 'never-made')
    const server = await launch({ DATA_DIR: folder, PORT: String(port) })
    expect(await server.ended).toBe(1)
    await new Promise((resolve) => other.close(resolve))
    expect(server.output().trim()).toMatch(/^PORT_IN_USE: .*已被占用.*PORT=\d+ npm start$/)
    expect(existsSync(join(folder, 'keys'))).toBe(false)
  })

  it('refuses wrong settings all at once, by name and without their values', async () => {
    const server = await launch({ PORT: 'eighty', BASE_URL: 'ftp://secret.example/x', LOG_LEVEL: 'loud' })
    expect(await server.ended).toBe(1)
    for (const name of ['CONFIG_INVALID', 'PORT', 'BASE_URL', 'LOG_LEVEL']) expect(server.output()).toContain(name)
    for (const value of ['eighty', 'secret.example', 'loud']) expect(server.output()).not.toContain(value)
  })

  it('refuses the trial defaults in production', async () => {
    const server = await launch({ NODE_ENV: 'production' })
    expect(await server.ended).toBe(1)
    for (const name of ['DATABASE_URL', 'BASE_URL', 'KEY_PASSPHRASE']) expect(server.output()).toContain(name)
  })
})
