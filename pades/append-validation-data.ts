import { primitives } from '../pki/index.ts'
import { PdfDocument, shareBytes } from './document.ts'
import { PadesError } from './errors.ts'
import { signedFields } from './form-fields.ts'
import { appendUpdate, arrayWith, firstFreeNumber, referenceTo, type UpdatedObject } from './incremental-update.ts'
import { Budget, defaultLimits } from './limits.ts'
import { isReference, isString, type PdfDictionary, sameBytes } from './objects.ts'
import { revisionId } from './reserve-contents.ts'
import { catalogWith, emptyDictionary, extensionEntries, numbered } from './update-objects.ts'
import { type EmbeddedEvidence, EvidenceReader, evidenceKinds } from './validation-data.ts'
import { hex, writeDictionary, writeValue } from './write-value.ts'

export interface AppendedEvidence extends EmbeddedEvidence {
  /** The signatures that it is for: all (when left out), none, or those in the fields with these names. */
  readonly vri?: 'all' | 'none' | readonly string[]
}

/**
 * Appends evidence for long-term validation as one incremental update: a DSS in the catalog, and in it a VRI dictionary for each
 * signature and document time stamp (ISO 32000-2, 12.8.4.3 and 12.8.4.4; ETSI EN 319 142-1, 5.4.2). What the document has
 * already stays and is not repeated; where nothing is new the document comes back as it is, the same array.
 *
 * @param evidence DER of certificates, CRLs and OCSP responses (OCSPResponse whole)
 * @throws PadesError a code of reading; PADES_FIELD_NOT_FOUND for a name in `vri` that holds no signature
 */
export function appendValidationData(pdf: Uint8Array, evidence: AppendedEvidence): Uint8Array {
  const document = new PdfDocument(shareBytes(pdf, new Budget(defaultLimits)), pdf.length)
  const store = new StoreWriter(document)
  const references = store.add(evidence)
  const keys = vriKeys(document, evidence.vri ?? 'all')
  const objects = store.finish(references, keys)
  if (objects.length === 0) return pdf
  return appendUpdate(document, objects, revisionId(document, `DSS ${keys.join(' ')}`, store.added)).bytes
}

/** A signature's key in /VRI: its whole /Contents is digested, as read from its hexadecimal digits (12.8.4.4). */
function vriKeys(document: PdfDocument, wanted: 'all' | 'none' | readonly string[]): string[] {
  if (wanted === 'none') return []
  const signed = signedFields(document)
  const chosen =
    wanted === 'all'
      ? signed
      : wanted.map((name) => {
          const found = signed.find(({ field }) => field.name === name)
          if (found === undefined) throw new PadesError('PADES_FIELD_NOT_FOUND', `no field "${name}" holds a signature`)
          return found
        })
  return chosen.flatMap(({ signature }) => {
    const contents = document.resolve(signature.entries.get('Contents'))
    return isString(contents) ? [hex(primitives.digestSync('SHA-1', contents.bytes))] : []
  })
}

/** References to evidence in PDF syntax, by kind. */
type References = Readonly<Record<(typeof evidenceKinds)[number]['kind'], readonly string[]>>

/** What the DSS holds already, and what comes to it. */
class StoreWriter {
  readonly #document: PdfDocument
  readonly #reader: EvidenceReader
  readonly #dictionary: PdfDictionary
  readonly #streams: UpdatedObject[] = []
  #next: number

  constructor(document: PdfDocument) {
    this.#document = document
    this.#reader = new EvidenceReader(document)
    this.#dictionary = document.dictionary(document.catalog.entries.get('DSS')) ?? emptyDictionary
    this.#next = firstFreeNumber(document)
  }

  /** The octets of every stream that is new. */
  get added(): Uint8Array[] {
    return this.#streams.map(({ stream }) => stream!)
  }

  add(evidence: EmbeddedEvidence): References {
    const [certificates, ocsps, crls] = evidenceKinds.map(({ kind, store }) => this.#addAll(evidence[kind], store))
    return { certificates: certificates!, ocsps: ocsps!, crls: crls! }
  }

  #addAll(values: readonly Uint8Array[], list: string): string[] {
    const known = this.#reader
      .items(this.#dictionary.entries.get(list))
      .filter(isReference)
      .map((reference) => ({ text: writeValue(reference), bytes: this.#reader.bytes(reference) }))
    const references = values.map((value) => {
      const same = known.find(({ bytes }) => bytes !== null && sameBytes(bytes, value))
      if (same !== undefined) return same.text
      const text = this.#addStream(value)
      known.push({ text, bytes: value })
      return text
    })
    return [...new Set(references)]
  }

  #addStream(stream: Uint8Array): string {
    const object = { number: this.#next++, generation: 0 }
    this.#streams.push({ ...object, body: `<< /Length ${stream.length} >>`, stream })
    return referenceTo(object)
  }

  /** The objects of the update: none where all of it stood there before. */
  finish(references: References, keys: readonly string[]): UpdatedObject[] {
    const replaced: Record<string, string> = {}
    for (const { kind, store } of evidenceKinds) {
      const list = this.#extended(this.#dictionary, store, references[kind])
      if (list !== null) replaced[store] = list
    }
    const vri = this.#vri(references, keys)
    if (vri !== null) replaced['VRI'] = vri
    if (Object.keys(replaced).length === 0) return []
    const body = writeDictionary(this.#dictionary, { Type: '/DSS', ...replaced })
    return [...this.#storeObjects(body), ...this.#streams]
  }

  /** A list with what is missing in it; null where nothing is. */
  #extended(dictionary: PdfDictionary, key: string, wanted: readonly string[]): string | null {
    const items = this.#reader.items(dictionary.entries.get(key))
    const present = new Set(items.map(writeValue))
    const missing = wanted.filter((reference) => !present.has(reference))
    return missing.length === 0 ? null : arrayWith(items, missing)
  }

  #vri(references: References, keys: readonly string[]): string | null {
    const vri = this.#document.dictionary(this.#dictionary.entries.get('VRI')) ?? emptyDictionary
    const replaced: Record<string, string> = {}
    for (const key of keys) {
      const entry = this.#document.dictionary(vri.entries.get(key)) ?? emptyDictionary
      const lists: Record<string, string> = {}
      for (const { kind, vri: list } of evidenceKinds) {
        const extended = this.#extended(entry, list, references[kind])
        if (extended !== null) lists[list] = extended
      }
      if (Object.keys(lists).length > 0) replaced[key] = writeDictionary(entry, { Type: '/VRI', ...lists })
    }
    return Object.keys(replaced).length === 0 ? null : writeDictionary(vri, replaced)
  }

  /** The DSS in an object of its own, so that the next one need not touch the catalog. */
  #storeObjects(body: string): UpdatedObject[] {
    const reference = this.#document.catalog.entries.get('DSS')
    const old = isReference(reference) ? this.#document.target(reference) : null
    const extensions = extensionEntries(this.#document)
    const store = old === null ? { number: this.#next++, generation: 0 } : numbered(old)
    const catalog = old === null ? { ...extensions, DSS: referenceTo(store) } : extensions
    const objects = Object.keys(catalog).length === 0 ? [] : [catalogWith(this.#document, catalog)]
    return [...objects, { ...store, body }]
  }
}
