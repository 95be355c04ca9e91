/**
 * Reads signed PDFs that may be hostile: which signatures there are, which bytes each signs, what was added later.
 *
 * It verifies no CMS, trusts nobody, and renders nothing. It uses no third-party code and nothing that only Node has, so
 * that it runs in a browser as it is.
 *
 * Invariants
 * - A document is never repaired. What two readers could understand differently is refused (`ok: false`, `byteRange: 'bad'`)
 *   or reported as `undecided`; it is never guessed.
 * - A bad document is a value, never an exception; work, memory and depth are bounded by `ReadLimits`.
 * - `laterChanges` says `none` or `permitted` only when every later byte and every later object is explained by a rule.
 */
export type { PadesErrorCode } from '../errors.ts'
export type { ReadLimits } from '../limits.ts'
export { readSignedPdf } from '../read-signed-pdf.ts'
export type {
  ContentRisk,
  EmbeddedFile,
  EmbeddedFiles,
  LaterChange,
  LaterChanges,
  PdfSignature,
  Rectangle,
  Revision,
  SignedPdf,
  UnreadablePdf,
} from '../signed-pdf.ts'
export { allEvidence, type EmbeddedEvidence, type ValidationData } from '../validation-data.ts'
