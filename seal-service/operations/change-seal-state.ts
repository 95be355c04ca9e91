import type { Dependencies } from '../dependencies.ts'
import type { Seal } from '../domain/seal.ts'
import { SealError } from '../errors.ts'
import { findSeal } from '../store/seals.ts'
import { takeStep } from './life/take-step.ts'

/** What an operator may do to a seal from the command line, without the people who would. */
export type OperatorAction = 'suspend' | 'restore' | 'revoke'

/** Suspends, restores or revokes a seal, with who and why on record. Takes effect with the next request. */
export async function changeSealState(
  deps: Dependencies,
  change: {
    readonly sealId: string
    readonly action: OperatorAction
    readonly reason: string
    readonly callerId: string
  },
): Promise<Seal> {
  const { sealId, action, reason, callerId } = change
  const seal = await findSeal(deps.database, sealId)
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  const step = { action, reason, caller: { id: callerId }, at: deps.clock.now() }
  const changed = await deps.database.transaction((tx) => takeStep(tx, seal, step))
  if (changed === undefined) throw new SealError('SEAL_TRANSITION_FORBIDDEN', `seal ${sealId} changed meanwhile`)
  return changed
}
