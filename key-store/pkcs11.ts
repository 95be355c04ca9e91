import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { KeyStoreError } from './errors.ts'
import type { TokenAnswer, TokenCall, TokenPlace, TokenTask } from './pkcs11-protocol.ts'

const RETRY_FOR_MS = 15_000
const MAX_SESSIONS = 8
/** A process that owes answers and gives none for so much longer than it may go on trying hangs in the vendor's library. */
const HANGS_AFTER_MS = 20_000
const ENDS_WITHIN_MS = 5_000
const MOST_TRIES = 3

/** The process ended with calls under way. Nothing of them is known, but each may be asked again: none does anything twice. */
class HostEnded extends Error {}

interface Pending {
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: Error) => void
}

/** A PKCS #11 module in its process: one in a house, since a module is initialised for a whole process. */
class ModuleHost {
  readonly #child: ChildProcess
  readonly #pending = new Map<number, Pending>()
  readonly ended: Promise<void>
  #watchdog: NodeJS.Timeout | undefined
  #count = 0
  users = 0
  hasEnded = false

  constructor(module: string) {
    this.#child = fork(fileURLToPath(new URL('./pkcs11-child.ts', import.meta.url)), [module], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#rest()
    this.#child.on('message', (answer: TokenAnswer) => this.#settle(answer))
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.hasEnded = true
        clearTimeout(this.#watchdog)
        if (hosts.get(module) === this) hosts.delete(module)
        for (const { reject } of this.#pending.values())
          reject(new HostEnded('the process of the PKCS #11 module ended'))
        this.#pending.clear()
        resolve()
      }
      this.#child.once('exit', end)
      this.#child.once('error', end)
    })
  }

  call(place: Required<TokenPlace>, task: TokenTask): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.hasEnded) return reject(new HostEnded('the process of the PKCS #11 module ended'))
      const number = ++this.#count
      this.#pending.set(number, { resolve, reject })
      this.#watch(place.retryForMs)
      this.#child.send({ number, place, task } satisfies TokenCall, () => {})
    })
  }

  /** Only calls under way keep the house's process alive. */
  #rest(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }

  #watch(retryForMs: number): void {
    this.#child.channel?.ref()
    this.#watchdog ??= setTimeout(() => this.#child.kill('SIGKILL'), retryForMs + HANGS_AFTER_MS)
  }

  #settle(answer: TokenAnswer): void {
    const pending = this.#pending.get(answer.number)
    if (pending === undefined) return
    this.#pending.delete(answer.number)
    this.#watchdog?.refresh()
    if (this.#pending.size === 0) {
      clearTimeout(this.#watchdog)
      this.#watchdog = undefined
      this.#rest()
    }
    if ('bytes' in answer) pending.resolve(answer.bytes)
    else pending.reject(new KeyStoreError(answer.code, answer.message))
  }

  /** Logs out by finalising the module, after what is under way. */
  close(): Promise<void> {
    if (this.#child.connected) this.#child.send('close', () => {})
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), ENDS_WITHIN_MS).unref()
    return this.ended.finally(() => clearTimeout(timer))
  }
}

const hosts = new Map<string, ModuleHost>()
const closing = new Map<string, Promise<void>>()

/** The host with one more user; counted at once, so that nobody ends it in between. */
async function joinHost(module: string): Promise<ModuleHost> {
  while (closing.has(module)) await closing.get(module)
  let host = hosts.get(module)
  if (host === undefined) hosts.set(module, (host = new ModuleHost(module)))
  host.users++
  return host
}

function leaveHost(module: string, host: ModuleHost): void {
  if (--host.users > 0 || host.hasEnded) return
  hosts.delete(module)
  const ended = host.close().then(() => {
    closing.delete(module)
  })
  closing.set(module, ended)
}

/** One user of a token. */
export interface TokenClient {
  /** Throws the coded errors of the token; `KEY_STORE_CLOSED` after `close`. */
  call(task: TokenTask): Promise<Uint8Array>
  /** The last user of a module ends its process. */
  close(): void
}

/** Nothing is loaded or opened before the first call. `open` tries once; the other calls go on for `retryForMs`. */
export function openToken({
  module,
  label,
  pinFile,
  retryForMs = RETRY_FOR_MS,
  maxSessions = MAX_SESSIONS,
}: TokenPlace): TokenClient {
  const place = { module, label, pinFile, retryForMs, maxSessions }
  let host: Promise<ModuleHost> | undefined
  let isClosed = false
  const join = async (): Promise<ModuleHost> => {
    const joined = (host ??= joinHost(place.module))
    // A process that ended took its module with it; the first to see that begins anew, for all.
    if ((await joined).hasEnded && host === joined) host = joinHost(place.module)
    return host
  }
  return {
    async call(task) {
      const asked = task.do === 'open' ? { ...place, retryForMs: 0 } : place
      for (let tries = 1; ; tries++) {
        if (isClosed) throw new KeyStoreError('KEY_STORE_CLOSED', 'the key store is closed')
        try {
          return await (await join()).call(asked, task)
        } catch (error) {
          if (!(error instanceof HostEnded)) throw error
          if (tries === MOST_TRIES)
            throw new KeyStoreError('KEY_TOKEN_UNAVAILABLE', `the library of token ${label} hangs or crashes`)
        }
      }
    },
    close() {
      if (isClosed) return
      isClosed = true
      host?.then((joined) => leaveHost(place.module, joined))
    },
  }
}
