import type { Evidence, ValidationPolicy, VerificationReport } from '../../verifier/index.ts'

/**
 * Judges documents as the verifier library does, here or in another thread: a report for each, in order. It must never come from the
 * service that sealed them.
 */
export type Judge = (
  documents: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  evidence: Evidence,
  policy: ValidationPolicy,
  at: Date,
) => Promise<readonly VerificationReport[]>
