import type { StatementVerification, VerificationReport } from '../../verifier/index.ts'

/** Judges what callers show, with all the evidence the house has. */
export interface DocumentJudge {
  file(pdf: Uint8Array): Promise<VerificationReport>
  statement(text: string): Promise<StatementVerification>
}
