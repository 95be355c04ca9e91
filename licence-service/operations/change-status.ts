import { canonicalJson } from '../../licence-format/index.ts'
import type { Principal, Queryable } from '../../platform/index.ts'
import { checkReady, notFound } from '../domain/life-policy.ts'
import { LicenceError } from '../errors.ts'
import { findKeys, takeKeys } from '../store/idempotency.ts'
import type { Deps } from './deps.ts'
import { lockSettled } from './life/carry-out.ts'
import { actedFor, lifeRulesOf, todayOf } from './life/life-facts.ts'
import { type ActDone, recordStateAct } from './life/record-act.ts'
import { keyedHash } from './sealed-content.ts'

export interface StatusChange {
  readonly identifier: string
  /** For the register; sealed, since it may speak of people. */
  readonly reason: string
  /** From when it holds; default now, not in the future, not before the last change. */
  readonly effectiveAt?: Date | undefined
  /** Idempotency key, within the caller's department: the same key and change are recorded once and get one answer. */
  readonly key?: string | undefined
}

export type ChangedStatus = ActDone

/**
 * Suspends, restores or revokes a licence of the caller's department at once: the short form of `life/act.ts`, which asks for no law and
 * makes no orders.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_TRANSITION_REFUSED, LICENCE_EFFECTIVE_TIME_REFUSED, LICENCE_ERASED,
 *   IDEMPOTENCY_KEY_REUSED
 */
export async function changeStatus(
  deps: Deps,
  caller: Principal,
  event: 'suspend' | 'restore' | 'revoke',
  change: StatusChange,
): Promise<ChangedStatus> {
  const acted = await actedFor(deps, caller)
  return deps.database.transaction(async (tx) => {
    const held = await lockSettled(deps, tx, change.identifier)
    const { identifier, departmentCode } = held.row
    if (!acted.has(departmentCode)) throw notFound()
    const requestMac = macOf(deps, event, change)
    const answered = await findAnswer(tx, caller, change.key, requestMac)
    if (answered) return answered
    const rules = lifeRulesOf(deps, held.row.typeCode)
    if (rules.secondPerson.includes(event))
      throw new LicenceError(
        'LICENCE_SECOND_PERSON_MISSING',
        `to ${event} a licence of this type is ordered, and approved`,
      )
    checkReady(event, held.facts, rules, todayOf(deps))
    const { reason, effectiveAt } = change
    const changed = await recordStateAct(deps, tx, caller, held, { action: event, reason, effectiveAt })
    if (change.key !== undefined) {
      const key = { key: change.key, requestMac, identifier, answer: { changed } }
      const taken = await takeKeys(tx, caller.departmentCode, changed.recordedAt, [key])
      if (taken.length === 0) throw keyReused()
    }
    return changed
  })
}

/** What the key was answered before; the licence is locked, so a repeat of the same change finds it. */
async function findAnswer(
  tx: Queryable,
  caller: Principal,
  key: string | undefined,
  requestMac: Uint8Array,
): Promise<ChangedStatus | undefined> {
  if (key === undefined) return undefined
  const [row] = await findKeys(tx, caller.departmentCode, [key])
  if (!row) return undefined
  if (!Buffer.from(requestMac).equals(row.requestMac)) throw keyReused()
  const { changed } = row.answer as { changed: Record<'effectiveAt' | 'recordedAt', string> & ChangedStatus }
  const { identifier, status } = changed
  return { identifier, status, effectiveAt: new Date(changed.effectiveAt), recordedAt: new Date(changed.recordedAt) }
}

const keyReused = () => new LicenceError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another request')

function macOf(deps: Deps, event: string, { identifier, reason, effectiveAt }: StatusChange): Uint8Array {
  const request = { event, identifier, reason, effectiveAt: effectiveAt?.toISOString() ?? null }
  return keyedHash(deps, 'change', canonicalJson(request))
}
