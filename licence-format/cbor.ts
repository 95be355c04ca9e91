// The part of CBOR a statement needs, in its one deterministic form (RFC 8949 §4.2.1). Own reader, because it must refuse
// every other form of the same value: long integers, indefinite lengths, unsorted or repeated keys, bytes left over.
import { LicenceFormatError } from './errors.ts'

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const DEEPEST = 4
const MOST_ITEMS = 64
const LARGEST_KEY = 0xffff

/** Integer keys only: text keys are refused with the rest of CBOR that statements do not use. */
export type CborValue = number | string | Uint8Array | null | CborValue[] | CborMap | CborTag
export type CborMap = Map<number, CborValue>
export interface CborTag {
  readonly tag: number
  readonly value: CborValue
}

/** Appends the deterministic encoding of `value` to `out`. Integers are safe integers; map keys come out sorted. */
function writeCbor(value: CborValue, out: number[]): void {
  if (value === null) out.push(0xf6)
  else if (typeof value === 'number') writeHead(value < 0 ? 1 : 0, value < 0 ? -1 - value : value, out)
  else if (typeof value === 'string') writeBytes(3, utf8.encode(value), out)
  else if (value instanceof Uint8Array) writeBytes(2, value, out)
  else if (Array.isArray(value)) {
    writeHead(4, value.length, out)
    for (const item of value) writeCbor(item, out)
  } else if (value instanceof Map) {
    writeHead(5, value.size, out)
    for (const [key, item] of [...value].sort(([a], [b]) => keyRank(a) - keyRank(b))) {
      writeCbor(key, out)
      writeCbor(item, out)
    }
  } else {
    writeHead(6, value.tag, out)
    writeCbor(value.value, out)
  }
}

/** The deterministic encoding of `value`. */
export function encodeCbor(value: CborValue): Uint8Array {
  const out: number[] = []
  writeCbor(value, out)
  return Uint8Array.from(out)
}

function writeBytes(major: number, bytes: Uint8Array, out: number[]): void {
  writeHead(major, bytes.length, out)
  for (const byte of bytes) out.push(byte)
}

function writeHead(major: number, value: number, out: number[]): void {
  if (!Number.isSafeInteger(value)) throw new TypeError('CBOR integers here are safe integers')
  const type = major << 5
  if (value < 24) out.push(type | value)
  else if (value < 0x100) out.push(type | 24, value)
  else if (value < 0x10000) out.push(type | 25, value >>> 8, value & 255)
  else if (value < 0x1_0000_0000)
    out.push(type | 26, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
  else {
    out.push(type | 27)
    for (let shift = 56n; shift >= 0n; shift -= 8n) out.push(Number((BigInt(value) >> shift) & 255n))
  }
}

/** Bytewise order of encoded integer keys: the non-negative rising, then the negative falling. */
function keyRank(key: number): number {
  return key >= 0 ? key : LARGEST_KEY - key
}

/**
 * Reads one deterministic item that fills `bytes` exactly. Throws CBOR_MALFORMED, CBOR_TRUNCATED, CBOR_NOT_DETERMINISTIC or
 * CBOR_TRAILING_BYTES. Nesting is limited to 4, items to 64.
 */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const reader = { bytes, at: 0, items: 0 }
  const value = readItem(reader, 0)
  if (reader.at !== bytes.length) throw refuse('CBOR_TRAILING_BYTES', 'bytes after the end of the item')
  return value
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
  items: number
}

function readItem(reader: Reader, depth: number): CborValue {
  if (depth > DEEPEST || ++reader.items > MOST_ITEMS) throw refuse('CBOR_MALFORMED', 'too deep or too many items')
  const initial = take(reader, 1)[0]!
  if (initial === 0xf6) return null
  const major = initial >>> 5
  if (major === 7) throw refuse('CBOR_MALFORMED', 'a value of a kind statements do not use')
  const value = readArgument(reader, initial & 31)
  switch (major) {
    case 0:
      return value
    case 1:
      return -1 - value
    case 2:
      return take(reader, value).slice()
    case 3:
      return readText(take(reader, value))
    case 4:
      return readArray(reader, value, depth)
    case 5:
      return readMap(reader, value, depth)
    default:
      return { tag: value, value: readItem(reader, depth + 1) }
  }
}

function readArgument(reader: Reader, short: number): number {
  if (short < 24) return short
  if (short > 27) {
    throw short === 31
      ? refuse('CBOR_NOT_DETERMINISTIC', 'an indefinite length')
      : refuse('CBOR_MALFORMED', 'a reserved length')
  }
  let value = 0
  for (const byte of take(reader, 1 << (short - 24))) value = value * 256 + byte
  if (!Number.isSafeInteger(value)) throw refuse('CBOR_MALFORMED', 'an integer beyond 2^53')
  const least = [24, 0x100, 0x10000, 0x1_0000_0000][short - 24]!
  if (value < least) throw refuse('CBOR_NOT_DETERMINISTIC', 'an integer written longer than needed')
  return value
}

function readText(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes)
  } catch (cause) {
    throw new LicenceFormatError('CBOR_MALFORMED', 'text that is not UTF-8', { cause })
  }
}

function readArray(reader: Reader, length: number, depth: number): CborValue[] {
  const items: CborValue[] = []
  for (let i = 0; i < length; i++) items.push(readItem(reader, depth + 1))
  return items
}

function readMap(reader: Reader, size: number, depth: number): CborMap {
  const map: CborMap = new Map()
  let before = -1
  for (let i = 0; i < size; i++) {
    const key = readItem(reader, depth + 1)
    if (typeof key !== 'number' || Math.abs(key) > LARGEST_KEY)
      throw refuse('CBOR_MALFORMED', 'a key that is no small integer')
    if (keyRank(key) <= before) throw refuse('CBOR_NOT_DETERMINISTIC', 'keys repeated or out of order')
    before = keyRank(key)
    map.set(key, readItem(reader, depth + 1))
  }
  return map
}

function take(reader: Reader, length: number): Uint8Array {
  const end = reader.at + length
  if (end > reader.bytes.length) throw refuse('CBOR_TRUNCATED', 'the data ends in the middle of an item')
  const bytes = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return bytes
}

function refuse(
  code: 'CBOR_MALFORMED' | 'CBOR_TRUNCATED' | 'CBOR_NOT_DETERMINISTIC' | 'CBOR_TRAILING_BYTES',
  what: string,
): LicenceFormatError {
  return new LicenceFormatError(code, `CBOR holds ${what}`)
}
