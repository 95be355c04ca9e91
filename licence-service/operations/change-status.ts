import { canonicalJson } from '../../licence-format/index.ts'
import type { Principal, Queryable } from '../../platform/index.ts'
import { type LicenceEvent, nextState } from '../domain/licence.ts'
import { effectiveTimeOf } from '../domain/register-entry.ts'
import { type DepartmentStatus, departmentStatus } from '../domain/validity.ts'
import { LicenceError } from '../errors.ts'
import { findKeys, takeKeys } from '../store/idempotency.ts'
import { changeState, lockLicence } from '../store/licences.ts'
import { appendEntries, entriesOf, recordAudit } from '../store/register.ts'
import { markPlaces } from '../store/status-lists.ts'
import type { Deps } from './deps.ts'
import { keyedHash, openBox } from './sealed-content.ts'

export interface StatusChange {
  readonly identifier: string
  /** For the register; sealed, since it may speak of people. */
  readonly reason: string
  /** From when it holds; default now, not in the future, not before the last change. */
  readonly effectiveAt?: Date | undefined
  /** Idempotency key, within the caller's department: the same key and change are recorded once and get one answer. */
  readonly key?: string | undefined
}

export interface ChangedStatus {
  readonly identifier: string
  readonly status: DepartmentStatus
  readonly effectiveAt: Date
  readonly recordedAt: Date
}

/**
 * Suspends, restores or revokes a licence of the caller's department: state, register, audit and status list in one transaction.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_TRANSITION_REFUSED, LICENCE_EFFECTIVE_TIME_REFUSED, LICENCE_ERASED,
 *   IDEMPOTENCY_KEY_REUSED
 */
export function changeStatus(
  deps: Deps,
  caller: Principal,
  event: Extract<LicenceEvent, 'suspend' | 'restore' | 'revoke'>,
  change: StatusChange,
): Promise<ChangedStatus> {
  return deps.database.transaction(async (tx) => {
    const recordedAt = deps.clock.now()
    const row = await lockLicence(tx, change.identifier)
    if (!row || row.departmentCode !== caller.departmentCode)
      throw new LicenceError('LICENCE_NOT_FOUND', 'the department has no licence with this identifier')
    const requestMac = macOf(deps, event, change)
    const answered = await findAnswer(tx, caller, change.key, requestMac)
    if (answered) return answered
    const state = nextState(row.state, event)
    const entries = await entriesOf(tx, row.identifier)
    const effectiveAt = effectiveTimeOf(change.effectiveAt, entries.at(-1)!.effectiveAt, recordedAt)
    await changeState(tx, row.identifier, row.state, state)
    const { identifier, departmentCode, dataDigest, sealedDigest } = row
    const sealedReason = openBox(deps, row).seal('reason', Buffer.from(change.reason))
    const entry = { identifier, departmentCode, dataDigest, sealedDigest, sealedReason, related: null }
    await appendEntries(tx, [{ ...entry, event, state, effectiveAt, recordedAt, recordedBy: caller.id }])
    await recordAudit(tx, caller, recordedAt, [{ action: event, identifier }])
    await markPlaces(tx, [{ list: row.statusList, place: row.statusPlace }])
    const changed = { identifier, status: departmentStatus(state, row, recordedAt), effectiveAt, recordedAt }
    if (change.key !== undefined) {
      const key = { key: change.key, requestMac, identifier, answer: { changed } }
      if ((await takeKeys(tx, departmentCode, recordedAt, [key])).length === 0) throw keyReused()
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
