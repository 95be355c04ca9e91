// Tokens of SoftHSM2 in folders of their own, in this process or behind `p11-kit server`, which tests may kill.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TokenOptions } from '../../key-store/index.ts'
import { isMissing } from './tools.ts'

export const softHsmModule = '/usr/lib/softhsm/libsofthsm2.so'
const clientModule = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/pkcs11/p11-kit-client.so`

/** True, said in one line, when SoftHSM or the compiled pkcs11js is not there. */
export const isSoftHsmMissing = (): boolean =>
  isMissing('softhsm2-util', softHsmModule, 'node_modules/pkcs11js/build/Release/pkcs11.node')

export const isServerMissing = (): boolean => isMissing('p11-kit', clientModule)

export interface SoftHsm {
  readonly folder: string
  readonly token: TokenOptions
  /** Writes another PIN into the PIN file. */
  writePin(pin: string): void
  /** The token's files are moved out of sight, or back. */
  pullOut(): void
  putBack(): void
  remove(): void
}

const PIN = '314159'

/** A fresh token. The environment of this process names its configuration: one of them at a time. */
export function makeSoftHsm(label = 'zhengyin test', change: Partial<TokenOptions> = {}): SoftHsm {
  const folder = mkdtempSync(join(tmpdir(), 'soft-hsm-'))
  const tokens = join(folder, 'tokens')
  mkdirSync(tokens)
  const configuration = join(folder, 'softhsm2.conf')
  writeFileSync(configuration, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`)
  process.env['SOFTHSM2_CONF'] = configuration
  const made = spawnSync('softhsm2-util', [
    '--init-token',
    '--free',
    '--label',
    label,
    '--so-pin',
    '271828',
    '--pin',
    PIN,
  ])
  if (made.status !== 0) throw new Error(made.stderr.toString())
  const pinFile = join(folder, 'pin')
  const writePin = (pin: string) => writeFileSync(pinFile, `${pin}\n`, { mode: 0o600 })
  writePin(PIN)
  const move = (from: string, to: string) => spawnSync('mv', [join(folder, from), join(folder, to)])
  return {
    folder,
    token: { module: softHsmModule, label, pinFile, holds: () => true, ...change },
    writePin,
    pullOut: () => {
      move('tokens', 'away')
      mkdirSync(tokens)
    },
    putBack: () => {
      rmSync(tokens, { recursive: true })
      move('away', 'tokens')
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export interface TokenServer {
  readonly token: TokenOptions
  start(): Promise<void>
  /** SIGKILL to the server and to the processes it serves connections with. */
  kill(): Promise<void>
}

/** A SoftHSM token behind `p11-kit server`; the environment of this process names its socket. */
export function serveSoftHsm(hsm: SoftHsm): TokenServer {
  const socket = join(hsm.folder, 'socket')
  process.env['P11_KIT_SERVER_ADDRESS'] = `unix:path=${socket}`
  let server: ChildProcess | undefined
  return {
    token: { ...hsm.token, module: clientModule },
    async start() {
      rmSync(socket, { force: true })
      // In a group of its own: the server forks a process for each connection, and all of them die together.
      server = spawn('p11-kit', ['server', '-f', '-n', socket, '--provider', softHsmModule, 'pkcs11:'], {
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await new Promise((resolve) => server!.stdout!.once('data', resolve))
      await delay(50)
    },
    async kill() {
      if (server === undefined) return
      const ended = new Promise((resolve) => server!.once('exit', resolve))
      process.kill(-server.pid!, 'SIGKILL')
      await ended
      server = undefined
    },
  }
}
