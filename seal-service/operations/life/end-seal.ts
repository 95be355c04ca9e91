import type { Transaction } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import type { Seal } from '../../domain/seal.ts'
import { type Ending, findEndingFaults } from '../../domain/seal-ending.ts'
import { SealError } from '../../errors.ts'
import { closePendingEnding, findPendingEnding, insertPendingEnding } from '../../store/pending-endings.ts'
import { act, type Call, type EventDraft, type Held, type LifeAnswer } from './act.ts'
import type { RequestFor } from './act-request.ts'

type EndingRequest = RequestFor<'revoke'> | RequestFor<'withdraw'> | RequestFor<'cancel'>

/**
 * Ends a seal by 吊销, 撤销 or 注销: as of now, as of a time that has passed, or, ordered now, at a time to come, when the clock does it.
 * Throws `SEAL_STEP_INVALID` with every fault, `SEAL_ENDING_ORDERED` where one is ordered already.
 */
export function endSeal(shop: Workshop, call: Call, request: EndingRequest): Promise<LifeAnswer> {
  const { action, reason, reasonCode, legalBasis } = request
  return act(shop, call, async () => async ({ tx, seal, at }): Promise<EventDraft> => {
    const ending: Ending = { reasonCode, reason, legalBasis, effectiveAt: request.effectiveAt ?? null }
    const faults = findEndingFaults(action, ending, seal.createdAt, at)
    if (faults.length > 0) throw new SealError('SEAL_STEP_INVALID', `cannot ${action} the seal so`, { faults })
    const detail = { reasonCode, legalBasis }
    if (ending.effectiveAt === null || ending.effectiveAt <= at) {
      await dropPending(tx, seal, at)
      return { reason, effectiveAt: ending.effectiveAt, detail }
    }
    const { effectiveAt } = ending
    if ((await findPendingEnding(tx, seal.id)) !== undefined)
      throw new SealError('SEAL_ENDING_ORDERED', 'an ending of this seal is ordered already: drop it first')
    const { id: callerId, name: callerName, departmentCode: callerDepartment } = call.principal
    const pending = { sealId: seal.id, action, reason, detail, effectiveAt, callerId, callerName, callerDepartment }
    await insertPendingEnding(tx, pending, at)
    return { note: 'order-ending', reason, effectiveAt, detail: { ...detail, action } }
  })
}

/** Takes an order back before its time. */
export async function dropEnding({ reason }: RequestFor<'drop-ending'>, { tx, seal, at }: Held): Promise<EventDraft> {
  await dropPending(tx, seal, at)
  return { reason }
}

async function dropPending(tx: Transaction, seal: Seal, at: Date): Promise<void> {
  const pending = await findPendingEnding(tx, seal.id)
  if (pending !== undefined) await closePendingEnding(tx, pending.id, 'dropped', at)
}
