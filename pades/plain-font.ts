import type { PdfDocument } from './document.ts'
import { isArray, nameOf, type PdfValue } from './objects.ts'

const simpleFonts: ReadonlySet<string> = new Set(['Type1', 'MMType1', 'TrueType'])
const descendants: ReadonlySet<string> = new Set(['CIDFontType0', 'CIDFontType2'])

/**
 * Whether the letters of a font are outlines for every reader (ISO 32000-2, 9.6 and 9.7), and not content of its own (Type 3), which some run where the
 * annotation is drawn. Some take a font for one by the kind of its descendant, or by its /CharProcs, whatever it says it is.
 */
export function isPlainFont(document: PdfDocument, font: PdfValue | undefined): boolean {
  const entries = document.dictionary(font)?.entries
  if (entries === undefined || entries.has('CharProcs')) return false
  const kind = nameOf(entries.get('Subtype')) ?? ''
  if (kind !== 'Type0') return simpleFonts.has(kind) && !entries.has('DescendantFonts')
  const list = document.resolve(entries.get('DescendantFonts'))
  const own = isArray(list) && list.items.length === 1 ? document.dictionary(list.items[0])?.entries : undefined
  return own !== undefined && descendants.has(nameOf(own.get('Subtype')) ?? '') && !own.has('CharProcs')
}
