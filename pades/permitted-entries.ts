import { drawsNothing } from './appearance-bounds.ts'
import type { PdfDocument } from './document.ts'
import type { FormField } from './form-fields.ts'
import { isArray, isDictionary, nameOf, numberOf, type PdfDictionary, type PdfValue } from './objects.ts'

/** The keys of a trailer that mean something to every reader and belong to the document (ISO 32000-2, table 15). */
export const documentKeys = ['Root', 'Encrypt', 'AuthCode']

/** What signing a prepared field may change in the field and its widget. */
export const signingKeys = new Set(['V', 'AP', 'AS', 'M'])

/** Keys that lead from a part back to the whole: what they name is judged by itself. */
export const upwardKeys: ReadonlySet<string> = new Set(['P', 'Parent', 'Data'])

/** What a new signature field and its widget may have: nothing that acts, and nothing that depends on what is shown. */
export const fieldKeys: ReadonlySet<string> = new Set(
  'Type Subtype FT T V F Ff P Parent Kids Rect AP AS MK M NM TU TM DA DR Q H BS Border C Lock SV StructParent'.split(
    ' ',
  ),
)

/** A later version only promises more: /Extensions of long-term validation may ask for it. */
export function isRaised(old: PdfValue | undefined, now: PdfValue | undefined): boolean {
  const [before, after] = [nameOf(old) ?? '1.0', nameOf(now) ?? '']
  return /^[12]\.\d$/.test(after) && after >= before
}

/** Annotation flags (12.5.3) that differ in nothing but read-only, locked and locked contents. */
export function isLockedOnly(old: PdfValue | undefined, now: PdfValue | undefined): boolean {
  return typeof now === 'number' && ((typeof old === 'number' ? old : 0) & ~0b1011000000) === (now & ~0b1011000000)
}

/** The dictionaries of a field and its widgets. */
export function partsOf(document: PdfDocument, { dictionary, widgets }: FormField): PdfDictionary[] {
  return [dictionary, ...widgets.map((widget) => document.object(widget)?.value ?? null)].filter(isDictionary)
}

/**
 * Whether all parts of a signature field are its widgets and nothing else: of other annotations readers make pictures of their own, out of
 * empty rectangles too, and a part with a type or value of its own is another field.
 */
export function hasOnlyWidgets(document: PdfDocument, field: FormField): boolean {
  return partsOf(document, field).every((part) => {
    const { entries } = part
    const isWidget = !entries.has('Subtype') || nameOf(document.resolve(entries.get('Subtype'))) === 'Widget'
    return isWidget && (part === field.dictionary || !(entries.has('V') || entries.has('FT')))
  })
}

/** Whether a signature dictionary is a time stamp, by either of the two words by which a reader may know one (12.8.5). */
export function isTimeStamp(document: PdfDocument, signature: PdfDictionary | null): boolean {
  const named = ['SubFilter', 'Type'].map((key) => nameOf(document.resolve(signature?.entries.get(key))))
  return named.includes('ETSI.RFC3161') || named.includes('DocTimeStamp')
}

/** Annotation flags (12.5.3). What is not viewed may still be printed, or shown to whoever points at it. */
const HIDDEN = 2
const PRINT = 4
const NO_VIEW = 32
const TOGGLE_NO_VIEW = 256
/** Larger numbers than there are flags mean different things to readers. */
const MOST_FLAGS = 1023

/** What some readers make a picture of where a widget has none of its own. */
const paintedKeys = ['MK', 'BS', 'Border']

/** Pages are no larger (annex C): what goes beyond is some other number for some readers. */
const MOST_COORDINATE = 14_400

/**
 * A widget may be seen unless its rectangle is empty, or it is flagged not to be, and it has nothing to draw: some readers draw out of empty
 * rectangles, and what is hidden.
 */
function isVisible(document: PdfDocument, widget: PdfDictionary): boolean {
  const { entries } = widget
  if (!drawsNothing(document, entries.get('AP'))) return true
  if (!entries.has('Rect')) return ['Subtype', 'Kids', ...paintedKeys].some((key) => entries.has(key))
  const rectangle = document.resolve(entries.get('Rect'))
  const corners = isArray(rectangle) ? rectangle.items.map((item) => numberOf(document.resolve(item))) : []
  const [x0, y0, x1, y1] = corners
  const areNear = corners.every((corner) => corner !== null && Math.abs(corner) <= MOST_COORDINATE)
  const isEmpty = corners.length === 4 && areNear && (x0 === x1 || y0 === y1)
  return !isEmpty && !(isFlagged(document, entries.get('F')) && !paintedKeys.some((key) => entries.has(key)))
}

/** Whether flags say for certain that nothing is shown, on screen or paper. */
function isFlagged(document: PdfDocument, value: PdfValue | undefined): boolean {
  const flags = document.resolve(value) ?? 0
  if (typeof flags !== 'number' || flags < 0 || flags > MOST_FLAGS) return false
  return (flags & HIDDEN) !== 0 || (flags & (PRINT | NO_VIEW | TOGGLE_NO_VIEW)) === NO_VIEW
}

/** Whether a field, or its widget, takes up room; one that shows nothing has no need of two. */
export const isShown = (document: PdfDocument, field: FormField): boolean =>
  field.widgets.length > 1 || partsOf(document, field).some((part) => isVisible(document, part))
