import { LicenceError } from '../errors.ts'
import type { LicenceEvent, LicenceState } from './licence.ts'
import type { EntryCause } from './life-policy.ts'

/** One line of the append-only register. `effectiveAt` is when it holds in law, `recordedAt` when we came to know. */
export interface RegisterEntry {
  readonly event: 'prepare' | 'collect' | LicenceEvent | 'archive'
  readonly state: LicenceState
  readonly effectiveAt: Date
  readonly recordedAt: Date
  readonly recordedBy: string
  readonly related: string | null
  /** Why, where the event alone does not say it. */
  readonly cause?: EntryCause | null | undefined
  /** The order that it carried out, and who approved that as a second person. */
  readonly orderId?: string | null | undefined
  readonly secondPerson?: string | null | undefined
}

/** A caller's clock may run ahead of ours by this much; what lies within counts as now. */
export const CLOCK_SKEW_MS = 5 * 60_000

/**
 * The state a licence was in at an instant, from its entries in the order they were recorded; `undefined` before the first one.
 * Entries never go back behind one another (`effectiveTimeOf`), so the last one that had taken effect decides.
 */
export function stateAsOf(
  entries: readonly Pick<RegisterEntry, 'state' | 'effectiveAt'>[],
  at: Date,
): LicenceState | undefined {
  return entries.findLast((entry) => entry.effectiveAt <= at)?.state
}

/** How far ahead a change may be ordered. */
const FURTHEST_MS = 366 * 86_400_000

/**
 * Whether a change asked for this instant is one for later: then it is ordered, and takes effect by itself.
 * @throws LicenceError LICENCE_EFFECTIVE_TIME_REFUSED beyond 366 days
 */
export function isForLater(requested: Date | undefined, now: Date): requested is Date {
  if (!requested || requested.getTime() <= now.getTime() + CLOCK_SKEW_MS) return false
  if (requested.getTime() > now.getTime() + FURTHEST_MS)
    throw new LicenceError('LICENCE_EFFECTIVE_TIME_REFUSED', 'a change is ordered at most 366 days ahead')
  return true
}

/**
 * The instant from which a change holds: `requested`, or now. In the past it may lie only after the last change took effect;
 * otherwise the history would contradict itself.
 * @throws LicenceError LICENCE_EFFECTIVE_TIME_REFUSED
 */
export function effectiveTimeOf(requested: Date | undefined, last: Date, now: Date): Date {
  if (!requested) return now
  if (requested.getTime() > now.getTime() + CLOCK_SKEW_MS)
    throw new LicenceError('LICENCE_EFFECTIVE_TIME_REFUSED', 'a change cannot take effect in the future')
  if (requested < last)
    throw new LicenceError(
      'LICENCE_EFFECTIVE_TIME_REFUSED',
      `a change cannot take effect before the last one did (${last.toISOString()})`,
    )
  return notAhead(requested, now)
}

/** An instant that a caller's clock, running ahead of ours, took for the present is ours. */
export const notAhead = (requested: Date, now: Date): Date => (requested > now ? now : requested)
