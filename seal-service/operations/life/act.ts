import type { Principal, Transaction } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import {
  checkOtherPerson,
  checkReady,
  dangerousActions,
  type LifeAction,
  type LifeFacts,
  permissionFor,
} from '../../domain/life-policy.ts'
import { type Seal, type SealAction, sealActions } from '../../domain/seal.ts'
import { SealError } from '../../errors.ts'
import { findAnswer } from '../../store/answers.ts'
import { lockSeal, type SealEvent } from '../../store/seals.ts'
import { answerOnce, type Once } from '../use/answer-once.ts'
import { findSealInSight, readLifeFacts, toActor } from './life-facts.ts'
import { recordEvent } from './record-event.ts'
import { takeStep } from './take-step.ts'

/** Who asks for what, of which seal. */
export interface Call {
  readonly principal: Principal
  readonly sealId: string
  readonly action: LifeAction
  /** Left out: a repeat is judged anew. */
  readonly once?: Omit<Once, 'callerId'>
}

/** What an act writes beside its event, and what the event says. */
export type EventDraft = Pick<SealEvent, 'reason' | 'effectiveAt' | 'detail'> & {
  /** In place of the action's own: an ending that is ordered for later is a note. */
  readonly note?: 'order-ending'
}

/** The seal under lock, with all that is on record of it. */
export interface Held {
  readonly tx: Transaction
  readonly facts: LifeFacts
  readonly seal: Seal
  readonly at: Date
}

/** What a caller is answered: the seal as the act left it. */
export interface LifeAnswer {
  readonly id: string
  readonly state: Seal['state']
  readonly at: string
}

/**
 * One act in a seal's life. `prepare` does what takes time, outside of any transaction (drawing, keys, certificates, the publisher), and
 * gives what is then recorded with the seal under lock, in one transaction with step, event and answer. Who may, and whether it may be
 * now, is asked before and again under the lock; so of two at once exactly one does it. Throws `SEAL_NOT_FOUND`, `SEAL_ROLE_MISSING`,
 * `SEAL_NOT_KEEPER`, `SEAL_SAME_PERSON`, `SEAL_TRANSITION_FORBIDDEN`, STEP_UP_REQUIRED and what the act itself throws.
 */
export async function act(
  shop: Workshop,
  call: Call,
  prepare: (facts: LifeFacts) => Promise<(held: Held) => Promise<EventDraft>>,
): Promise<LifeAnswer> {
  const { principal, sealId, action } = call
  const once = call.once && { ...call.once, callerId: principal.id }
  const kept = once && (await findAnswer(shop.database, once.callerId, once.key))
  if (once !== undefined && kept !== undefined) return toKeptAnswer(kept, once)
  const admitted = await admit(shop, call)
  const record = await prepare(admitted.facts)
  await admitted.confirm()
  const work = async (tx: Transaction): Promise<LifeAnswer> => {
    const locked = (await lockSeal(tx, sealId))!
    const current = await readLifeFacts(tx, locked)
    admitted.check(current)
    const at = shop.clock.now()
    const { note, ...draft } = await record({ tx, facts: current, seal: locked, at })
    const caller = { id: principal.id, name: principal.name, departmentCode: principal.departmentCode }
    if (note === undefined && isStep(action)) {
      const after = await takeStep(tx, locked, { ...draft, action, caller, at })
      return { id: sealId, state: after!.state, at: at.toISOString() }
    }
    const noted = note ?? (action as Exclude<LifeAction, SealAction>)
    await recordEvent(tx, { ...draft, sealId, action: noted, caller, at })
    return { id: sealId, state: locked.state, at: at.toISOString() }
  }
  if (once === undefined) return shop.database.transaction(work)
  try {
    return await answerOnce(shop.database, once, shop.clock.now(), work)
  } catch (error) {
    // Two of one key at once: the second finds the step taken, by the first.
    const answered = error instanceof SealError && (await findAnswer(shop.database, once.callerId, once.key))
    if (!answered) throw error
    return toKeptAnswer(answered, once)
  }
}

/** Whether the caller may do this now: the facts that say so, and the same question for later ones. */
export async function admit(shop: Workshop, { principal, sealId, action }: Call) {
  const seal = await findSealInSight(shop, principal, sealId)
  const actor = await toActor(shop, principal, seal.departmentCode)
  const check = (facts: LifeFacts) => {
    const permission = permissionFor(action, actor, facts)
    checkReady(action, facts)
    checkOtherPerson(action, actor.id, facts)
    return permission
  }
  const facts = await readLifeFacts(shop.database, seal)
  const permission = check(facts)
  if (dangerousActions.includes(action)) await shop.people.requireStepUp(principal)
  return {
    facts,
    check,
    /** A right that was taken away meanwhile counts no more. */
    async confirm() {
      if (!(await shop.people.mayNow(principal, permission)))
        throw new SealError('SEAL_ROLE_MISSING', `to ${action} a seal needs ${permission}`)
    },
  }
}

const isStep = (action: LifeAction): action is Extract<LifeAction, SealAction> => Object.hasOwn(sealActions, action)

function toKeptAnswer(kept: { requestDigest: Uint8Array; answer: unknown }, once: Once): LifeAnswer {
  if (Buffer.compare(kept.requestDigest, once.requestDigest) !== 0)
    throw new SealError('SEAL_REQUEST_CONFLICT', 'this Idempotency-Key was used with another request')
  return kept.answer as LifeAnswer
}
