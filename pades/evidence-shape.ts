import type { PdfDocument } from './document.ts'
import { isArray, isDictionary, isReference, isString, nameOf, type PdfDictionary, type PdfValue } from './objects.ts'
import { hasPlainFilters } from './plain-filters.ts'

const listKeys: ReadonlySet<string> = new Set(['Certs', 'OCSPs', 'CRLs', 'Cert', 'OCSP', 'CRL'])
const streamKeys: ReadonlySet<string> = new Set(['Length', 'Filter', 'DecodeParms'])
/** ISO 32000-2, table 49. */
const extensionKeys: ReadonlySet<string> = new Set('Type BaseVersion ExtensionLevel ExtensionRevision URL'.split(' '))

/**
 * Whether a document security store holds what it may and nothing else (ISO 32000-2, 12.8.4.3; EN 319 142-1, 5.4.2): it may be changed
 * whatever it holds, so it must be no store of pages, fonts or anything that is drawn.
 */
export function isEvidence(document: PdfDocument, value: PdfValue | undefined): boolean {
  const store = document.dictionary(value)
  if (store === null) return value === undefined
  return everyEntry(store, (key, entry) => {
    if (key !== 'VRI') return isStoreEntry(document, key, entry)
    const signatures = document.dictionary(entry)
    return (
      signatures !== null &&
      everyEntry(signatures, (digest, one) => {
        if (digest === 'Type') return nameOf(one) !== null
        const own = document.dictionary(one)
        return own !== null && everyEntry(own, (part, item) => isStoreEntry(document, part, item))
      })
    )
  })
}

/** Of a developer extensions dictionary (ISO 32000-2, 7.12): plain values by developer, one dictionary or an array of them. */
export function isExtensions(document: PdfDocument, value: PdfValue | undefined): boolean {
  const extensions = document.dictionary(value)
  if (extensions === null) return value === undefined
  const isStream = (item: PdfValue): boolean => isReference(item) && document.target(item)?.stream !== null
  const isPlain = (item: PdfValue): boolean => {
    const dictionary = isStream(item) ? null : document.dictionary(item)
    return (
      dictionary !== null &&
      everyEntry(
        dictionary,
        (key, one) => extensionKeys.has(key) && (typeof one === 'number' || nameOf(one) !== null || isString(one)),
      )
    )
  }
  return everyEntry(extensions, (key, item) => {
    if (key === 'Type') return nameOf(item) !== null
    const list = document.resolve(item)
    return isArray(list) ? list.items.every(isPlain) : isPlain(item)
  })
}

function isStoreEntry(document: PdfDocument, key: string, entry: PdfValue): boolean {
  if (key === 'Type') return nameOf(entry) !== null
  if (key === 'TU') return isString(document.resolve(entry))
  if (key === 'TS') return isPlainStream(document, entry)
  const list = document.resolve(entry)
  return listKeys.has(key) && isArray(list) && list.items.every((item) => isPlainStream(document, item))
}

/** Certificates, lists, answers and time stamps are one SEQUENCE each. Its outside alone is asked for: what stands in it is not looked into. */
function isPlainStream(document: PdfDocument, value: PdfValue): boolean {
  const object = isReference(value) ? document.target(value) : null
  document.shared.budget.work(8)
  if (object === null || object.stream === null || !isDictionary(object.value)) return false
  const isPlain = everyEntry(object.value, (key) => streamKeys.has(key)) && hasPlainFilters(object.value)
  return isPlain && isSequence(document.data(object))
}

/** One SEQUENCE that fills the stream but for an end of line; of indefinite length (BER) with its end. */
function isSequence(data: Uint8Array): boolean {
  const [tag, first] = data
  if (tag !== 0x30 || first === undefined) return false
  if (first === 0x80) return data.length >= 4 && data.at(-1) === 0 && data.at(-2) === 0
  const octets = first < 0x80 ? 0 : first & 0x7f
  if (octets > 4 || data.length < 2 + octets) return false
  let length = octets === 0 ? first : 0
  for (const octet of data.subarray(2, 2 + octets)) length = length * 256 + octet
  const rest = data.length - 2 - octets - length
  return rest >= 0 && rest <= 2
}

const everyEntry = (dictionary: PdfDictionary, test: (key: string, value: PdfValue) => boolean): boolean =>
  [...dictionary.entries].every(([key, value]) => test(key, value))
