import { PadesError } from './errors.ts'
import type { Budget } from './limits.ts'
import type { IndirectObject, PdfDictionary, PdfString, PdfValue } from './objects.ts'

const WHITE = 1
const DELIMITER = 2
const characterClass = new Uint8Array(256)
for (const c of [0, 9, 10, 12, 13, 32]) characterClass[c] = WHITE
for (const c of '()<>[]{}/%') characterClass[c.charCodeAt(0)] = DELIMITER

const hexValue = new Int8Array(256).fill(-1)
for (let i = 0; i < 16; i++) {
  hexValue['0123456789abcdef'.charCodeAt(i)] = i
  hexValue['0123456789ABCDEF'.charCodeAt(i)] = i
}

/** Finds the value of an indirect /Length; null when it is none. */
export type LengthOf = (objectNumber: number, generation: number) => number | null

/**
 * Strict reader of PDF syntax (ISO 32000-2, 7.2 and 7.3) over `bytes` up to `end`. Throws `PadesError` at anything that the
 * standard does not allow, a key given twice included, since readers differ there.
 */
export class SyntaxReader {
  readonly bytes: Uint8Array
  readonly end: number
  position: number
  readonly #budget: Budget
  #depth = 0
  #spent: number

  constructor(bytes: Uint8Array, position: number, end: number, budget: Budget) {
    this.bytes = bytes
    this.position = position
    this.#spent = position
    this.end = end
    this.#budget = budget
  }

  fail(expected: string): never {
    throw new PadesError('PADES_MALFORMED', `expected ${expected} at offset ${this.position}`)
  }

  skipWhite(): void {
    const { bytes, end } = this
    let at = this.position
    while (at < end) {
      const c = bytes[at]!
      if (c === 0x25) while (at < end && bytes[at] !== 10 && bytes[at] !== 13) at++
      else if (characterClass[c] === WHITE) at++
      else break
    }
    this.position = at
    if (at - this.#spent > 4096) this.#settle()
  }

  /** Whether the keyword stands here, followed by no regular character; steps over it. */
  takeKeyword(word: string): boolean {
    const { bytes, position } = this
    if (position + word.length > this.end) return false
    for (let i = 0; i < word.length; i++) if (bytes[position + i] !== word.charCodeAt(i)) return false
    const after = position + word.length
    if (after < this.end && characterClass[bytes[after]!] === 0) return false
    this.position = after
    return true
  }

  expectKeyword(word: string): void {
    if (!this.takeKeyword(word)) this.fail(`"${word}"`)
  }

  /** An unsigned integer of at most 15 digits, or -1 with nothing consumed. */
  takeInteger(): number {
    const { bytes, end } = this
    let at = this.position
    let value = 0
    while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) value = value * 10 + bytes[at++]! - 0x30
    const digits = at - this.position
    if (digits === 0 || digits > 15 || (at < end && characterClass[bytes[at]!] === 0)) return -1
    this.position = at
    return value
  }

  readValue(): PdfValue {
    this.skipWhite()
    this.#budget.value()
    const c = this.position < this.end ? this.bytes[this.position]! : -1
    if (c === 0x2f) return { kind: 'name', name: this.#readName() }
    if (c >= 0x30 && c <= 0x39) return this.#readNumberOrReference()
    if (c === 0x2b || c === 0x2d || c === 0x2e) return this.#readNumber()
    if (c === 0x28) return this.#readLiteralString()
    if (c === 0x5b) return this.#readArray()
    if (c === 0x3c) return this.bytes[this.position + 1] === 0x3c ? this.readDictionary() : this.#readHexString()
    if (this.takeKeyword('true')) return true
    if (this.takeKeyword('false')) return false
    if (this.takeKeyword('null')) return null
    return this.fail('a value')
  }

  readDictionary(): PdfDictionary {
    if (this.bytes[this.position] !== 0x3c || this.bytes[this.position + 1] !== 0x3c) this.fail('a dictionary')
    this.#enter(2)
    const entries = new Map<string, PdfValue>()
    let absent: Set<string> | null = null
    for (;;) {
      this.skipWhite()
      if (this.bytes[this.position] === 0x3e && this.bytes[this.position + 1] === 0x3e) break
      if (this.bytes[this.position] !== 0x2f) this.fail('a key or ">>"')
      const key = this.#readName()
      const value = this.readValue()
      if (entries.has(key) || absent?.has(key)) {
        throw new PadesError(
          'PADES_DUPLICATE_KEY',
          `key /${key} twice in the dictionary before offset ${this.position}`,
        )
      }
      if (value === null) (absent ??= new Set()).add(key)
      else entries.set(key, value)
    }
    this.#leave(2)
    return { kind: 'dictionary', entries }
  }

  /** `n g obj … endobj` exactly here (7.3.10), with its stream (7.3.8) where it has one. */
  readIndirectObject(lengthOf: LengthOf): IndirectObject {
    const start = this.position
    const number = this.takeInteger()
    this.skipWhite()
    const generation = this.takeInteger()
    this.skipWhite()
    if (number < 0 || generation < 0 || !this.takeKeyword('obj')) {
      throw new PadesError('PADES_OBJECT_NOT_WHERE_LISTED', `no object at offset ${start}`)
    }
    const value = this.readValue()
    this.skipWhite()
    let stream: Uint8Array | null = null
    if (this.takeKeyword('stream')) stream = this.#readStream(value, lengthOf)
    this.expectKeyword('endobj')
    this.#settle()
    return { number, generation, value, stream, start, end: this.position }
  }

  #readStream(value: PdfValue, lengthOf: LengthOf): Uint8Array {
    if (typeof value !== 'object' || value?.kind !== 'dictionary') return this.fail('a dictionary before "stream"')
    if (this.bytes[this.position] === 13 && this.bytes[this.position + 1] === 10) this.position += 2
    else if (this.bytes[this.position] === 10) this.position += 1
    else this.fail('the end of the line after "stream"')
    const entry = value.entries.get('Length')
    const length =
      typeof entry === 'object' && entry?.kind === 'reference' ? lengthOf(entry.number, entry.generation) : entry
    const from = this.position
    if (typeof length !== 'number' || length < 0 || length > this.end - from) {
      throw new PadesError('PADES_STREAM_LENGTH_WRONG', `the stream at offset ${from} has no usable /Length`)
    }
    this.position = from + length
    this.#spent = this.position
    if (this.bytes[this.position] === 13) this.position++
    if (this.bytes[this.position] === 10) this.position++
    if (!this.takeKeyword('endstream')) {
      throw new PadesError('PADES_STREAM_LENGTH_WRONG', `no "endstream" where the stream at offset ${from} should end`)
    }
    this.skipWhite()
    return this.bytes.subarray(from, from + length)
  }

  #settle(): void {
    this.#budget.work(Math.max(0, this.position - this.#spent))
    this.#spent = this.position
  }

  #enter(width: number): void {
    this.#budget.check('depth', ++this.#depth)
    this.position += width
  }

  #leave(width: number): void {
    this.#depth--
    this.position += width
    this.#settle()
  }

  #readName(): string {
    const { bytes, end } = this
    const start = ++this.position
    let at = start
    let escaped = false
    while (at < end && characterClass[bytes[at]!] === 0) if (bytes[at++] === 0x23) escaped = true
    this.position = at
    this.#budget.check('nameBytes', at - start)
    if (!escaped) return latin1(bytes, start, at)
    let name = ''
    for (let i = start; i < at; i++) {
      if (bytes[i] !== 0x23) name += String.fromCharCode(bytes[i]!)
      else {
        const code = i + 2 < at ? (hexValue[bytes[i + 1]!]! << 4) | hexValue[bytes[i + 2]!]! : -1
        if (code <= 0) this.fail('two hex digits after "#" in the name before')
        name += String.fromCharCode(code)
        i += 2
      }
    }
    return name
  }

  #readNumberOrReference(): PdfValue {
    const start = this.position
    const number = this.takeInteger()
    if (number < 0) return this.#readNumber()
    const after = this.position
    this.skipWhite()
    const generation = this.takeInteger()
    if (generation >= 0) {
      this.skipWhite()
      if (this.takeKeyword('R')) {
        if (number > 0 && number <= 8_388_607 && generation <= 65_535) return { kind: 'reference', number, generation }
        this.position = start
        this.fail('a reference in range')
      }
    }
    this.position = after
    return number
  }

  #readNumber(): PdfValue {
    const start = this.position
    const { bytes, end } = this
    let at = start
    while (at < end && characterClass[bytes[at]!] === 0) at++
    const text = at - start > 64 ? '' : latin1(bytes, start, at)
    if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) this.fail('a number')
    this.position = at
    const value = Number(text)
    if (text.includes('.')) return { kind: 'real', value, text }
    if (!Number.isSafeInteger(value)) return this.fail('an integer in range before')
    return value
  }

  #readArray(): PdfValue {
    this.#enter(1)
    const items: PdfValue[] = []
    for (;;) {
      this.skipWhite()
      if (this.bytes[this.position] === 0x5d && this.position < this.end) break
      items.push(this.readValue())
    }
    this.#leave(1)
    return { kind: 'array', items }
  }

  /** White space between the digits is allowed and a missing last digit is 0 (7.3.4.3); /Contents allows neither (byte-range.ts). */
  #readHexString(): PdfString {
    const { bytes } = this
    const start = this.position
    const close = bytes.indexOf(0x3e, start)
    if (close < 0 || close >= this.end) {
      this.position = this.end
      this.fail('">" of the hex string')
    }
    const value = readHexPairs(bytes, start + 1, close) ?? this.#readSpacedHex(start + 1, close)
    this.position = close + 1
    return { kind: 'string', bytes: value, form: 'hex', start, end: close + 1 }
  }

  #readSpacedHex(from: number, close: number): Uint8Array {
    const { bytes } = this
    let white = 0
    for (let at = from; at < close; at++) if (hexValue[bytes[at]!]! < 0) white += this.#whiteInHex(at)
    const value = new Uint8Array((close - from - white + 1) >> 1)
    let count = 0
    for (let i = from; i < close; i++) {
      const digit = hexValue[bytes[i]!]!
      if (digit >= 0) value[count >> 1] = value[count >> 1]! | ((count++ & 1) === 0 ? digit << 4 : digit)
    }
    return value
  }

  #whiteInHex(at: number): 1 {
    if (characterClass[this.bytes[at]!] !== WHITE) {
      this.position = at
      this.fail('a hex digit')
    }
    return 1
  }

  #readLiteralString(): PdfString {
    const { bytes, end } = this
    const start = this.position
    const value: number[] = []
    let nested = 1
    let at = start + 1
    for (; at < end; at++) {
      const c = bytes[at]!
      if (c === 0x5c) at = readEscape(bytes, at + 1, value)
      else if (c === 13) {
        value.push(10)
        if (bytes[at + 1] === 10) at++
      } else {
        if (c === 0x28) nested++
        else if (c === 0x29 && --nested === 0) break
        value.push(c)
      }
    }
    if (at >= end) this.fail('")" of the string')
    this.position = at + 1
    return { kind: 'string', bytes: Uint8Array.from(value), form: 'literal', start, end: at + 1 }
  }
}

/** The bytes of pairs of hex digits; null where anything else stands between. */
function readHexPairs(bytes: Uint8Array, from: number, to: number): Uint8Array | null {
  if (((to - from) & 1) !== 0) return null
  const value = new Uint8Array((to - from) >> 1)
  for (let at = from, i = 0; at < to; at += 2, i++) {
    const pair = (hexValue[bytes[at]!]! << 4) | hexValue[bytes[at + 1]!]!
    if (pair < 0) return null
    value[i] = pair
  }
  return value
}

const escapes: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, f: 12 }

/** Reads the escape sequence whose backslash stands before `at` (7.3.4.2); returns the offset of its last byte. */
function readEscape(bytes: Uint8Array, at: number, into: number[]): number {
  const c = bytes[at] ?? 0
  if (c >= 0x30 && c <= 0x37) {
    let code = 0
    let last = at
    for (; last < at + 3 && bytes[last]! >= 0x30 && bytes[last]! <= 0x37; last++) code = code * 8 + bytes[last]! - 0x30
    into.push(code & 255)
    return last - 1
  }
  if (c === 13) return bytes[at + 1] === 10 ? at + 1 : at
  if (c !== 10) into.push(escapes[String.fromCharCode(c)] ?? c)
  return at
}

const SHORT = 12

/** One character a byte; for at most some ten thousand bytes. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  // Longer texts joined character by character take thirty times their size.
  if (to - from > SHORT) return String.fromCharCode.apply(null, bytes.subarray(from, to) as unknown as number[])
  let text = ''
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!)
  return text
}

export const isWhite = (byte: number | undefined): boolean => byte !== undefined && characterClass[byte] === WHITE

/** Writers are often off by the end of a line; every reader skips it alike. */
export function skipWhiteBytes(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && at < from + 16 && isWhite(bytes[at])) at++
  return at
}
