import type { CrlSchedule } from './authority.ts'

/** What decides whether an authority needs a new list. */
export interface PublishedCrl {
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly entryCount: number
}

/** True when there is no list yet, it has grown old, or it lacks a revocation that is on record. */
export function needsNewCrl(
  latest: PublishedCrl | undefined,
  revokedCount: number,
  schedule: CrlSchedule,
  now: Date,
): boolean {
  if (latest === undefined || latest.entryCount !== revokedCount) return true
  return now.getTime() - latest.thisUpdate.getTime() >= schedule.refreshAfterMs || isStale(latest, now)
}

/** A list past its nextUpdate says nothing any more (RFC 5280 §5.1.2.5). */
export function isStale(crl: { readonly nextUpdate: Date }, now: Date): boolean {
  return now.getTime() >= crl.nextUpdate.getTime()
}
