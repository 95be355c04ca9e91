import type { RevocationReason } from './reason.ts'

/** What a list or a response says of a certificate that it revokes. */
export interface RevocationEntry {
  readonly revocationDate: Date
  readonly reason: RevocationReason
  /** from when on the key is known or suspected to be another's (RFC 5280 §5.3.2) */
  readonly invalidityDate: Date | undefined
}

/** Whether no later word takes it back: everything but a hold, which may be lifted, and the word that lifts it (RFC 5280 §5.3.1). */
export const isForGood = ({ reason }: Pick<RevocationEntry, 'reason'>): boolean =>
  reason !== 'certificateHold' && reason !== 'removeFromCRL'

/** From when on a revocation says that nothing counts any more. */
const beginOf = ({ revocationDate, invalidityDate }: RevocationEntry): Date =>
  invalidityDate !== undefined && invalidityDate < revocationDate ? invalidityDate : revocationDate

/** Whether a revocation begins before another. */
export const isEarlier = (a: RevocationEntry, b: RevocationEntry): boolean => beginOf(a) < beginOf(b)
