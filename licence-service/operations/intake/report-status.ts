import type { Principal, Queryable } from '../../../platform/index.ts'
import { eventBetween, isNews, originOf, type ReportedState } from '../../domain/collected.ts'
import { notFound } from '../../domain/life-policy.ts'
import { CLOCK_SKEW_MS, effectiveTimeOf } from '../../domain/register-entry.ts'
import { departmentStatus } from '../../domain/validity.ts'
import { LicenceError, type LicenceErrorCode } from '../../errors.ts'
import { changeState, type LicenceRow, lockLicence, markReported } from '../../store/licences.ts'
import { appendEntries, entriesOf, recordAudit } from '../../store/register.ts'
import { markPlaces } from '../../store/status-lists.ts'
import type { Deps } from '../deps.ts'
import { actedFor } from '../life/life-facts.ts'
import { openBox } from '../sealed-content.ts'
import type { CollectedLicence } from './collect.ts'
import { sourceSpokenFor } from './sources.ts'

export interface StatusReport {
  readonly identifier: string
  readonly state: ReportedState
  /** From when the state holds, where it is another than before; left out: from `asOf`. */
  readonly effectiveAt?: Date | undefined
  /** Up to when the owner knows. */
  readonly asOf: Date
  /** For the register; sealed, since it may speak of people. */
  readonly reason?: string | undefined
}

/**
 * What the owner of a collected licence says of its state. Reports only go forward in time; the same one again is answered and changes
 * nothing, a later one that says the same makes what is known younger.
 * @throws LicenceError LICENCE_NOT_FOUND, INTAKE_SOURCE_REFUSED, INTAKE_TIME_REFUSED, INTAKE_STATUS_STALE, LICENCE_TRANSITION_REFUSED,
 *   LICENCE_EFFECTIVE_TIME_REFUSED
 */
export async function reportStatus(deps: Deps, caller: Principal, report: StatusReport): Promise<CollectedLicence> {
  checkReportTime(deps, report)
  const departments = await actedFor(deps, caller)
  return deps.database.transaction(async (tx) => {
    const row = await lockLicence(tx, report.identifier)
    if (!row || row.collectedFrom === null || !departments.has(row.departmentCode)) throw notFound()
    await sourceSpokenFor(tx, caller, departments, row.collectedFrom)
    const known = { state: row.state, asOf: row.statusReportedAt! }
    const isNew = isNews(report, known)
    if (isNew) {
      if (report.state !== row.state) await recordReported(deps, tx, caller, row, report)
      await markReported(tx, row.identifier, report.asOf)
    }
    const now = isNew ? { ...row, state: report.state, statusReportedAt: report.asOf } : row
    const { identifier, printedNumber: number } = row
    const status = departmentStatus(now.state, row, deps.clock.now())
    return { identifier, number, status, sealedDigest: row.sealedDigest!, ...originOf(now) }
  })
}

/** What became of one report among several: the licence as it stands now, or the code of a refusal. */
export type ReportOutcome =
  | ({ readonly ok: true } & CollectedLicence)
  | { readonly ok: false; readonly identifier: string; readonly code: LicenceErrorCode }

/** Reports of one source about many licences, each by itself: what is refused of one keeps no other away. */
export async function reportStatuses(
  deps: Deps,
  caller: Principal,
  reports: readonly StatusReport[],
): Promise<ReportOutcome[]> {
  const outcomes: ReportOutcome[] = []
  for (const report of reports) {
    try {
      outcomes.push({ ok: true, ...(await reportStatus(deps, caller, report)) })
    } catch (error) {
      if (!(error instanceof LicenceError)) throw error
      outcomes.push({ ok: false, identifier: report.identifier, code: error.code })
    }
  }
  return outcomes
}

/** @throws LicenceError INTAKE_TIME_REFUSED */
export function checkReportTime({ clock }: Pick<Deps, 'clock'>, { asOf }: { readonly asOf: Date }): void {
  if (asOf.getTime() > clock.now().getTime() + CLOCK_SKEW_MS)
    throw new LicenceError('INTAKE_TIME_REFUSED', 'nobody knows the state of a later time')
}

async function recordReported(
  deps: Deps,
  tx: Queryable,
  caller: Principal,
  row: LicenceRow,
  { state, effectiveAt: from, asOf, reason }: StatusReport,
): Promise<void> {
  const event = eventBetween(row.state, state)
  const recordedAt = deps.clock.now()
  const last = (await entriesOf(tx, row.identifier)).at(-1)!
  const effectiveAt = effectiveTimeOf(from ?? asOf, last.effectiveAt, recordedAt)
  const { identifier, departmentCode, dataDigest, sealedDigest } = row
  await changeState(tx, identifier, row.state, state)
  const isSealable = reason !== undefined && row.wrappedDataKey !== null
  await appendEntries(tx, [
    {
      ...{ identifier, departmentCode, dataDigest, sealedDigest, event, state, effectiveAt, recordedAt },
      sealedReason: isSealable ? openBox(deps, row).seal('reason', Buffer.from(reason)) : null,
      recordedBy: caller.id,
      related: null,
    },
  ])
  await recordAudit(tx, caller, recordedAt, [{ action: `reported-${event}`, identifier }])
  await markPlaces(tx, [{ list: row.statusList, place: row.statusPlace }])
}
