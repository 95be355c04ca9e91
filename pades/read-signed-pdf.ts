import { PdfDocument, shareBytes } from './document.ts'
import { embeddedFilesOf, xmpOf } from './embedded-files.ts'
import { PadesError } from './errors.ts'
import { emptyFields } from './form-fields.ts'
import { Budget, defaultLimits, type ReadLimits } from './limits.ts'
import { readPages } from './pages.ts'
import { readSignatures, signedState } from './read-signatures.ts'
import { describeRevisions, revisionSections } from './revisions.ts'
import type { EmbeddedFiles, PdfSignature, SignedPdf, UnreadablePdf } from './signed-pdf.ts'
import { validationDataOf } from './validation-data.ts'

/**
 * Reads a PDF with its signatures (ISO 32000-2, 7.5 and 12.8; ETSI EN 319 142-1).
 *
 * @param bytes the whole file; must not change while the result is in use
 * @param limits what reading may cost; the defaults fit a few seconds and some hundred megabytes
 * @returns the document's signatures, or a code why it cannot be read for certain. Never throws for a bad document.
 */
export function readSignedPdf(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): SignedPdf | UnreadablePdf {
  return orUnreadable(() => {
    const budget = new Budget({ ...defaultLimits, ...limits })
    budget.check('fileBytes', bytes.length)
    const version = headerVersion(bytes)
    const document = new PdfDocument(shareBytes(bytes, budget), bytes.length)
    const pages = readPages(document)
    const stateOf = (signature?: PdfSignature): PdfDocument =>
      signature === undefined ? document : signedState(document, signature)
    const empty = emptyFields(document)
    return {
      ok: true,
      version,
      pageCount: pages.length,
      revisions: describeRevisions(document, revisionSections(document)),
      signatures: readSignatures(document, pages),
      embeddedFiles: (signature) =>
        orUnreadable((): EmbeddedFiles => ({ ok: true, files: embeddedFilesOf(stateOf(signature)) })),
      xmp(signature) {
        const result = orUnreadable(() => ({ ok: true as const, xmp: xmpOf(stateOf(signature)) }))
        return result.ok ? result.xmp : null
      },
      validationData(signature) {
        const result = orUnreadable(() => ({ ok: true as const, data: validationDataOf(stateOf(signature)) }))
        return result.ok ? result.data : null
      },
      emptyFields: () => empty,
    }
  })
}

function orUnreadable<T>(read: () => T): T | UnreadablePdf {
  try {
    return read()
  } catch (error) {
    if (error instanceof PadesError) return { ok: false, code: error.code, detail: error.message }
    throw error
  }
}

/** `%PDF-m.n` in the very first bytes: a header further in would shift every offset for some readers and not for others. */
function headerVersion(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 8))
  const version = /^%PDF-(\d\.\d)$/.exec(head)?.[1]
  if (version === undefined) throw new PadesError('PADES_NOT_A_PDF', 'the file does not begin with "%PDF-"')
  return version
}
