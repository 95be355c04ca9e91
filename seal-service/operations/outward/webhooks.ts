import { type Clock, type Database, faultOfReceiver, type Ids } from '../../../platform/index.ts'
import { checkTopics, type Webhook } from '../../domain/webhook.ts'
import { SealError } from '../../errors.ts'
import type { Departments } from '../../ports/departments.ts'
import { readHead } from '../../store/outbox.ts'
import {
  countWebhooks,
  type DeliveryFigures,
  endWebhook,
  findWebhook,
  insertWebhook,
  listDead,
  listWebhooks,
  readFigures,
  rewind,
} from '../../store/webhooks.ts'
import { placeAll } from './relay-events.ts'

export interface WebhookDeps {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly departments: Departments
  /** Whether http may be told, for trial at one's own machine. */
  readonly mayPlain: boolean
}

/** Who asks, as far as it counts here. */
export interface OutwardCaller {
  readonly id: string
  readonly departmentCode: string
  readonly roles: readonly string[]
}

export interface NewWebhook {
  readonly address: string
  readonly topics: readonly string[]
  readonly covers: 'own' | 'below'
  /** Events from this position on; left out: those that come. */
  readonly fromPosition?: bigint
}

/** Running subscriptions of one department at most. */
const MOST_WEBHOOKS = 20
const MOST_DEAD = 100

/** Only an auditor sees beyond the own department. */
const isAuditor = ({ roles }: OutwardCaller): boolean => roles.includes('auditor')

/**
 * Subscribes the caller's department. Throws `WEBHOOK_ADDRESS_REFUSED`, `WEBHOOK_TOPIC_UNKNOWN`, `WEBHOOK_TOO_MANY`, and
 * `SEAL_ROLE_MISSING` where a keeper asks for departments below.
 */
export async function subscribe(deps: WebhookDeps, caller: OutwardCaller, wish: NewWebhook): Promise<Webhook> {
  const { database, clock, ids } = deps
  const fault = faultOfReceiver(wish.address, deps.mayPlain)
  if (fault !== undefined) throw new SealError('WEBHOOK_ADDRESS_REFUSED', `the address ${fault}`)
  checkTopics(wish.topics)
  if (wish.covers === 'below' && !isAuditor(caller))
    throw new SealError('SEAL_ROLE_MISSING', 'events of the departments below are for an auditor')
  // What is committed already is no event to come.
  await placeAll(deps)
  return database.transaction(async (tx) => {
    const head = await readHead(tx)
    if ((await countWebhooks(tx, caller.departmentCode)) >= MOST_WEBHOOKS)
      throw new SealError('WEBHOOK_TOO_MANY', `a department has at most ${MOST_WEBHOOKS} subscriptions`)
    const from = wish.fromPosition === undefined ? head : wish.fromPosition - 1n
    const webhook: Webhook = {
      id: ids.uuid(),
      departmentCode: caller.departmentCode,
      covers: wish.covers,
      address: wish.address,
      topics: [...new Set(wish.topics)],
      createdBy: caller.id,
      createdAt: clock.now(),
      endedAt: null,
      madeOut: from < 0n ? 0n : from > head ? head : from,
    }
    await insertWebhook(tx, webhook)
    return webhook
  })
}

export type ListedWebhook = Webhook & { readonly figures: DeliveryFigures }

/** A keeper sees the own department's, an auditor also those below. */
export async function listSubscriptions(deps: WebhookDeps, caller: OutwardCaller): Promise<ListedWebhook[]> {
  const { departmentCode } = caller
  const codes = isAuditor(caller) ? await deps.departments.codesWithin(departmentCode) : [departmentCode]
  const webhooks = await listWebhooks(deps.database, codes)
  return Promise.all(webhooks.map(async (one) => ({ ...one, figures: await readFigures(deps.database, one.id) })))
}

/** Ends a subscription; once more changes nothing. Throws `WEBHOOK_NOT_FOUND`. */
export async function unsubscribe(deps: WebhookDeps, caller: OutwardCaller, id: string): Promise<void> {
  await getOwn(deps, caller, id)
  await endWebhook(deps.database, id, caller.id, deps.clock.now())
}

/** Sends everything from a position on once more, with the same ids. Throws `WEBHOOK_NOT_FOUND`. */
export async function replay(
  deps: WebhookDeps,
  caller: OutwardCaller,
  id: string,
  fromPosition: bigint,
): Promise<void> {
  const webhook = await getOwn(deps, caller, id)
  if (webhook.endedAt !== null) throw notFound(id)
  const after = fromPosition > 0n ? fromPosition - 1n : 0n
  await deps.database.transaction((tx) => rewind(tx, id, after, deps.clock.now()))
}

/** What was given up, oldest first. Throws `WEBHOOK_NOT_FOUND`. */
export async function listGivenUp(deps: WebhookDeps, caller: OutwardCaller, id: string) {
  await getOwn(deps, caller, id)
  return listDead(deps.database, id, MOST_DEAD)
}

/** Subscriptions are changed by their own department alone; of others' it is not said that they are there. */
async function getOwn({ database }: WebhookDeps, caller: OutwardCaller, id: string): Promise<Webhook> {
  const webhook = await findWebhook(database, id)
  if (webhook === undefined || webhook.departmentCode !== caller.departmentCode) throw notFound(id)
  if (webhook.covers === 'below' && !isAuditor(caller)) throw notFound(id)
  return webhook
}

const notFound = (id: string): SealError => new SealError('WEBHOOK_NOT_FOUND', `there is no subscription ${id}`)
