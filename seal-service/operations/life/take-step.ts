import type { Queryable } from '../../../platform/index.ts'
import { applySealAction, type Seal, type SealAction } from '../../domain/seal.ts'
import { recordState, type SealEvent } from '../../store/seals.ts'
import { recordEvent } from './record-event.ts'

/** A step of a seal's life, for the record. */
export type Step = Omit<SealEvent, 'sealId' | 'action'> & { readonly action: SealAction }

/**
 * Takes one step of the table with its event, in the caller's transaction; undefined when the seal has left the state that it was read in.
 * Throws `SEAL_TRANSITION_FORBIDDEN` where the table has no such step.
 */
export async function takeStep(tx: Queryable, seal: Seal, step: Step): Promise<Seal | undefined> {
  const state = applySealAction(seal.state, step.action)
  const effectiveAt = step.effectiveAt ?? null
  if (!(await recordState(tx, seal.id, seal.state, state, step.at, effectiveAt))) return undefined
  await recordEvent(tx, { ...step, sealId: seal.id })
  return { ...seal, state, stateChangedAt: step.at, effectiveAt }
}
