// What renderers of reports are given.
import type { Replay, SignedReceipt } from '../bundle/index.ts'
import type { StatementVerification, VerificationReport } from '../report.ts'

export type AnyReport = VerificationReport | StatementVerification

/** What a printed report tells beside the report itself, as far as it is known. */
export interface ReportFacts {
  /** SHA-256 (hex) of the document, or of the QR text in UTF-8. */
  readonly subjectDigest?: string
  /** Name and version of the program that judged. */
  readonly software?: string
  /** The receipt that was made of it. */
  readonly receipt?: SignedReceipt | null
  /** Where the report is of a bundle judged again. */
  readonly replay?: Pick<Replay, 'same' | 'contentDigest' | 'software'>
}
