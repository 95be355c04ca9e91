// Where the marks of a seal stand on a document: from what is asked for to places on its pages.
import {
  findText,
  type InspectedPdf,
  inspectPdf,
  PadesError,
  type PreparedField,
  type SealMark,
  straddleMarks,
} from '../../../pades/write/index.ts'
import {
  type DocumentPlace,
  type DocumentTerms,
  type FieldToPrepare,
  mostPlaces,
  pageIndex,
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

/** Reads a document that is to be sealed. Throws `SEAL_DOCUMENT_REFUSED`, the fault naming why by the code of `pades`. */
export function readDocument(pdf: Uint8Array): InspectedPdf {
  return refusing('SEAL_DOCUMENT_REFUSED', '/document', () => inspectPdf(pdf))
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

/** The marks of every place, in the order of the places. */
export function marksOf(
  pdf: Uint8Array,
  { pages }: InspectedPdf,
  places: readonly DocumentPlace[],
  size: Size,
): SealMark[] {
  if (places.length > mostPlaces)
    throw refused('PADES_LIMIT_EXCEEDED', '/places', `more than ${mostPlaces} places at once`)
  return places.flatMap((place, index) =>
    refusing('SEAL_PLACE_REFUSED', `/places/${index}`, () => marksOfPlace(pdf, pages, place, size)),
  )
}

function marksOfPlace(pdf: Uint8Array, pages: InspectedPdf['pages'], place: DocumentPlace, size: Size): SealMark[] {
  const { width, height } = size
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
  const range = place.pages && {
    from: pageIndex(place.pages[0], pages.length),
    to: pageIndex(place.pages[1], pages.length),
  }
  if (place.at === 'edge') {
    const { edge, y, mostPages } = place
    return straddleMarks(pages, {
      ...(range ?? { from: 0, to: pages.length - 1 }),
      ...{ edge, width, height },
      ...(y !== undefined && { y: toPoints(y) }),
      ...(mostPages !== undefined && { mostPages }),
    })
  }
  const { text, occurrence, right = 0, up = 0 } = place
  const found = findText(pdf, { text, occurrence, ...(range && { pages: range }) })
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
