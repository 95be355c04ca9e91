import type { OutwardKey } from '../../../key-store/index.ts'
import {
  type Clock,
  type Database,
  type DeliveryLease,
  deliverEvent,
  type EventSender,
  type Log,
  type RoundCount,
  sendDueEvents,
} from '../../../platform/index.ts'
import type { Webhook } from '../../domain/webhook.ts'
import type { Departments } from '../../ports/departments.ts'
import { hasUnplaced, listEvents, placeEvents, readHead } from '../../store/outbox.ts'
import {
  type Delivery,
  forgetDelivered,
  leaseDeliveries,
  listBehind,
  lockWebhook,
  makeOut,
  postponeDelivery,
  restWebhook,
  settleDelivery,
} from '../../store/webhooks.ts'

export interface RelayDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log?: Log
  readonly departments: Departments
  readonly outwardKey: OutwardKey
  readonly sendEvent: EventSender
}

/** What one round did. */
export interface Relayed extends RoundCount {
  readonly placed: number
}

/** `typ` of the JWS over an event. */
const EVENT_TYPE = 'seal-event+jws'

const EVENTS_AT_ONCE = 500
/** What somebody goes back over comes a few pages a round, among the others' events. */
const PAGES_A_ROUND = 4
const KEPT_MS = 30 * 86_400_000

/**
 * One round: gives positions to what is committed, makes out deliveries for the subscriptions, sends what is due. Each event at least once;
 * of one seal the next is sent only when the one before it is taken or given up; no receiver holds up another department. Safe in several processes at once: none sends what another
 * one is sending.
 */
export async function relayEvents(deps: RelayDeps): Promise<Relayed> {
  const placed = await placeAll(deps)
  await makeOutAll(deps)
  const lease = (asked: DeliveryLease) => leaseDeliveries(deps.database, asked)
  return { placed, ...(await sendDueEvents({ clock: deps.clock, lease, deliver: (one) => deliver(deps, one) })) }
}

/** Forgets what was delivered a month ago; the events stay. */
export const forgetOld = ({ database, clock }: Pick<RelayDeps, 'database' | 'clock'>): Promise<void> =>
  forgetDelivered(database, new Date(clock.now().getTime() - KEPT_MS))

/** Gives positions to all events that are committed; returns how many. */
export async function placeAll({ database }: Pick<RelayDeps, 'database'>): Promise<number> {
  let all = 0
  if (!(await hasUnplaced(database))) return 0
  for (;;) {
    const placed = await database.transaction((tx) => placeEvents(tx, EVENTS_AT_ONCE))
    all += placed
    if (placed < EVENTS_AT_ONCE) return all
  }
}

async function makeOutAll(deps: RelayDeps): Promise<void> {
  const head = await readHead(deps.database)
  for (const id of await listBehind(deps.database, head)) {
    for (let page = 0; page < PAGES_A_ROUND && (await makeOutSome(deps, id)); ) page++
  }
}

/** The next events of one subscription; whether there are more. */
async function makeOutSome({ database, clock, departments }: RelayDeps, id: string): Promise<boolean> {
  // The tree of departments is asked outside: it may live in another database.
  const codesOf = new Map<string, readonly string[]>()
  for (;;) {
    const missing = await database.transaction(async (tx) => {
      const webhook = await lockWebhook(tx, id)
      if (webhook === undefined) return { done: true, more: false }
      const codes = webhook.covers === 'own' ? [webhook.departmentCode] : codesOf.get(webhook.departmentCode)
      if (codes === undefined) return { done: false, department: webhook.departmentCode }
      const events = await listEvents(tx, webhook.madeOut, EVENTS_AT_ONCE)
      const last = events.at(-1)
      if (last === undefined) return { done: true, more: false }
      const wanted = events.filter((event) => isWanted(webhook, codes, event))
      await makeOut(tx, id, wanted, last.position, clock.now())
      return { done: true, more: events.length === EVENTS_AT_ONCE }
    })
    if (missing.done) return missing.more === true
    codesOf.set(missing.department!, await departments.codesWithin(missing.department!))
  }
}

const isWanted = (
  { topics }: Webhook,
  codes: readonly string[],
  event: { readonly topic: string; readonly departmentCode: string },
): boolean => topics.includes(event.topic) && codes.includes(event.departmentCode)

async function deliver(deps: RelayDeps, delivery: Delivery): Promise<'delivered' | 'failed' | 'dead'> {
  const { database, log, outwardKey } = deps
  const { webhookId, attempts } = delivery
  const position = String(delivery.position)
  const sign = (body: string, header: Readonly<Record<string, unknown>>) =>
    outwardKey.signDetached(EVENT_TYPE, body, header)
  const outcome = await deliverEvent({ ...deps, sign }, delivery)
  if (outcome.state === 'delivered') {
    await settleDelivery(database, delivery, 'delivered', null, outcome.at)
  } else if (outcome.state === 'dead') {
    await settleDelivery(database, delivery, 'dead', outcome.fault, outcome.at)
    log?.error('an event was given up: its receiver never took it', { webhookId, position, fault: outcome.fault })
  } else {
    await postponeDelivery(database, delivery, outcome.fault, outcome.nextAttemptAt)
    if (outcome.restUntil) await restWebhook(database, webhookId, outcome.restUntil)
    log?.warn('an event was not taken; it is sent again', { webhookId, position, fault: outcome.fault, attempts })
  }
  return outcome.state
}
