import type { PdfString } from './objects.ts'

/**
 * A string of ISO 32000-2, 7.3.4, where it stands: [start, end) with its brackets. What it holds is decoded when somebody asks, once:
 * most strings of a document are never asked for, and a file may hold a million.
 */
export class StringToken implements PdfString {
  readonly start: number
  readonly end: number
  readonly #source: Uint8Array
  #bytes: Uint8Array | null = null

  constructor(source: Uint8Array, start: number, end: number) {
    this.#source = source
    this.start = start
    this.end = end
  }

  /** Whether it stands in these very octets: offsets in what was unpacked are none of the file's. */
  standsIn(source: Uint8Array): boolean {
    return this.#source === source
  }

  get kind(): 'string' {
    return 'string'
  }

  get form(): 'literal' | 'hex' {
    return this.#source[this.start] === 0x3c ? 'hex' : 'literal'
  }

  get bytes(): Uint8Array {
    const decode = this.form === 'hex' ? decodeHex : decodeLiteral
    return (this.#bytes ??= decode(this.#source, this.start + 1, this.end - 1))
  }
}

const hexValue = new Int8Array(256).fill(-1)
for (let i = 0; i < 16; i++) {
  hexValue['0123456789abcdef'.charCodeAt(i)] = i
  hexValue['0123456789ABCDEF'.charCodeAt(i)] = i
}

/** The byte that two hex digits name, negative where one is none. */
export const hexPair = (high: number, low: number): number => (hexValue[high]! << 4) | hexValue[low]!

/** Where the hex digits that begin at `from` end. */
export function endOfHexDigits(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && hexValue[bytes[at]!]! >= 0) at++
  return at
}

/** White space between the digits is allowed and a missing last digit is 0 (7.3.4.3). */
function decodeHex(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const value = new Uint8Array((to - from + 1) >> 1)
  let at = from
  // Nearly all are pairs and nothing else.
  for (let byte = 0; at + 1 < to && (byte = hexPair(bytes[at]!, bytes[at + 1]!)) >= 0; at += 2)
    value[(at - from) >> 1] = byte
  let count = at - from
  for (; at < to; at++) {
    const digit = hexValue[bytes[at]!]!
    if (digit < 0) continue
    value[count >> 1] = value[count >> 1]! | ((count & 1) === 0 ? digit << 4 : digit)
    count++
  }
  return trimmed(value, (count + 1) >> 1)
}

const escapes: Readonly<Record<number, number>> = { 110: 10, 114: 13, 116: 9, 98: 8, 102: 12 }

/** Escapes and ends of lines resolved (7.3.4.2). */
function decodeLiteral(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const value = new Uint8Array(to - from)
  let count = 0
  for (let at = from; at < to; ) {
    const c = bytes[at++]!
    if (c === 13) {
      if (bytes[at] === 10) at++
      value[count++] = 10
    } else if (c !== 0x5c) value[count++] = c
    else if (isOctal(bytes[at]!)) {
      let code = 0
      for (const most = at + 3; at < most && isOctal(bytes[at]!); at++) code = code * 8 + bytes[at]! - 0x30
      value[count++] = code & 255
    } else {
      const escaped = bytes[at++]!
      if (escaped === 13 && bytes[at] === 10) at++
      if (escaped !== 13 && escaped !== 10) value[count++] = escapes[escaped] ?? escaped
    }
  }
  return trimmed(value, count)
}

const isOctal = (byte: number): boolean => byte >= 0x30 && byte <= 0x37

const trimmed = (value: Uint8Array, length: number): Uint8Array =>
  length === value.length ? value : value.slice(0, length)
