import { type Entry, findStartXref, readSection, type Section, sameEntry } from './cross-reference.ts'
import { checkDeflated, isDeflated } from './deflated.ts'
import { decrypt, type Encryption, openEncryption } from './encryption.ts'
import { PadesError } from './errors.ts'
import type { Budget } from './limits.ts'
import { readObjectStream } from './object-stream.ts'
import {
  type IndirectObject,
  isArray,
  isDictionary,
  isReference,
  isString,
  nameOf,
  type PdfDictionary,
  type PdfReference,
  type PdfValue,
  sameBytes,
  sameValue,
} from './objects.ts'
import { cryptFilterOf, streamData } from './stream-data.ts'
import { SyntaxReader, skipWhiteBytes } from './syntax.ts'
import { textOf } from './text.ts'

/** How a file is to be read. */
export interface Reading {
  /** Where the offsets written in the file count from: the header, where something stands before it. */
  readonly base: number
  /** Whether what opens without a password is decrypted. A writer says no: it would have to encrypt what it adds. */
  readonly mayDecrypt: boolean
}

/** How the newest revision is encrypted: the others must be in the same way. */
interface KnownEncryption {
  readonly entry: PdfValue
  readonly place: Entry | undefined
  readonly documentId: Uint8Array
  readonly opened: Encryption | null
}

/** What several states (revisions) of one file share: nothing is parsed twice. */
export interface Shared {
  readonly bytes: Uint8Array
  readonly reading: Reading
  encryption: KnownEncryption | null
  readonly budget: Budget
  readonly sections: Map<number, Section>
  readonly objects: Map<number, IndirectObject>
  /** What lies in object streams, by the stream. */
  readonly containers: WeakMap<IndirectObject, readonly IndirectObject[]>
}

export function shareBytes(
  bytes: Uint8Array,
  budget: Budget,
  reading: Reading = { base: 0, mayDecrypt: false },
): Shared {
  return {
    bytes,
    budget,
    reading,
    encryption: null,
    sections: new Map(),
    objects: new Map(),
    containers: new WeakMap(),
  }
}

/** A section with the stream that its /XRefStm names, where it is hybrid (ISO 32000-2, 7.5.8.4). */
export interface ChainLink {
  readonly section: Section
  readonly hybrid: Section | null
}

/** What it costs to walk over one link of a chain that was read before. */
const LINK = 128

/** The document as its first `end` bytes show it: what a reader would have seen before anything was appended. */
export class PdfDocument {
  readonly shared: Shared
  readonly end: number
  /** Newest first. */
  readonly chain: readonly ChainLink[]
  readonly trailer: PdfDictionary
  readonly #resolving = new Set<number>()
  readonly #known = new Map<number, IndirectObject | null>()

  constructor(shared: Shared, end: number) {
    this.shared = shared
    this.end = end
    this.chain = this.#readChain(shared.reading.base + findStartXref(shared.bytes, end, shared.budget))
    this.trailer = this.chain[0]!.section.trailer
    this.#openEncryption()
  }

  /** Opens the newest revision's encryption, or compares it with that. Written anew it would change what every object says. */
  #openEncryption(): void {
    const { shared, trailer } = this
    const entry = trailer.entries.get('Encrypt') ?? null
    if (entry !== null && !shared.reading.mayDecrypt)
      throw new PadesError('PADES_ENCRYPTED', 'the document is encrypted')
    const place = isReference(entry) ? this.entry(entry.number) : undefined
    const identifiers = trailer.entries.get('ID')
    const first = isArray(identifiers) ? identifiers.items[0] : undefined
    const documentId = isString(first) ? first.bytes : new Uint8Array()
    const known = shared.encryption
    if (known === null) {
      if (isReference(entry) && place?.kind !== 'offset')
        throw new PadesError('PADES_ENCRYPTED', 'the document is encrypted in a way that it does not tell')
      shared.encryption = { entry, place, documentId, opened: null }
      if (entry === null) return
      const dictionary = this.dictionary(entry)
      if (dictionary === null) throw new PadesError('PADES_ENCRYPTED', 'the document is encrypted in an unknown way')
      shared.encryption = { entry, place, documentId, opened: openEncryption(dictionary, documentId) }
      return
    }
    const isSame =
      sameValue(entry, known.entry, shared.budget) &&
      sameEntry(place, known.place) &&
      (entry === null || sameBytes(documentId, known.documentId))
    if (!isSame) throw new PadesError('PADES_ENCRYPTED', 'the revisions of the document are not encrypted alike')
  }

  #readChain(start: number): ChainLink[] {
    const { sections, budget, bytes, reading } = this.shared
    const read = (offset: number): Section => {
      let section = sections.get(offset)
      if (section === undefined) {
        sections.set(offset, (section = readSection(bytes, offset, this.end, budget, reading.base)))
      }
      if (section.end > this.end)
        throw new PadesError('PADES_XREF_BROKEN', 'a cross-reference that ends after the file')
      return section
    }
    const chain: ChainLink[] = []
    let listed = 0
    const seen = new Set<number>()
    for (let next: number | null = start; next !== null; ) {
      if (seen.has(next)) throw new PadesError('PADES_XREF_LOOP', `the cross-references lead back to offset ${next}`)
      seen.add(next)
      budget.check('revisions', seen.size)
      budget.work(LINK)
      const section = read(next)
      listed += countOf(section)
      const hybridOffset = offsetOf(section.trailer, 'XRefStm', reading.base)
      const hybrid = hybridOffset === null ? null : read(hybridOffset)
      if (hybrid !== null && (section.kind !== 'table' || hybrid.kind !== 'stream')) {
        throw new PadesError('PADES_XREF_BROKEN', '/XRefStm that joins no stream to a table')
      }
      if (hybrid !== null) listed += countOf(hybrid)
      // Each takes memory, and time of every check; an object takes four octets where it is packed best.
      if (listed > bytes.length / 4 + SPARE_ENTRIES)
        throw new PadesError('PADES_LIMIT_EXCEEDED', 'cross-references of more objects than the file can hold')
      chain.push({ section, hybrid })
      next = offsetOf(section.trailer, 'Prev', reading.base)
    }
    return chain
  }

  /** What the newest section that knows the number says; a hybrid table's stream speaks where the table is silent or says free. */
  entry(number: number): Entry | undefined {
    for (const { section, hybrid } of this.chain) {
      if (section !== this.chain[0]!.section) this.shared.budget.work(1)
      const entry = section.find(number)
      if (entry !== undefined && (entry.kind !== 'free' || hybrid === null)) return entry
      const hidden = hybrid?.find(number) ?? entry
      if (hidden !== undefined) return hidden
    }
    return undefined
  }

  /** The object with this number, or null where there is none; its entry must point exactly at it. */
  object(number: number): IndirectObject | null {
    let object = this.#known.get(number)
    if (object === undefined) this.#known.set(number, (object = this.#find(number)))
    return object
  }

  #find(number: number): IndirectObject | null {
    const entry = this.entry(number)
    if (entry === undefined || entry.kind === 'free') return null
    return entry.kind === 'offset'
      ? this.#objectAt(number, entry.offset, entry.generation)
      : this.#compressed(number, entry)
  }

  #objectAt(number: number, offset: number, generation: number): IndirectObject {
    if (offset >= this.end)
      throw new PadesError('PADES_OBJECT_NOT_WHERE_LISTED', `object ${number} is listed outside the file`)
    const object = this.standingAt(skipWhiteBytes(this.shared.bytes, offset, this.end))
    if (object.number !== number || object.generation !== generation) {
      throw new PadesError(
        'PADES_OBJECT_NOT_WHERE_LISTED',
        `object ${number} ${generation} is listed at offset ${offset}, where ${object.number} ${object.generation} stands`,
      )
    }
    return object
  }

  /** The object that begins at this very octet, whoever lists it; read once for all states of the document. */
  standingAt(start: number): IndirectObject {
    const { objects, bytes, budget } = this.shared
    let object = objects.get(start)
    if (object === undefined) {
      let usedReference = false
      const reader = new SyntaxReader(bytes, start, this.end, budget)
      object = reader.readIndirectObject((length, generation) => {
        usedReference = true
        return this.#length(length, generation)
      })
      object = this.#decryptedStrings(object)
      // A length of its own object may differ between revisions, and with it the stream.
      if (!usedReference) objects.set(start, object)
    }
    if (object.end > this.end)
      throw new PadesError('PADES_OBJECT_NOT_WHERE_LISTED', `the object at offset ${start} ends after the file`)
    return object
  }

  #decryptedStrings(object: IndirectObject): IndirectObject {
    const { encryption } = this.shared
    if (!encryption?.opened || (isReference(encryption.entry) && encryption.entry.number === object.number))
      return object
    return { ...object, value: decryptStrings(object.value, object, encryption.opened) }
  }

  /**
   * What an object's stream holds, decrypted and unfiltered.
   *
   * @throws PadesError PADES_MALFORMED where it is no stream; as `streamData`
   */
  data(object: IndirectObject): Uint8Array {
    const { value, stream } = object
    if (stream === null || !isDictionary(value))
      throw new PadesError('PADES_MALFORMED', `object ${object.number} is no stream`)
    return streamData(value, this.#deciphered(object, value, stream), this.shared.budget)
  }

  /**
   * Refuses a stream that readers do not inflate alike; others are none of its business.
   *
   * @throws PadesError PADES_COMPRESSED_DATA_BROKEN, PADES_LIMIT_EXCEEDED
   */
  checkDeflated(object: IndirectObject): void {
    const { value, stream } = object
    if (stream !== null && isDictionary(value) && isDeflated(value))
      checkDeflated(this.#deciphered(object, value, stream), this.shared.budget)
  }

  #deciphered(object: IndirectObject, value: PdfDictionary, stream: Uint8Array): Uint8Array {
    const { encryption, budget } = this.shared
    if (!encryption?.opened) return stream
    budget.work(stream.length)
    return decrypt(encryption.opened, streamMethod(value, encryption.opened), stream, object)
  }

  #length(number: number, generation: number): number | null {
    if (this.#resolving.has(number)) return null
    this.shared.budget.check('depth', this.#resolving.size)
    this.#resolving.add(number)
    try {
      const object = this.object(number)
      return object?.generation === generation && typeof object.value === 'number' ? object.value : null
    } finally {
      this.#resolving.delete(number)
    }
  }

  #compressed(number: number, entry: { readonly container: number; readonly index: number }): IndirectObject {
    const where = this.entry(entry.container)
    if (where?.kind !== 'offset')
      throw new PadesError('PADES_OBJECT_NOT_WHERE_LISTED', `object ${number} has no object stream`)
    // By its number, so that it is asked of this state too whether the stream stands there and ends in time.
    const container = this.object(entry.container)!
    const { containers } = this.shared
    let objects = containers.get(container)
    if (objects === undefined) containers.set(container, (objects = readObjectStream(this, container)))
    const object = objects[entry.index]
    if (object?.number !== number) {
      throw new PadesError(
        'PADES_OBJECT_NOT_WHERE_LISTED',
        `object ${number} is not where its object stream should have it`,
      )
    }
    return object
  }

  /** Follows references until a value stands there; a reference to nothing is null (7.3.10). */
  resolve(value: PdfValue | undefined): PdfValue {
    let current: PdfValue = value ?? null
    for (let i = 0; isReference(current); i++) {
      if (i === 16) throw new PadesError('PADES_MALFORMED', 'references that lead in a circle')
      current = this.target(current)?.value ?? null
    }
    return current
  }

  /** The object a reference means; null when the generation is another one. */
  target(reference: PdfReference): IndirectObject | null {
    const object = this.object(reference.number)
    return object === null || object.generation !== reference.generation ? null : object
  }

  dictionary(value: PdfValue | undefined): PdfDictionary | null {
    const resolved = this.resolve(value)
    return isDictionary(resolved) ? resolved : null
  }

  /** The text of a text string; null for anything else. Many may refer to one string, so each reading is counted. */
  text(value: PdfValue | undefined): string | null {
    const string = this.resolve(value)
    if (!isString(string)) return null
    const { budget } = this.shared
    budget.check('textBytes', string.bytes.length)
    budget.work(string.bytes.length)
    return textOf(string)
  }

  get catalog(): PdfDictionary {
    const catalog = this.dictionary(this.trailer.entries.get('Root'))
    if (
      catalog === null ||
      !isReference(this.trailer.entries.get('Root')) ||
      nameOf(catalog.entries.get('Type')) !== 'Catalog'
    ) {
      throw new PadesError('PADES_MALFORMED', 'the trailer names no catalog')
    }
    return catalog
  }
}

const SPARE_ENTRIES = 100_000

const countOf = ({ runs }: Section): number => runs.reduce((sum, { count }) => sum + count, 0)

function offsetOf(trailer: PdfDictionary, key: string, base: number): number | null {
  const value = trailer.entries.get(key)
  if (value === undefined) return null
  if (typeof value !== 'number') throw new PadesError('PADES_XREF_BROKEN', `/${key} of a trailer is no offset`)
  return base + value
}

/** /Contents of a signature dictionary is never encrypted (7.6.2): it is written after everything else. */
function decryptStrings(value: PdfValue, object: IndirectObject, encryption: Encryption): PdfValue {
  if (typeof value !== 'object' || value === null) return value
  if (value.kind === 'string') {
    const { kind, form, start, end } = value
    return { kind, form, start, end, bytes: decrypt(encryption, encryption.strings, value.bytes, object) }
  }
  if (value.kind === 'array')
    return { ...value, items: value.items.map((item) => decryptStrings(item, object, encryption)) }
  if (value.kind !== 'dictionary') return value
  const isSignature = value.entries.has('ByteRange')
  const entries = new Map<string, PdfValue>()
  for (const [key, item] of value.entries)
    entries.set(key, isSignature && key === 'Contents' ? item : decryptStrings(item, object, encryption))
  return { ...value, entries }
}

/** How a stream is encrypted: as it says itself, else as its type has it (7.6.5 and 7.6.6). */
function streamMethod(dictionary: PdfDictionary, encryption: Encryption): Encryption['streams'] {
  const type = nameOf(dictionary.entries.get('Type'))
  if (type === 'XRef') return 'none'
  const own = cryptFilterOf(dictionary)
  if (own !== null) {
    const method = encryption.filters.get(own)
    if (method === undefined)
      throw new PadesError('PADES_ENCRYPTED', 'a stream is encrypted by an unknown crypt filter')
    return method
  }
  if (type === 'Metadata' && !encryption.metadata) return 'none'
  return type === 'EmbeddedFile' ? encryption.embeddedFiles : encryption.streams
}
