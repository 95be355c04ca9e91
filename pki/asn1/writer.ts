import { compareBytes, concat } from './bytes.ts'
import { contextTag, TAG } from './reader.ts'

/** One element: identifier octet, minimal length, the parts joined as content. */
export function encodeElement(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  return concat([Uint8Array.of(tag), encodeLength(length), ...parts])
}

/** Minimal definite length octets (X.690 §10.1). */
function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Uint8Array.of(0x80 | octets.length, ...octets)
}

export const encodeSequence = (...parts: readonly Uint8Array[]): Uint8Array => encodeElement(TAG.sequence, ...parts)

/** SET OF: the elements sorted by their encodings (X.690 §11.6). */
export const encodeSetOf = (...elements: readonly Uint8Array[]): Uint8Array =>
  encodeElement(TAG.set, ...sortSetOf(elements))

/** Elements in the order of a DER SET OF, for IMPLICIT uses too. */
export const sortSetOf = (elements: readonly Uint8Array[]): Uint8Array[] => [...elements].sort(compareBytes)

/** Whether elements are in that order. */
export const isSetOf = (elements: readonly Uint8Array[]): boolean =>
  elements.every((element, index) => index === 0 || compareBytes(elements[index - 1]!, element) <= 0)

/** EXPLICIT or constructed IMPLICIT context tag. */
export const encodeContext = (number: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  encodeElement(contextTag(number, true), ...parts)

/** Primitive IMPLICIT context tag. */
export const encodeContextPrimitive = (number: number, content: Uint8Array): Uint8Array =>
  encodeElement(contextTag(number, false), content)

/** INTEGER from a number, a bigint, or unsigned big-endian octets (a leading zero is added or removed as DER wants). */
export function encodeInteger(value: number | bigint | Uint8Array, tag: number = TAG.integer): Uint8Array {
  if (value instanceof Uint8Array) return encodeElement(tag, unsignedContent(value))
  let rest = BigInt(value)
  if (rest < 0n) throw new TypeError('negative integers are not written here')
  const octets: number[] = []
  for (; rest > 0n; rest >>= 8n) octets.unshift(Number(rest & 0xffn))
  return encodeElement(tag, unsignedContent(Uint8Array.from(octets)))
}

function unsignedContent(octets: Uint8Array): Uint8Array {
  let from = 0
  while (from < octets.length - 1 && octets[from] === 0) from++
  const minimal = octets.subarray(from)
  return minimal.length === 0 || minimal[0]! >= 0x80 ? concat([Uint8Array.of(0), minimal]) : minimal
}

export const encodeBoolean = (value: boolean): Uint8Array => encodeElement(TAG.boolean, Uint8Array.of(value ? 0xff : 0))

export const encodeNull = (): Uint8Array => Uint8Array.of(TAG.null, 0)

export const encodeOctetString = (content: Uint8Array): Uint8Array => encodeElement(TAG.octetString, content)

/** BIT STRING of whole octets, or with the given number of unused bits at its end. */
export const encodeBitString = (content: Uint8Array, unusedBits = 0): Uint8Array =>
  encodeElement(TAG.bitString, Uint8Array.of(unusedBits), content)

/** BIT STRING with named bits: trailing zero bits left out (X.690 §11.2.2). */
export function encodeNamedBits(bits: readonly number[]): Uint8Array {
  if (bits.length === 0) return encodeBitString(new Uint8Array(0))
  const highest = Math.max(...bits)
  const content = new Uint8Array((highest >> 3) + 1)
  for (const bit of bits) content[bit >> 3]! |= 0x80 >> (bit & 7)
  return encodeBitString(content, 7 - (highest & 7))
}

/** There are few, and each is written thousands of times; the oldest goes first. */
const writtenOids = new Map<string, Uint8Array>()
const MAX_WRITTEN_OIDS = 512

/** OBJECT IDENTIFIER from dotted text. Not to be written into: the same array is given again. */
export function encodeOid(text: string): Uint8Array {
  const known = writtenOids.get(text)
  if (known !== undefined) return known
  const written = writeOid(text)
  if (writtenOids.size >= MAX_WRITTEN_OIDS) writtenOids.delete(writtenOids.keys().next().value!)
  writtenOids.set(text, written)
  return written
}

function writeOid(text: string): Uint8Array {
  const arcs = text.split('.').map(Number)
  const [first, second, ...rest] = arcs
  const well =
    first !== undefined &&
    second !== undefined &&
    first <= 2 &&
    (first === 2 || second < 40) &&
    arcs.every((arc) => Number.isSafeInteger(arc) && arc >= 0)
  if (!well) throw new TypeError(`not an object identifier: ${text}`)
  return encodeElement(TAG.oid, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)))
}

function base128(arc: number): number[] {
  const octets = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift(0x80 | (rest % 128))
  return octets
}

const utf8 = new TextEncoder()

export const encodeUtf8String = (text: string): Uint8Array => encodeElement(TAG.utf8String, utf8.encode(text))

/** PrintableString; throws `TypeError` on a character outside its repertoire (X.680 §41.4). */
export function encodePrintableString(text: string): Uint8Array {
  if (!/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text)) throw new TypeError('not a PrintableString')
  return encodeElement(TAG.printableString, utf8.encode(text))
}

/** ASCII text as octets, for IA5String content under an IMPLICIT tag (URLs in general names). */
export function asciiBytes(text: string): Uint8Array {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new TypeError('expected printable ASCII')
  return utf8.encode(text)
}

/** Time of RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050; whole seconds. */
export function encodeTime(time: Date): Uint8Array {
  const year = time.getUTCFullYear()
  if (year >= 2050 || year < 1950) return encodeGeneralizedTime(time)
  return encodeElement(TAG.utcTime, asciiBytes(timeDigits(time).slice(2)))
}

/** GeneralizedTime, whole seconds, Z. */
export const encodeGeneralizedTime = (time: Date): Uint8Array =>
  encodeElement(TAG.generalizedTime, asciiBytes(timeDigits(time)))

function timeDigits(time: Date): string {
  const text = time.toISOString()
  if (text.length !== 24) throw new TypeError('year outside 0000 to 9999')
  return `${text.slice(0, 19).replace(/[-:T]/g, '')}Z`
}
