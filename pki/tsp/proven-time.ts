import type { TimeStampToken } from './token.ts'

/** What a token proves of what it is over. */
export interface ProvenTime {
  /** it existed then at the latest */
  readonly provenAt: Date
  /** what holds the token did not exist before */
  readonly madeAfter: Date
}

/** Authorities are to be right within a second (EN 319 422 §5.2.1), and lists name whole seconds: within one nothing can be told apart. */
const SECOND_MS = 1000
/** An authority that knows its time no better than this says nothing that a revocation could be compared with. */
const COARSEST_MS = 3_600_000

/**
 * Between which times a token was made by its own word: genTime give or take its accuracy (RFC 3161 §2.4.2), the worse of them on each side.
 * `null` where that is too coarse to prove anything.
 */
export function findProvenTime({
  genTime,
  accuracyMs,
}: Pick<TimeStampToken, 'genTime' | 'accuracyMs'>): ProvenTime | null {
  if (accuracyMs === null || accuracyMs <= SECOND_MS) return { provenAt: genTime, madeAfter: genTime }
  if (accuracyMs > COARSEST_MS) return null
  const either = Math.ceil(accuracyMs)
  return { provenAt: new Date(genTime.getTime() + either), madeAfter: new Date(genTime.getTime() - either) }
}
