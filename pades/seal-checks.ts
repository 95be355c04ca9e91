import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { docMdpOf, type FormField, formFields, signedFields } from './form-fields.ts'
import { type Page, readPages } from './pages.ts'
import { permissionsOf } from './permissions.ts'
import { type PlacedMark, placeMarks, placeOnPage } from './seal-marks.ts'
import type { PreparedField, PrepareSealOptions, SealAppearance, SealPlace } from './seal-options.ts'
import { checkSealable } from './sealable.ts'

/** A field to be made, with the page on which it stands. */
export interface NewField {
  readonly field: string
  readonly place: SealPlace
  readonly page: Page
}

/** What a request comes to: a field that is filled or made, and fields prepared for later. */
export interface SealPlan {
  readonly filled: FormField | null
  readonly made: NewField | null
  /** The marks asked for; the first is the new field's. */
  readonly marks: readonly PlacedMark[]
  readonly prepared: readonly (NewField & Pick<PreparedField, 'lock'>)[]
}

/** Refuses what would make a document that no reader, or not ours, would accept. */
export function planSeal(document: PdfDocument, options: PrepareSealOptions): SealPlan {
  const { field, place, docMdp, preparedFields = [], marks } = options
  if (preparedFields.length > 0 && docMdp !== 2) throw new TypeError('preparedFields need docMdp 2')
  if (options.subFilter !== undefined && !/^[A-Za-z0-9._-]{1,127}$/.test(options.subFilter))
    throw new TypeError('subFilter: a name of letters, digits and "._-"')
  checkAppearance(options.appearance)
  const fields = formFields(document)
  const known = fields.find(({ name }) => name === field) ?? null
  const signed = signedFields(document)
  if (known !== null) checkFillable(document, known)
  else if (signed.some(({ signature }) => docMdpOf(document, signature) !== null)) {
    const isFinal = permissionsOf(document).docMdp === 1
    throw isFinal
      ? new PadesError('PADES_CHANGES_NOT_PERMITTED', 'the document is certified: nothing may be added')
      : new PadesError('PADES_FIELD_NOT_FOUND', `the document is certified and has no field "${field}" to be filled`)
  }
  if (docMdp !== undefined && signed.length > 0) {
    throw new PadesError('PADES_ALREADY_SIGNED', 'only the first signature of a document can certify it')
  }
  if (marks !== undefined) checkSealable(document)
  if (marks !== undefined && (known !== null || (signed.length > 0 && marks.length > 1)))
    throw new PadesError(
      'PADES_MARKS_AFTER_SIGNATURE',
      'a signed document takes a signature field, and no marks on its pages',
    )
  const placed = marks === undefined ? [] : placeMarks(document, marks)
  const pages = readPages(document)
  const taken = new Set(fields.map(({ name }) => name))
  const make = (name: string, where: SealPlace | undefined): NewField => {
    checkName(name, taken)
    return { field: name, ...checkPlace(pages, where) }
  }
  return {
    filled: known,
    made: known === null ? make(field, placed[0] === undefined ? place : placeOnPage(placed[0])) : null,
    marks: placed,
    prepared: preparedFields.map((prepared) => ({
      ...make(prepared.field, marks === undefined ? prepared.place : shownPlace(document, prepared.place)),
      ...(prepared.lock !== undefined && { lock: prepared.lock }),
    })),
  }
}

/** Beside marks, fields are placed as marks are. */
const shownPlace = (document: PdfDocument, place: SealPlace): SealPlace =>
  placeOnPage(placeMarks(document, [place])[0]!)

function checkName(name: string, taken: Set<string>): void {
  if (name === '' || name.includes('.'))
    throw new PadesError('PADES_FIELD_NAME_TAKEN', 'a field name is not empty and has no full stop')
  if (taken.has(name)) throw new PadesError('PADES_FIELD_NAME_TAKEN', `the document already has a field "${name}"`)
  taken.add(name)
}

const isCoordinate = (number: number): boolean => Number.isFinite(number) && Math.abs(number) < 1e6

function checkPlace(pages: readonly Page[], place: SealPlace | undefined): { place: SealPlace; page: Page } {
  if (place === undefined) throw new PadesError('PADES_PLACEMENT_INVALID', 'a seal in a new field needs a place')
  const numbers = [place.x, place.y, place.width, place.height]
  if (!numbers.every(isCoordinate) || place.width <= 0 || place.height <= 0)
    throw new PadesError('PADES_PLACEMENT_INVALID', 'a seal needs a place of finite, positive width and height')
  const page = pages[place.page]
  if (page === undefined)
    throw new PadesError('PADES_PAGE_NOT_FOUND', `the document has no page ${place.page} (from 0)`)
  return { place, page }
}

function checkAppearance({ bbox }: SealAppearance): void {
  const [x0, y0, x1, y1] = bbox
  if (!bbox.every(isCoordinate) || x1 <= x0 || y1 <= y0)
    throw new PadesError('PADES_PLACEMENT_INVALID', 'the picture of a seal needs a bounding box with an area')
}

/** An empty signature field with one widget, which no signature locks. */
function checkFillable(document: PdfDocument, { name, type, object, value, widgets }: FormField): void {
  if (type !== 'Sig' || object === null)
    throw new PadesError('PADES_FIELD_NAME_TAKEN', `the field "${name}" is no signature field that can be filled`)
  if (document.resolve(value) !== null)
    throw new PadesError('PADES_FIELD_ALREADY_SIGNED', `the field "${name}" is signed already`)
  const { docMdp, isLocked } = permissionsOf(document)
  if (isLocked(name)) throw new PadesError('PADES_FIELD_LOCKED', `a signature locks the field "${name}"`)
  if (docMdp === 1) throw new PadesError('PADES_CHANGES_NOT_PERMITTED', 'the document is certified: nothing may change')
  if (widgets.length !== 1)
    throw new PadesError('PADES_PLACEMENT_INVALID', `the field "${name}" has ${widgets.length} widgets`)
}
