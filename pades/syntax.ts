import { PadesError } from './errors.ts'
import type { Budget } from './limits.ts'
import type { IndirectObject, PdfArray, PdfDictionary, PdfReference, PdfString, PdfValue } from './objects.ts'
import { endOfHexDigits, hexPair, StringToken } from './string-token.ts'

const WHITE = 1
const DELIMITER = 2
const characterClass = new Uint8Array(256)
for (const c of [0, 9, 10, 12, 13, 32]) characterClass[c] = WHITE
for (const c of '()<>[]{}/%') characterClass[c.charCodeAt(0)] = DELIMITER

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
  readonly #mostDepth: number
  readonly #mostValues: number
  #depth = 0
  /** Values since the outermost array or dictionary began. */
  #values = 0
  /** How many unsigned integers end the array that is being read. */
  #integers = 0
  #spent: number

  constructor(bytes: Uint8Array, position: number, end: number, budget: Budget) {
    this.bytes = bytes
    this.position = position
    this.#spent = position
    this.end = end
    this.#budget = budget
    this.#mostDepth = budget.limits.depth
    this.#mostValues = budget.limits.objectValues
  }

  fail(expected: string): never {
    throw new PadesError('PADES_MALFORMED', `expected ${expected} at offset ${this.position}`)
  }

  /** Goes on where something ends that was read before. */
  goTo(position: number): void {
    this.#settle()
    this.position = position
    this.#spent = position
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
    this.#countValue()
    const c = this.position < this.end ? this.bytes[this.position]! : -1
    if (c === 0x2f) return { kind: 'name', name: this.#readName() }
    if (c >= 0x30 && c <= 0x39) return this.#readNumberOrReference()
    if (c === 0x2b || c === 0x2d || c === 0x2e) return this.#readNumber()
    if (c === 0x28) return this.#readLiteralString()
    if (c === 0x5b) return this.#readArray()
    if (c === 0x3c) return this.bytes[this.position + 1] === 0x3c ? this.readDictionary() : this.#readHexString()
    if (c === 0x6e && this.takeKeyword('null')) return null
    if (c === 0x74 && this.takeKeyword('true')) return true
    if (c === 0x66 && this.takeKeyword('false')) return false
    return this.fail('a value')
  }

  readDictionary(): PdfDictionary {
    if (this.bytes[this.position] !== 0x3c || this.bytes[this.position + 1] !== 0x3c) this.fail('a dictionary')
    this.#enter(2)
    this.skipWhite()
    if (this.#endsDictionary()) {
      this.#leave(2)
      return EMPTY_DICTIONARY
    }
    const entries = new Map<string, PdfValue>()
    let absent: Set<string> | null = null
    do {
      absent = this.#readEntry(entries, absent)
      this.skipWhite()
    } while (!this.#endsDictionary())
    this.#leave(2)
    return { kind: 'dictionary', entries }
  }

  #endsDictionary(): boolean {
    return this.bytes[this.position] === 0x3e && this.bytes[this.position + 1] === 0x3e
  }

  /** Adds one entry; returns the keys so far whose value is null. */
  #readEntry(entries: Map<string, PdfValue>, absent: Set<string> | null): Set<string> | null {
    if (this.bytes[this.position] !== 0x2f) this.fail('a key or ">>"')
    const key = this.#readName()
    const value = this.readValue()
    const count = entries.size
    if (value !== null) entries.set(key, value)
    const isGiven = value === null ? entries.has(key) : entries.size === count
    if (isGiven || absent?.has(key)) {
      throw new PadesError('PADES_DUPLICATE_KEY', `key /${key} twice in the dictionary before offset ${this.position}`)
    }
    return value === null ? (absent ?? new Set()).add(key) : absent
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
    return { number, generation, value, stream, start, end: this.position, packed: null, references: null }
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

  #countValue(): void {
    if (this.#depth === 0) this.#values = 0
    else if (++this.#values > this.#mostValues) this.#budget.check('objectValues', this.#values)
    this.#budget.value()
  }

  #enter(width: number): void {
    if (++this.#depth > this.#mostDepth) this.#budget.check('depth', this.#depth)
    this.position += width
  }

  #leave(width: number): void {
    this.position += width
    if (--this.#depth === 0) this.#settle()
  }

  #readName(): string {
    const { bytes, end } = this
    const start = ++this.position
    let at = start
    let escaped = false
    let hash = 0
    for (let c = 0; at < end && characterClass[(c = bytes[at]!)] === 0; at++) {
      if (c === 0x23) escaped = true
      hash = (hash * 31 + c) | 0
    }
    this.position = at
    this.#budget.check('nameBytes', at - start)
    if (!escaped) return sameName(bytes, start, at, hash)
    let name = ''
    for (let i = start; i < at; i++) {
      if (bytes[i] !== 0x23) name += String.fromCharCode(bytes[i]!)
      else {
        const code = i + 2 < at ? hexPair(bytes[i + 1]!, bytes[i + 2]!) : -1
        if (code <= 0) this.fail('two hex digits after "#" in the name before')
        name += String.fromCharCode(code)
        i += 2
      }
    }
    return name
  }

  #readNumberOrReference(): PdfValue {
    const number = this.takeInteger()
    if (number < 0) return this.#readNumber()
    const after = this.position
    this.skipWhite()
    const generation = this.takeInteger()
    if (generation >= 0) {
      this.skipWhite()
      if (this.takeKeyword('R')) return this.#reference(number, generation)
    }
    this.position = after
    return number
  }

  #readNumber(): PdfValue {
    const start = this.position
    const { bytes, end } = this
    const signed = bytes[start] === 0x2b || bytes[start] === 0x2d
    let at = signed ? start + 1 : start
    let digits = 0
    let point = -1
    let unscaled = 0
    for (let c = 0; at < end && characterClass[(c = bytes[at]!)] === 0; at++) {
      if (c >= 0x30 && c <= 0x39) {
        unscaled = unscaled * 10 + (c - 0x30)
        digits++
      } else if (c === 0x2e && point < 0) point = at
      else break
    }
    if (digits === 0 || at - start > 64 || (at < end && characterClass[bytes[at]!] === 0)) this.fail('a number')
    this.position = at
    const sign = bytes[start] === 0x2d ? -1 : 1
    if (point < 0) {
      if (!Number.isSafeInteger(unscaled)) return this.fail('an integer in range before')
      return sign * unscaled
    }
    const text = latin1(bytes, start, at)
    // Both are exact up to there, so that their quotient is what the text says, correctly rounded.
    const value = digits <= EXACT_DIGITS ? (sign * unscaled) / powersOfTen[at - point - 1]! : Number(text)
    return { kind: 'real', value, text }
  }

  #readArray(): PdfArray {
    this.#enter(1)
    const items: PdfValue[] = []
    this.#integers = 0
    while (this.#readItem(items));
    this.#leave(1)
    return items.length === 0 ? EMPTY_ARRAY : { kind: 'array', items }
  }

  /**
   * Adds what stands next, false at the end of the array. Unsigned integers wait on the list until it is seen whether they are a
   * reference, so that none is read twice. A function of its own: the engine makes it fast sooner than a long loop.
   */
  #readItem(items: PdfValue[]): boolean {
    this.skipWhite()
    const c = this.position < this.end ? this.bytes[this.position]! : -1
    if (c >= 0x30 && c <= 0x39) {
      const integer = this.takeInteger()
      this.#countValue()
      this.#integers = integer < 0 ? 0 : this.#integers + 1
      items.push(integer < 0 ? this.#readNumber() : integer)
      return true
    }
    if (c === 0x5d) return false
    if (c === 0x52 && this.#integers >= 2 && this.takeKeyword('R')) {
      const generation = items.pop()
      items.push(this.#reference(items.pop(), generation))
    } else items.push(this.readValue())
    this.#integers = 0
    return true
  }

  #reference(number: PdfValue | undefined, generation: PdfValue | undefined): PdfReference {
    if (typeof number !== 'number' || typeof generation !== 'number') return this.fail('two integers before "R"')
    if (number === 0 || number > 8_388_607 || generation > 65_535) return this.fail('a reference in range before')
    return { kind: 'reference', number, generation }
  }

  /** White space between the digits is allowed and a missing last digit is 0 (7.3.4.3); /Contents allows neither (byte-range.ts). */
  #readHexString(): PdfString {
    const { bytes, end } = this
    const start = this.position
    let at = start + 1
    for (;;) {
      at = endOfHexDigits(bytes, at, end)
      if (at >= end || characterClass[bytes[at]!] !== WHITE) break
      at++
    }
    this.position = at
    if (at < end && bytes[at] !== 0x3e) this.fail('a hex digit')
    if (at >= end) this.fail('">" of the hex string')
    this.position++
    return new StringToken(bytes, start, this.position)
  }

  #readLiteralString(): PdfString {
    const { bytes, end } = this
    const start = this.position
    let nested = 1
    let at = start + 1
    for (; at < end; at++) {
      const c = bytes[at]!
      if (c === 0x5c) at++
      else if (c === 0x28) nested++
      else if (c === 0x29 && --nested === 0) break
    }
    if (at >= end) this.fail('")" of the string')
    this.position = at + 1
    return new StringToken(bytes, start, this.position)
  }
}

/** Digits that a double holds exactly whatever they are, and the powers of ten by which they may be divided. */
const EXACT_DIGITS = 15
const powersOfTen = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent)

const EMPTY_ARRAY: PdfArray = { kind: 'array', items: [] }
const EMPTY_DICTIONARY: PdfDictionary = { kind: 'dictionary', entries: new Map() }

const SHORT = 16

/** One character a byte; for at most some ten thousand bytes. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  // Longer texts joined character by character take thirty times their size.
  if (to - from > SHORT) return String.fromCharCode.apply(null, bytes.subarray(from, to) as unknown as number[])
  let text = ''
  let at = from
  for (; at + 4 <= to; at += 4) text += String.fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!)
  for (; at < to; at++) text += String.fromCharCode(bytes[at]!)
  return text
}

/** Documents say the same few names again and again. What stands in a place is compared with the bytes before it is taken. */
const names = new Array<string>(512).fill('')
const LONGEST_NAME = 32

function sameName(bytes: Uint8Array, from: number, to: number, hash: number): string {
  if (to - from > LONGEST_NAME) return latin1(bytes, from, to)
  const place = (hash ^ (hash >>> 9)) & 511
  const known = names[place]!
  if (known.length === to - from && hasBytes(known, bytes, from)) return known
  return (names[place] = latin1(bytes, from, to))
}

function hasBytes(text: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false
  return true
}

export const isWhite = (byte: number | undefined): boolean => byte !== undefined && characterClass[byte] === WHITE

/** What goes on being the same token (7.2.3). */
export const isRegular = (byte: number | undefined): boolean => byte !== undefined && characterClass[byte] === 0

/** Writers are often off by the end of a line; every reader skips it alike. */
export function skipWhiteBytes(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && at < from + 16 && isWhite(bytes[at])) at++
  return at
}
