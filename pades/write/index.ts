/**
 * Puts a seal on a PDF, at one place or at many, evidence beside it and document time stamps over it, each as one incremental update (ISO 32000-2, 7.5.6
 * and 12.8; ETSI EN 319 142-1, 5 and 6): a signature field, its widget and picture with a reserved place for the CMS or the
 * token; a DSS.
 *
 * It holds no key, makes no certificate and judges no document.
 *
 * Invariants
 * - The document given is the byte prefix of what comes back; no earlier byte is touched.
 * - Same document, options and signature: same bytes. There is no clock and no randomness.
 * - Every length is known before the first byte is written, so /ByteRange is final when it is written.
 */
export { type AppendedEvidence, appendValidationData } from '../append-validation-data.ts'
export { type AttachedFile, type DocumentDress, dressDocument, type PlacedPicture } from '../dress-document.ts'
export { PadesError, type PadesErrorCode } from '../errors.ts'
export { type FoundText, findText, findTexts, type Occurrence, type TextQuery } from '../find-text.ts'
export { type InspectedPdf, inspectPdf } from '../inspect-pdf.ts'
export { type DocumentTimeStampOptions, prepareDocumentTimeStamp } from '../prepare-document-time-stamp.ts'
export { prepareSeal } from '../prepare-seal.ts'
export { embedCms } from '../reserve-contents.ts'
export { sealDocument, sealDocumentSync } from '../seal-document.ts'
export type {
  PreparedField,
  PreparedSeal,
  PrepareSealOptions,
  SealAppearance,
  SealMark,
  SealOptions,
  SealPlace,
} from '../seal-options.ts'
export { type Straddle, straddleMarks } from '../straddle-marks.ts'
