// Where the marks of a seal stand on a document: from what is asked for to places on its pages.
import { LICENCE_DATA_FILE, STATEMENT_FILE } from '../../../licence-format/index.ts'
import {
  type FoundText,
  findTexts,
  type InspectedPdf,
  inspectPdf,
  PadesError,
  type PreparedField,
  type SealMark,
  straddleMarks,
  type TextQuery,
} from '../../../pades/write/index.ts'
import {
  type DocumentPlace,
  type DocumentTerms,
  type FieldToPrepare,
  mostPlaces,
  pageIndex,
  type TextPlace,
  toPoints,
} from '../../domain/document-order.ts'
import { SealError } from '../../errors.ts'

/** Width and height in points. */
interface Size {
  readonly width: number
  readonly height: number
}

/** What a document is sealed with, settled when it came in: it goes on record, and a repeat is prepared from it. */
export interface SettledTerms {
  /** Null where a field of the document is filled. */
  readonly marks: readonly SealMark[] | null
  /** Name of the signature field, new or there already. */
  readonly field: string
  readonly docMdp: 1 | 2 | null
  readonly preparedFields: readonly PreparedField[]
  readonly reason: string | null
}

/** By these files a sealed document is known to be a licence. */
const licenceFiles: readonly string[] = [LICENCE_DATA_FILE, STATEMENT_FILE]

/**
 * Reads a document that is to be sealed. One that carries what makes a licence is refused: sealed, it would pass for that licence, whatever
 * its pages show. Throws `SEAL_DOCUMENT_REFUSED`, the fault naming why by the code of `pades`.
 */
export function readDocument(pdf: Uint8Array): InspectedPdf {
  return refusing('SEAL_DOCUMENT_REFUSED', '/document', () => {
    const read = inspectPdf(pdf)
    const found = read.files.find((name) => licenceFiles.includes(name))
    if (found !== undefined)
      throw new PadesError(
        'PADES_FILES_EMBEDDED',
        `the document carries ${found}, by which it would pass for a licence`,
      )
    return read
  })
}

/**
 * Settles where and how a document is sealed.
 *
 * @param newField name for a signature field, should one be made
 * @throws SealError SEAL_PLACE_REFUSED, SEAL_DOCUMENT_REFUSED; the fault names the place by JSON Pointer and why by the code of `pades`
 */
export function settleTerms(
  pdf: Uint8Array,
  read: InspectedPdf,
  terms: DocumentTerms,
  size: Size,
  newField: string,
): SettledTerms {
  const { places, field, fields = [], reason = null } = terms
  const certification = terms.certification ?? (read.signatures === 0 && field === undefined ? 'final' : 'none')
  if (certification !== 'none' && read.signatures > 0)
    throw refused('PADES_ALREADY_SIGNED', '/certification', 'only the first signature of a document can certify it')
  if (fields.length > 0 !== (certification === 'open'))
    throw refused('PADES_PLACEMENT_INVALID', '/fields', 'fields are prepared by an open certification, and by no other')
  if ((field === undefined) === (places.length === 0))
    throw refused('PADES_PLACEMENT_INVALID', '/places', 'expected places, or a field of the document to be filled')
  const marks = field === undefined ? marksOf(pdf, read, places, size) : null
  return {
    marks,
    field: field ?? newField,
    docMdp: certification === 'final' ? 1 : certification === 'open' ? 2 : null,
    preparedFields: fields.map((one) => toPreparedField(one, read)),
    reason,
  }
}

/** The marks of every place, in the order of the places. Throws the first refusal of `marksOfEach`. */
function marksOf(pdf: Uint8Array, read: InspectedPdf, places: readonly DocumentPlace[], size: Size): SealMark[] {
  return marksOfEach(pdf, read, places, size).flatMap((marks) => {
    if (marks instanceof SealError) throw marks
    return marks
  })
}

/**
 * The marks of each place, or why it has none (`SEAL_PLACE_REFUSED`). All texts are looked for in one reading of the document, on one
 * budget: after the first place that asks for too much nothing more is read. Throws SEAL_DOCUMENT_REFUSED, SEAL_PLACE_REFUSED.
 */
export function marksOfEach(
  pdf: Uint8Array,
  { pages }: InspectedPdf,
  places: readonly DocumentPlace[],
  size: Size,
): (SealMark[] | SealError)[] {
  if (places.length > mostPlaces)
    throw refused('PADES_LIMIT_EXCEEDED', '/places', `more than ${mostPlaces} places at once`)
  const found = findPlaces(pdf, places, pages.length)
  let count = 0
  return places.map((place, index) => {
    try {
      return refusing('SEAL_PLACE_REFUSED', `/places/${index}`, () => {
        if (count > mostMarks) throw tooMany()
        const marks = marksOfPlace(pages, place, size, found.get(place) ?? [])
        count += marks.length
        if (count > mostMarks) throw tooMany()
        return marks
      })
    } catch (error) {
      if (error instanceof SealError) return error
      throw error
    }
  })
}

/** As many marks as one seal may have; a straddle seal alone has one on each page. */
const mostMarks = 2_000
const tooMany = () => new PadesError('PADES_LIMIT_EXCEEDED', `a seal stands at ${mostMarks} places at most`)

/** Where the text of each place that names one stands, or why that cannot be told. */
function findPlaces(
  pdf: Uint8Array,
  places: readonly DocumentPlace[],
  pageCount: number,
): ReadonlyMap<DocumentPlace, FoundText[] | PadesError> {
  const asked = places.filter((place) => place.at === 'text')
  if (asked.length === 0) return new Map()
  const queries = asked.map((place) => toQuery(place, pageCount))
  const found = refusing('SEAL_DOCUMENT_REFUSED', '/document', () => findTexts(pdf, queries))
  return new Map(asked.map((place, index) => [place, found[index]!]))
}

const toQuery = ({ text, occurrence, pages }: TextPlace, pageCount: number): TextQuery => ({
  text,
  occurrence,
  ...(pages && { pages: rangeOf(pages, pageCount) }),
})

const rangeOf = ([first, last]: readonly [number, number], pageCount: number) => ({
  from: pageIndex(first, pageCount),
  to: pageIndex(last, pageCount),
})

/** @param found where the text of a place that names one stands */
function marksOfPlace(
  pages: InspectedPdf['pages'],
  place: DocumentPlace,
  { width, height }: Size,
  found: FoundText[] | PadesError,
): SealMark[] {
  const centredAt = (page: number, x: number, y: number): SealMark => {
    const shown = pages[page]
    if (shown === undefined) throw new PadesError('PADES_PAGE_NOT_FOUND', `the document has ${pages.length} pages`)
    const mark = { page, x: x - width / 2, y: y - height / 2, width, height }
    if (mark.x < 0 || mark.y < 0 || mark.x + width > shown.width || mark.y + height > shown.height)
      throw new PadesError('PADES_PLACEMENT_INVALID', `the seal would stand out of page ${page + 1}`)
    return mark
  }
  if (place.at === 'point')
    return [centredAt(pageIndex(place.page, pages.length), toPoints(place.x), toPoints(place.y))]
  if (place.at === 'edge') {
    const { edge, y, mostPages } = place
    return straddleMarks(pages, {
      ...(place.pages ? rangeOf(place.pages, pages.length) : { from: 0, to: pages.length - 1 }),
      ...{ edge, width, height },
      ...(y !== undefined && { y: toPoints(y) }),
      ...(mostPages !== undefined && { mostPages }),
    })
  }
  if (found instanceof PadesError) throw found
  const { right = 0, up = 0 } = place
  return found.map(({ page, box: [x0, y0, x1, y1] }) =>
    centredAt(page, (x0 + x1) / 2 + toPoints(right), (y0 + y1) / 2 + toPoints(up)),
  )
}

function toPreparedField({ name, page, x, y, width, height }: FieldToPrepare, { pages }: InspectedPdf): PreparedField {
  const place = {
    page: pageIndex(page, pages.length),
    ...{ x: toPoints(x), y: toPoints(y), width: toPoints(width), height: toPoints(height) },
  }
  return { field: name, place }
}

const refused = (code: string, pointer: string, detail: string): SealError =>
  new SealError('SEAL_PLACE_REFUSED', detail, { faults: [{ pointer, code, detail }] })

/** What `pades` refuses, as a refusal of this room that names where and why. */
export function refusing<Value>(
  code: 'SEAL_DOCUMENT_REFUSED' | 'SEAL_PLACE_REFUSED',
  pointer: string,
  work: () => Value,
): Value {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof PadesError)) throw cause
    throw new SealError(code, cause.message, { cause, faults: [{ pointer, code: cause.code, detail: cause.message }] })
  }
}
