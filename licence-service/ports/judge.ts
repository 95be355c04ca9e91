import type { Evidence, Finding, SignatureReport, ValidationPolicy, VerificationReport } from '../../verifier/index.ts'

/** What a report says as far as anybody here asks: words for people, for one, are most of a report and cost their way between threads. */
export type Judgement = Pick<VerificationReport, 'verdict' | 'reason' | 'documentChangedAfterSeal'> & {
  readonly licence: { readonly identifier: string } | null
  readonly findings: readonly Pick<Finding, 'check' | 'outcome' | 'code'>[]
  readonly signatures: readonly Pick<SignatureReport, 'type' | 'integrity' | 'indication' | 'level' | 'signedDigest'>[]
}

/**
 * Judges documents as the verifier library does, here or in another thread: a judgement for each, in order. It must never come from the
 * service that sealed them.
 */
export type Judge = (
  documents: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  evidence: Evidence,
  policy: ValidationPolicy,
  at: Date,
) => Promise<readonly Judgement[]>

/**
 * Judges one document that somebody else made, as `Judge` does, within limits of time and memory: `too-costly` for one that takes more of
 * them than any real one. Never where licences are drawn and judged, so that nobody's file holds up minting.
 */
export type ForeignJudge = (
  document: { readonly name: string; readonly bytes: Uint8Array },
  evidence: Evidence,
  policy: ValidationPolicy,
  at: Date,
) => Promise<Judgement | 'too-costly'>
