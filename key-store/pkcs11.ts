import { Worker } from 'node:worker_threads'
import { KeyStoreError } from './errors.ts'
import type { TokenAnswer, TokenCall, TokenPlace, TokenTask } from './pkcs11-protocol.ts'

const RETRY_FOR_MS = 15_000
const MAX_SESSIONS = 8
/** Longer than any retrying in the worker: only a call that never comes back meets it. */
const LOST_AFTER_MS = 45_000

interface Pending {
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: KeyStoreError) => void
  readonly timer: NodeJS.Timeout
}

/** A PKCS #11 module in its worker thread: one in a process, since a module is initialised for the whole process. */
class ModuleHost {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly ended: Promise<void>
  #count = 0
  users = 0
  hasEnded = false

  constructor(module: string) {
    this.#worker = new Worker(new URL('./pkcs11-worker.ts', import.meta.url), { workerData: { module } })
    this.#worker.unref()
    this.#worker.on('message', (answer: TokenAnswer) => this.#settle(answer))
    let message = 'the thread of the PKCS #11 module ended'
    this.#worker.on('error', (error: Error) => {
      message += `: ${error.message}`
    })
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.hasEnded = true
        if (hosts.get(module) === this) hosts.delete(module)
        for (const number of [...this.#pending.keys()]) this.#settle({ number, code: 'KEY_TOKEN_UNUSABLE', message })
        resolve()
      })
    })
  }

  call(place: Required<TokenPlace>, task: TokenTask): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const number = ++this.#count
      const message = `token ${place.label} did not answer in time`
      const timer = setTimeout(
        () => this.#settle({ number, code: 'KEY_TOKEN_UNAVAILABLE', message }),
        place.retryForMs + LOST_AFTER_MS,
      )
      this.#pending.set(number, { resolve, reject, timer })
      // Only a call under way keeps the process alive.
      this.#worker.ref()
      this.#worker.postMessage({ number, place, task } satisfies TokenCall)
    })
  }

  #settle(answer: TokenAnswer): void {
    const pending = this.#pending.get(answer.number)
    if (pending === undefined) return
    this.#pending.delete(answer.number)
    clearTimeout(pending.timer)
    if (this.#pending.size === 0) this.#worker.unref()
    if ('bytes' in answer) pending.resolve(answer.bytes)
    else pending.reject(new KeyStoreError(answer.code, answer.message))
  }

  /** Logs out by finalising the module, after what is under way. */
  close(): Promise<void> {
    this.#worker.postMessage('close')
    return this.ended
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
  /** The last user of a module ends its worker. */
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
  return {
    async call(task) {
      if (isClosed) throw new KeyStoreError('KEY_STORE_CLOSED', 'the key store is closed')
      host ??= joinHost(place.module)
      // A thread that fell over takes its module with it; the next call begins anew.
      if ((await host).hasEnded) host = joinHost(place.module)
      return (await host).call(task.do === 'open' ? { ...place, retryForMs: 0 } : place, task)
    },
    close() {
      if (isClosed) return
      isClosed = true
      host?.then((joined) => leaveHost(place.module, joined))
    },
  }
}
