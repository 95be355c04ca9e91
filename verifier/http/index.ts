/**
 * The verifier's HTTP door. POST /api/verifications takes a PDF, the text of a QR code or a document's digest and answers with the
 * report, always 200, whatever the verdict; a batch of up to 1,000 is answered later, at an address nobody can guess. No login; callers
 * have limits by address, departments with an API key their own.
 *
 * It judges nothing itself: the library does, in whatever thread the `Judge` uses. Invariants: nothing of what was sent is logged or
 * outlives its answer, but for batches, whose results are kept in memory for minutes; unknown, ended and somebody else's get one
 * answer; a document that takes too long is given up and harms no other.
 */
export type { CallerLimits } from './callers.ts'
export type { DigestLookup } from './check-digest.ts'
export { VerifierError, type VerifierErrorCode } from './errors.ts'
export type { ReportWriter, ReportWriters, Verified, Written } from './formats.ts'
export { type Judge, type JudgedBy, judgeInThisThread, type Worked } from './judge.ts'
export { createPassedOnListRoutes } from './passed-on-lists.ts'
export { verifierProblems } from './problems.ts'
export { type ReportFonts, renderReportPdf } from './report-pdf.ts'
export { createVerifierRoutes, type VerifierLimits, type VerifierRoutes, type VerifierRoutesOptions } from './routes.ts'
export { createTrustMaterialRoutes, type TrustMaterialSource } from './trust-material.ts'
