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

const weightOf = (entry: RevocationEntry): number => (isForGood(entry) ? 2 : entry.reason === 'certificateHold' ? 1 : 0)

const min = (a: Date | undefined, b: Date | undefined): Date | undefined =>
  a === undefined || b === undefined ? (a ?? b) : b < a ? b : a

/**
 * All that one list has about a certificate as one entry: a revocation for good outweighs a hold, a hold the word that lifts it, whatever
 * their order and dates. Of the dates the earliest counts, that of a hold too (RFC 5280 §5.3.1, X.509: a hold that became final).
 */
export function joinEntries<T extends RevocationEntry>(entries: Iterable<T>): T | undefined {
  let told: T | undefined
  let revokedAt: Date | undefined
  let invalidSince: Date | undefined
  for (const entry of entries) {
    const more = told === undefined ? 1 : weightOf(entry) - weightOf(told)
    if (more > 0 || (more === 0 && entry.revocationDate < told!.revocationDate)) told = entry
    if (entry.reason === 'removeFromCRL') continue
    revokedAt = min(revokedAt, entry.revocationDate)
    invalidSince = min(invalidSince, entry.invalidityDate)
  }
  return told === undefined || revokedAt === undefined
    ? told
    : { ...told, revocationDate: revokedAt, invalidityDate: invalidSince }
}
