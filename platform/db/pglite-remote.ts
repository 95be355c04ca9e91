import { Worker } from 'node:worker_threads'
import type { Call, Reply } from './pglite-host.ts'
import type { PgliteSession } from './pglite-stream.ts'

interface Waiting {
  readonly done: (reply: Reply) => void
  readonly fail: (error: Error) => void
}

/** A PGlite in a worker thread, with the members PgliteStream needs. */
export class RemotePglite implements PgliteSession {
  readonly waitReady: Promise<void>
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #last = 0
  #gone: Error | undefined

  constructor(folder: string) {
    this.#worker = new Worker(new URL('./pglite-host.ts', import.meta.url), { workerData: { folder } })
    this.waitReady = new Promise((done, fail) => this.#waiting.set(0, { done: () => done(), fail }))
    this.#worker.on('message', (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      if (reply.error === undefined) waiting?.done(reply)
      else waiting?.fail(new Error(reply.error))
    })
    this.#worker.on('error', (error) => this.#lose(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', () => this.#lose(new Error('the database worker has ended')))
  }

  runExclusive<T>(work: () => Promise<T>): Promise<T> {
    return work()
  }

  async exec(sql: string): Promise<void> {
    await this.#call({ id: ++this.#last, sql })
  }

  async execProtocolRawStream(message: Uint8Array, options: { onRawData: (data: Uint8Array) => void }): Promise<void> {
    const bytes = new Uint8Array(message)
    const reply = await this.#call({ id: ++this.#last, bytes }, [bytes.buffer])
    if (reply.bytes && reply.bytes.length > 0) options.onRawData(reply.bytes)
  }

  async close(): Promise<void> {
    if (this.#gone) return
    const gone = new Promise<void>((done) => this.#worker.once('exit', () => done()))
    this.#worker.postMessage('close')
    await gone
  }

  #lose(error: Error): void {
    this.#gone ??= error
    for (const waiting of this.#waiting.values()) waiting.fail(this.#gone)
    this.#waiting.clear()
  }

  #call(call: Call, transfer: ArrayBuffer[] = []): Promise<Reply> {
    if (this.#gone) return Promise.reject(this.#gone)
    return new Promise((done, fail) => {
      this.#waiting.set(call.id, { done, fail })
      this.#worker.postMessage(call, transfer)
    })
  }
}
