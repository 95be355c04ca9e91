import type { CrlSchedule } from './authority.ts'

/** What decides whether an authority needs a new list. */
export interface PublishedCrl {
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly entryCount: number
}

/** What the list is about. */
export interface ListedCertificates {
  readonly revokedCount: number
  /** notBefore of the youngest; undefined where there is none */
  readonly lastIssued: Date | undefined
}

/**
 * True when there is no list yet, it has grown old or is of a time still to come, it lacks a revocation that is on record, or it is older
 * than a certificate: validators do not take a list's silence about what did not exist yet.
 */
export function needsNewCrl(
  latest: PublishedCrl | undefined,
  { revokedCount, lastIssued }: ListedCertificates,
  schedule: CrlSchedule,
  now: Date,
): boolean {
  if (latest === undefined || latest.entryCount !== revokedCount) return true
  // Made while the clock was ahead: nobody takes it before its time, and it would not grow old until then.
  if (latest.thisUpdate > now) return true
  if (lastIssued !== undefined && lastIssued > latest.thisUpdate && lastIssued <= now) return true
  return now.getTime() - latest.thisUpdate.getTime() >= schedule.refreshAfterMs || isStale(latest, now)
}

/** A list past its nextUpdate says nothing any more (RFC 5280 §5.1.2.5). */
export function isStale(crl: { readonly nextUpdate: Date }, now: Date): boolean {
  return now.getTime() >= crl.nextUpdate.getTime()
}
