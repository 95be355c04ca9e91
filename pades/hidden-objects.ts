import { forEachEntry, standsAt } from './cross-reference.ts'
import type { PdfDocument } from './document.ts'
import { type IntegersBefore, integersBefore, isAnySpace } from './integers-before.ts'
import { sectionsOf } from './one-document.ts'
import { beginsObject } from './plain-octets.ts'
import { referenceGraph } from './reference-graph.ts'
import { latin1, skipWhiteBytes } from './syntax.ts'

/** What it costs to look what an `obj` belongs to: only an attacker has more of them than entries. */
const LOOK = 128
const LETTER_O = 0x6f
const LETTER_T = 0x74
const [LF, CR, PERCENT] = [10, 13, 0x25]

/**
 * Objects and trailers that no cross-reference leads to, and older objects behind those that replaced them (ISO 32000-2, 7.5.6): whoever rebuilds
 * the file takes them for what it holds. Null where there are none.
 */
export function hiddenFault(document: PdfDocument): string | null {
  const { shared, end } = document
  const { bytes, budget } = shared
  const listed = listedHeads(document)
  const starts = [...listed.keys()].sort((one, other) => one - other)
  budget.work(2 * end + LOOK * starts.length)
  for (let at = bytes.indexOf(LETTER_O); at >= 0 && at < end; at = bytes.indexOf(LETTER_O, at + 1)) {
    if (bytes[at + 1] !== 0x62 || bytes[at + 2] !== 0x6a) continue
    budget.work(LOOK)
    const head = integersBefore(bytes, at)
    if (head !== null && listed.get(head.start)?.has(head.number) === true) {
      const fault = headFault(document, head)
      if (fault !== null) return fault
    } else if (head !== null ? !isRemnant(bytes, at) : beginsObject(bytes, at, budget)) {
      budget.work(starts.length)
      // What is no head for all readers is none inside of streams.
      if (head !== null || !isInStream(document, starts, at))
        return `an object at offset ${head?.start ?? at} that no section lists`
    }
  }
  return hasHiddenTrailer(document) ? 'a trailer that no cross-reference leads to' : null
}

/** Where the sections, older ones too, say that objects begin, and which. */
function listedHeads(document: PdfDocument): ReadonlyMap<number, ReadonlySet<number>> {
  const { shared, end } = document
  const heads = new Map<number, Set<number>>()
  const note = (offset: number, number: number): void => {
    const start = skipWhiteBytes(shared.bytes, offset, end)
    const numbers = heads.get(start)
    if (numbers === undefined) heads.set(start, new Set([number]))
    else numbers.add(number)
  }
  for (const section of sectionsOf(document)) {
    if (section.streamNumber !== null) note(section.offset, section.streamNumber)
    forEachEntry(section, shared.budget, (number, entry) => {
      if (entry.kind === 'offset') note(entry.offset, number)
    })
  }
  return heads
}

function headFault(document: PdfDocument, { number, start }: IntegersBefore): string | null {
  const place = placeOf(document, number)
  if (place === null) return referenceGraph(document).has(number) ? `object ${number} is free and referred to` : null
  return start > place ? `object ${number} has an older form behind it` : null
}

/** Where the object begins, or the stream that it is packed in; null where there is none. */
function placeOf(document: PdfDocument, number: number): number | null {
  const entry = document.entry(number)
  if (entry === undefined || entry.kind === 'free') return null
  const where = entry.kind === 'compressed' ? document.entry(entry.container) : entry
  return where?.kind === 'offset' ? skipWhiteBytes(document.shared.bytes, where.offset, document.end) : null
}

/** Whether an octet belongs to the data of the stream that begins last before it. */
function isInStream(document: PdfDocument, starts: readonly number[], at: number): boolean {
  const start = starts.findLast((one) => one < at)
  const stream = start === undefined ? null : document.standingAt(start).stream
  if (stream === null) return false
  const from = at - (stream.byteOffset - document.shared.bytes.byteOffset)
  return from >= 0 && from < stream.length
}

/** Acrobat leaves heads of other objects behind a stream or at its end, with the beginning of their dictionaries at most. */
const LONGEST_REMNANT = 32
const isRemnant = (bytes: Uint8Array, at: number): boolean =>
  /^obj[\s</]*endstream\s+endobj/.test(latin1(bytes, at, Math.min(at + LONGEST_REMNANT, bytes.length)))

function hasHiddenTrailer({ chain, shared: { bytes, budget }, end }: PdfDocument): boolean {
  let trailers = chain.filter(({ section }) => section.kind === 'table').length
  for (let at = bytes.indexOf(LETTER_T); at >= 0 && at < end; at = bytes.indexOf(LETTER_T, at + 1)) {
    if (!standsAt(bytes, at, 'trailer')) continue
    const next = afterBlanks(bytes, at + 7, end)
    // One long comment may hold many.
    budget.work(next - at)
    if (bytes[next] === 0x3c && bytes[next + 1] === 0x3c) trailers--
  }
  return trailers < 0
}

/** Offset behind white space and comments. */
function afterBlanks(bytes: Uint8Array, from: number, end: number): number {
  let isComment = false
  for (let at = from; at < end; at++) {
    const byte = bytes[at]
    if (byte === PERCENT) isComment = true
    else if (byte === LF || byte === CR) isComment = false
    else if (!isComment && !isAnySpace(byte)) return at
  }
  return end
}
