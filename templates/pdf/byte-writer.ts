import { TemplateError } from '../errors.ts'

const largest = 256 * 1024 * 1024
const newline = 10
const space = 32
const minus = 45
const point = 46
const zero = 48
const hexDigits = new TextEncoder().encode('0123456789ABCDEF')

/** One growing position in a buffer that is kept from licence to licence: what is written has no other form in between. */
export class ByteWriter {
  bytes: Uint8Array
  position = 0

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity)
  }

  /** Makes room for `count` more bytes. @throws TemplateError DOCUMENT_TOO_LARGE beyond 256 MB */
  reserve(count: number): void {
    const needed = this.position + count
    if (needed <= this.bytes.length) return
    if (needed > largest) throw new TemplateError('DOCUMENT_TOO_LARGE', 'the document would be larger than 256 MB')
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length))
    grown.set(this.bytes.subarray(0, this.position))
    this.bytes = grown
  }

  put(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.position)
    this.position += bytes.length
  }

  /** Latin-1 text; callers keep to ASCII but in binary strings. */
  text(text: string): void {
    this.reserve(text.length)
    const { bytes } = this
    let { position } = this
    for (let i = 0; i < text.length; i++) bytes[position++] = text.charCodeAt(i)
    this.position = position
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.position++] = value
  }

  uint16(value: number): void {
    this.reserve(2)
    this.bytes[this.position++] = value >>> 8
    this.bytes[this.position++] = value
  }

  uint32(value: number): void {
    this.uint16(value >>> 16)
    this.uint16(value & 0xffff)
  }

  integer(value: number): void {
    this.reserve(16)
    let rest = value
    if (rest < 0) {
      this.bytes[this.position++] = minus
      rest = -rest
    }
    let digits = 1
    for (let power = 10; power <= rest; power *= 10) digits++
    for (let at = this.position + digits - 1; at >= this.position; at--) {
      this.bytes[at] = zero + (rest % 10)
      rest = (rest - (rest % 10)) / 10
    }
    this.position += digits
  }

  /** A number with at most two decimals, followed by a space: 0.01 pt is far below what any device resolves. */
  number(value: number): void {
    let hundredths = Math.round(value * 100)
    this.reserve(20)
    if (hundredths < 0) {
      this.bytes[this.position++] = minus
      hundredths = -hundredths
    }
    const fraction = hundredths % 100
    this.integer((hundredths - fraction) / 100)
    if (fraction > 0) {
      this.bytes[this.position++] = point
      this.bytes[this.position++] = zero + Math.floor(fraction / 10)
      if (fraction % 10 > 0) this.bytes[this.position++] = zero + (fraction % 10)
    }
    this.bytes[this.position++] = space
  }

  /** Four hexadecimal digits. */
  hex16(value: number): void {
    this.reserve(4)
    const { bytes } = this
    bytes[this.position++] = hexDigits[(value >>> 12) & 15]!
    bytes[this.position++] = hexDigits[(value >>> 8) & 15]!
    bytes[this.position++] = hexDigits[(value >>> 4) & 15]!
    bytes[this.position++] = hexDigits[value & 15]!
  }

  /** A cross-reference entry of 20 bytes (ISO 32000-1 §7.5.4). */
  xrefEntry(offset: number, generation: string, kind: 'n' | 'f'): void {
    this.reserve(20)
    let rest = offset
    for (let at = this.position + 9; at >= this.position; at--) {
      this.bytes[at] = zero + (rest % 10)
      rest = (rest - (rest % 10)) / 10
    }
    this.position += 10
    this.text(` ${generation} ${kind} `)
    this.byte(newline)
  }

  /** Overwrites ASCII at a place written before. */
  patch(at: number, text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[at + i] = text.charCodeAt(i)
  }
}
