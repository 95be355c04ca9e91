import { forEachEntry, isNothing, type Section, sameEntry } from './cross-reference.ts'
import type { PdfDocument } from './document.ts'
import { integersBefore } from './integers-before.ts'
import { isArray, isDictionary, isReference, nameOf, type PdfValue } from './objects.ts'
import { readPages } from './pages.ts'
import { beginsShifted, readPlainTable } from './plain-table.ts'
import { referenceGraph, referencesOf } from './reference-graph.ts'
import { isWhite, latin1, skipWhiteBytes } from './syntax.ts'

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
 * What makes some readers rebuild a file as soon as they open it, whether anything refers to it or not: tables that are not written as all take
 * them, entries of objects that stand elsewhere or in object streams that are none, a /Size that is no count, and references to another
 * generation than that of their object, or to numbers beyond all that are listed. Null where there is nothing of the kind.
 */
export function listedFault(document: PdfDocument): string | null {
  const { shared, chain } = document
  const parts = sectionsOf(document)
  let fault = parts
    .map((part) => sectionFault(document, part, part === chain.at(-1)!.section))
    .find((one) => one !== null)
  if (fault !== undefined) return fault
  for (const container of namedContainers(document)) {
    const value = document.object(container)?.value ?? null
    if (!isDictionary(value) || nameOf(value.entries.get('Type')) !== 'ObjStm')
      fault = `object ${container} is listed as an object stream, and is none`
  }
  const count = objectCount(document)
  for (const [number, holders] of referenceGraph(document)) {
    if (number >= count) fault = `object ${holders[0]!.object} refers to object ${number}, of which no section knows`
    const object = document.object(number)
    if (object === null) continue
    for (const reference of referencesOf(object, shared.budget)) {
      shared.budget.work(LOOK)
      const target = document.object(reference.number)
      if (target !== null && target.generation !== reference.generation)
        fault = `object ${number} refers to another generation of object ${reference.number}`
    }
  }
  return fault ?? null
}

function sectionFault(document: PdfDocument, section: Section, isOldest: boolean): string | null {
  const { bytes, budget } = document.shared
  const where = `the cross-reference at ${section.offset}`
  if (!isSize(section.trailer.entries.get('Size'))) return `${where} has a /Size that is no count of objects`
  let fault = section.kind === 'table' ? tableFault(document, section, isOldest) : indexFault(section)
  if (fault !== null) return `${where} ${fault}`
  forEachEntry(section, budget, (number, entry) => {
    if (entry.kind !== 'offset') return
    budget.work(LOOK)
    if (number === 0 || !isHeadOf(bytes, skipWhiteBytes(bytes, entry.offset, document.end), number, entry.generation))
      fault = `object ${number} is not where ${where} lists it`
  })
  return fault
}

function tableFault({ shared, end }: PdfDocument, section: Section, isOldest: boolean): string | null {
  const { bytes, budget } = shared
  const table = readPlainTable(bytes, skipWhiteBytes(bytes, section.offset, end), section, budget)
  if (table === null) return 'is not written as all readers take it'
  const { parts } = table
  // Of a hybrid document all may stand in the stream beside.
  if (parts.some(({ count }) => count === 0) && !(parts.length === 1 && parts[0]!.first === 0))
    return 'has an empty part'
  if (parts.some((part) => beginsShifted(bytes, part)) || (isOldest && parts[0]?.first !== 0))
    return 'does not begin with 0'
  return null
}

function indexFault({ trailer }: Section): string | null {
  const index = trailer.entries.get('Index')
  return isArray(index) && index.items.some((item, at) => at % 2 === 1 && item === 0) ? 'has an empty part' : null
}

const HEAD = /^(\d+)[\0\t\n\f\r ]+(\d+)[\0\t\n\f\r ]*obj/
const LONGEST_HEAD = 64

function isHeadOf(bytes: Uint8Array, start: number, number: number, generation: number): boolean {
  const head = HEAD.exec(latin1(bytes, start, Math.min(start + LONGEST_HEAD, bytes.length)))
  return head !== null && Number(head[1]) === number && Number(head[2]) === generation
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

/** Every cross-reference of the file, the newest first. */
export const sectionsOf = ({ chain }: PdfDocument): readonly Section[] =>
  chain.flatMap(({ section, hybrid }) => (hybrid === null ? [section] : [section, hybrid]))

const isSize = (value: PdfValue | undefined): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAXIMUM_SIZE

const LETTER_R = 0x52

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
    if (isWhite(bytes[at - 1]) && numbers.has(integersBefore(bytes, at)?.number ?? -1)) return true
  return false
}
