import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import {
  type IndirectObject,
  isArray,
  isDictionary,
  isReference,
  type PdfArray,
  type PdfDictionary,
  type PdfReference,
  type PdfValue,
} from './objects.ts'

/** Evidence as it lies in a document: DER, not parsed and trusted by nobody. */
export interface EmbeddedEvidence {
  readonly certificates: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
  readonly ocsps: readonly Uint8Array[]
}

/** The document security store of one revision (ISO 32000-2, 12.8.4.3; ETSI EN 319 142-1, 5.4.2). */
export interface ValidationData extends EmbeddedEvidence {
  /** What was put there for a signature, by the upper-case hexadecimal SHA-1 of its whole /Contents, padding included. */
  readonly vri: ReadonlyMap<string, EmbeddedEvidence>
  /** How many entries are no streams that can be read; they are left out. */
  readonly unreadable: number
}

/** The kinds of evidence with their keys in the DSS and in its VRI dictionaries. */
export const evidenceKinds = [
  { kind: 'certificates', store: 'Certs', vri: 'Cert' },
  { kind: 'ocsps', store: 'OCSPs', vri: 'OCSP' },
  { kind: 'crls', store: 'CRLs', vri: 'CRL' },
] as const

/** A store and its VRI dictionaries together, each stream once. */
export function allEvidence(store: ValidationData): EmbeddedEvidence {
  const parts = [store, ...store.vri.values()]
  // Many dictionaries may name one list: it is walked over once.
  const join = (listOf: (part: EmbeddedEvidence) => readonly Uint8Array[]): Uint8Array[] => [
    ...new Set([...new Set(parts.map(listOf))].flat()),
  ]
  return {
    certificates: join(({ certificates }) => certificates),
    crls: join(({ crls }) => crls),
    ocsps: join(({ ocsps }) => ocsps),
  }
}

/** The DSS of one state of a document; null where the catalog has none. What has a wrong type is read as if it were not there. */
export function validationDataOf(document: PdfDocument): ValidationData | null {
  if (!document.catalog.entries.has('DSS')) return null
  const store = document.dictionary(document.catalog.entries.get('DSS'))
  const reader = new EvidenceReader(document)
  const evidence = reader.read(store, 'store')
  const vri = new Map<string, EmbeddedEvidence>()
  for (const [key, value] of document.dictionary(store?.entries.get('VRI'))?.entries ?? []) {
    if (key === 'Type') continue
    vri.set(key, reader.read(document.dictionary(value), 'vri'))
    document.shared.budget.check('signatures', vri.size)
  }
  return { ...evidence, vri, unreadable: reader.unreadable }
}

/** What it costs to follow one reference of a list. */
const ITEM = 16

/** Reads lists of evidence. Many keys may name one list, and many lists one object: each is read once. */
export class EvidenceReader {
  readonly #document: PdfDocument
  readonly #known = new Map<number, Uint8Array | null>()
  readonly #lists = new Map<PdfArray, readonly Uint8Array[]>()
  unreadable = 0

  constructor(document: PdfDocument) {
    this.#document = document
  }

  read(dictionary: PdfDictionary | null, keys: 'store' | 'vri'): EmbeddedEvidence {
    const [certificates, ocsps, crls] = evidenceKinds.map((kind) => this.#list(dictionary?.entries.get(kind[keys])))
    return { certificates: certificates!, crls: crls!, ocsps: ocsps! }
  }

  #list(value: PdfValue | undefined): readonly Uint8Array[] {
    const array = this.#document.resolve(value)
    if (!isArray(array)) return []
    const known = this.#lists.get(array)
    if (known !== undefined) return known
    const items = this.items(array)
    this.#document.shared.budget.work(items.length * ITEM)
    const found = new Set<Uint8Array>()
    for (const item of items) {
      const bytes = isReference(item) ? this.bytes(item) : null
      if (bytes !== null) found.add(bytes)
    }
    const list = [...found]
    this.#lists.set(array, list)
    return list
  }

  /** The items of a list; none where it is no array. */
  items(list: PdfValue | undefined): readonly PdfValue[] {
    const array = this.#document.resolve(list)
    if (!isArray(array)) return []
    this.#document.shared.budget.check('evidence', array.items.length)
    return array.items
  }

  /** The octets of a stream of evidence, or null where there is none that can be read. */
  bytes(reference: PdfReference): Uint8Array | null {
    let bytes = this.#known.get(reference.number)
    if (bytes === undefined) {
      bytes = streamBytes(this.#document, reference)
      this.#known.set(reference.number, bytes)
      if (bytes === null) this.unreadable++
    }
    return bytes
  }
}

/** The states of a document share most objects of evidence: each is read once, the same array for all of them. */
const streamsRead = new WeakMap<IndirectObject, Uint8Array | null>()

function streamBytes(document: PdfDocument, reference: PdfReference): Uint8Array | null {
  try {
    const object = document.target(reference)
    if (object === null) return null
    let bytes = streamsRead.get(object)
    if (bytes === undefined) streamsRead.set(object, (bytes = readStream(document, object)))
    return bytes
  } catch (error) {
    return nullUnlessLimit(error)
  }
}

function readStream(document: PdfDocument, object: IndirectObject): Uint8Array | null {
  if (object.stream === null || !isDictionary(object.value)) return null
  // Streams may lie within each other, and whoever takes them reads every octet.
  document.shared.budget.work(object.stream.length >> 2)
  try {
    return document.data(object)
  } catch (error) {
    return nullUnlessLimit(error)
  }
}

function nullUnlessLimit(error: unknown): null {
  if (!(error instanceof PadesError) || error.code === 'PADES_LIMIT_EXCEEDED') throw error
  return null
}
