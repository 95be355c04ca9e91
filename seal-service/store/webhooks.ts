import type { DeliveryLease, EventDelivery, Queryable, Transaction } from '../../platform/index.ts'
import type { Webhook } from '../domain/webhook.ts'
import type { OutboxEvent } from './outbox.ts'

const columns = `webhook_id as "id", department_code as "departmentCode", covers, address, topics, created_by as "createdBy",
  created_at as "createdAt", ended_at as "endedAt", made_out as "madeOut"`

export async function insertWebhook(db: Queryable, webhook: Webhook): Promise<void> {
  await db.query(
    `insert into seal.webhooks (webhook_id, department_code, covers, address, topics, created_by, created_at, made_out)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      webhook.id,
      webhook.departmentCode,
      webhook.covers,
      webhook.address,
      webhook.topics,
      webhook.createdBy,
      webhook.createdAt,
      webhook.madeOut,
    ],
  )
}

/** The running subscriptions of these departments. */
export function listWebhooks(db: Queryable, departmentCodes: readonly string[]): Promise<Webhook[]> {
  return db.query<Webhook>(
    `select ${columns} from seal.webhooks where department_code = any($1) and ended_at is null order by created_at, webhook_id`,
    [departmentCodes],
  )
}

export async function countWebhooks(db: Queryable, departmentCode: string): Promise<number> {
  const [row] = await db.query<{ count: bigint }>(
    'select count(*) as count from seal.webhooks where department_code = $1 and ended_at is null',
    [departmentCode],
  )
  return Number(row!.count)
}

export async function findWebhook(db: Queryable, id: string): Promise<Webhook | undefined> {
  const rows = await db.query<Webhook>(`select ${columns} from seal.webhooks where webhook_id = $1`, [id])
  return rows[0]
}

/** Ends a subscription; false when it has ended before. What waits is not sent any more. */
export async function endWebhook(db: Queryable, id: string, callerId: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    'update seal.webhooks set ended_at = $2, ended_by = $3 where webhook_id = $1 and ended_at is null returning webhook_id',
    [id, at, callerId],
  )
  return rows.length === 1
}

/** Running subscriptions for which events are to be made out, ids alone. */
export async function listBehind(db: Queryable, head: bigint): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    'select webhook_id as "id" from seal.webhooks where ended_at is null and made_out < $1 order by webhook_id',
    [head],
  )
  return rows.map(({ id }) => id)
}

/** Locks a subscription for this transaction; undefined while another one holds it, or once it has ended. */
export async function lockWebhook(tx: Transaction, id: string): Promise<Webhook | undefined> {
  const rows = await tx.query<Webhook>(
    `select ${columns} from seal.webhooks where webhook_id = $1 and ended_at is null for update skip locked`,
    [id],
  )
  return rows[0]
}

/** Makes out deliveries of these events, and remembers how far that went. */
export async function makeOut(
  tx: Transaction,
  id: string,
  events: readonly OutboxEvent[],
  upTo: bigint,
  at: Date,
): Promise<void> {
  if (events.length > 0) {
    await tx.query(
      `insert into seal.webhook_deliveries (webhook_id, position, seal_id, next_attempt_at)
       select $1, u.*, $4 from unnest($2::bigint[], $3::text[]) u on conflict do nothing`,
      [id, events.map(({ position }) => position), events.map(({ sealId }) => sealId), at],
    )
  }
  await tx.query('update seal.webhooks set made_out = $2 where webhook_id = $1', [id, upTo])
}

/** Goes back to a position: everything after it is made out, and what was delivered or given up is sent, once more. */
export async function rewind(tx: Transaction, id: string, after: bigint, at: Date): Promise<void> {
  await tx.query(
    'update seal.webhooks set made_out = least(made_out, $2), resting_until = null where webhook_id = $1',
    [id, after],
  )
  await tx.query(
    `update seal.webhook_deliveries set state = 'waiting', attempts = 0, next_attempt_at = $3, settled_at = null, last_fault = null
     where webhook_id = $1 and position > $2`,
    [id, after, at],
  )
}

/** A delivery that was taken to be sent now. */
export interface Delivery extends EventDelivery {
  readonly sealId: string
  /** The department that is told. */
  readonly receiver: string
}

/**
 * Takes deliveries to be sent now, of each seal and subscription the oldest alone, and keeps them from others until `until`. None of a
 * subscription that rests, none of departments that are busy, and of no department more than `mostEach`.
 */
export function leaseDeliveries(db: Queryable, lease: DeliveryLease): Promise<Delivery[]> {
  return db.query<Delivery>(
    `with heads as (
       select distinct on (d.webhook_id, d.seal_id) d.webhook_id, d.position, d.next_attempt_at, d.leased_until, w.department_code
       from seal.webhook_deliveries d join seal.webhooks w on w.webhook_id = d.webhook_id
       where d.state = 'waiting' and w.ended_at is null and (w.resting_until is null or w.resting_until <= $1)
         and w.department_code <> all($5)
       order by d.webhook_id, d.seal_id, d.position),
     ready as (
       select webhook_id, position, next_attempt_at,
         row_number() over (partition by department_code order by next_attempt_at, position) as place
       from heads where next_attempt_at <= $1 and (leased_until is null or leased_until <= $1)),
     due as (
       select webhook_id, position from ready where place <= $4
       order by next_attempt_at, position limit $3)
     update seal.webhook_deliveries d set leased_until = $2, attempts = d.attempts + 1
     from due, seal.webhooks w, seal.outbox o
     where d.webhook_id = due.webhook_id and d.position = due.position and d.state = 'waiting'
       and (d.leased_until is null or d.leased_until <= $1) and w.webhook_id = d.webhook_id and o.position = d.position
     returning d.webhook_id as "webhookId", w.address, w.department_code as receiver, d.position, d.seal_id as "sealId", d.attempts, o.topic,
       o.department_code as "departmentCode", o.at, o.body`,
    [lease.at, lease.until, lease.most, lease.mostEach, lease.busy],
  )
}

type Key = Pick<Delivery, 'webhookId' | 'position'>

export async function settleDelivery(
  db: Queryable,
  key: Key,
  state: 'delivered' | 'dead',
  fault: string | null,
  at: Date,
) {
  await db.query(
    `update seal.webhook_deliveries set state = $3, settled_at = $4, last_fault = $5, leased_until = null
     where webhook_id = $1 and position = $2 and state = 'waiting'`,
    [key.webhookId, key.position, state, at, fault],
  )
}

export async function postponeDelivery(db: Queryable, key: Key, fault: string, nextAttemptAt: Date): Promise<void> {
  await db.query(
    `update seal.webhook_deliveries set next_attempt_at = $3, last_fault = $4, leased_until = null
     where webhook_id = $1 and position = $2 and state = 'waiting'`,
    [key.webhookId, key.position, nextAttemptAt, fault],
  )
}

/** Lets a subscription rest, or wakes it. */
export async function restWebhook(db: Queryable, id: string, until: Date | null): Promise<void> {
  await db.query('update seal.webhooks set resting_until = $2 where webhook_id = $1', [id, until])
}

/** How it stands with a subscription. */
export interface DeliveryFigures {
  readonly waiting: number
  readonly dead: number
  readonly lastDelivered: bigint | null
  readonly lastFault: string | null
}

export async function readFigures(db: Queryable, id: string): Promise<DeliveryFigures> {
  const [row] = await db.query<{
    waiting: bigint
    dead: bigint
    lastDelivered: bigint | null
    lastFault: string | null
  }>(
    `select count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'dead') as dead,
       max(position) filter (where state = 'delivered') as "lastDelivered",
       (array_agg(last_fault order by position) filter (where state = 'waiting' and last_fault is not null))[1] as "lastFault"
     from seal.webhook_deliveries where webhook_id = $1`,
    [id],
  )
  return { ...row!, waiting: Number(row!.waiting), dead: Number(row!.dead) }
}

/** Deliveries that were given up, oldest first. */
export function listDead(
  db: Queryable,
  id: string,
  most: number,
): Promise<{ readonly position: bigint; readonly fault: string; readonly at: Date }[]> {
  return db.query(
    `select position, last_fault as fault, settled_at as at from seal.webhook_deliveries where webhook_id = $1 and state = 'dead'
     order by position limit $2`,
    [id, most],
  )
}

/** Removes what was delivered before a time: the outbox keeps the events. */
export async function forgetDelivered(db: Queryable, before: Date): Promise<void> {
  await db.query(`delete from seal.webhook_deliveries where state = 'delivered' and settled_at < $1`, [before])
}

/** For the figures of the service. */
export async function countDeliveries(db: Queryable): Promise<{ readonly waiting: number; readonly dead: number }> {
  const count = (
    state: string,
  ) => `(select count(*) from seal.webhook_deliveries d join seal.webhooks w on w.webhook_id = d.webhook_id
    and w.ended_at is null where d.state = '${state}')`
  const [row] = await db.query<{ waiting: bigint; dead: bigint }>(
    `select ${count('waiting')} as waiting, ${count('dead')} as dead`,
  )
  return { waiting: Number(row!.waiting), dead: Number(row!.dead) }
}
