import { Duplex } from 'node:stream'

/** What the stream needs of a PGlite: the real one, or the remote one that talks to a worker thread. */
export interface PgliteSession {
  readonly waitReady: Promise<void>
  exec(sql: string): Promise<unknown>
  runExclusive<T>(work: () => Promise<T>): Promise<T>
  execProtocolRawStream(message: Uint8Array, options: { onRawData: (data: Uint8Array) => void }): Promise<void>
  close(): Promise<void>
}

/** Messages after which the server answers: Sync, Query, Flush, CopyDone, CopyFail (PostgreSQL 55.7). */
const ANSWERED = 'SQHcf'

/**
 * A node-postgres "socket" that is a PGlite: pg.Client speaks its own wire protocol into it. PGlite's own adapter loses its
 * place after an error in a parameterised query; the wire protocol does not.
 */
export class PgliteStream extends Duplex {
  readonly #session: PgliteSession
  #pending: Buffer = Buffer.alloc(0)
  #started = false

  constructor(session: PgliteSession) {
    super({ allowHalfOpen: false })
    this.#session = session
  }

  connect(): this {
    this.#reset().then(
      () => this.emit('connect'),
      (error: Error) => this.destroy(error),
    )
    return this
  }

  /** There is one server session only: forget the last client's transaction, prepared statements, settings and locks. */
  async #reset(): Promise<void> {
    await this.#session.waitReady
    await this.#session.exec('ROLLBACK')
    await this.#session.exec('DISCARD ALL')
  }

  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#feed(chunk).then(() => done(), done)
  }
  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.#feed(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done)
  }
  override _final(done: () => void): void {
    this.push(null)
    done()
  }

  async #feed(data: Buffer): Promise<void> {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, data]) : data
    const { cut, terminated } = this.#cut()
    const batch = this.#pending.subarray(0, cut)
    this.#pending = this.#pending.subarray(cut)
    if (batch.length > 0) {
      const onRawData = (answer: Uint8Array): void => {
        this.push(Buffer.from(answer))
      }
      await this.#session.runExclusive(() => this.#session.execProtocolRawStream(new Uint8Array(batch), { onRawData }))
    }
    if (terminated) this.push(null)
  }

  /** Finds the end of the last whole message that the server answers; what comes before it runs as one batch. */
  #cut(): { cut: number; terminated: boolean } {
    const bytes = this.#pending
    let end = 0
    let cut = 0
    for (;;) {
      const header = this.#started ? 1 : 0
      if (bytes.length - end < header + 4) return { cut, terminated: false }
      const length = header + bytes.readInt32BE(end + header)
      if (bytes.length - end < length) return { cut, terminated: false }
      if (!this.#started) {
        this.#started = true
        end += length
        cut = end
        continue
      }
      const type = String.fromCharCode(bytes[end]!)
      if (type === 'X') return { cut, terminated: true }
      end += length
      if (ANSWERED.includes(type)) cut = end
    }
  }
}
