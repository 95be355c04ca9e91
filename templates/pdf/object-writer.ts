import type { ByteWriter } from './byte-writer.ts'

/** Writes numbered objects and remembers where each begins, for the classic cross-reference table (ISO 32000-1 §7.5.4). */
export class ObjectWriter {
  readonly writer: ByteWriter
  readonly offsets: number[] = []
  #next = 1

  constructor(writer: ByteWriter) {
    this.writer = writer
  }

  get count(): number {
    return this.#next - 1
  }

  allot(): number {
    return this.#next++
  }

  /** Goes back to the numbers and offsets of a compiled head. */
  restart(next: number): void {
    this.#next = next
  }

  open(number: number): void {
    this.offsets[number] = this.writer.position
    this.writer.integer(number)
    this.writer.text(' 0 obj\n')
  }

  close(): void {
    this.writer.text('\nendobj\n')
  }

  object(number: number, body: string): void {
    this.open(number)
    this.writer.text(body)
    this.close()
  }

  /** A stream whose bytes are known. `entries` are those of its dictionary but /Length. */
  stream(number: number, entries: string, bytes: Uint8Array): void {
    const end = this.openStream(number, entries)
    this.writer.put(bytes)
    end()
  }

  /** Opens a stream that is still to be written; the returned function ends it and fills in its length. */
  openStream(number: number, entries: string): () => void {
    const { writer } = this
    this.open(number)
    writer.text(`<<${entries}/Length `)
    const lengthAt = writer.position
    writer.text('          >>stream\n')
    const start = writer.position
    return () => {
      writer.patch(lengthAt, String(writer.position - start))
      writer.text('\nendstream\nendobj\n')
    }
  }

  /** Cross-reference table, trailer and end of file. */
  finish(trailer: string): void {
    const { writer } = this
    const start = writer.position
    writer.text(`xref\n0 ${this.#next}\n`)
    writer.xrefEntry(0, '65535', 'f')
    for (let number = 1; number < this.#next; number++) writer.xrefEntry(this.offsets[number]!, '00000', 'n')
    writer.text(`trailer\n<</Size ${this.#next}${trailer}>>\nstartxref\n${start}\n%%EOF\n`)
  }
}

/** A text string in UTF-16BE, hexadecimal (ISO 32000-1 §7.9.2.2). */
export function textString(text: string): string {
  let hex = 'FEFF'
  for (let i = 0; i < text.length; i++) hex += text.charCodeAt(i).toString(16).toUpperCase().padStart(4, '0')
  return `<${hex}>`
}

export function hexString(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).toUpperCase().padStart(2, '0')
  return `<${hex}>`
}
