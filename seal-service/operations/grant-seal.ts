import type { Dependencies } from '../dependencies.ts'
import { SealError } from '../errors.ts'
import { endGrant, insertGrant, type SealGrant } from '../store/seal-grants.ts'
import { findSeal } from '../store/seals.ts'
import { recordEvent } from './life/record-event.ts'

/**
 * Gives or ends a department's leave that another one's minting carries its seal on a type of licence. Idempotent; the event stands in
 * the seal's history. Throws `SEAL_NOT_FOUND`, `SEAL_NOT_ALLOWED_ON_TYPE`.
 */
export async function changeGrant(
  deps: Dependencies,
  action: 'grant' | 'end-grant',
  grant: SealGrant,
  callerId: string,
): Promise<void> {
  const seal = await findSeal(deps.database, grant.sealId)
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${grant.sealId}`)
  if (action === 'grant' && !seal.typeCodes.includes(grant.typeCode)) {
    throw new SealError('SEAL_NOT_ALLOWED_ON_TYPE', `seal ${seal.id} may not stand on licences of this type`)
  }
  const at = deps.clock.now()
  await deps.database.transaction(async (tx) => {
    const change = action === 'grant' ? insertGrant : endGrant
    if (!(await change(tx, grant, callerId, at))) return
    const reason = `${grant.departmentCode} ${grant.typeCode}`
    await recordEvent(tx, { sealId: seal.id, action, reason, caller: { id: callerId }, at })
  })
}
