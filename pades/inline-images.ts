import { asciiDecoders } from './content-filters.ts'
import { checkDeflatedData } from './deflated.ts'
import { PadesError } from './errors.ts'
import { isDeflateHeader } from './inflate.ts'
import type { Budget } from './limits.ts'
import { isWhite } from './syntax.ts'

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
  if (otherFilter.test(text) || twice.test(text) || twice.test(text.replace(/%[^\r\n]*/g, '')))
    throw new PadesError('PADES_FILTER_UNSUPPORTED', 'compressed octets of an inline image behind another filter')
  const before = letters.flatMap(([name, filter]) => (name.test(text) ? [filter] : []))
  for (const place of places) {
    const octets = content.subarray(place)
    if (isDeflateHeader(octets)) checkDeflatedData(octets, budget)
    else for (const filter of before) checkLetters(octets, filter, budget)
  }
}

/** Blanks behind `ID`: one by the standard; some readers take a CR LF for one, and where the next part of a page's content begins some put one in. */
const MOST_BLANKS = 3

/** Offsets behind `ID` and its white space, as far as any reader may skip it; what goes on behind the end of content does so in its next part. */
function dataPlaces(content: Uint8Array, budget: Budget): number[] {
  const places: number[] = []
  budget.work(content.length / SEARCHED)
  for (let at = 0; at < content.length; at++) {
    if (content[at] !== 0x49 || content[at + 1] !== 0x44) continue
    budget.work(PLACE)
    if (at + 2 === content.length) places.push(at + 2)
    for (let blanks = 1; blanks <= MOST_BLANKS && isWhite(content[at + 1 + blanks]); blanks++)
      places.push(at + 2 + blanks)
  }
  return places
}

/** What stands up to the next end of letters may be no image at all, and then it is none of this check's business. */
function checkLetters(octets: Uint8Array, filter: 'ASCIIHexDecode' | 'ASCII85Decode', budget: Budget): void {
  const end = octets.indexOf(filter === 'ASCIIHexDecode' ? 0x3e : 0x7e) + 1
  budget.work(end > 0 ? end : octets.length / SEARCHED)
  let decoded: Uint8Array
  try {
    decoded = asciiDecoders[filter]!(octets.subarray(0, end), budget.inflated(end), 1)
  } catch (error) {
    if (error instanceof PadesError && error.code === 'PADES_COMPRESSED_DATA_BROKEN') return
    throw error
  }
  if (isDeflateHeader(decoded)) checkDeflatedData(decoded, budget)
}
