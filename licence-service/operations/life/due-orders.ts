// An order whose time has come counts from then on, though it is carried out some seconds later: what every answer goes by.
import type { Queryable } from '../../../platform/index.ts'
import { licenceTransitions } from '../../domain/licence.ts'
import { isStateAction, isVoidIn, rulesOf } from '../../domain/life-policy.ts'
import type { RegisterEntry } from '../../domain/register-entry.ts'
import { type ActOrder, findDueOrders } from '../../store/acts.ts'
import type { LicenceRow } from '../../store/licences.ts'

/** A state and from when it holds. */
export type HeldState = Pick<RegisterEntry, 'state' | 'effectiveAt'>

/** Whether an order counts already, though it may not have been carried out. */
export const isDue = ({ state, effectiveAt }: Pick<ActOrder, 'state' | 'effectiveAt'>, at: Date): boolean =>
  state === 'scheduled' && effectiveAt !== null && effectiveAt <= at

/** The change of state that an order has made by now of a licence that is in this state on record; undefined where it makes none. */
export function changeBy(order: ActOrder | undefined, state: LicenceRow['state'], now: Date): HeldState | undefined {
  if (!order || !isDue(order, now) || !isStateAction(order.action) || isVoidIn(order.action, state)) return undefined
  return { state: licenceTransitions[rulesOf(order.action).event!].to, effectiveAt: order.effectiveAt! }
}

/** Licences in the state that they are in now. */
export async function asOfNow<Row extends Pick<LicenceRow, 'identifier' | 'state'>>(
  db: Queryable,
  rows: readonly Row[],
  now: Date,
): Promise<Row[]> {
  const live = rows.filter(({ state }) => state === 'in force' || state === 'suspended')
  if (live.length === 0) return [...rows]
  const identifiers = live.map(({ identifier }) => identifier)
  const due = new Map((await findDueOrders(db, identifiers, now)).map((order) => [order.identifier, order]))
  return rows.map((row) => ({ ...row, state: changeBy(due.get(row.identifier), row.state, now)?.state ?? row.state }))
}
