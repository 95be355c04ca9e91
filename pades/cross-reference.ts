import { PadesError } from './errors.ts'
import type { Budget } from './limits.ts'
import { isArray, isDictionary, nameOf, type PdfDictionary, type PdfValue } from './objects.ts'
import { streamData } from './stream-data.ts'
import { isWhite, SyntaxReader, skipWhiteBytes } from './syntax.ts'

/** Where a cross-reference says that an object is. */
export type Entry =
  | { readonly kind: 'free'; readonly generation: number }
  | { readonly kind: 'offset'; readonly offset: number; readonly generation: number }
  | { readonly kind: 'compressed'; readonly container: number; readonly index: number }

/** Numbers `first` … `first + count - 1`, whose entries begin at `at` of the section's own data. */
interface Run {
  readonly first: number
  readonly count: number
  readonly at: number
}

/** One cross-reference table or stream with its trailer (ISO 32000-2, 7.5.4, 7.5.5, 7.5.8). Entries are read when asked for. */
export interface Section {
  readonly kind: 'table' | 'stream'
  readonly offset: number
  /** Offset after the section: after the trailer's dictionary, or after the stream's `endobj`. */
  readonly end: number
  readonly trailer: PdfDictionary
  readonly runs: readonly Run[]
  /** The stream's own object number. */
  readonly streamNumber: number | null
  find(number: number): Entry | undefined
}

const broken = (detail: string): never => {
  throw new PadesError('PADES_XREF_BROKEN', detail)
}

/**
 * Reads the section at `offset`, before which at most white space may stand.
 *
 * @param base where the offsets that are written in the file count from
 */
export function readSection(bytes: Uint8Array, offset: number, end: number, budget: Budget, base = 0): Section {
  if (offset < 0 || offset >= end) return broken(`a cross-reference at offset ${offset}, outside the file`)
  const reader = new SyntaxReader(bytes, skipWhiteBytes(bytes, offset, end), end, budget)
  return reader.takeKeyword('xref') ? readTable(reader, offset, base) : readStream(reader, offset, base, budget)
}

export function sameEntry(left: Entry | undefined, right: Entry | undefined): boolean {
  if (left === undefined || right === undefined) return isNothing(left) && isNothing(right)
  if (left.kind === 'offset') {
    return right.kind === 'offset' && left.offset === right.offset && left.generation === right.generation
  }
  if (left.kind === 'compressed') {
    return right.kind === 'compressed' && left.container === right.container && left.index === right.index
  }
  return right.kind === 'free'
}

/** Whether there is no such object. */
export const isNothing = (entry: Entry | undefined): boolean => entry === undefined || entry.kind === 'free'

function readTable(reader: SyntaxReader, offset: number, base: number): Section {
  const runs: Run[] = []
  for (;;) {
    reader.skipWhite()
    if (reader.takeKeyword('trailer')) break
    const first = reader.takeInteger()
    reader.skipWhite()
    const count = reader.takeInteger()
    if (first < 0 || count < 0) broken(`no subsection header at offset ${reader.position}`)
    while (reader.bytes[reader.position] === 32) reader.position++
    if (reader.bytes[reader.position] === 13) reader.position++
    if (reader.bytes[reader.position] === 10) reader.position++
    const at = reader.position
    if (count * 20 > reader.end - at) broken(`the subsection at offset ${at} is longer than the file`)
    runs.push({ first, count, at })
    reader.position = at + count * 20
  }
  reader.skipWhite()
  const trailer = reader.readDictionary()
  const sorted = sortRuns(runs)
  const { bytes } = reader
  return {
    kind: 'table',
    offset,
    end: reader.position,
    trailer,
    runs: sorted,
    streamNumber: null,
    find(number) {
      const run = findRun(sorted, number)
      return run === undefined ? undefined : tableEntry(bytes, run.at + (number - run.first) * 20, base)
    },
  }
}

/** Twenty bytes: ten digits, space, five digits, space, n or f, and an end of line of two characters (7.5.4). */
function tableEntry(bytes: Uint8Array, at: number, base: number): Entry {
  const offset = digits(bytes, at, 10)
  const generation = digits(bytes, at + 11, 5)
  const [gap, second, letter, first, last] = [
    bytes[at + 10],
    bytes[at + 16],
    bytes[at + 17],
    bytes[at + 18],
    bytes[at + 19],
  ]
  const endsLine = (first === 32 && (last === 13 || last === 10)) || (first === 13 && last === 10)
  if (offset < 0 || generation < 0 || gap !== 32 || second !== 32 || !endsLine)
    broken(`no cross-reference entry at offset ${at}`)
  if (letter === 0x66) return { kind: 'free', generation }
  if (letter !== 0x6e) broken(`an entry at offset ${at} that is neither n nor f`)
  return { kind: 'offset', offset: base + offset, generation }
}

function digits(bytes: Uint8Array, from: number, count: number): number {
  let value = 0
  for (let i = from; i < from + count; i++) {
    const digit = bytes[i]! - 0x30
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}

function readStream(reader: SyntaxReader, offset: number, base: number, budget: Budget): Section {
  const object = reader.readIndirectObject(() => broken('a cross-reference stream with an indirect /Length'))
  const trailer = object.value
  if (!isDictionary(trailer) || object.stream === null || nameOf(trailer.entries.get('Type')) !== 'XRef') {
    return broken(`neither a table nor a cross-reference stream at offset ${offset}`)
  }
  const data = streamData(trailer, object.stream, budget)
  const widths = integers(trailer.entries.get('W'))
  if (widths?.length !== 3 || widths.some((width) => width > 8))
    return broken('a cross-reference stream without proper /W')
  const width = widths[0]! + widths[1]! + widths[2]!
  const size = trailer.entries.get('Size')
  const index = trailer.entries.has('Index')
    ? integers(trailer.entries.get('Index'))
    : [0, typeof size === 'number' ? size : -1]
  if (index === null || index.length % 2 !== 0 || width === 0)
    return broken('a cross-reference stream without proper /Index')
  const runs: Run[] = []
  let at = 0
  for (let i = 0; i < index.length; i += 2) {
    runs.push({ first: index[i]!, count: index[i + 1]!, at })
    at += index[i + 1]! * width
  }
  if (at !== data.length) return broken('a cross-reference stream of another length than its /Index says')
  const sorted = sortRuns(runs)
  return {
    kind: 'stream',
    offset,
    end: object.end,
    trailer,
    runs: sorted,
    streamNumber: object.number,
    find(number) {
      const run = findRun(sorted, number)
      return run === undefined ? undefined : streamEntry(data, run.at + (number - run.first) * width, widths, base)
    },
  }
}

function streamEntry(data: Uint8Array, at: number, widths: readonly number[], base: number): Entry {
  const [w0, w1, w2] = widths as [number, number, number]
  const kind = w0 === 0 ? 1 : field(data, at, w0)
  const second = field(data, at + w0, w1)
  const third = field(data, at + w0 + w1, w2)
  if (kind === 0) return { kind: 'free', generation: third }
  if (kind === 1) return { kind: 'offset', offset: base + second, generation: third }
  // Other kinds are references to null (7.5.8.3); a file that has one is not one we know how to read.
  if (kind !== 2) return broken(`a cross-reference entry of unknown kind ${kind}`)
  return { kind: 'compressed', container: second, index: third }
}

function field(data: Uint8Array, from: number, width: number): number {
  let value = 0
  for (let i = from; i < from + width; i++) value = value * 256 + data[i]!
  return value
}

function integers(value: PdfValue | undefined): number[] | null {
  if (!isArray(value)) return null
  const list = value.items.filter((item): item is number => typeof item === 'number' && item >= 0)
  return list.length === value.items.length ? list : null
}

/** In order of number. Two entries for one object in one section are two answers to one question. */
function sortRuns(runs: Run[]): Run[] {
  const sorted = runs.filter((run) => run.count > 0).sort((a, b) => a.first - b.first)
  for (let i = 0; i < sorted.length; i++) {
    const { first, count } = sorted[i]!
    if (first + count > 8_388_608) broken(`object number ${first + count - 1} is too large`)
    if (i > 0 && first < sorted[i - 1]!.first + sorted[i - 1]!.count)
      broken(`object ${first} is listed twice in one section`)
  }
  return sorted
}

function findRun(runs: readonly Run[], number: number): Run | undefined {
  let low = 0
  let high = runs.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const run = runs[middle]!
    if (number < run.first) high = middle - 1
    else if (number >= run.first + run.count) low = middle + 1
    else return run
  }
  return undefined
}

/** Calls `visit` for every entry. */
export function forEachEntry(section: Section, budget: Budget, visit: (number: number, entry: Entry) => void): void {
  for (const run of section.runs) {
    budget.work(run.count * 8)
    for (let number = run.first; number < run.first + run.count; number++) visit(number, section.find(number)!)
  }
}

/**
 * The offset that the last `startxref` before `end` gives (7.5.5). What follows its `%%EOF` is no part of any revision: for what
 * a signature covers that is harmless, for anything else `later-changes.ts` reports it.
 */
export function findStartXref(bytes: Uint8Array, end: number, budget: Budget): number {
  const word = 'startxref'
  let at = end - word.length
  while (at >= 0 && !standsAt(bytes, at, word)) at--
  budget.work(end - Math.max(at, 0))
  const reader = new SyntaxReader(bytes, Math.max(at, 0), end, budget)
  if (at < 0 || !reader.takeKeyword(word)) return broken('there is no "startxref"')
  while (isWhite(bytes[reader.position])) reader.position++
  const offset = reader.takeInteger()
  while (isWhite(bytes[reader.position])) reader.position++
  if (offset < 0 || !standsAt(bytes, reader.position, '%%EOF'))
    return broken('no offset and "%%EOF" after the last "startxref"')
  return offset
}

export function standsAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}
