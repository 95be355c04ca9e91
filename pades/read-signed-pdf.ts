import { describeContentRisks } from './content-risks.ts'
import { findStartXref, readSection, standsAt } from './cross-reference.ts'
import { PdfDocument, shareBytes } from './document.ts'
import { embeddedFilesOf, xmpOf } from './embedded-files.ts'
import { PadesError, type PadesErrorCode } from './errors.ts'
import { emptyFields } from './form-fields.ts'
import { findLastReadable } from './last-readable.ts'
import { Budget, defaultLimits, type ReadLimits } from './limits.ts'
import { readPages } from './pages.ts'
import { readSignatures, signedState } from './read-signatures.ts'
import { describeRevisions, revisionSections } from './revisions.ts'
import type { PdfSignature, SignedPdf, UnreadablePdf } from './signed-pdf.ts'
import { latin1 } from './syntax.ts'
import { type ValidationData, validationDataOf } from './validation-data.ts'

/**
 * Reads a PDF with its signatures (ISO 32000-2, 7.5 and 12.8; ETSI EN 319 142-1).
 *
 * @param bytes the whole file; must not change while the result is in use
 * @param limits what reading may cost; the defaults fit a few seconds and some hundred megabytes
 * @returns the document's signatures, or a code why it cannot be read for certain. Never throws for a bad document.
 */
export function readSignedPdf(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): SignedPdf | UnreadablePdf {
  const result = orUnreadable((): SignedPdf => {
    const budget = new Budget({ ...defaultLimits, ...limits }, bytes.length)
    budget.check('fileBytes', bytes.length)
    const { version, base } = readHeader(bytes, budget)
    const document = new PdfDocument(shareBytes(bytes, budget, { base, mayDecrypt: true }), bytes.length)
    const pages = readPages(document)
    const stateOf = (signature?: PdfSignature): PdfDocument =>
      signature === undefined ? document : signedState(document, signature)
    const empty = emptyFields(document)
    const stores = new Map<PdfSignature | undefined, { ok: true; data: ValidationData | null } | UnreadablePdf>()
    const storeOf = (signature?: PdfSignature) => {
      let store = stores.get(signature)
      if (store === undefined) {
        store = orUnreadable(() => ({ ok: true as const, data: validationDataOf(stateOf(signature)) }))
        stores.set(signature, store)
      }
      return store
    }
    return {
      ok: true,
      version,
      pageCount: pages.length,
      revisions: describeRevisions(document, revisionSections(document)),
      signatures: readSignatures(document, pages),
      embeddedFiles: (signature) =>
        orUnreadable(() => ({ ok: true as const, files: embeddedFilesOf(stateOf(signature)) })),
      xmp(signature) {
        const result = orUnreadable(() => ({ ok: true as const, xmp: xmpOf(stateOf(signature)) }))
        return result.ok ? result.xmp : null
      },
      validationData(signature) {
        const store = storeOf(signature)
        return store.ok ? store.data : null
      },
      hasUnreadEvidence: (signature) => !storeOf(signature).ok,
      emptyFields: () => empty,
      contentRisks(signature) {
        const result = orUnreadable(() => ({ ok: true as const, risks: describeContentRisks(stateOf(signature)) }))
        return result.ok ? result.risks : []
      },
    }
  })
  return result.ok || !endsBroken.has(result.code) ? result : { ...result, lastReadable: findLastReadable(bytes) }
}

function orUnreadable<T extends { readonly ok: true }>(read: () => T): T | UnreadablePdf {
  try {
    return read()
  } catch (error) {
    if (error instanceof PadesError) return { ok: false, code: error.code, detail: error.message, lastReadable: null }
    throw error
  }
}

/** What may be wrong with the last revision alone. */
const endsBroken: ReadonlySet<PadesErrorCode> = new Set([
  'PADES_MALFORMED',
  'PADES_DUPLICATE_KEY',
  'PADES_XREF_BROKEN',
  'PADES_XREF_LOOP',
  'PADES_OBJECT_NOT_WHERE_LISTED',
  'PADES_STREAM_LENGTH_WRONG',
  'PADES_FILTER_UNSUPPORTED',
  'PADES_COMPRESSED_DATA_BROKEN',
])

/** How far into a file readers look for its header (ISO 32000-1, Annex H, implementation note 13). */
const HEADER_WITHIN = 1_024

/**
 * Finds `%PDF-m.n`, and from where offsets count. Where something stands before the header, some writers and readers count from the
 * header and others from the first octet: the file must make sense in one of the two ways only.
 */
function readHeader(bytes: Uint8Array, budget: Budget): { version: string; base: number } {
  // What begins with a header has no other that counts.
  const within = standsAt(bytes, 0, '%PDF-') ? 0 : HEADER_WITHIN
  const head = latin1(bytes, 0, Math.min(bytes.length, within + 8))
  const headers = [...head.matchAll(/%PDF-(\d\.\d)?/g)]
  const [header] = headers
  if (header?.[1] === undefined || header.index > HEADER_WITHIN)
    throw new PadesError('PADES_NOT_A_PDF', 'the file does not begin with "%PDF-"')
  const [, version] = header
  if (header.index === 0) return { version, base: 0 }
  const ways = headers.length > 1 ? [] : [0, header.index].filter((base) => startsSection(bytes, base, budget))
  if (ways.length !== 1)
    throw new PadesError('PADES_XREF_BROKEN', 'before the header stands something that makes offsets ambiguous')
  return { version, base: ways[0]! }
}

/** Whether the last `startxref` leads to a cross-reference when offsets count from `base`. */
function startsSection(bytes: Uint8Array, base: number, budget: Budget): boolean {
  const offset = findStartXref(bytes, bytes.length, budget)
  try {
    readSection(bytes, base + offset, bytes.length, budget, base)
    return true
  } catch (error) {
    if (error instanceof PadesError && error.code !== 'PADES_LIMIT_EXCEEDED') return false
    throw error
  }
}
