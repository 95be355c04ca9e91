// Licences whose seal is in doubt get successors with the same data and another seal, as the seal service orders.
import type { Principal } from '../../../platform/index.ts'
import { ownKey } from '../../domain/own-key.ts'
import { LicenceError } from '../../errors.ts'
import { findLicence, type LicenceRow } from '../../store/licences.ts'
import { recordAudit } from '../../store/register.ts'
import {
  endWork,
  findWork,
  listRefusals,
  listWorks,
  markPlace,
  type ResealRefusal,
  type ResealWork,
  recordOutcome,
  refusedUses,
  startWork,
} from '../../store/reseal-works.ts'
import type { Deps } from '../deps.ts'
import type { IssueOutcome } from '../issue-outcome.ts'
import type { Within } from '../part.ts'
import { attempt, type Failure, principalOf } from './carry-out.ts'
import { toIssueRequest } from './replace-now.ts'

/** Licences after which a round ends, at the end of their page; the next round goes on. */
const ROUND = 50

export interface ResealProgress {
  readonly resealId: string
  readonly startedAt: Date
  readonly endedAt: Date | null
  readonly done: number
  /** The first thousand that got no successor. */
  readonly refused: readonly ResealRefusal[]
}

/**
 * Begins to work an order of the seal service off, confirmed by a security key; begun again, it tries what was refused. The rest goes by
 * itself.
 * @throws what the seal service throws for an order that the caller may not see; STEP_UP_REQUIRED
 */
export async function startReseal(deps: Deps, caller: Principal, resealId: string): Promise<ResealProgress> {
  await deps.people.requireStepUp(caller)
  await deps.reseals.reseal(caller, resealId)
  const { id, kind, departmentCode, roles } = caller
  const startedAt = deps.clock.now()
  await deps.database.transaction(async (tx) => {
    await startWork(tx, { resealId, caller: { id, kind, departmentCode, roles }, startedAt })
    await recordAudit(tx, caller, startedAt, [{ action: 'reseal', identifier: null, detail: resealId }])
  })
  return readReseal(deps, caller, resealId)
}

/** @throws LicenceError LICENCE_ORDER_NOT_FOUND */
export async function readReseal(deps: Deps, caller: Principal, resealId: string): Promise<ResealProgress> {
  const work = await findWork(deps.database, resealId, caller.departmentCode)
  if (!work) throw new LicenceError('LICENCE_ORDER_NOT_FOUND', 'the department works no such order off')
  const { startedAt, endedAt, done } = work
  return { resealId, startedAt, endedAt, done, refused: await listRefusals(deps.database, resealId) }
}

/**
 * A round of every order that is worked off; answers how many licences got their successors. One that cannot go on stands in no other's
 * way. Safe in several processes at once.
 */
export async function workResealsOff(deps: Deps, within: Within, stopping: AbortSignal): Promise<number> {
  let done = 0
  for (const work of await listWorks(deps.database)) {
    if (stopping.aborted) break
    try {
      done += await workOff(deps, within, work, stopping)
    } catch (error) {
      const { resealId } = work
      deps.log.error('an order to seal anew could not be worked on; it is tried again', { error, resealId })
    }
  }
  return done
}

/** A round of one order. It has ended once a round passed all that waits without an outage: what is left was refused. */
async function workOff(deps: Deps, within: Within, work: ResealWork, stopping: AbortSignal): Promise<number> {
  const { resealId, wentTo, startedAt } = work
  const principal = principalOf(work.caller)
  const { newSealId } = await deps.reseals.reseal(principal, resealId)
  const refused = await refusedUses(deps.database, resealId)
  const outages: unknown[] = []
  let done = 0
  let seen = 0
  let after = wentTo
  do {
    const page = await deps.reseals.resealItems(principal, resealId, { after, limit: ROUND })
    for (const item of page.items.filter(({ useId }) => !refused.has(useId))) {
      if (stopping.aborted) return done
      seen++
      const failure = await resealOne(deps, within, principal, { ...item, resealId, newSealId, startedAt })
      if (!failure) done++
      else if (failure.fault === undefined) outages.push(failure.error)
    }
    after = page.next
  } while (after !== null && seen < ROUND)
  if (after === null && wentTo === null && outages.length === 0)
    await endWork(deps.database, resealId, deps.clock.now())
  else await markPlace(deps.database, resealId, after)
  if (outages.length > 0) {
    const outcome = { error: outages[0], documents: outages.length, resealId }
    deps.log.warn('documents could not be sealed anew; they are tried again', outcome)
  }
  return done
}

/** A use in doubt, of a document or of a copy of it. */
interface Item {
  readonly resealId: string
  readonly useId: string
  readonly identifier: string
  readonly newSealId: string
  readonly startedAt: Date
}

/** One licence, under a key of its own: told to the seal service again after a crash, it is the same successor. */
async function resealOne(deps: Deps, within: Within, principal: Principal, item: Item): Promise<Failure | undefined> {
  const { resealId, useId, identifier } = item
  const failure = await attempt(async () => {
    const row = await findLicence(deps.database, identifier)
    if (!row) throw new LicenceError('LICENCE_NOT_FOUND', 'no licence with this identifier is on the register')
    const outcome = (await findResealed(deps, row, item)) ?? (await issueSuccessor(within, principal, row, item))
    if (!outcome.ok) return outcome
    const successor = outcome.licence.identifier
    await deps.reseals.reportResealed(principal, { resealId, useId, newIdentifier: successor })
    await recordOutcome(deps.database, resealId, { useId, identifier, successor })
    return outcome
  })
  const fault = failure?.fault
  if (fault !== undefined) await recordOutcome(deps.database, resealId, { useId, identifier, fault })
  return failure
}

/** What took the licence's place since the order began, under its seal: copies of one licence end together, with one successor. */
async function findResealed(deps: Deps, { replacedBy }: LicenceRow, { newSealId, startedAt }: Item) {
  const licence = replacedBy === null ? undefined : await findLicence(deps.database, replacedBy)
  const isOurs = licence?.sealId === newSealId && licence.preparedAt >= startedAt
  return isOurs ? { ok: true as const, licence } : undefined
}

async function issueSuccessor(
  within: Within,
  principal: Principal,
  row: LicenceRow,
  { resealId, useId, newSealId: sealId }: Item,
): Promise<IssueOutcome> {
  const request = {
    action: 'reseal',
    reason: `原印章失信，按用印系统 ${resealId} 号令重新签章`,
    key: ownKey('reseal', useId),
    data: null,
    level: row.targetLevel,
  } as const
  const { replaces, ...issue } = toIssueRequest(row, request)
  return (await within.issue(principal, [{ ...issue, replaces: { ...replaces!, sealId } }]))[0]!
}
