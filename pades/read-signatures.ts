import { checkByteRange, joinRanges } from './byte-range.ts'
import { checkClosedRevision } from './closed-revision.ts'
import { unpadContents } from './contents.ts'
import { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { docMdpOf, type FormField, signedFields } from './form-fields.ts'
import { judgeLaterChanges } from './later-changes.ts'
import { isArray, isReference, isString, nameOf, type PdfDictionary } from './objects.ts'
import type { Page } from './pages.ts'
import { isTimeStamp } from './permitted-entries.ts'
import type { PdfSignature } from './signed-pdf.ts'
import { StringToken } from './string-token.ts'
import { dateOf } from './text.ts'

/** Every signature of the last revision's form, in the order in which they were made. */
export function readSignatures(document: PdfDocument, pages: readonly Page[]): PdfSignature[] {
  const found = signedFields(document)
  document.shared.budget.check('signatures', found.length)
  const showing = pagesOfWidgets(document, pages)
  const signatures = found.map(({ field, signature, object }) =>
    readSignature(document, pageOf(document, pages, field, showing), field, signature, object),
  )
  const covered = signatures.reduce((sum, { signedLength }) => sum + signedLength, 0)
  document.shared.budget.check('signedBytes', covered)
  const rank = (signature: PdfSignature): number => signature.signedLength || Number.MAX_SAFE_INTEGER
  return signatures.sort((a, b) => rank(a) - rank(b))
}

function readSignature(
  document: PdfDocument,
  page: number | null,
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
  const checked = checkClosedRevision(
    document,
    checkByteRange(bytes, signature.entries.get('ByteRange'), isInFile ? contentsValue : undefined),
  )
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
    page,
    signedParts: () => (checked.ok ? checked.ranges.map(([from, to]) => bytes.subarray(from, to)) : []),
    signedBytes: () => (checked.ok ? joinRanges(bytes, checked.ranges) : new Uint8Array()),
  }
}

function pageOf(
  document: PdfDocument,
  pages: readonly Page[],
  field: FormField,
  showing: () => ReadonlyMap<number, number>,
): number | null {
  const widget = field.widgets[0]
  if (widget === undefined) return null
  const named = document.object(widget)
  const page = named === null ? null : document.dictionary(named.value)?.entries.get('P')
  if (isReference(page)) {
    document.shared.budget.work(pages.length)
    const index = pages.findIndex((candidate) => candidate.object === page.number)
    if (index >= 0) return index
  }
  return showing().get(widget) ?? null
}

/** The first page that lists an annotation, by the annotation's number; looked for once, when somebody asks. */
function pagesOfWidgets(document: PdfDocument, pages: readonly Page[]): () => ReadonlyMap<number, number> {
  let showing: Map<number, number> | undefined
  return () => {
    if (showing !== undefined) return showing
    showing = new Map()
    for (const [index, { dictionary }] of pages.entries()) {
      const annotations = document.resolve(dictionary.entries.get('Annots'))
      if (!isArray(annotations)) continue
      document.shared.budget.work(annotations.items.length)
      for (const item of annotations.items)
        if (isReference(item) && !showing.has(item.number)) showing.set(item.number, index)
    }
    return showing
  }
}

/** The document as the signature's own revision shows it. */
export function signedState(document: PdfDocument, signature: PdfSignature): PdfDocument {
  if (signature.byteRange !== 'ok')
    throw new PadesError('PADES_MALFORMED', 'a signature with a bad byte range covers no revision')
  return signature.coversWholeFile ? document : new PdfDocument(document.shared, signature.signedLength)
}
