import type { Section } from './cross-reference.ts'
import type { PdfDocument } from './document.ts'
import { isArray, isReference, isString, type PdfValue, sameValue } from './objects.ts'

/** Of a table (ISO 32000-2, table 15), and what a cross-reference stream has besides (table 17). */
const tableKeys: ReadonlySet<string> = new Set('Size Prev Root Encrypt Info ID'.split(' '))
const streamKeys: ReadonlySet<string> = new Set([...tableKeys, ...'Type Index W Length Filter DecodeParms'.split(' ')])
/** What makes the document: whoever rebuilds a file may take it from any trailer that stands there. */
const documentKeys = ['Root', 'Encrypt']

/**
 * What is wrong with an appended trailer, as a part of a sentence; null where it names the document as the signed one does, and has no keys but those of
 * trailers and those that the signed one has. Asked of every appended one, since readers that rebuild a file take the first, the last, or one with an /ID.
 */
export function trailerFault(section: Section, newest: Section, signed: PdfDocument): string | null {
  const { budget } = signed.shared
  const [now, before] = [section.trailer.entries, signed.trailer.entries]
  const isSame = (one: PdfValue | undefined, other: PdfValue | undefined): boolean =>
    sameValue(one ?? null, other ?? null, budget)
  const own = section.kind === 'stream' ? streamKeys : tableKeys
  const strange = [...now.keys()].find((key) => !own.has(key) && !before.has(key))
  if (strange !== undefined) return `/${strange} of a trailer`
  for (const key of documentKeys) if (!isSame(now.get(key), before.get(key))) return `/${key} of a trailer`
  const info = now.get('Info')
  if (info !== undefined && !isReference(info)) return '/Info of a trailer'
  if (!isSame(info, before.get('Info')) && !isSame(info, newest.trailer.entries.get('Info')))
    return '/Info of a trailer'
  return hasPlainId(now.get('ID')) ? null : '/ID of a trailer'
}

/** Two strings, written out (14.4); the first ought to stay, and some writers make it anew. */
const hasPlainId = (id: PdfValue | undefined): boolean =>
  id === undefined || (isArray(id) && id.items.length === 2 && id.items.every(isString))
