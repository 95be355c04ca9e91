import type { Principal } from '../../../platform/index.ts'
import { LicenceError } from '../../errors.ts'
import { endCopy, findCopy, lockCopy } from '../../store/copies.ts'
import { recordAudit } from '../../store/register.ts'
import { markPlaces } from '../../store/status-lists.ts'
import type { Deps } from '../deps.ts'
import { actedFor } from '../life/life-facts.ts'
import { boxOf } from './describe-copy.ts'

export interface RevokedCopy {
  readonly copyId: string
  readonly identifier: string
  readonly status: 'revoked'
  readonly recordedAt: Date
}

/**
 * Revokes a copy alone; its original and other copies stay what they are. A copy that is revoked already answers as it did.
 * @throws LicenceError COPY_NOT_FOUND; COPY_STATE_REFUSED for one that is not made or ended with its original
 */
export async function revokeCopy(
  deps: Deps,
  caller: Principal,
  { copyId, reason }: { readonly copyId: string; readonly reason: string },
): Promise<RevokedCopy> {
  await requireOwnCopy(deps, caller, copyId)
  return deps.database.transaction(async (tx) => {
    const row = (await lockCopy(tx, copyId))!
    const { identifier } = row
    if (row.state === 'revoked') return { copyId, identifier, status: 'revoked', recordedAt: row.endedAt! }
    if (row.state !== 'in force') throw new LicenceError('COPY_STATE_REFUSED', 'only a copy in force is revoked')
    const at = deps.clock.now()
    await endCopy(tx, copyId, { at, by: caller.id, sealedReason: boxOf(deps, row).seal('reason', Buffer.from(reason)) })
    await markPlaces(tx, [{ list: row.statusList, place: row.statusPlace }])
    await recordAudit(tx, caller, at, [{ action: 'revoke-copy', identifier, detail: copyId }])
    return { copyId, identifier, status: 'revoked', recordedAt: at }
  })
}

/** A copy that the caller's department made, or of a licence it has in hand. */
async function requireOwnCopy(deps: Deps, caller: Principal, copyId: string): Promise<void> {
  const row = await findCopy(deps.database, copyId)
  const acted = await actedFor(deps, caller)
  if (!row || !(acted.has(row.makerDepartment) || acted.has(row.departmentCode)))
    throw new LicenceError('COPY_NOT_FOUND', 'the department has no copy with this identifier')
}
