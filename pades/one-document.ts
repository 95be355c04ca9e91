import { forEachEntry, isNothing, type Section, sameEntry } from './cross-reference.ts'
import type { PdfDocument } from './document.ts'
import { isDictionary, isReference, nameOf, type PdfValue } from './objects.ts'
import { readPages } from './pages.ts'
import { referenceGraph, referencesOf } from './reference-graph.ts'
import { isWhite } from './syntax.ts'

/** What it costs to ask one section for an object. */
const LOOK = 8

/**
 * Whether hybrid cross-references (ISO 32000-2, 7.5.8.4) make two documents: readers that know no /XRefStm, or not that of the oldest section,
 * must find the same objects where they find any, and all that pages need. Null where there are none, or they agree.
 *
 * @param later sections appended since, which join no stream to what they follow, and write nothing that some readers never saw
 */
export function hybridFault(document: PdfDocument, later: readonly Section[] = []): string | null {
  const { chain, shared, trailer } = document
  if (chain.every(({ hybrid }) => hybrid === null)) return null
  if (chain.at(-1)!.hybrid !== null) return 'the oldest cross-reference is hybrid'
  if (later.some(({ kind }) => kind === 'stream')) return 'a cross-reference stream after a hybrid cross-reference'
  let fault: string | null = null
  chain.forEach(({ section, hybrid }, index) => {
    if (hybrid === null) return
    const tables = [section, ...chain.slice(index + 1).map((link) => link.section)]
    forEachEntry(hybrid, shared.budget, (number, entry) => {
      shared.budget.work((tables.length + later.length) * LOOK)
      const listed = tables.map((table) => table.find(number)).find((one) => one !== undefined)
      if (isNothing(entry) || (!isNothing(listed) && sameEntry(entry, listed))) return
      if (!isNothing(listed) || later.some((update) => update.find(number) !== undefined))
        fault = `object ${number} is not the same by a hybrid cross-reference`
    })
  })
  const root = trailer.entries.get('Root')
  const needed = [...(isReference(root) ? [root.number] : []), ...readPages(document).map(({ object }) => object)]
  shared.budget.work(needed.length * chain.length * LOOK)
  const isInTable = (number: number): boolean => chain.some(({ section }) => !isNothing(section.find(number)))
  return fault ?? (needed.every(isInTable) ? null : 'a page stands in no table')
}

/** What entries of kind compressed name as their object streams, whether anything refers to them or not. */
export function namedContainers(document: PdfDocument): ReadonlySet<number> {
  const containers = new Set<number>()
  for (const part of sectionsOf(document))
    if (part.kind === 'stream')
      forEachEntry(part, document.shared.budget, (_number, entry) => {
        if (entry.kind === 'compressed') containers.add(entry.container)
      })
  return containers
}

/** Objects are numbered below this by every reader; MuPDF repairs a file whose /Size goes beyond. */
const MAXIMUM_SIZE = 8_388_607

/**
 * What makes some readers rebuild a file as soon as they open it, whether anything refers to it or not: entries that lead out of the file, or into
 * object streams that are none, a /Size that is no count, and references to another generation than that of their object, or to numbers beyond all
 * that are listed. Null where there is nothing of the kind.
 */
export function listedFault(document: PdfDocument): string | null {
  const { shared, end } = document
  let fault: string | null = null
  for (const part of sectionsOf(document)) {
    if (!isSize(part.trailer.entries.get('Size'))) fault = 'a /Size that is no count of objects'
    forEachEntry(part, shared.budget, (number, entry) => {
      if (entry.kind === 'offset' && entry.offset >= end) fault = `object ${number} is listed outside the file`
    })
  }
  for (const container of namedContainers(document)) {
    const value = document.object(container)?.value ?? null
    if (!isDictionary(value) || nameOf(value.entries.get('Type')) !== 'ObjStm')
      fault = `object ${container} is listed as an object stream, and is none`
  }
  const count = objectCount(document)
  for (const [number, holders] of referenceGraph(document))
    if (number >= count) fault = `object ${holders[0]!.object} refers to object ${number}, of which no section knows`
  for (const holder of referenceGraph(document).keys()) {
    const object = document.object(holder)
    if (object === null) continue
    for (const { number, generation } of referencesOf(object, shared.budget)) {
      shared.budget.work(LOOK)
      const target = document.object(number)
      if (target !== null && target.generation !== generation)
        fault = `object ${holder} refers to another generation of object ${number}`
    }
  }
  return fault
}

/** One more than the highest number that any section lists: some readers rebuild a file that refers to others, whatever its /Size allows for. */
function objectCount(document: PdfDocument): number {
  let count = 0
  for (const part of sectionsOf(document))
    forEachEntry(part, document.shared.budget, (number) => {
      count = Math.max(count, number + 1)
    })
  return count
}

const sectionsOf = ({ chain }: PdfDocument): readonly Section[] =>
  chain.flatMap(({ section, hybrid }) => (hybrid === null ? [section] : [section, hybrid]))

const isSize = (value: PdfValue | undefined): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAXIMUM_SIZE

const [LETTER_R, ZERO] = [0x52, 0x30]

/**
 * Whether something signed refers to one of these numbers, be it read or not: who rebuilds the file could have waited for it. Trailers of
 * tables are left out, of which readers know every key: OpenOffice leaves names of streams there that are none.
 */
export function awaitsOne({ shared, end, chain }: PdfDocument, numbers: ReadonlySet<number>): boolean {
  if (numbers.size === 0) return false
  const { bytes, budget } = shared
  budget.work(end)
  const tables = chain.map(({ section }) => section).filter(({ kind }) => kind === 'table')
  tables.sort((one, other) => one.offset - other.offset)
  let from = 0
  for (const { offset, end: behind } of tables) {
    if (awaitsOneIn(bytes, from, offset, numbers)) return true
    from = Math.max(from, behind)
  }
  return awaitsOneIn(bytes, from, end, numbers)
}

function awaitsOneIn(bytes: Uint8Array, from: number, end: number, numbers: ReadonlySet<number>): boolean {
  const part = bytes.subarray(0, Math.max(from, end))
  for (let at = part.indexOf(LETTER_R, from); at >= 0; at = part.indexOf(LETTER_R, at + 1))
    if (isWhite(bytes[at - 1]) && numbers.has(numberBefore(bytes, at))) return true
  return false
}

/** The first of the two numbers that stand before the word at this offset, or -1. */
function numberBefore(bytes: Uint8Array, word: number): number {
  const generation = startOfDigits(bytes, skipBack(bytes, word))
  const end = skipBack(bytes, generation)
  const start = startOfDigits(bytes, end)
  if (start === end || generation === end) return -1
  let number = 0
  for (let at = start; at < end; at++) number = number * 10 + bytes[at]! - ZERO
  return number
}

/** Before white space. */
function skipBack(bytes: Uint8Array, from: number): number {
  let at = from
  while (at > 0 && isWhite(bytes[at - 1])) at--
  return at
}

function startOfDigits(bytes: Uint8Array, end: number): number {
  let at = end
  while (at > 0 && bytes[at - 1]! >= ZERO && bytes[at - 1]! <= ZERO + 9) at--
  return at
}
