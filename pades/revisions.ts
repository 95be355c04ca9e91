import { forEachEntry, type Section, standsAt } from './cross-reference.ts'
import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import type { Revision } from './signed-pdf.ts'
import { isWhite, SyntaxReader } from './syntax.ts'

/** A revision with the sections that make it; those that were made together (hybrid, linearized) are one save. */
export interface RevisionSections {
  readonly start: number
  readonly end: number
  readonly sections: readonly Section[]
}

/**
 * The revisions of a document, oldest first (ISO 32000-2, 7.5.6). A section whose /Prev lies behind it belongs to the same save:
 * a linearized file begins with the cross-reference of its first page (Annex F).
 */
export function revisionSections(document: PdfDocument): RevisionSections[] {
  const { bytes } = document.shared
  const groups: Section[][] = []
  for (const { section, hybrid } of [...document.chain].reverse()) {
    const parts = hybrid === null ? [section] : [section, hybrid]
    const current = groups.at(-1)
    if (current !== undefined && section.offset < current[0]!.offset) current.push(...parts)
    else groups.push(parts)
  }
  const revisions: RevisionSections[] = []
  for (const sections of groups) {
    const start = revisions.at(-1)?.end ?? 0
    const last = Math.max(...sections.map((section) => section.end))
    const end = endOfRevision(document, last)
    if (end <= start || end > bytes.length)
      throw new PadesError('PADES_XREF_BROKEN', 'revisions that lie inside each other')
    revisions.push({ start, end, sections })
  }
  return revisions
}

/** After a section: `startxref`, an offset, `%%EOF` and the end of that line. */
export function endOfRevision(document: PdfDocument, sectionEnd: number): number {
  const { bytes, budget } = document.shared
  const reader = new SyntaxReader(bytes, sectionEnd, document.end, budget)
  reader.skipWhite()
  reader.expectKeyword('startxref')
  while (isWhite(bytes[reader.position])) reader.position++
  if (reader.takeInteger() < 0) reader.fail('the offset after "startxref"')
  while (isWhite(bytes[reader.position])) reader.position++
  if (!standsAt(bytes, reader.position, '%%EOF')) reader.fail('"%%EOF"')
  let end = reader.position + 5
  if (bytes[end] === 13) end++
  if (bytes[end] === 10) end++
  return Math.min(end, document.end)
}

/** What each revision adds, replaces and frees. */
export function describeRevisions(document: PdfDocument, revisions: readonly RevisionSections[]): Revision[] {
  const known = new Set<number>()
  return revisions.map(({ start, end, sections }) => {
    const used = new Set<number>()
    const unused = new Set<number>()
    for (const section of sections) {
      forEachEntry(section, document.shared.budget, (number, entry) =>
        (entry.kind === 'free' ? unused : used).add(number),
      )
    }
    const freed = [...unused].filter((number) => !used.has(number) && known.delete(number))
    const replaced = [...used].filter((number) => known.has(number))
    const added = [...used].filter((number) => !known.has(number))
    for (const number of added) known.add(number)
    return { start, end, added, replaced, freed }
  })
}
