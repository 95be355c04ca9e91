import type { Queryable } from '../../../platform/index.ts'
import { applySealAction, type Seal, type SealAction } from '../../domain/seal.ts'
import { statesWithoutUse } from '../../domain/seal-ending.ts'
import { recordAcceptance, recordState, type SealEvent } from '../../store/seals.ts'
import { authoriseByDefault, endAuthorisations } from '../use/authorise.ts'
import { recordEvent } from './record-event.ts'

/** A step of a seal's life, for the record. */
export type Step = Omit<SealEvent, 'sealId' | 'action'> & { readonly action: SealAction }

/**
 * Takes one step of the table with its event, in the caller's transaction; undefined when the seal has left the state that it was read in.
 * With it goes the leave to use the seal: given when a keeper accepts it or it serves again after it had expired, ended where the step
 * ends the seal's use. Throws `SEAL_TRANSITION_FORBIDDEN` where the table has no such step.
 */
export async function takeStep(tx: Queryable, seal: Seal, step: Step): Promise<Seal | undefined> {
  const { action, at, caller } = step
  const state = applySealAction(seal.state, action)
  const effectiveAt = step.effectiveAt ?? null
  if (!(await recordState(tx, seal.id, seal.state, state, at, effectiveAt))) return undefined
  await recordEvent(tx, { ...step, sealId: seal.id })
  if (action === 'accept') await recordAcceptance(tx, seal.id, at)
  if (state === 'active' && (action === 'accept' || seal.state === 'expired')) await authoriseByDefault(tx, seal, at)
  if (statesWithoutUse.includes(state)) await endAuthorisations(tx, seal.id, { action, callerId: caller.id, at })
  return { ...seal, state, stateChangedAt: at, effectiveAt }
}
