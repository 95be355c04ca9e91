import type { Principal } from '../../platform/index.ts'
import { type LicenceEvent, nextState } from '../domain/licence.ts'
import { effectiveTimeOf } from '../domain/register-entry.ts'
import { type DepartmentStatus, departmentStatus } from '../domain/validity.ts'
import { LicenceError } from '../errors.ts'
import { changeState, lockLicence } from '../store/licences.ts'
import { appendEntries, entriesOf, recordAudit } from '../store/register.ts'
import { markChanged } from '../store/status-lists.ts'
import type { Deps } from './deps.ts'
import { openBox } from './sealed-content.ts'

export interface StatusChange {
  readonly identifier: string
  /** For the register; sealed, since it may speak of people. */
  readonly reason: string
  /** From when it holds; default now, not in the future, not before the last change. */
  readonly effectiveAt?: Date | undefined
}

export interface ChangedStatus {
  readonly identifier: string
  readonly status: DepartmentStatus
  readonly effectiveAt: Date
  readonly recordedAt: Date
}

/**
 * Suspends, restores or revokes a licence of the caller's department: state, register, audit and status list in one transaction.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_TRANSITION_REFUSED, LICENCE_EFFECTIVE_TIME_REFUSED, LICENCE_ERASED
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
    const state = nextState(row.state, event)
    const entries = await entriesOf(tx, row.identifier)
    const effectiveAt = effectiveTimeOf(change.effectiveAt, entries.at(-1)!.effectiveAt, recordedAt)
    await changeState(tx, row.identifier, row.state, state)
    const { identifier, departmentCode, dataDigest, sealedDigest } = row
    const sealedReason = openBox(deps, row).seal('reason', Buffer.from(change.reason))
    const entry = { identifier, departmentCode, dataDigest, sealedDigest, sealedReason, related: null }
    await appendEntries(tx, [{ ...entry, event, state, effectiveAt, recordedAt, recordedBy: caller.id }])
    await recordAudit(tx, caller, recordedAt, [{ action: event, identifier }])
    await markChanged(tx, [row.statusList])
    return { identifier, status: departmentStatus(state, row, recordedAt), effectiveAt, recordedAt }
  })
}
