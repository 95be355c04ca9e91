import { dayOf } from '../../../licence-format/index.ts'
import type { Principal, Queryable } from '../../../platform/index.ts'
import { codesActedFor } from '../../domain/department-range.ts'
import type { Erasure, ErasureCause } from '../../domain/erasure.ts'
import { LicenceError } from '../../errors.ts'
import { settleOrder } from '../../store/acts.ts'
import { closeDisputesOf } from '../../store/disputes.ts'
import {
  decideErasure,
  erasePersonalData,
  findErasure,
  insertErasure,
  listErasures,
  lockErasure,
} from '../../store/erasures.ts'
import { type LicenceRow, lockLicence } from '../../store/licences.ts'
import { entriesOf, recordAudit } from '../../store/register.ts'
import { forgetBodyOf } from '../bodies/waiting-bodies.ts'
import type { Deps } from '../deps.ts'
import { lockSettled } from '../life/carry-out.ts'
import { openData } from '../read-licence.ts'
import { requireSame } from '../require-same.ts'
import { uuidOf } from '../wallet/agents.ts'
import { keptDays } from './retention.ts'

const DAY_MS = 86_400_000
const MOST_LISTED = 200

/** Causes for which the time that licences are kept need not be over: a court says so, or there never should have been one. */
const WITHOUT_DELAY: readonly ErasureCause[] = ['court-order', 'issued-in-error']

/**
 * Asks that what is personal of a licence be erased. Somebody else of the department decides.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_ERASED, ERASURE_REFUSED, ERASURE_OPEN, IDEMPOTENCY_KEY_REUSED
 */
export async function askErasure(
  deps: Deps,
  caller: Principal,
  { identifier, cause, key }: { identifier: string; cause: ErasureCause; key: string },
): Promise<Erasure> {
  const codes = await codesOf(deps, caller)
  const askedAt = deps.clock.now()
  const erasure = uuidOf('erasure', caller.departmentCode, key)
  const kept = await keptDays(deps, 'licences')
  return deps.database.transaction(async (tx) => {
    // Held before the key is looked for: of two at once the second finds what the first made.
    const row = await lockLicence(tx, identifier)
    const before = await findErasure(tx, erasure)
    if (before) {
      requireSame({ identifier: before.identifier, cause: before.cause }, { identifier, cause })
      return before
    }
    if (!row || !codes.has(row.departmentCode))
      throw new LicenceError('LICENCE_NOT_FOUND', 'the department has no licence with this identifier')
    const entries = await entriesOf(tx, identifier)
    refuseEarly(row, entries.at(-1)!.effectiveAt, cause, askedAt, kept)
    const { departmentCode } = row
    const isNew = await insertErasure(tx, {
      ...{ erasure, identifier, departmentCode, cause, askedBy: caller.id, askedAt },
    })
    if (!isNew) throw new LicenceError('ERASURE_OPEN', 'an erasure of this licence waits for a decision')
    await recordAudit(tx, caller, askedAt, [{ action: 'ask-erasure', identifier, detail: cause }])
    return (await findErasure(tx, erasure))!
  })
}

/**
 * Decides about an erasure that somebody else asked for. What was erased cannot be brought back; an order or a dispute that stood on it
 * comes to its end with it, since nobody could settle it any more.
 * @throws LicenceError ERASURE_NOT_FOUND, ERASURE_DECIDED, ERASURE_SAME_PERSON, ERASURE_REFUSED, LICENCE_ERASED; STEP_UP_REQUIRED
 */
export async function decideOnErasure(
  deps: Deps,
  caller: Principal,
  erasure: string,
  decision: 'done' | 'refused',
): Promise<Erasure> {
  if (decision === 'done') await deps.people.requireStepUp(caller)
  const codes = await codesOf(deps, caller)
  const decidedAt = deps.clock.now()
  const kept = await keptDays(deps, 'licences')
  return deps.database.transaction(async (tx) => {
    const found = await lockErasure(tx, erasure)
    if (!found || !codes.has(found.departmentCode))
      throw new LicenceError('ERASURE_NOT_FOUND', 'there is no such order of the department')
    if (found.state !== 'asked') throw new LicenceError('ERASURE_DECIDED', 'this was decided already')
    if (found.askedBy === caller.id)
      throw new LicenceError('ERASURE_SAME_PERSON', 'somebody else than who asked decides')
    const { identifier, cause } = found
    if (decision === 'done') {
      const { row, order } = await lockSettled(deps, tx, identifier)
      const entries = await entriesOf(tx, identifier)
      refuseEarly(row, entries.at(-1)!.effectiveAt, cause, decidedAt, kept)
      const isUploaded = deps.templates.version(row.typeCode, row.templateVersion)?.definition.body !== undefined
      if (isUploaded) await forgetBodyOf(deps, tx, [...codes, row.departmentCode], openData(deps, row))
      await erasePersonalData(tx, identifier)
      await endWhatStands(tx, caller, decidedAt, identifier, order?.orderId)
    }
    await decideErasure(tx, erasure, decision, caller.id, decidedAt)
    const action = decision === 'done' ? 'erase' : 'refuse-erasure'
    await recordAudit(tx, caller, decidedAt, [{ action, identifier, detail: cause }])
    return (await findErasure(tx, erasure))!
  })
}

async function endWhatStands(
  tx: Queryable,
  caller: Principal,
  at: Date,
  identifier: string,
  orderId: string | undefined,
): Promise<void> {
  const disputes = await closeDisputesOf(tx, identifier, caller.id, at)
  const records = disputes.map((detail) => ({ action: 'close-dispute', identifier, detail }))
  if (orderId !== undefined) {
    await settleOrder(tx, orderId, { state: 'void', at, fault: 'LICENCE_ERASED' })
    records.push({ action: 'order-void', identifier, detail: orderId })
  }
  await recordAudit(tx, caller, at, records)
}

/** Orders of the caller's department, latest first. */
export const listOwnErasures = async (deps: Deps, caller: Principal): Promise<Erasure[]> =>
  listErasures(deps.database, [...(await codesOf(deps, caller))], MOST_LISTED)

/** What is in force is needed, and what has ended is kept for a while, by law. */
function refuseEarly(row: LicenceRow, lastChange: Date, cause: ErasureCause, now: Date, kept: number): void {
  if (!row.wrappedDataKey)
    throw new LicenceError('LICENCE_ERASED', 'the personal data of this licence have been erased')
  const isOver = row.validUntil !== null && row.validUntil < dayOf(now)
  const isLive = row.state === 'prepared' || row.state === 'in force' || row.state === 'suspended'
  if (isLive && !isOver) throw new LicenceError('ERASURE_REFUSED', 'a licence that has not ended is not erased')
  const endedAt = isLive ? Date.parse(row.validUntil!) + DAY_MS : lastChange.getTime()
  if (!WITHOUT_DELAY.includes(cause) && now.getTime() < endedAt + kept * DAY_MS)
    throw new LicenceError('ERASURE_REFUSED', `what has ended is kept for ${kept} days`)
}

const codesOf = async (deps: Deps, { departmentCode }: Principal): Promise<ReadonlySet<string>> =>
  codesActedFor(await deps.facts.departments(), departmentCode, deps.clock.now())
