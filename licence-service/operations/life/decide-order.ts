// What becomes of an order before it takes effect: a second person approves or refuses it, whoever asked takes it back.
import type { Principal } from '../../../platform/index.ts'
import { type Actor, dangerousActions, isOrderInSight, isStateAction } from '../../domain/life-policy.ts'
import { LicenceError } from '../../errors.ts'
import { type ActOrder, approveOrder, findOrder, openOrderStates, settleOrder } from '../../store/acts.ts'
import { recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import type { Within } from '../part.ts'
import { openBox } from '../sealed-content.ts'
import { carryOut } from './carry-out.ts'
import { isDue } from './due-orders.ts'
import { actorOf, lockHeld } from './life-facts.ts'
import { type OrderView, toOrderView } from './read-orders.ts'

/**
 * Approves an order as the second person. One without a day of its own, or whose day has passed, is carried out at once.
 * @throws LicenceError LICENCE_ORDER_NOT_FOUND, LICENCE_ROLE_MISSING, LICENCE_ORDER_SETTLED, LICENCE_SAME_PERSON; STEP_UP_REQUIRED
 */
export async function approve(deps: Deps, within: Within, caller: Principal, orderId: string): Promise<OrderView> {
  const { order, actor } = await getOrder(deps, caller, orderId)
  checkReviewer(actor)
  // Whoever runs a machine could be both.
  if (order.caller.id === caller.id || caller.kind === 'machine')
    throw new LicenceError('LICENCE_SAME_PERSON', 'another person than whoever asked approves an act, and no machine')
  if (dangerousActions.includes(order.action)) await deps.people.requireStepUp(caller)
  const at = deps.clock.now()
  await deps.database.transaction(async (tx) => {
    await lockHeld(tx, order.identifier)
    const approval =
      order.action === 'transfer'
        ? ({ state: 'offered', effectiveAt: null } as const)
        : ({ state: 'scheduled', effectiveAt: effectiveFrom(order, at) } as const)
    if (!(await approveOrder(tx, orderId, { ...approval, by: caller.id, at }))) throw settled()
    await recordAudit(tx, caller, at, [{ action: 'order-approve', identifier: order.identifier, detail: orderId }])
  })
  const approved = (await findOrder(deps.database, orderId))!
  if (isDue(approved, deps.clock.now())) await carryOut(deps, within, approved)
  return toOrderView(deps, { reader: caller, actor }, (await findOrder(deps.database, orderId))!)
}

/** A day that came and went while the order waited: it counts from the approval, since until then nothing was decided. */
function effectiveFrom({ effectiveAt, askedAt }: ActOrder, at: Date): Date {
  if (effectiveAt === null) return at
  return effectiveAt > askedAt && effectiveAt < at ? at : effectiveAt
}

/**
 * Refuses an order that waits for approval.
 * @throws LicenceError LICENCE_ORDER_NOT_FOUND, LICENCE_ROLE_MISSING, LICENCE_ORDER_SETTLED
 */
export async function refuse(deps: Deps, caller: Principal, orderId: string, reason: string): Promise<OrderView> {
  const { order, actor } = await getOrder(deps, caller, orderId)
  checkReviewer(actor)
  return settle(deps, { caller, actor }, order, 'refused', reason)
}

/**
 * Takes back an order that has not taken effect: whoever asked for it, or a reviewer.
 * @throws LicenceError LICENCE_ORDER_NOT_FOUND, LICENCE_ROLE_MISSING, LICENCE_ORDER_SETTLED
 */
export async function drop(deps: Deps, caller: Principal, orderId: string, reason: string): Promise<OrderView> {
  const { order, actor } = await getOrder(deps, caller, orderId)
  if (order.caller.id !== caller.id) checkReviewer(actor)
  return settle(deps, { caller, actor }, order, 'dropped', reason)
}

async function getOrder(deps: Deps, caller: Principal, orderId: string): Promise<{ order: ActOrder; actor: Actor }> {
  const actor = await actorOf(deps, caller)
  const order = await findOrder(deps.database, orderId)
  if (!order || !isOrderInSight(actor, order))
    throw new LicenceError('LICENCE_ORDER_NOT_FOUND', 'the department has no such order')
  return { order, actor }
}

function checkReviewer(actor: Actor): void {
  if (!actor.may('licences:review')) throw new LicenceError('LICENCE_ROLE_MISSING', 'orders are decided by a reviewer')
}

async function settle(
  deps: Deps,
  { caller, actor }: { readonly caller: Principal; readonly actor: Actor },
  { orderId, identifier }: ActOrder,
  state: 'refused' | 'dropped',
  reason: string,
): Promise<OrderView> {
  const at = deps.clock.now()
  await deps.database.transaction(async (tx) => {
    const held = await lockHeld(tx, identifier)
    const { order } = held!
    // An act of state that is due counts already, whether or not it has been carried out.
    if (order?.orderId !== orderId || (isDue(order, at) && isStateAction(order.action))) throw settled()
    if (state === 'refused' && order.state !== 'awaiting approval') throw settled()
    const { row } = held!
    // Of what is erased nothing more can be kept.
    const sealedNote = row.wrappedDataKey ? openBox(deps, row).seal('reason', Buffer.from(reason)) : null
    if (!(await settleOrder(tx, orderId, { state, at, by: caller.id, sealedNote }))) throw settled()
    await recordAudit(tx, caller, at, [{ action: `order-${state}`, identifier, detail: orderId }])
  })
  return toOrderView(deps, { reader: caller, actor }, (await findOrder(deps.database, orderId))!)
}

const settled = () =>
  new LicenceError('LICENCE_ORDER_SETTLED', `only an order that is ${openOrderStates.join(' or ')} is decided`)
