import { contextTag, type DerElement, malformed, TAG } from './reader.ts'

/** Throws `DER_MALFORMED` unless the element is there and has this identifier octet. */
export function expectTag(element: DerElement | undefined, tag: number, what: string): DerElement {
  if (element === undefined) throw malformed(0, `${what} is missing`)
  if (element.tag !== tag) {
    throw malformed(element.start, `${what}: expected tag 0x${tag.toString(16)}, got 0x${element.tag.toString(16)}`)
  }
  return element
}

/** Children of a SEQUENCE, their number checked when bounds are given. */
export function readSequence(
  element: DerElement | undefined,
  what: string,
  min = 0,
  max = Number.POSITIVE_INFINITY,
): readonly DerElement[] {
  return boundedChildren(expectTag(element, TAG.sequence, what), what, min, max)
}

/** Children of a SET, their number checked when bounds are given. */
export function readSet(
  element: DerElement | undefined,
  what: string,
  min = 0,
  max = Number.POSITIVE_INFINITY,
): readonly DerElement[] {
  return boundedChildren(expectTag(element, TAG.set, what), what, min, max)
}

function boundedChildren(element: DerElement, what: string, min: number, max: number): readonly DerElement[] {
  const count = element.children.length
  if (count < min || count > max) throw malformed(element.start, `${what}: unexpected number of elements (${count})`)
  return element.children
}

/** The one element inside an EXPLICIT context tag. */
export function readExplicit(element: DerElement, number: number, what: string): DerElement {
  expectTag(element, contextTag(number, true), what)
  if (element.children.length !== 1) throw malformed(element.start, `${what}: expected one element in [${number}]`)
  return element.children[0]!
}

/** Content octets of an INTEGER: two's complement, minimal (X.690 §8.3.2). */
export function readIntegerBytes(element: DerElement | undefined, what: string, tag: number = TAG.integer): Uint8Array {
  const { content, start } = expectTag(element, tag, what)
  if (content.length === 0) throw malformed(start, `${what}: empty INTEGER`)
  if (content.length > 1) {
    const top = content[0]! * 2 + (content[1]! >> 7)
    if (top === 0 || top === 0x1ff) throw malformed(start, `${what}: INTEGER is not minimal`)
  }
  return content
}

/** A non-negative INTEGER (or ENUMERATED) that fits 31 bits. */
export function readSmallInteger(element: DerElement | undefined, what: string, tag: number = TAG.integer): number {
  const content = readIntegerBytes(element, what, tag)
  if (content.length > 4 || content[0]! >= 0x80) throw malformed(element!.start, `${what}: expected 0 to 2^31 - 1`)
  return content.reduce((value, byte) => value * 256 + byte, 0)
}

/** BOOLEAN, only 0x00 or 0xFF (X.690 §11.1). */
export function readBoolean(element: DerElement | undefined, what: string, tag: number = TAG.boolean): boolean {
  const { content, start } = expectTag(element, tag, what)
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff))
    throw malformed(start, `${what}: not a DER BOOLEAN`)
  return content[0] === 0xff
}

/** OBJECT IDENTIFIER as dotted text; arcs are minimal and below 2^53. */
export function readOid(element: DerElement | undefined, what: string): string {
  const { source, start, contentStart, end } = expectTag(element, TAG.oid, what)
  const length = end - contentStart
  if (length === 0 || length > 128) throw malformed(start, `${what}: OBJECT IDENTIFIER of ${length} octets`)
  let text = ''
  let value = 0
  let fresh = true
  for (let at = contentStart; at < end; at++) {
    const byte = source[at]!
    if (fresh && byte === 0x80) throw malformed(start, `${what}: arc is not minimal`)
    value = value * 128 + (byte & 0x7f)
    if (value > Number.MAX_SAFE_INTEGER) throw malformed(start, `${what}: arc too large`)
    fresh = byte < 0x80
    if (!fresh) continue
    if (text === '') {
      const first = Math.min(2, Math.floor(value / 40))
      text = `${first}.${value - 40 * first}`
    } else text += `.${value}`
    value = 0
  }
  if (!fresh) throw malformed(start, `${what}: arc cut off`)
  return text
}

/** OCTET STRING content. */
export function readOctetString(element: DerElement | undefined, what: string): Uint8Array {
  return expectTag(element, TAG.octetString, what).content
}

/** BIT STRING; unused bits must be zero (X.690 §11.2.1). `tag` serves IMPLICIT uses. */
export function readBitString(
  element: DerElement | undefined,
  what: string,
  tag: number = TAG.bitString,
): { readonly unusedBits: number; readonly bytes: Uint8Array } {
  const { content, start } = expectTag(element, tag, what)
  const unusedBits = content[0]
  if (unusedBits === undefined || unusedBits > 7 || (content.length === 1 && unusedBits !== 0)) {
    throw malformed(start, `${what}: number of unused bits`)
  }
  if (unusedBits > 0 && (content[content.length - 1]! & ((1 << unusedBits) - 1)) !== 0) {
    throw malformed(start, `${what}: unused bits are not zero`)
  }
  return { unusedBits, bytes: content.subarray(1) }
}

/** A BIT STRING of whole octets: public keys and signatures. */
export function readBitStringOctets(element: DerElement | undefined, what: string): Uint8Array {
  const { unusedBits, bytes } = readBitString(element, what)
  if (unusedBits !== 0) throw malformed(element!.start, `${what}: expected whole octets`)
  return bytes
}

/** NULL or absent, as algorithm parameters are. */
export function isNullOrAbsent(element: DerElement | undefined): boolean {
  return element === undefined || (element.tag === TAG.null && element.contentStart === element.end)
}

/** UTCTime or GeneralizedTime in the only form of RFC 5280 §4.1.2.5: seconds, no fraction, Z; a date that exists. */
export function readTime(element: DerElement | undefined, what: string): Date {
  if (element === undefined) throw malformed(0, `${what} is missing`)
  const { content, tag, start } = element
  const digits = tag === TAG.utcTime ? 12 : tag === TAG.generalizedTime ? 14 : 0
  const isForm = digits > 0 && content.length === digits + 1 && content[digits] === 0x5a
  if (!isForm || content.some((byte, i) => i < digits && (byte < 0x30 || byte > 0x39)))
    throw malformed(start, `${what}: not a time`)
  const two = (back: number): number => (content[digits - back]! - 0x30) * 10 + content[digits - back + 1]! - 0x30
  const [month, day, hour, minute, second] = [two(10), two(8), two(6), two(4), two(2)]
  const year = digits === 14 ? two(14) * 100 + two(12) : two(12) < 50 ? 2000 + two(12) : 1900 + two(12)
  const time = new Date(0)
  time.setUTCFullYear(year, month - 1, day)
  time.setUTCHours(hour, minute, second)
  const exists =
    time.getUTCFullYear() === year &&
    time.getUTCMonth() === month - 1 &&
    time.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60
  if (!exists) throw malformed(start, `${what}: no such time`)
  return time
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Any of the character string types as text. Octets must fit the type; PrintableString is read as ASCII, since real names overstep it. */
export function readString(element: DerElement | undefined, what: string): string {
  if (element === undefined) throw malformed(0, `${what} is missing`)
  const { content, tag, start } = element
  switch (tag) {
    case TAG.utf8String:
      try {
        return utf8.decode(content)
      } catch {
        throw malformed(start, `${what}: not UTF-8`)
      }
    case TAG.printableString:
    case TAG.ia5String:
    case TAG.visibleString:
    case 0x12: {
      for (let i = 0; i < content.length; i++) if (content[i]! > 0x7f) throw malformed(start, `${what}: not ASCII`)
      return latin1(content)
    }
    case TAG.teletexString:
      return latin1(content)
    case TAG.bmpString:
      if (content.length % 2 !== 0) throw malformed(start, `${what}: BMPString of odd length`)
      return codeUnits(content, 2)
    case TAG.universalString:
      if (content.length % 4 !== 0) throw malformed(start, `${what}: UniversalString not of fours`)
      return codeUnits(content, 4)
    default:
      throw malformed(start, `${what}: not a character string`)
  }
}

/** Octets as characters of the same number; for ASCII-only types. */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  if (bytes.length <= 64) {
    for (const byte of bytes) text += String.fromCharCode(byte)
    return text
  }
  // Joined character by character, a long text would take thirty times its size.
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096))
  return text
}

function codeUnits(content: Uint8Array, width: 2 | 4): string {
  const characters: string[] = []
  for (let i = 0; i < content.length; i += width) {
    let point = 0
    for (let j = 0; j < width; j++) point = point * 256 + content[i + j]!
    if (point > 0x10ffff) throw malformed(i, 'character beyond Unicode')
    characters.push(width === 2 ? String.fromCharCode(point) : String.fromCodePoint(point))
  }
  return characters.join('')
}
