import { forEachEntry, type Section, standsAt } from './cross-reference.ts'
import type { PdfDocument } from './document.ts'
import { beginsObject } from './plain-octets.ts'
import { referenceGraph } from './reference-graph.ts'
import { isWhite, latin1, skipWhiteBytes } from './syntax.ts'

/** What it costs to look what an `obj` belongs to: only an attacker has more of them than entries. */
const LOOK = 128
const LETTER_O = 0x6f
const LETTER_T = 0x74
const ZERO = 0x30

/** The head of an object: its number and where that begins. */
interface Head {
  readonly number: number
  readonly start: number
}

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
    const head = headBefore(bytes, at)
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
function listedHeads({ chain, shared, end }: PdfDocument): ReadonlyMap<number, ReadonlySet<number>> {
  const heads = new Map<number, Set<number>>()
  const note = (offset: number, number: number): void => {
    const start = skipWhiteBytes(shared.bytes, offset, end)
    const numbers = heads.get(start)
    if (numbers === undefined) heads.set(start, new Set([number]))
    else numbers.add(number)
  }
  const noteAll = (section: Section): void => {
    if (section.streamNumber !== null) note(section.offset, section.streamNumber)
    forEachEntry(section, shared.budget, (number, entry) => {
      if (entry.kind === 'offset') note(entry.offset, number)
    })
  }
  for (const { section, hybrid } of chain) {
    noteAll(section)
    if (hybrid !== null) noteAll(hybrid)
  }
  return heads
}

/** Two integers before an `obj`, as every reader takes them. */
function headBefore(bytes: Uint8Array, word: number): Head | null {
  const generationEnd = backOver(bytes, word, isAnySpace)
  const generation = backOver(bytes, generationEnd, isDigit)
  const numberEnd = backOver(bytes, generation, isAnySpace)
  const start = backOver(bytes, numberEnd, isDigit)
  if (generation === generationEnd || numberEnd === generation || start === numberEnd) return null
  let number = 0
  for (let at = start; at < numberEnd; at++) number = number * 10 + bytes[at]! - ZERO
  return { number, start }
}

/** What any reader takes for white space. */
const isAnySpace = (byte: number | undefined): boolean =>
  isWhite(byte) || byte === 0x0b || byte === 0x85 || byte === 0xa0

/** Each octet is passed over for one word at most. */
function backOver(bytes: Uint8Array, end: number, isOne: (byte: number | undefined) => boolean): number {
  let at = end
  while (at > 0 && isOne(bytes[at - 1])) at--
  return at
}
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= ZERO + 9

function headFault(document: PdfDocument, { number, start }: Head): string | null {
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

function hasHiddenTrailer({ chain, shared: { bytes }, end }: PdfDocument): boolean {
  let trailers = chain.filter(({ section }) => section.kind === 'table').length
  for (let at = bytes.indexOf(LETTER_T); at >= 0 && at < end; at = bytes.indexOf(LETTER_T, at + 1)) {
    if (!standsAt(bytes, at, 'trailer')) continue
    let next = at + 7
    while (isWhite(bytes[next])) next++
    if (bytes[next] === 0x3c && bytes[next + 1] === 0x3c) trailers--
  }
  return trailers < 0
}
