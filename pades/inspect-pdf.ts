import { describeContentRisks } from './content-risks.ts'
import { PdfDocument, shareBytes } from './document.ts'
import { embeddedFileNames } from './embedded-files.ts'
import { emptyFields, signedFields } from './form-fields.ts'
import { Budget, uploadLimits } from './limits.ts'
import { readPageViews } from './page-view.ts'
import { permissionsOf } from './permissions.ts'
import { checkSealable } from './sealable.ts'
import type { ContentRisk } from './signed-pdf.ts'

/** What has to be known of an uploaded document before it is sealed. */
export interface InspectedPdf {
  /** As shown, in points. */
  readonly pages: readonly { readonly width: number; readonly height: number }[]
  /** How many signatures it has already. */
  readonly signatures: number
  /** What its certification, or the lock of a field, leaves to be changed; null without one. */
  readonly docMdp: 1 | 2 | 3 | null
  /** Signature fields that wait for a signature. */
  readonly emptyFields: readonly string[]
  /** Names of the files that go with it. */
  readonly files: readonly string[]
  /** What prepares a later deception or hides what the document holds; to be looked at by whoever seals. */
  readonly risks: readonly ContentRisk[]
}

/**
 * Reads a document that somebody wants sealed.
 *
 * @throws PadesError a code of reading; PADES_ENCRYPTED; PADES_PAGE_UNREADABLE; PADES_FORM_DYNAMIC; PADES_ACTIVE_CONTENT
 */
export function inspectPdf(pdf: Uint8Array): InspectedPdf {
  const budget = new Budget(uploadLimits, pdf.length)
  budget.check('fileBytes', pdf.length)
  const document = new PdfDocument(shareBytes(pdf, budget), pdf.length)
  checkSealable(document)
  return {
    pages: readPageViews(document).map(({ width, height }) => ({ width, height })),
    signatures: signedFields(document).length,
    docMdp: permissionsOf(document).docMdp,
    emptyFields: emptyFields(document),
    files: embeddedFileNames(document),
    risks: describeContentRisks(document),
  }
}
