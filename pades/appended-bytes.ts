import { forEachEntry, type Section } from './cross-reference.ts'
import type { ChainLink, PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import type { LaterChange } from './signed-pdf.ts'
import { isWhite, SyntaxReader, skipWhiteBytes } from './syntax.ts'

/**
 * Reads what was appended byte by byte: it may hold nothing but objects that its own cross-references list, each once and none
 * inside another, those cross-references, comments, and the words that end a revision. Anything else is room in which some reader
 * could find something.
 */
export function unexplainedBytes(document: PdfDocument, from: number, later: readonly ChainLink[]): LaterChange[] {
  const sections = new Map<number, Section>()
  const listed = new Map<number, number>()
  const { bytes, budget } = document.shared
  const add = (section: Section): void => {
    if (section.offset >= from) sections.set(skipWhiteBytes(bytes, section.offset, document.end), section)
    forEachEntry(section, budget, (number, entry) => {
      if (entry.kind !== 'offset' || entry.offset < from) return
      listed.set(skipWhiteBytes(bytes, entry.offset, document.end), number)
    })
  }
  for (const { section } of later) add(section)
  const stray = (at: number): LaterChange[] => [
    {
      verdict: 'undecided',
      kind: 'structure',
      object: null,
      page: null,
      rect: null,
      detail: `At offset ${at} something was appended that no cross-reference lists.`,
    },
  ]
  const reader = new SyntaxReader(bytes, from, document.end, budget)
  for (;;) {
    reader.skipWhite()
    const at = reader.position
    if (at >= document.end) break
    const section = sections.get(at)
    const number = listed.get(at)
    if (section !== undefined) {
      reader.goTo(section.end)
      sections.delete(at)
      listed.delete(at)
    } else if (number !== undefined) {
      listed.delete(at)
      const object = document.standingAt(at)
      reader.goTo(object.end)
      if (object.number !== number) return stray(at)
    } else if (!takeEndOfRevision(reader)) return stray(at)
  }
  const hidden = [...listed.keys(), ...sections.keys()][0]
  return hidden === undefined ? [] : stray(hidden)
}

function takeEndOfRevision(reader: SyntaxReader): boolean {
  if (!reader.takeKeyword('startxref')) return false
  const skip = (): void => {
    while (isWhite(reader.bytes[reader.position])) reader.position++
  }
  skip()
  if (reader.takeInteger() < 0) return false
  skip()
  for (const character of '%%EOF') if (reader.bytes[reader.position++] !== character.charCodeAt(0)) return false
  return true
}

/** The links of the chain that came after `signed`, or null when the chain does not lead through its newest section. */
export function laterLinks(document: PdfDocument, signed: PdfDocument): ChainLink[] | null {
  const newest = signed.chain[0]!.section
  const index = document.chain.findIndex(({ section }) => section.offset === newest.offset)
  if (index < 0) return null
  const later = document.chain.slice(0, index)
  let newer = document.end
  for (const { section, hybrid } of later) {
    if (section.offset < signed.end || section.offset >= newer) {
      throw new PadesError('PADES_XREF_BROKEN', 'later cross-references out of order or inside what is signed')
    }
    // Readers that do not know /XRefStm would see another document.
    if (hybrid !== null) throw new PadesError('PADES_XREF_BROKEN', 'a later hybrid cross-reference')
    newer = section.offset
  }
  return later
}
