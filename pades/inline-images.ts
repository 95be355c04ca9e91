import { asciiDecoders } from './content-filters.ts'
import { checkDeflatedData } from './deflated.ts'
import { PadesError } from './errors.ts'
import type { Budget } from './limits.ts'

/** What it costs to look at a place where data may begin, in octets read. */
const PLACE = 64
/** The same of a letter that is written as its number. */
const ESCAPE = 16
/** Octets that are searched for one octet at the cost of one that is read. */
const SEARCHED = 16

/** Names of filters, short or long (ISO 32000-2, table 92). */
const flate = /\/(?:Fl|FlateDecode)\b/
const letters = [
  [/\/(?:AHx|ASCIIHex)/, 'ASCIIHexDecode'],
  [/\/(?:A85|ASCII85)/, 'ASCII85Decode'],
] as const
const lettersTwice = /\/(?:AHx|ASCIIHexDecode|A85|ASCII85Decode)\s*\/(?:AHx|ASCIIHexDecode|A85|ASCII85Decode)\b/
const otherFilter = /\/(?:LZW|LZWDecode|RL|RunLengthDecode)\b/
const twice = /\/(?:Fl|FlateDecode)\s*\/(?:Fl|FlateDecode)\b/

/**
 * Refuses content with an inline image (8.9.7) that readers inflate to different things. Which images there are only a reader of all the content
 * could say, and readers differ there too: so all that stands behind an `ID` and begins as compressed octets do is asked, in content that names the filter.
 *
 * @returns whether data of an image may begin in it at all
 * @throws PadesError PADES_COMPRESSED_DATA_BROKEN, PADES_LIMIT_EXCEEDED; PADES_FILTER_UNSUPPORTED: filters beside it that nobody writes
 */
export function checkInlineImages(content: Uint8Array, budget: Budget): boolean {
  const places = dataPlaces(content, budget)
  if (places.length > 0) checkPlaces(content, places, budget)
  return places.length > 0
}

function checkPlaces(content: Uint8Array, places: readonly number[], budget: Budget): void {
  budget.work(content.length)
  const text = new TextDecoder('latin1').decode(content).replace(/#([0-9A-Fa-f]{2})/g, (_, digits: string) => {
    budget.work(ESCAPE)
    return String.fromCharCode(Number.parseInt(digits, 16))
  })
  if (!text.includes('BI') || !flate.test(text)) return
  const bare = text.replace(/%[^\r\n]*/g, '')
  if (otherFilter.test(text) || [twice, lettersTwice].some((chain) => chain.test(text) || chain.test(bare)))
    throw new PadesError('PADES_FILTER_UNSUPPORTED', 'compressed octets of an inline image behind another filter')
  const before = letters.flatMap(([name, filter]) => (name.test(text) ? [filter] : []))
  for (const place of places) {
    const octets = content.subarray(place)
    if (mayBeDeflated(octets)) checkDeflatedData(octets, budget)
    else for (const filter of before) checkLetters(octets, filter, budget)
  }
}

/** As readers see it that do not look at the size of the window or at the dictionary (RFC 1950, 2.2): the strict ones refuse such data. */
const mayBeDeflated = ([first = 0, second = 0]: Uint8Array): boolean =>
  (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0

/**
 * Octets behind `ID` that some reader skips: one by the standard, whatever it is; some take a CR LF for one, and where the next part of a page's
 * content begins some put one in.
 */
const MOST_SKIPPED = 3

/** Offsets behind `ID`, as far as any reader may skip; what goes on behind the end of content does so in its next part. */
function dataPlaces(content: Uint8Array, budget: Budget): number[] {
  const places: number[] = []
  budget.work(content.length / SEARCHED)
  for (let at = 0; at < content.length; at++) {
    if (content[at] !== 0x49 || content[at + 1] !== 0x44) continue
    budget.work(PLACE)
    if (at + 2 === content.length) places.push(at + 2)
    for (let skipped = 1; skipped <= MOST_SKIPPED && at + 2 + skipped <= content.length; skipped++)
      places.push(at + 2 + skipped)
  }
  return places
}

/** Letters that begin as those of compressed octets must be plain to their end: readers make different things of others. */
function checkLetters(octets: Uint8Array, filter: 'ASCIIHexDecode' | 'ASCII85Decode', budget: Budget): void {
  budget.work(BEGINNING)
  if (!mayBeDeflated(firstOctets(octets, filter, budget))) return
  const end = octets.indexOf(filter === 'ASCIIHexDecode' ? 0x3e : 0x7e) + 1
  budget.work(end > 0 ? end : octets.length / SEARCHED)
  if (end === 0) throw new PadesError('PADES_COMPRESSED_DATA_BROKEN', 'letters of an inline image without an end')
  const decoded = asciiDecoders[filter]!(octets.subarray(0, end), budget.inflated(end), 1)
  if (mayBeDeflated(decoded)) checkDeflatedData(decoded, budget)
}

const BEGINNING = 16

/** The first two octets that letters stand for, by a reader that steps over whatever is no digit. */
function firstOctets(octets: Uint8Array, filter: 'ASCIIHexDecode' | 'ASCII85Decode', budget: Budget): Uint8Array {
  const isHex = filter === 'ASCIIHexDecode'
  const digits: number[] = []
  let at = 0
  for (; at < octets.length && digits.length < (isHex ? 4 : 5); at++) {
    const octet = octets[at]!
    const digit = isHex ? hexDigit(octet) : octet - 0x21
    if (octet === (isHex ? 0x3e : 0x7e)) break
    // Some readers step over a mark at the beginning (`<~`), to others its first half is a digit.
    if (!isHex && octet === 0x3c && octets[at + 1] === 0x7e) at++
    else if (digit >= 0 && digit < (isHex ? 16 : 85)) digits.push(digit)
  }
  budget.work(at)
  if (isHex) return Uint8Array.of(digits[0]! * 16 + digits[1]!, digits[2]! * 16 + digits[3]!)
  const group = [...digits, 84, 84, 84, 84, 84].slice(0, 5).reduce((value, digit) => value * 85 + digit, 0)
  return digits.length < 3 ? new Uint8Array() : Uint8Array.of((group >>> 24) & 255, (group >>> 16) & 255)
}

const hexDigit = (octet: number): number => Number.parseInt(String.fromCharCode(octet), 16)
