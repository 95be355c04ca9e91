import { asciiDecoders, contentOf, contentParts, pageContent } from './content-filters.ts'
import { checkDeflated, checkDeflatedData } from './deflated.ts'
import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { heldData } from './held-data.ts'
import { checkInlineImages } from './inline-images.ts'
import type { Budget } from './limits.ts'
import { isArray, isDictionary, isReference, nameOf, type PdfDictionary, type PdfValue } from './objects.ts'
import { readPages } from './pages.ts'
import { filterNames, foreignStreamKeys } from './plain-filters.ts'
import { referenceGraph } from './reference-graph.ts'
import { isWhite, latin1 } from './syntax.ts'

/** More filters one behind the other serve nothing. */
const MOST_FILTERS = 4

/**
 * Refuses a document with a stream that readers inflate to different things, wherever anything leads to one: content, pictures, fonts and files.
 *
 * @throws PadesError PADES_COMPRESSED_DATA_BROKEN; PADES_FILTER_UNSUPPORTED: a stream whose data readers look for in different places, or compressed octets behind a
 *   filter that nobody writes there; PADES_LIMIT_EXCEEDED
 */
export function checkStreams(document: PdfDocument): void {
  const data = heldData(document)
  const withImages = new Set<number>()
  for (const number of referenceGraph(document).keys()) {
    const object = document.object(number)
    if (object === null || object.stream === null || !isDictionary(object.value)) continue
    const octets = undoneFlate(document, object.value, object.stream, data.has(number))
    if (data.has(number)) continue
    const content = octets ?? unlessUnreadable(() => contentOf(document, object))
    if (content !== null && checkInlineImages(content, document.shared.budget)) withImages.add(number)
  }
  checkJoined(document, withImages)
}

/** The parts of a page's content are one for readers (7.7.3.3): an image may begin in one and go on in the next. */
function checkJoined(document: PdfDocument, withImages: ReadonlySet<number>): void {
  if (withImages.size === 0) return
  for (const page of readPages(document)) {
    const parts = contentParts(document, page)
    document.shared.budget.work(parts.length)
    if (parts.length < 2 || !parts.some((part) => isReference(part) && withImages.has(part.number))) continue
    const content = unlessUnreadable(() => pageContent(document, page))
    if (content === null) refuse('content of a page that cannot be read, with an inline image')
    checkInlineImages(content, document.shared.budget)
  }
}

/** What a stream holds where its filters end with Flate, or there are none; null where others follow. Nothing is kept of data. */
function undoneFlate(
  document: PdfDocument,
  { entries }: PdfDictionary,
  stream: Uint8Array,
  isData: boolean,
): Uint8Array | null {
  const { budget } = document.shared
  if (foreignStreamKeys.some((key) => entries.has(key))) refuse('a stream in another file')
  const filters = listOf(document, entries.get('Filter')).map((filter) => nameOf(document.resolve(filter)))
  const parameters = listOf(document, entries.get('DecodeParms'))
  // What is no filter, some readers leave out and show what stands there.
  if (!filters.every((name) => name !== null && (filterNames.has(name) || shortNames.has(name))))
    refuse('a filter that is none')
  const last = filters.findLastIndex(isFlate)
  if (last >= MOST_FILTERS) refuse('a long chain of filters')
  let octets = stream
  for (const [index, name] of filters.slice(0, last + 1).entries()) {
    if (index === last && isData) checkDeflatedData(octets, budget)
    else if (isFlate(name)) octets = checkDeflated(octets, budget, isLeftOver)
    else octets = fromAscii(name, octets, budget)
    if (index < last && document.resolve(parameters[index]) !== null) refuse('parameters of a filter before another')
  }
  return filters.length === last + 1 && document.resolve(parameters[last]) === null ? octets : null
}

/** Pictures and other data in places that are not known for such come here too; what is broken, readers mend in different ways. */
function unlessUnreadable(read: () => Uint8Array): Uint8Array | null {
  try {
    return read()
  } catch (error) {
    const isOther =
      error instanceof PadesError && !['PADES_LIMIT_EXCEEDED', 'PADES_COMPRESSED_DATA_BROKEN'].includes(error.code)
    if (isOther) return null
    throw error
  }
}

function refuse(detail: string): never {
  throw new PadesError('PADES_FILTER_UNSUPPORTED', detail)
}

/** Short names are for inline images (ISO 32000-2, table 92), and readers take them here too. */
const shortNames: ReadonlySet<string> = new Set(['Fl', 'A85', 'AHx'])
const isFlate = (name: string | null): boolean => name === 'FlateDecode' || name === 'Fl'

function listOf(document: PdfDocument, value: PdfValue | undefined): readonly PdfValue[] {
  const resolved = document.resolve(value)
  return resolved === null ? [] : isArray(resolved) ? resolved.items : [resolved]
}

/** Acrobat leaves what stood behind a stream that was longer when it was encrypted; others fill up with blanks. */
function isLeftOver(rest: Uint8Array): boolean {
  let at = 0
  while (at < rest.length && isWhite(rest[at])) at++
  return at === rest.length || latin1(rest, at, Math.min(rest.length, at + 9)) === 'endstream'
}

/** What stands before compressed octets is written as letters, as some writers do for old mail; all else is nobody's and readers' own. */
function fromAscii(name: string | null, octets: Uint8Array, budget: Budget): Uint8Array {
  const decode = asciiDecoders[name ?? '']
  if (decode === undefined) return refuse(`compressed octets behind the filter ${name}`)
  budget.work(octets.length)
  if (!(name === 'ASCIIHexDecode' ? isPlainText(octets, isHexDigit, '>') : isPlainText(octets, isDigit85, '~>')))
    throw new PadesError('PADES_COMPRESSED_DATA_BROKEN', 'letters that readers take for different octets')
  return decode(octets, budget.inflated(octets.length), 1)
}

/** Digits, blanks that every reader steps over, and the end that the standard wants (7.4.2, 7.4.3), with nothing behind it. */
function isPlainText(octets: Uint8Array, isDigit: (octet: number) => boolean, end: string): boolean {
  let at = 0
  while (at < octets.length && (isDigit(octets[at]!) || isBlank(octets[at]!))) at++
  for (const character of end) {
    while (at < octets.length && isBlank(octets[at]!)) at++
    if (octets[at++] !== character.charCodeAt(0)) return false
  }
  return octets.subarray(at).every(isWhite)
}

const isBlank = (octet: number): boolean => octet === 32 || octet === 10 || octet === 13 || octet === 9
const isDigit85 = (octet: number): boolean => (octet >= 0x21 && octet <= 0x75) || octet === 0x7a
const isHexDigit = (octet: number): boolean =>
  (octet >= 0x30 && octet <= 0x39) || (octet >= 0x41 && octet <= 0x46) || (octet >= 0x61 && octet <= 0x66)
