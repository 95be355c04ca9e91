// Orders whose time has come.
import { type Principal, type Queryable, TrustServiceError } from '../../../platform/index.ts'
import {
  type CancelCause,
  cancelCauses,
  isStateAction,
  isSuccessorAction,
  isVoidIn,
  notFound,
} from '../../domain/life-policy.ts'
import { ownKey } from '../../domain/own-key.ts'
import { LicenceError } from '../../errors.ts'
import { type ActOrder, listDueOrders, markTried, settleOrder } from '../../store/acts.ts'
import { findLicence, type RecordedCaller } from '../../store/licences.ts'
import { entriesOf, recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import type { IssueOutcome } from '../issue-outcome.ts'
import type { Within } from '../part.ts'
import { isDue } from './due-orders.ts'
import { type Held, lockHeld } from './life-facts.ts'
import { openOrder } from './order-content.ts'
import { recordStateAct } from './record-act.ts'
import { toIssueRequest } from './replace-now.ts'

/** Orders that are read at once. */
const ROUND = 100

/**
 * Carries out the orders that are due, however many they are; one that fails comes again the next time, and keeps no other from being carried
 * out. Safe in several processes at once. Answers how many were tried.
 */
export async function carryOutDue(deps: Deps, within: Within, stopping: AbortSignal): Promise<number> {
  const tried = new Set<string>()
  for (;;) {
    const orders = await listDueOrders(deps.database, deps.clock.now(), ROUND)
    for (const order of orders) {
      // What failed lies behind all that was not tried: nothing else is left.
      if (stopping.aborted || tried.has(order.orderId)) return tried.size
      tried.add(order.orderId)
      try {
        await carryOut(deps, within, order)
      } catch (error) {
        await markTried(deps.database, order.orderId, deps.clock.now())
        deps.log.error('an order could not be carried out; it is tried again', { error, orderId: order.orderId })
      }
    }
    if (orders.length < ROUND) return tried.size
  }
}

/** Carries one order out, if it stands and its time has come. */
export async function carryOut(deps: Deps, within: Within, order: ActOrder): Promise<void> {
  if (isSuccessorAction(order.action)) return carryOutReplacement(deps, within, order)
  await deps.database.transaction((tx) => lockSettled(deps, tx, order.identifier))
}

/**
 * A licence held, with an order that was due carried out first: what happens now happens after it.
 * @throws LicenceError LICENCE_NOT_FOUND
 */
export async function lockSettled(deps: Deps, tx: Queryable, identifier: string): Promise<Held> {
  const held = await lockHeld(tx, identifier)
  if (!held) throw notFound()
  const { order } = held
  if (!order || !isStateAction(order.action) || !isDue(order, deps.clock.now())) return held
  await carryOutState(deps, tx, held, order)
  return (await lockHeld(tx, identifier))!
}

async function carryOutState(deps: Deps, tx: Queryable, held: Held, order: ActOrder): Promise<void> {
  const { action, orderId, identifier } = order
  if (!isStateAction(action)) throw new TypeError(`${action} is no change of state`)
  if (isVoidIn(action, held.row.state) || held.row.wrappedDataKey === null) {
    const fault = held.row.wrappedDataKey === null ? 'LICENCE_ERASED' : 'LICENCE_TRANSITION_REFUSED'
    return makeVoid(deps, tx, order, fault)
  }
  const { reason, legalBasis } = openOrder(deps, held.row, order)
  const last = (await entriesOf(tx, identifier)).at(-1)!.effectiveAt
  const effectiveAt = order.effectiveAt! > last ? order.effectiveAt! : last
  const words = { reason, legalBasis: legalBasis ?? undefined }
  const cause = cancelCauses.find((one): one is CancelCause => one === order.cause)
  await recordStateAct(deps, tx, order.caller, held, {
    ...{ action, ...words, effectiveAt, cause },
    order: { orderId, decidedBy: order.decidedBy },
  })
}

/** The licence that an order asks for, made in the name of whoever asked, under a key of its own: however often it is tried, one. */
async function carryOutReplacement(deps: Deps, within: Within, order: ActOrder): Promise<void> {
  const row = await findLicence(deps.database, order.identifier)
  const { action } = order
  if (!row || !isSuccessorAction(action) || !isDue(order, deps.clock.now())) return
  const failure = await attempt(async () => {
    const { reason, legalBasis, data, level, body } = openOrder(deps, row, order)
    const request = {
      ...{ action, reason, data, body, orderId: order.orderId, key: ownKey('order', order.orderId) },
      ...{ legalBasis: legalBasis ?? undefined, level: level ?? undefined, effectiveAt: order.effectiveAt! },
    }
    return (await within.issue(principalOf(order.caller), [toIssueRequest(row, request)]))[0]!
  })
  if (!failure) return
  await markTried(deps.database, order.orderId, deps.clock.now())
  const { fault, error } = failure
  if (fault === undefined) {
    deps.log.warn('an order could not be carried out; it is tried again', { error, orderId: order.orderId })
    return
  }
  await deps.database.transaction(async (tx) => {
    await lockHeld(tx, order.identifier)
    await makeVoid(deps, tx, order, fault)
  })
}

export const principalOf = (caller: RecordedCaller): Principal => ({ name: '', ...caller })

/** Why nothing came of it: with the code of a refusal that another try does not change, without one for an outage. */
export interface Failure {
  readonly fault: string | undefined
  readonly error: unknown
}

/** Issues, and tells a refusal from an outage; undefined where it is done. */
export async function attempt(
  issue: () => Promise<{ readonly ok: true } | Extract<IssueOutcome, { readonly ok: false }>>,
): Promise<Failure | undefined> {
  try {
    const outcome = await issue()
    if (outcome.ok) return undefined
    const { error, ended } = outcome
    return { error, fault: ended && error instanceof TrustServiceError ? error.code : refusalCode(error) }
  } catch (error) {
    return { error, fault: refusalCode(error) }
  }
}

function refusalCode(error: unknown): string | undefined {
  if (!(error instanceof LicenceError) || error.code === 'LICENCE_ISSUANCE_INTERRUPTED') return undefined
  return error.code
}

async function makeVoid(deps: Deps, tx: Queryable, order: ActOrder, fault: string): Promise<void> {
  const at = deps.clock.now()
  if (!(await settleOrder(tx, order.orderId, { state: 'void', at, fault }))) return
  const record = { action: 'order-void', identifier: order.identifier, detail: `${order.orderId} ${fault}` }
  await recordAudit(tx, order.caller, at, [record])
}
