import type { Principal } from '../../../platform/index.ts'
import {
  type Actor,
  findNextActions,
  isInSight,
  isOrderInSight,
  type LifeAction,
  notFound,
} from '../../domain/life-policy.ts'
import { type ActOrder, listOrders, type OrderState, openOrderStates, orderStates } from '../../store/acts.ts'
import { findLicence, findLicences, type LicenceRow } from '../../store/licences.ts'
import { recordRead } from '../../store/reads.ts'
import { cursorInstant, cursorUuid } from '../cursor.ts'
import type { Deps } from '../deps.ts'
import { namesOf } from '../list-licences.ts'
import { asOfNow } from './due-orders.ts'
import { actorOf, lifeRulesOf, readHeld, todayOf } from './life-facts.ts'
import { openOrder } from './order-content.ts'

/**
 * An order as its department sees it. `number` is null, and `holder` too, to the department that a licence is offered to. `reason`,
 * `legalBasis` and `data` are null once erased.
 */
export interface OrderView {
  readonly orderId: string
  readonly identifier: string
  readonly typeCode: string
  readonly typeName: { readonly zh: string; readonly en: string } | null
  /** As printed. */
  readonly number: string | null
  /** As the public sees it; empty once erased. */
  readonly holder: string | null
  readonly departmentCode: string
  readonly action: LifeAction
  readonly state: OrderState
  readonly cause: string | null
  readonly to: string | null
  readonly reason: string | null
  readonly legalBasis: string | null
  readonly data: unknown
  readonly effectiveAt: Date | null
  readonly askedBy: string
  readonly askedAt: Date
  readonly decidedBy: string | null
  readonly decidedAt: Date | null
  readonly settledAt: Date | null
  readonly successor: string | null
  readonly fault: string | null
}

/**
 * The order with what was written, opened for a reader, who is put on record. What was entered for another licence is for those alone who have
 * this one in hand.
 */
export async function toOrderView(
  deps: Deps,
  { reader, actor }: { readonly reader: Principal; readonly actor: Actor },
  order: ActOrder,
): Promise<OrderView> {
  const row = await findLicence(deps.database, order.identifier)
  const content = row?.wrappedDataKey ? openOrder(deps, row, order) : undefined
  if (content) {
    const { identifier } = order
    await recordRead(deps.database, { at: deps.clock.now(), reader, identifier, what: 'data' })
  }
  const { reason = null, legalBasis = null } = content ?? {}
  const data = actor.actsFor.has(order.departmentCode) ? (content?.data ?? null) : null
  return { ...toListedOrder(deps, order, row), reason, legalBasis, data }
}

/** An order with what its licence is called, where the row is given. */
function toListedOrder(deps: Deps, order: ActOrder, row: LicenceRow | undefined): ListedOrder {
  const { sealedOrder: _, caller, toDepartment: to, ...facts } = order
  const typeName = deps.templates.entry(order.typeCode)?.name ?? null
  const number = row?.printedNumber ?? null
  return { ...facts, typeName, number, holder: row ? namesOf(deps, row).holder : null, to, askedBy: caller.id }
}

export interface OrdersRequest {
  readonly limit: number
  readonly state?: OrderState | 'open' | undefined
  readonly cursor?: string | undefined
}

/** An order in the queue: what it asks for, without what was entered. */
export type ListedOrder = Omit<OrderView, 'reason' | 'legalBasis' | 'data'>

/**
 * Orders about licences the caller's department has in hand, and about those that are transferred to it, newest first. That somebody saw
 * whose licences they are is on record.
 * @throws LicenceError LICENCE_CURSOR_INVALID
 */
export async function readOrders(
  deps: Deps,
  caller: Principal,
  { limit, state, cursor }: OrdersRequest,
): Promise<{ items: ListedOrder[]; next: string | null }> {
  const { actsFor } = await actorOf(deps, caller)
  const states = state === undefined ? orderStates : state === 'open' ? openOrderStates : [state]
  const before = cursor === undefined ? undefined : parseCursor(cursor)
  const orders = await listOrders(deps.database, { departmentCodes: [...actsFor], states, before, limit: limit + 1 })
  const page = orders.slice(0, limit)
  const inHand = page.filter(({ departmentCode }) => actsFor.has(departmentCode)).map(({ identifier }) => identifier)
  const rows = new Map((await findLicences(deps.database, inHand)).map((row) => [row.identifier, row]))
  const count = [...rows.values()].filter(({ wrappedDataKey }) => wrappedDataKey).length
  if (count > 0)
    await recordRead(deps.database, { at: deps.clock.now(), reader: caller, identifier: null, what: 'list', count })
  const items = page.map((order) => toListedOrder(deps, order, rows.get(order.identifier)))
  return { items, next: orders.length > limit ? formatCursor(page.at(-1)!) : null }
}

const formatCursor = ({ askedAt, orderId }: ActOrder): string =>
  Buffer.from(`${askedAt.toISOString()} ${orderId}`).toString('base64url')

/** Throws LICENCE_CURSOR_INVALID. */
function parseCursor(cursor: string): { askedAt: Date; orderId: string } {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const [, at, orderId] = /^([1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (.{36})$/.exec(text) ?? []
  return { askedAt: cursorInstant(at), orderId: cursorUuid(orderId) }
}

/** What the caller may do to a licence next, and the order that stands for it where it is one for them to know of. */
export interface NextActions {
  readonly identifier: string
  readonly actions: readonly LifeAction[]
  /** Those of them that a second person approves. */
  readonly secondPerson: readonly LifeAction[]
  readonly order: OrderView | null
}

/** @throws LicenceError LICENCE_NOT_FOUND */
export async function readNextActions(deps: Deps, caller: Principal, identifier: string): Promise<NextActions> {
  const [actor, held] = await Promise.all([actorOf(deps, caller), readHeld(deps.database, identifier)])
  if (!held || !isInSight(actor, held.row.departmentCode)) throw notFound()
  const rules = lifeRulesOf(deps, held.row.typeCode)
  const { state } = (await asOfNow(deps.database, [held.row], deps.clock.now()))[0]!
  const actions = findNextActions(actor, { ...held.facts, state }, rules, todayOf(deps))
  return {
    identifier,
    actions,
    secondPerson: rules.secondPerson.filter((action) => actions.includes(action)),
    order:
      held.order && isOrderInSight(actor, held.order)
        ? await toOrderView(deps, { reader: caller, actor }, held.order)
        : null,
  }
}
