import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { arrayWith, type UpdatedObject } from './incremental-update.ts'
import { type IndirectObject, isArray, isDictionary, isReference, type PdfDictionary } from './objects.ts'
import type { Page } from './pages.ts'
import { writeDictionary } from './write-value.ts'

export const emptyDictionary: PdfDictionary = { kind: 'dictionary', entries: new Map() }

export const numbered = ({ number, generation }: IndirectObject) => ({ number, generation })

/** The catalog with some entries replaced. */
export function catalogWith(document: PdfDocument, replaced: Readonly<Record<string, string>>): UpdatedObject {
  const root = document.trailer.entries.get('Root')!
  if (!isReference(root)) throw new PadesError('PADES_MALFORMED', 'the trailer names no catalog')
  return {
    number: root.number,
    generation: root.generation,
    body: writeDictionary(document.catalog, replaced),
  }
}

/** A page with annotations more, and entries replaced. /Annots is written directly: an array of its own might belong to several pages. */
export function pageWith(
  document: PdfDocument,
  page: Page,
  widgets: readonly string[],
  replaced: Readonly<Record<string, string>> = {},
): UpdatedObject {
  const annotations = document.resolve(page.dictionary.entries.get('Annots'))
  const items = isArray(annotations) ? annotations.items : []
  return {
    ...numbered(document.object(page.object)!),
    body: writeDictionary(page.dictionary, {
      ...(widgets.length > 0 && { Annots: arrayWith(items, widgets) }),
      ...replaced,
    }),
  }
}

/** The form with fields more, where it is an object of its own, and the catalog where anything of it changes. */
export function formWith(
  document: PdfDocument,
  fields: readonly string[],
  catalogEntries: Readonly<Record<string, string>>,
): UpdatedObject[] {
  const reference = document.catalog.entries.get('AcroForm')
  const form = isReference(reference) ? document.target(reference) : null
  const body = formBody(document, document.dictionary(reference), fields)
  if (form === null) return [catalogWith(document, { ...catalogEntries, AcroForm: body })]
  const objects: UpdatedObject[] = [{ ...numbered(form), body }]
  if (Object.keys(catalogEntries).length > 0) objects.push(catalogWith(document, catalogEntries))
  return objects
}

/** SigFlags 3: there are signatures, and the file may only be appended to (12.7.3, table 225). */
function formBody(document: PdfDocument, form: PdfDictionary | null, added: readonly string[]): string {
  const fields = document.resolve(form?.entries.get('Fields'))
  const flags = document.resolve(form?.entries.get('SigFlags'))
  return writeDictionary(form ?? emptyDictionary, {
    Fields: arrayWith(isArray(fields) ? fields.items : [], added),
    SigFlags: String((typeof flags === 'number' ? flags : 0) | 3),
  })
}

/**
 * What the catalog needs to say that structures of PAdES are used (ETSI EN 319 142-1, 5.6; ISO 32000-1, 7.12): nothing in
 * PDF 2.0, which has them, or where it says so already.
 */
export function extensionEntries(document: PdfDocument): Record<string, string> {
  const { entries } = document.catalog
  const version = entries.get('Version')
  const written = typeof version === 'object' && version?.kind === 'name' ? version.name : ''
  const header = String.fromCharCode(...document.shared.bytes.subarray(5, 8))
  const current = written > header ? written : header
  if (current >= '2.0') return {}
  const extensions = document.resolve(entries.get('Extensions'))
  const known = isDictionary(extensions) ? extensions : emptyDictionary
  if (known.entries.has('ESIC')) return {}
  return {
    Extensions: writeDictionary(known, { ESIC: '<< /BaseVersion /1.7 /ExtensionLevel 1 >>' }),
    ...(current < '1.7' ? { Version: '/1.7' } : {}),
  }
}
