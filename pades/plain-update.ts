import { type Entry, forEachEntry, isNothing, type Section, sameEntry } from './cross-reference.ts'
import type { ChainLink, PdfDocument } from './document.ts'
import { linearizedLength } from './linearized.ts'
import { type IndirectObject, isArray, isDictionary, nameOf, type PdfDictionary, type PdfValue } from './objects.ts'
import { awaitsOne, hybridFault, namedContainers } from './one-document.ts'
import { formerFault, formerTrailerFault } from './plain-before.ts'
import { foreignStreamKeys, hasPairedFilters, hasPlainFilters } from './plain-filters.ts'
import { countStructureWords, findOddInObject, findOddOctet, NO_WORDS, TRAILER_WORDS } from './plain-octets.ts'
import { beginsShifted, readPlainTable } from './plain-table.ts'
import { trailerFault } from './plain-trailer.ts'
import type { LaterChange } from './signed-pdf.ts'
import { latin1, SyntaxReader } from './syntax.ts'

/**
 * What was appended to a sealed document must read the same for every reader, also for those that forgive more than this one, and for those
 * which rebuild a file that they do not like: they look for objects wherever they may stand. So it has to be written in the plainest of the
 * forms that ISO 32000-2 allows, which all writers of updates use: every object exactly where it is listed and on a line of its own, words of
 * structure nowhere else, not even in a stream or string, object streams wholly listed, no form that readers pair or skip in ways of their own.
 *
 * To be asked once `unexplainedBytes` has nothing to say: every octet belongs to what is listed.
 */
export function unplainUpdates(
  document: PdfDocument,
  signed: PdfDocument,
  from: number,
  later: readonly ChainLink[],
): LaterChange[] {
  const plainFrom = plain.get(document)
  if (plainFrom !== undefined && plainFrom <= from) return []
  const known = faults.get(document) ?? []
  const fault =
    known.length < MOST_READINGS ? new UpdateReader(document, signed, from, later).findFault() : known.at(-1)!
  if (fault === null) {
    plain.set(document, from)
    return []
  }
  faults.set(document, [...known, fault])
  const place = { object: null, page: null, rect: null }
  return [
    {
      verdict: 'undecided',
      kind: 'structure',
      ...place,
      detail: `Readers may take what was appended in different ways: ${fault}.`,
    },
  ]
}

/** From where on a document is known to be plain: what an older signature has after it, a newer one has too. */
const plain = new WeakMap<PdfDocument, number>()
/** What was found wrong, for whichever signature: after some readings the last of it stands for all that are still asked about. */
const faults = new WeakMap<PdfDocument, readonly string[]>()
const MOST_READINGS = 4

/** Blank lines, and comments of one line each, as some writers leave their name in. */
const FILLER = String.raw`(?:[ \r\n]|%[ -~\x80-\xff]{0,200}[\r\n])*`
const BETWEEN = new RegExp(`^${FILLER}$`)
const END_OF_REVISION = new RegExp(
  String.raw`^${FILLER}(?<=[\r\n])startxref(?:\r\n|[\r\n])(\d{1,10}) ?(?:\r\n|[\r\n])%%EOF(?:([\r\n]${FILLER})|$)$`,
)
const LONGEST_GAP = 1024
const HEADER = /^([1-9]\d{0,6}) (0|[1-9]\d{0,4}) obj(?=[\r\n <[(/\d.tf-])/

/** How far a /Size may go beyond the highest number: writers that allot numbers and do not use them. */
const SPARE_NUMBERS = 1000

const containerKeys: ReadonlySet<string> = new Set('Type N First Length Filter DecodeParms'.split(' '))

class UpdateReader {
  readonly #document: PdfDocument
  readonly #signed: PdfDocument
  readonly #from: number
  readonly #sections: readonly Section[]
  readonly #containers: ReadonlySet<number>
  readonly #counted = { objects: 0, endstream: 0, trailer: 0, xrefStreams: 0 }

  constructor(document: PdfDocument, signed: PdfDocument, from: number, later: readonly ChainLink[]) {
    this.#document = document
    this.#signed = signed
    this.#from = from
    this.#sections = later.map(({ section }) => section)
    this.#containers = namedContainers(signed)
  }

  /** The first thing that is not plain, as a part of a sentence. */
  findFault(): string | null {
    const { bytes, reading, budget } = this.#document.shared
    const linearized = linearizedLength(bytes, reading.base, budget)
    const lengths = [bytes.length, bytes.length - reading.base]
    if (linearized !== null && (Number.isNaN(linearized) || lengths.includes(linearized)))
      return 'the file says that it is linearized as it stands'
    const starts = new Map<number, Section | null>()
    let highest = 0
    // The oldest first: what an update lists counts for the /Size of all that follow.
    for (const section of this.#sections.toReversed()) {
      highest = Math.max(
        highest,
        section.runs.reduce((most, { first, count }) => Math.max(most, first + count - 1), 0),
      )
      const fault =
        this.#entryFault(section, starts) ??
        this.#sizeFault(section, highest) ??
        trailerFault(section, this.#sections[0]!, this.#signed)
      if (fault !== null) return fault
    }
    const other = this.#orderFault() ?? formerTrailerFault(this.#signed) ?? this.#chainFault()
    if (other !== null) return other
    for (const section of this.#sections) starts.set(this.#startOf(section), section)
    let position = this.#from
    let last: Section | null = null
    for (const [start, section] of [...starts].sort(([left], [right]) => left - right)) {
      const before = bytes[start - 1]
      if (start < position || (before !== 10 && before !== 13))
        return `an object at ${start} that does not begin its line`
      const piece = this.#readPiece(start, section)
      const fault = this.#gapFault(position, start, last) ?? piece.fault
      if (fault !== null) return fault
      position = piece.end
      last = section
    }
    return this.#gapFault(position, this.#document.end, last) ?? this.#wordFault()
  }

  /**
   * What is signed must be one document for all: where readers piece it together in ways of their own, an update changes how they do it. Some
   * rebuild a file for what they miss, but only where its newest cross-reference is of one kind; so the kind stays, as with all writers.
   */
  #chainFault(): string | null {
    const { budget } = this.#document.shared
    const { kind } = this.#signed.chain[0]!.section
    if (this.#sections.some((section) => section.kind !== kind))
      return 'a cross-reference of another kind than the one before'
    const hybrid = hybridFault(this.#signed, this.#sections)
    if (hybrid !== null) return hybrid
    const fresh = new Set<number>()
    for (const section of this.#sections)
      forEachEntry(section, budget, (number, { kind }) => {
        if (kind !== 'free' && isNothing(this.#signed.entry(number))) fresh.add(number)
      })
    return awaitsOne(this.#signed, fresh) ? 'a new object has a number that something signed refers to' : null
  }

  /** Collects where the section's objects begin. */
  #entryFault(section: Section, starts: Map<number, Section | null>): string | null {
    let fault: string | null = null
    const older = this.#sections[this.#sections.indexOf(section) + 1]
    const begin = older?.end ?? this.#from
    forEachEntry(section, this.#document.shared.budget, (number, entry) => {
      // Some readers rebuild a file for an entry whose container is none, whether anything refers to it or not.
      if (this.#containers.has(number)) fault = `object ${number}, which something signed names as its object stream`
      if (entry.kind === 'free') return
      if (number === 0) fault = 'an object of number 0'
      fault ??= formerFault(this.#signed, number)
      if (entry.kind === 'offset' && entry.offset >= this.#from) {
        const start = this.#startOf(entry)
        // Where else it stood, another version could come behind it, which is the newest for whoever rebuilds.
        if (start < begin || start > this.#startOf(section)) fault = `object ${number} outside the update that lists it`
        if (starts.has(start)) fault = `two numbers for what stands at ${start}`
        starts.set(start, null)
      } else if (entry.kind === 'compressed') {
        const container = section.find(entry.container)
        if (container?.kind !== 'offset' || container.offset < this.#from)
          fault = `object ${number} in an object stream of another revision`
      } else if (!sameEntry(entry, this.#signed.entry(number))) fault = `object ${number} moved within what is signed`
    })
    return fault
  }

  /**
   * Where several updates write an object again, all of them do so outside object streams: the last in the file is then the newest for
   * whoever rebuilds, too. Of what lies in streams some take the oldest, and some prefer it to what does not, or the reverse.
   */
  #orderFault(): string | null {
    const { budget } = this.#document.shared
    const packed = new Map<number, boolean>()
    let fault: string | null = null
    for (const section of this.#sections)
      forEachEntry(section, budget, (number, { kind }) => {
        if (kind === 'free') return
        const before = packed.get(number)
        if (before === true || (before === false && kind === 'compressed'))
          fault = `object ${number}, of which several updates have a version, one of them in an object stream`
        packed.set(number, kind === 'compressed')
      })
    return fault
  }

  /** Offsets that name the end of the line before are understood by all. */
  #startOf({ offset }: { readonly offset: number }): number {
    const { bytes } = this.#document.shared
    let start = offset
    while (start < offset + 2 && (bytes[start] === 10 || bytes[start] === 13)) start++
    return start
  }

  /** Objects beyond the newest /Size are none for many readers. */
  #sizeFault(section: Section, highest: number): string | null {
    const size = section.trailer.entries.get('Size')
    const signedSize = section === this.#sections[0] ? this.#signed.trailer.entries.get('Size') : 0
    const least = Math.max(highest + 1, typeof signedSize === 'number' ? signedSize : 0)
    return typeof size === 'number' && size >= least && size <= least + SPARE_NUMBERS
      ? null
      : 'a /Size that does not fit'
  }

  #readPiece(start: number, section: Section | null): { readonly end: number; readonly fault: string | null } {
    if (section?.kind === 'table') return { end: section.end, fault: this.#tableFault(section) }
    const object = this.#document.standingAt(start)
    return { end: object.end, fault: this.#objectFault(object) ?? (section && this.#sectionFault(section, object)) }
  }

  #objectFault(object: IndirectObject): string | null {
    const { bytes, budget } = this.#document.shared
    const { number, start, end, value, stream } = object
    this.#counted.objects++
    if (!HEADER.test(latin1(bytes, start, Math.min(end, start + 24)))) return `the head of object ${number}`
    const before = this.#signed.object(number)
    if (object.generation !== (before?.generation ?? 0)) return `the generation of object ${number}`
    if (stream !== null) this.#counted.endstream++
    const odd = findOddInObject(bytes, object, budget)
    if (odd !== null) return `octet ${odd} in object ${number}`
    return stream === null ? null : this.#streamFault(object, value as PdfDictionary)
  }

  #streamFault(object: IndirectObject, dictionary: PdfDictionary): string | null {
    const { entries } = dictionary
    const type = entries.get('Type')
    const what = `stream ${object.number}`
    if (foreignStreamKeys.some((key) => entries.has(key))) return `the keys of ${what}`
    if (type !== undefined && nameOf(type) === null) return `the /Type of ${what}`
    const isPicture = nameOf(entries.get('Subtype')) === 'Image'
    if (!(isPicture ? hasPairedFilters(dictionary) : hasPlainFilters(dictionary))) return `the filters of ${what}`
    this.#document.checkDeflated(object)
    if (nameOf(type) === 'XRef')
      return this.#sections.some((section) => this.#startOf(section) === object.start) ? null : what
    return nameOf(type) === 'ObjStm' ? this.#containerFault(object, dictionary) : null
  }

  /** An object stream holds exactly what its revision lists there, and nothing beside. */
  #containerFault(object: IndirectObject, dictionary: PdfDictionary): string | null {
    const what = `object stream ${object.number}`
    if (![...dictionary.entries.keys()].every((key) => containerKeys.has(key))) return `the keys of ${what}`
    if (!hasPlainFilters(dictionary)) return `the filters of ${what}`
    if (typeof dictionary.entries.get('Length') !== 'number') return `the length of ${what}`
    const section = this.#sections.findLast((one) => one.offset > object.start)
    const own = section?.find(object.number)
    if (own?.kind !== 'offset' || this.#startOf(own) !== object.start) return what
    const { budget } = this.#document.shared
    const data = this.#document.data(object)
    const [count, first] = ['N', 'First'].map((key) => dictionary.entries.get(key))
    if (typeof count !== 'number' || typeof first !== 'number' || !(first >= 0 && first <= data.length))
      return `the head of ${what}`
    budget.check('textBytes', first)
    const head = new SyntaxReader(data, 0, first, budget)
    for (let index = 0; index < count; index++) {
      head.skipWhite()
      const number = head.takeInteger()
      head.skipWhite()
      const offset = head.takeInteger()
      const entry: Entry | undefined = section!.find(number)
      if (entry?.kind !== 'compressed' || entry.container !== object.number || entry.index !== index)
        return `object ${number} in ${what}, which is not listed there`
      if (index === 0 && offset !== 0) return `what stands before the first object of ${what}`
    }
    for (let at = 0; at < first; at++) if (!isHeadOctet(data[at]!)) return `the head of ${what}`
    return findOddOctet(data, first, data.length, NO_WORDS, budget) === null ? null : `an object of ${what}`
  }

  #tableFault(section: Section): string | null {
    const { bytes, budget } = this.#document.shared
    this.#counted.trailer++
    const fault = `the cross-reference at ${section.offset}`
    const size = section.trailer.entries.get('Size') as number
    const table = readPlainTable(bytes, this.#startOf(section), section, budget)
    if (table === null) return fault
    // An empty line there is taken by all, more by some.
    const gap = bytes.subarray(table.end, table.trailer)
    if (gap.length > 1 || gap.some((byte) => byte !== 10)) return fault
    if (table.parts.some((part) => part.first + part.count > size || beginsShifted(bytes, part))) return fault
    const odd = findOddOctet(bytes, table.trailer, section.end, TRAILER_WORDS, budget)
    return odd === null ? null : `octet ${odd} in a trailer`
  }

  /** A cross-reference stream's number is new: readers may enter it into the table it makes, in the place of what had the number. */
  #sectionFault(section: Section, object: IndirectObject): string | null {
    this.#counted.xrefStreams++
    const what = `the cross-reference at ${section.offset}`
    const dictionary = object.value as PdfDictionary
    if (this.#startOf(section) !== object.start || !hasPlainFilters(dictionary)) return what
    const widths = numbersOf(dictionary.entries.get('W'))
    if (widths[0] !== 1 || widths[1]! > 8 || widths[2]! > 4) return `the widths of ${what}`
    const size = dictionary.entries.get('Size') as number
    const isOdd = (first: number, at: number, all: readonly number[]): boolean =>
      at % 2 === 0 && (first < (all[at - 2] ?? 0) || all[at + 1] === 0 || first + all[at + 1]! > size)
    if (numbersOf(dictionary.entries.get('Index')).some(isOdd)) return `the parts of ${what}`
    const before = this.#signed.object(object.number)
    if (before !== null && !(isDictionary(before.value) && nameOf(before.value.entries.get('Type')) === 'XRef'))
      return `the number of ${what}`
    const isOther = ({ find }: Section) => {
      const entry = find(object.number)
      return entry !== undefined && !(entry.kind === 'offset' && this.#startOf(entry) === object.start)
    }
    return this.#sections.some(isOther) ? `the number of ${what}` : null
  }

  #gapFault(from: number, to: number, after: Section | null): string | null {
    const { bytes, budget, reading } = this.#document.shared
    const fault = `what stands from ${from} to ${to}`
    if (to - from > LONGEST_GAP) return fault
    budget.work((to - from) * 8)
    const gap = latin1(bytes, from, to)
    if (after === null) return BETWEEN.test(gap) ? null : fault
    const found = END_OF_REVISION.exec(gap)
    if (found === null || reading.base + Number(found[1]) !== after.offset) return fault
    return to === this.#document.end && (found[2] ?? '').length > 2 ? fault : null
  }

  /** Words of structure stand where structure is, and nowhere else. */
  #wordFault(): string | null {
    const { bytes, budget } = this.#document.shared
    const { objects, endstream, trailer, xrefStreams } = this.#counted
    const revisions = this.#sections.length
    const found = countStructureWords(bytes, this.#from, this.#document.end, budget)
    const expected = {
      objects,
      endobj: objects,
      endstream,
      startxref: revisions,
      trailer,
      xref: trailer,
      eof: revisions,
      xrefStreams,
    }
    for (const [word, count] of Object.entries(expected))
      if (found[word as keyof typeof found] !== count) return 'words of structure inside streams, strings or comments'
    return null
  }
}

const isHeadOctet = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || byte === 32 || byte === 10 || byte === 13

const numbersOf = (value: PdfValue | undefined): number[] =>
  isArray(value) ? value.items.filter((item) => typeof item === 'number') : []
