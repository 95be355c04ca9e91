// Tokens of SoftHSM2 in folders of their own, in this process or behind `p11-kit server`, which tests may kill.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TokenOptions } from '../../key-store/index.ts'
import { packageRoot } from '../../platform/package-root.ts'
import { isMissing } from './tools.ts'

const softHsmModule = '/usr/lib/softhsm/libsofthsm2.so'
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
  /** Gives the token another user PIN, as its security officer would; whether it took it. */
  setTokenPin(pin: string): boolean
  remove(): void
}

const PIN = '314159'
const SO_PIN = '271828'

// In a process of its own: a security officer logs in only where no session is open.
const SET_PIN = `
  const [module, label, soPin, pin] = process.argv.slice(1)
  const c = require('pkcs11js')
  const p = new c.PKCS11()
  p.load(module)
  p.C_Initialize({ flags: c.CKF_OS_LOCKING_OK })
  const slot = p.C_GetSlotList(true).find((one) => p.C_GetTokenInfo(one).label.trim() === label)
  const session = p.C_OpenSession(slot, c.CKF_SERIAL_SESSION | c.CKF_RW_SESSION)
  p.C_Login(session, c.CKU_SO, soPin)
  p.C_InitPIN(session, pin)
  p.C_Finalize()`

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
    SO_PIN,
    '--pin',
    PIN,
  ])
  if (made.status !== 0) throw new Error(made.stderr.toString())
  const pinFile = join(folder, 'pin')
  const writePin = (pin: string) => writeFileSync(pinFile, `${pin}\n`, { mode: 0o600 })
  writePin(PIN)
  return {
    folder,
    token: { module: softHsmModule, label, pinFile, holds: () => true, ...change },
    writePin,
    setTokenPin: (pin) =>
      spawnSync(process.execPath, ['-e', SET_PIN, softHsmModule, label, SO_PIN, pin], { cwd: packageRoot }).status ===
      0,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export interface TokenServer {
  readonly token: TokenOptions
  start(): Promise<void>
  /** SIGKILL to the server and to the processes it serves connections with. */
  kill(): Promise<void>
  /** Stops them where they are, or lets them go on. */
  freeze(isFrozen: boolean): void
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
      await new Promise((resolve, reject) => {
        server!.stdout!.once('data', resolve)
        server!.once('exit', () => reject(new Error('the token server did not start')))
      })
      await delay(50)
    },
    async kill() {
      if (server === undefined) return
      const ended = new Promise((resolve) => server!.once('exit', resolve))
      process.kill(-server.pid!, 'SIGKILL')
      await ended
      server = undefined
    },
    freeze: (isFrozen) => process.kill(-server!.pid!, isFrozen ? 'SIGSTOP' : 'SIGCONT'),
  }
}
