import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { signedFields } from './form-fields.ts'
import { hiddenFault } from './hidden-objects.ts'
import { linearizedLength } from './linearized.ts'
import {
  forEachReference,
  isArray,
  isDictionary,
  isReference,
  nameOf,
  type PdfDictionary,
  type PdfReference,
  type PdfValue,
} from './objects.ts'
import { hybridFault, listedFault } from './one-document.ts'
import { checkPageTree } from './page-tree.ts'
import { checkStreams } from './sealable-streams.ts'
import { latin1 } from './syntax.ts'

/** Actions that change what is shown, run something, or send something away (ISO 32000-2, 12.6.4). */
const actingKinds = new Set(
  'JavaScript Launch ImportData SubmitForm ResetForm Hide SetOCGState Rendition RichMediaExecute GoTo3DView Movie Sound'.split(
    ' ',
  ),
)
/** Annotations that play or run what is not on the page, and no program can say what they show (12.5.6.21 to 25, 13.6, 13.7). */
const playingAnnotations = new Set(['Movie', 'Sound', 'Screen', '3D', 'RichMedia'])

/**
 * Refuses a document of which nobody could say what was sealed: forms that a program lays out (XFA) or readers draw anew, page trees that
 * readers walk differently, actions that change what is shown or run something, and streams that readers inflate to different things.
 *
 * @throws PadesError PADES_NOT_A_PDF, PADES_MALFORMED, PADES_XREF_BROKEN, PADES_COMPRESSED_DATA_BROKEN, PADES_FILTER_UNSUPPORTED,
 *   PADES_LIMIT_EXCEEDED, PADES_FORM_DYNAMIC, PADES_ACTIVE_CONTENT; PADES_CHANGES_NOT_PERMITTED: rights by a signature that stands in no
 *   field (12.8.6), such as those of extended readers
 */
export function checkSealable(document: PdfDocument): void {
  // Only what every reader, ours too, takes for the beginning of a PDF: what is sealed must be read again.
  if (!/^%PDF-\d\.\d/.test(latin1(document.shared.bytes, 0, 8)))
    throw new PadesError('PADES_NOT_A_PDF', 'the file does not begin with "%PDF-" and a version')
  const { bytes, budget } = document.shared
  if (!((linearizedLength(bytes, 0, budget) ?? 0) <= bytes.length))
    throw new PadesError('PADES_MALFORMED', 'the file says that it is linearized and not how long it is, or longer')
  const different = hybridFault(document) ?? listedFault(document) ?? hiddenFault(document)
  if (different !== null)
    throw new PadesError('PADES_XREF_BROKEN', `readers take the document for different ones: ${different}`)
  checkPageTree(document)
  const signed = new Set(signedFields(document).map(({ object }) => object))
  for (const right of document.dictionary(document.catalog.entries.get('Perms'))?.entries.values() ?? []) {
    if (!isReference(right) || !signed.has(right.number))
      throw new PadesError(
        'PADES_CHANGES_NOT_PERMITTED',
        'the document has rights by a signature that stands in no field',
      )
  }
  const form = document.dictionary(document.catalog.entries.get('AcroForm'))
  if (document.resolve(form?.entries.get('NeedAppearances')) === true && hasFields(document, form))
    throw new PadesError('PADES_FORM_DYNAMIC', 'some readers draw the values of the form anew (/NeedAppearances)')
  if (form?.entries.has('XFA') || document.catalog.entries.has('NeedsRendering'))
    throw new PadesError(
      'PADES_FORM_DYNAMIC',
      'the document is a dynamic form (XFA): what it shows is made by a program',
    )
  const names = document.dictionary(document.catalog.entries.get('Names'))
  if (names?.entries.has('JavaScript'))
    throw new PadesError('PADES_ACTIVE_CONTENT', 'the document runs JavaScript when it is opened')
  forEachValue(document, (value) => {
    const acting = actingKind(document, value, 0)
    if (acting !== null) throw new PadesError('PADES_ACTIVE_CONTENT', `the document holds an action of kind ${acting}`)
  })
  checkStreams(document)
}

function hasFields(document: PdfDocument, form: PdfDictionary | null): boolean {
  const fields = document.resolve(form?.entries.get('Fields'))
  return isArray(fields) && fields.items.length > 0
}

/** Visits the trailer, and every object that anything leads to, once. */
export function forEachValue(document: PdfDocument, visit: (value: PdfValue) => void): void {
  const { budget } = document.shared
  const seen = new Set<number>()
  const waiting: PdfValue[] = [document.trailer]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    visit(value)
    const follow = (reference: PdfReference): void => {
      if (seen.has(reference.number)) return
      seen.add(reference.number)
      waiting.push(document.target(reference)?.value ?? null)
    }
    forEachReference(value, follow, budget)
  }
}

/** The kind of an action that acts, somewhere in a value; references are objects of their own. */
function actingKind(document: PdfDocument, value: PdfValue, depth: number): string | null {
  document.shared.budget.check('depth', depth)
  if (isArray(value)) return firstOf(value.items, (item) => actingKind(document, item, depth + 1))
  if (!isDictionary(value)) return null
  document.shared.budget.work(value.entries.size * 4)
  // Whatever else it says: a role of the structure may bear such a name too, and no reader looks at a key that an action does not have.
  const kind = nameOf(document.resolve(value.entries.get('S')))
  if (kind !== null && actingKinds.has(kind)) return kind
  const subtype = nameOf(document.resolve(value.entries.get('Subtype')))
  if (subtype !== null && playingAnnotations.has(subtype) && value.entries.has('Rect')) return subtype
  if (value.entries.has('OnInstantiate')) return 'OnInstantiate'
  // A page of another file in place of a form (14.11.7).
  if (subtype === 'Form' && value.entries.has('Ref')) return 'Ref'
  return firstOf([...value.entries.values()], (item) => actingKind(document, item, depth + 1))
}

function firstOf<Value>(values: readonly Value[], find: (value: Value) => string | null): string | null {
  for (const value of values) {
    const found = find(value)
    if (found !== null) return found
  }
  return null
}
