import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { isArray, isDictionary, isReference, nameOf, numberOf, type PdfDictionary, type PdfValue } from './objects.ts'
import { readPages } from './pages.ts'

/** A field that stands at the end of a branch of the form (ISO 32000-2, 12.7.4). */
export interface FormField {
  /** Fully qualified: partial names joined by full stops. */
  readonly name: string
  /** /FT, inherited where the field has none. */
  readonly type: string | null
  readonly dictionary: PdfDictionary
  /** Number of its object; null for a field written directly into an array. */
  readonly object: number | null
  /** Numbers of its own widgets: itself when field and widget are one. */
  readonly widgets: readonly number[]
  /** /V as written, inherited where the field has none. */
  readonly value: PdfValue
  /** /Ff, inherited where the field has none. */
  readonly flags: number
}

/** What it costs to look at one of a field's kids, which several fields may share. */
const KID = 128

const forms = new WeakMap<PdfDocument, readonly FormField[]>()

/** Every terminal field, each once. A field met twice is a form whose meaning is uncertain. */
export function formFields(document: PdfDocument): readonly FormField[] {
  let fields = forms.get(document)
  if (fields === undefined) forms.set(document, (fields = walkForm(document)))
  return fields
}

function walkForm(document: PdfDocument): FormField[] {
  const form = document.dictionary(document.catalog.entries.get('AcroForm'))
  const roots = document.resolve(form?.entries.get('Fields'))
  const fields: FormField[] = []
  if (form !== null && isArray(roots)) {
    const walk = new FieldWalk(document, fields)
    for (const root of roots.items) walk.visit(root, { name: '', type: null, value: null, flags: 0 }, 0)
  }
  return fields
}

/** What a field takes over from those above it (12.7.4.1). */
type Inherited = Pick<FormField, 'name' | 'type' | 'value' | 'flags'>

class FieldWalk {
  readonly #document: PdfDocument
  readonly #fields: FormField[]
  readonly #seen = new Set<number>()

  constructor(document: PdfDocument, fields: FormField[]) {
    this.#document = document
    this.#fields = fields
  }

  visit(value: PdfValue, parent: Inherited, depth: number): void {
    const document = this.#document
    document.shared.budget.check('depth', depth)
    document.shared.budget.work(64)
    const dictionary = document.dictionary(value)
    if (dictionary === null) return
    const object = isReference(value) ? value.number : null
    if (object !== null && this.#seen.has(object))
      throw new PadesError('PADES_MALFORMED', `field ${object} is reached twice`)
    if (object !== null) this.#seen.add(object)
    const partial = document.text(dictionary.entries.get('T'))
    const name = partial === null ? parent.name : parent.name === '' ? partial : `${parent.name}.${partial}`
    document.shared.budget.check('nameBytes', name.length)
    const type = nameOf(document.resolve(dictionary.entries.get('FT'))) ?? parent.type
    const own = dictionary.entries.get('V') ?? parent.value
    const flags = numberOf(document.resolve(dictionary.entries.get('Ff'))) ?? parent.flags
    const kids = document.resolve(dictionary.entries.get('Kids'))
    const children = isArray(kids) ? kids.items : []
    document.shared.budget.work(children.length * KID)
    const named = children.filter((kid) => document.dictionary(kid)?.entries.has('T'))
    if (named.length > 0) for (const kid of children) this.visit(kid, { name, type, value: own, flags }, depth + 1)
    else
      this.#fields.push({
        name,
        type,
        dictionary,
        object,
        widgets: widgetsOf(document, dictionary, object, children),
        value: own,
        flags,
      })
  }
}

function widgetsOf(
  document: PdfDocument,
  dictionary: PdfDictionary,
  object: number | null,
  kids: readonly PdfValue[],
): number[] {
  if (kids.length > 0) return kids.flatMap((kid) => (isReference(kid) ? [kid.number] : []))
  const isWidget = nameOf(document.resolve(dictionary.entries.get('Subtype'))) === 'Widget'
  return isWidget && object !== null ? [object] : []
}

/** Whether all fields are for signatures, and no page has a widget of anything else: readers draw what pages list, in a form or not. */
export function hasOnlySignatureFields(document: PdfDocument): boolean {
  const fields = formFields(document)
  const parts = new Set(fields.flatMap(({ object, widgets }) => [object, ...widgets]))
  const isOther = (annotation: PdfValue): boolean => {
    document.shared.budget.work(8)
    const dictionary = document.dictionary(annotation)
    if (nameOf(document.resolve(dictionary?.entries.get('Subtype'))) !== 'Widget') return false
    const own = document.resolve(dictionary!.entries.get('FT'))
    return !isReference(annotation) || !parts.has(annotation.number) || (own !== null && nameOf(own) !== 'Sig')
  }
  const annotationsOf = (page: PdfDictionary): readonly PdfValue[] => {
    const list = document.resolve(page.entries.get('Annots'))
    return isArray(list) ? list.items : []
  }
  return (
    fields.every(({ type }) => type === 'Sig') &&
    !readPages(document).some(({ dictionary }) => annotationsOf(dictionary).some(isOther))
  )
}

/** Signature fields that hold a signature dictionary. */
export function signedFields(
  document: PdfDocument,
): { field: FormField; signature: PdfDictionary; object: number | null }[] {
  return formFields(document).flatMap((field) => {
    const signature = field.type === 'Sig' ? document.resolve(field.value) : null
    if (!isDictionary(signature)) return []
    return [{ field, signature, object: isReference(field.value) ? field.value.number : null }]
  })
}

/** Names of the signature fields without a signature dictionary. */
export function emptyFields(document: PdfDocument): string[] {
  const isEmpty = ({ type, value }: FormField) => type === 'Sig' && !isDictionary(document.resolve(value))
  return formFields(document)
    .filter(isEmpty)
    .map(({ name }) => name)
}

/** The DocMDP permission in a signature dictionary's /Reference, or null (12.8.2.2); 2 where /P is left out. */
export function docMdpOf(document: PdfDocument, signature: PdfDictionary): 1 | 2 | 3 | null {
  const references = document.resolve(signature.entries.get('Reference'))
  if (!isArray(references)) return null
  document.shared.budget.work(references.items.length)
  let strictest: 1 | 2 | 3 | null = null
  for (const item of references.items) {
    const reference = document.dictionary(item)
    if (nameOf(document.resolve(reference?.entries.get('TransformMethod'))) !== 'DocMDP') continue
    const parameters = document.dictionary(reference?.entries.get('TransformParams'))
    const written = numberOf(document.resolve(parameters?.entries.get('P')))
    // A number the standard does not know permits nothing.
    const permission = written === null ? 2 : written === 2 || written === 3 ? written : 1
    if (strictest === null || permission < strictest) strictest = permission
  }
  return strictest
}
