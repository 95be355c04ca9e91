import type { Dependencies } from '../dependencies.ts'
import { applySealAction, type Seal, type SealAction } from '../domain/seal.ts'
import { SealError } from '../errors.ts'
import { findSeal, insertSealEvent, recordState } from '../store/seals.ts'

/** Suspends, restores or revokes a seal, with who and why on record. Takes effect with the next request. */
export async function changeSealState(
  deps: Dependencies,
  change: {
    readonly sealId: string
    readonly action: Exclude<SealAction, 'make' | 'wait'>
    readonly reason: string
    readonly callerId: string
  },
): Promise<Seal> {
  const { sealId, action, reason, callerId } = change
  const seal = await findSeal(deps.database, sealId)
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  const state = applySealAction(seal.state, action)
  const at = deps.clock.now()
  const isChanged = await deps.database.transaction(async (tx) => {
    if (!(await recordState(tx, sealId, seal.state, state, at))) return false
    await insertSealEvent(tx, { sealId, action, state, reason, callerId, at })
    return true
  })
  if (!isChanged) throw new SealError('SEAL_TRANSITION_FORBIDDEN', `seal ${sealId} changed meanwhile`)
  return { ...seal, state, stateChangedAt: at }
}
