import { checkByteRange, joinRanges } from './byte-range.ts'
import { unpadContents } from './contents.ts'
import { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { docMdpOf, type FormField, signedFields } from './form-fields.ts'
import { judgeLaterChanges } from './later-changes.ts'
import { isString, nameOf, type PdfDictionary } from './objects.ts'
import type { Page } from './pages.ts'
import { isTimeStamp } from './permitted-entries.ts'
import type { PdfSignature } from './signed-pdf.ts'
import { StringToken } from './string-token.ts'
import { dateOf } from './text.ts'

/** Every signature of the last revision's form, in the order in which they were made. */
export function readSignatures(document: PdfDocument, pages: readonly Page[]): PdfSignature[] {
  const found = signedFields(document)
  document.shared.budget.check('signatures', found.length)
  const signatures = found.map(({ field, signature, object }) =>
    readSignature(document, pages, field, signature, object),
  )
  const covered = signatures.reduce((sum, { signedLength }) => sum + signedLength, 0)
  document.shared.budget.check('signedBytes', covered)
  const rank = (signature: PdfSignature): number => signature.signedLength || Number.MAX_SAFE_INTEGER
  return signatures.sort((a, b) => rank(a) - rank(b))
}

function readSignature(
  document: PdfDocument,
  pages: readonly Page[],
  field: FormField,
  signature: PdfDictionary,
  object: number | null,
): PdfSignature {
  const { bytes } = document.shared
  const get = (key: string) => document.resolve(signature.entries.get(key))
  const subFilter = nameOf(get('SubFilter'))
  const contentsValue = signature.entries.get('Contents')
  // A dictionary is one stretch: where its /Contents is in the file so is its /ByteRange, among the signed octets around it.
  const isInFile = contentsValue instanceof StringToken && contentsValue.standsIn(bytes)
  const checked = checkByteRange(bytes, signature.entries.get('ByteRange'), isInFile ? contentsValue : undefined)
  const contents = isString(contentsValue) ? unpadContents(contentsValue.bytes) : { fault: 'There is no /Contents.' }
  const later = checked.ok
    ? judgeLaterChanges(document, checked.signedLength, object)
    : { verdict: 'undecided' as const, findings: [] }
  return {
    field: field.name,
    type: isTimeStamp(document, signature) ? 'document-time-stamp' : 'signature',
    subFilter,
    contents: 'value' in contents ? contents.value : null,
    contentsFault: 'fault' in contents ? contents.fault : null,
    paddingIsZero: 'value' in contents && contents.paddingIsZero,
    byteRange: checked.ok ? 'ok' : 'bad',
    byteRangeFault: checked.ok ? null : checked.fault,
    signedRanges: checked.ok ? checked.ranges : [],
    signedLength: checked.ok ? checked.signedLength : 0,
    coversWholeFile: checked.ok && checked.coversWholeFile,
    laterChanges: later.verdict,
    findings: later.findings,
    docMdp: docMdpOf(document, signature),
    name: document.text(signature.entries.get('Name')),
    reason: document.text(signature.entries.get('Reason')),
    location: document.text(signature.entries.get('Location')),
    claimedSigningTime: dateOf(get('M')),
    page: pageOf(document, pages, field),
    signedParts: () => (checked.ok ? checked.ranges.map(([from, to]) => bytes.subarray(from, to)) : []),
    signedBytes: () => (checked.ok ? joinRanges(bytes, checked.ranges) : new Uint8Array()),
  }
}

function pageOf(document: PdfDocument, pages: readonly Page[], field: FormField): number | null {
  const widget = field.widgets[0]
  if (widget === undefined) return null
  const named = document.object(widget)
  const page = named === null ? null : document.dictionary(named.value)?.entries.get('P')
  if (typeof page === 'object' && page?.kind === 'reference') {
    const index = pages.findIndex((candidate) => candidate.object === page.number)
    if (index >= 0) return index
  }
  const index = pages.findIndex(({ dictionary }) => {
    const annotations = document.resolve(dictionary.entries.get('Annots'))
    return (
      typeof annotations === 'object' &&
      annotations?.kind === 'array' &&
      annotations.items.some((item) => typeof item === 'object' && item?.kind === 'reference' && item.number === widget)
    )
  })
  return index < 0 ? null : index
}

/** The document as the signature's own revision shows it. */
export function signedState(document: PdfDocument, signature: PdfSignature): PdfDocument {
  if (signature.byteRange !== 'ok')
    throw new PadesError('PADES_MALFORMED', 'a signature with a bad byte range covers no revision')
  return signature.coversWholeFile ? document : new PdfDocument(document.shared, signature.signedLength)
}
