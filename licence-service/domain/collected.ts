import { LicenceError } from '../errors.ts'
import { type LicenceEvent, type LicenceState, licenceTransitions } from './licence.ts'

/** Where a licence comes from, for everyone who is told of it. */
export interface Origin {
  /** Made here, or by another system and taken in. That is no state. */
  readonly origin: 'issued' | 'collected'
  /** The system that made it; null for what was made here. */
  readonly source: string | null
  /** Up to when that system has told of its state; null for what was made here, whose state is known now. */
  readonly statusReportedAt: Date | null
}

/** A licence as far as its origin goes. */
export interface OriginColumns {
  readonly collectedFrom: string | null
  readonly statusReportedAt: Date | null
}

export const originOf = ({ collectedFrom, statusReportedAt }: OriginColumns): Origin => ({
  origin: collectedFrom === null ? 'issued' : 'collected',
  source: collectedFrom,
  statusReportedAt,
})

/** States that an owner may report. */
export const reportedStates = [
  'in force',
  'suspended',
  'revoked',
  'withdrawn',
  'cancelled',
  'transferred',
  'superseded',
] as const satisfies readonly LicenceState[]
export type ReportedState = (typeof reportedStates)[number]

/** @throws LicenceError LICENCE_COLLECTED */
export function refuseCollected({ collectedFrom }: Pick<OriginColumns, 'collectedFrom'>): void {
  if (collectedFrom === null) return
  throw new LicenceError(
    'LICENCE_COLLECTED',
    'another system made this licence: whoever owns it changes it there, and reports its state',
  )
}

/**
 * The event that leads from one state to another.
 * @throws LicenceError LICENCE_TRANSITION_REFUSED when the table has no such way
 */
export function eventBetween(from: LicenceState, to: ReportedState): Exclude<LicenceEvent, 'reject'> {
  for (const event of ['suspend', 'restore', 'revoke', 'withdraw', 'cancel', 'transfer', 'supersede'] as const) {
    const way = licenceTransitions[event]
    const starts: readonly LicenceState[] = way.from
    if (way.to === to && starts.includes(from)) return event
  }
  throw new LicenceError('LICENCE_TRANSITION_REFUSED', `a licence that is ${from} does not become ${to}`)
}

/** Whether a report says something newer than what is on record; the same again is none, and no fault. */
export function isNews(
  reported: { readonly state: LicenceState; readonly asOf: Date },
  known: { readonly state: LicenceState; readonly asOf: Date },
): boolean {
  if (reported.asOf > known.asOf) return true
  if (reported.asOf.getTime() === known.asOf.getTime() && reported.state === known.state) return false
  throw new LicenceError(
    'INTAKE_STATUS_STALE',
    `a report of ${known.asOf.toISOString()} is on record already: an older one does not undo it`,
  )
}
