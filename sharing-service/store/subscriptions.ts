import type { DeliveryLease, EventDelivery, Queryable, Transaction } from '../../platform/index.ts'
import type { LicenceChange, Subscription } from '../domain/subscription.ts'
import type { MadeBy } from './agreements.ts'

const columns = `subscription_id as id, department_code as "departmentCode", address, topics, created_by as "createdBy",
  created_at as "createdAt", ended_at as "endedAt", made_out as "madeOut"`

/** Subscriptions of a department are looked for, counted and added one after the other. */
export const lockSubscriptions = async (tx: Transaction, departmentCode: string): Promise<void> =>
  void (await tx.query(`select pg_advisory_xact_lock(hashtext('sharing.subscriptions ' || $1))`, [departmentCode]))

/** What a key made, ended or not, with the digest of what was asked. */
export async function findMade(
  db: Queryable,
  departmentCode: string,
  key: string,
): Promise<{ subscription: Subscription; requestDigest: Uint8Array } | undefined> {
  const [made] = await db.query<Subscription & { requestDigest: Uint8Array }>(
    `select ${columns}, request_digest as "requestDigest" from sharing.subscriptions
     where department_code = $1 and request_key = $2`,
    [departmentCode, key],
  )
  if (!made) return undefined
  const { requestDigest, ...subscription } = made
  return { subscription, requestDigest }
}

/** Adds a subscription under a key that made none before. */
export async function insertSubscription(
  db: Queryable,
  one: Subscription,
  { key, requestDigest }: MadeBy,
): Promise<void> {
  await db.query(
    `insert into sharing.subscriptions (subscription_id, department_code, address, topics, created_by, created_at, made_out, request_key,
       request_digest) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      one.id,
      one.departmentCode,
      one.address,
      one.topics,
      one.createdBy,
      one.createdAt,
      one.madeOut,
      key,
      requestDigest,
    ],
  )
}

/** The running subscriptions of a department, oldest first. */
export const listSubscriptions = (db: Queryable, departmentCode: string): Promise<Subscription[]> =>
  db.query<Subscription>(
    `select ${columns} from sharing.subscriptions where department_code = $1 and ended_at is null order by subscription_id`,
    [departmentCode],
  )

export async function findSubscription(db: Queryable, id: string): Promise<Subscription | undefined> {
  const sql = `select ${columns} from sharing.subscriptions where subscription_id = $1 and ended_at is null`
  return (await db.query<Subscription>(sql, [id]))[0]
}

export async function endSubscription(db: Queryable, id: string, by: string, at: Date): Promise<void> {
  await db.query(
    'update sharing.subscriptions set ended_at = $2, ended_by = $3 where subscription_id = $1 and ended_at is null',
    [id, at, by],
  )
}

/** Running subscriptions for which changes are to be made out. */
export const listBehind = (db: Queryable, last: bigint): Promise<Subscription[]> =>
  db.query<Subscription>(
    `select ${columns} from sharing.subscriptions where ended_at is null and made_out < $1 order by subscription_id`,
    [last],
  )

/**
 * Makes out deliveries of changes that were read after `from`, and remembers how far that went; false where another process went on from
 * there, or somebody went back, in the meantime.
 */
export async function makeOut(
  tx: Transaction,
  subscription: Subscription,
  changes: readonly LicenceChange[],
  upTo: bigint,
  at: Date,
): Promise<boolean> {
  const moved = await tx.query(
    `update sharing.subscriptions set made_out = $3 where subscription_id = $1 and made_out = $2 and ended_at is null
     returning subscription_id`,
    [subscription.id, subscription.madeOut, upTo],
  )
  if (moved.length === 0) return false
  if (changes.length > 0)
    await tx.query(
      `insert into sharing.deliveries (subscription_id, position, identifier, topic, department_code, at, body, next_attempt_at)
       select $1, c.position, c.identifier, c.topic, c."departmentCode", c.at, c.body, $3
       from jsonb_to_recordset($2::jsonb) as c(position bigint, identifier text, topic text, "departmentCode" text, at timestamptz, body jsonb)
       on conflict do nothing`,
      [
        subscription.id,
        JSON.stringify(changes.map((change) => ({ ...change, position: String(change.position) }))),
        at,
      ],
    )
  return true
}

/** Goes back to a position: what comes after it is made out, and what was delivered or given up is sent, once more. */
export async function rewind(tx: Transaction, id: string, after: bigint, at: Date): Promise<void> {
  await tx.query(
    `update sharing.subscriptions set made_out = least(made_out, $2::bigint), resting_until = null where subscription_id = $1`,
    [id, after],
  )
  await tx.query(
    `update sharing.deliveries set state = 'waiting', attempts = 0, next_attempt_at = $3, settled_at = null, last_fault = null
     where subscription_id = $1 and position > $2`,
    [id, after, at],
  )
}

export interface Delivery extends EventDelivery {
  readonly identifier: string
  /** The department that is told. */
  readonly receiver: string
}

/**
 * Takes what is to be sent now, of each licence and subscription the oldest alone, and keeps it from others until `until`. Nothing of a
 * subscription that rests, nothing of departments that are busy, and of no department more than `mostEach`: none keeps the others waiting.
 */
export function leaseDeliveries(db: Queryable, lease: DeliveryLease): Promise<Delivery[]> {
  return db.query<Delivery>(
    `with heads as (
       select d.subscription_id, d.position,
         row_number() over (partition by s.department_code order by d.next_attempt_at, d.position) as place
       from sharing.subscriptions s cross join lateral (
         select d.subscription_id, d.position, d.next_attempt_at from sharing.deliveries d
         where d.subscription_id = s.subscription_id
           and d.state = 'waiting' and d.next_attempt_at <= $1 and (d.leased_until is null or d.leased_until <= $1)
           and not exists (select from sharing.deliveries before where before.subscription_id = d.subscription_id
             and before.identifier = d.identifier and before.state = 'waiting' and before.position < d.position)
         order by d.next_attempt_at, d.position limit $4) d
       where s.ended_at is null and (s.resting_until is null or s.resting_until <= $1) and s.department_code <> all($5)),
     due as (
       select d.subscription_id, d.position from sharing.deliveries d
       join heads h on h.subscription_id = d.subscription_id and h.position = d.position
       where h.place <= $4 and d.state = 'waiting' and (d.leased_until is null or d.leased_until <= $1)
       order by d.next_attempt_at, d.position limit $3 for update of d skip locked)
     update sharing.deliveries d set leased_until = $2, attempts = d.attempts + 1
     from due, sharing.subscriptions s
     where d.subscription_id = due.subscription_id and d.position = due.position and s.subscription_id = d.subscription_id
     returning d.subscription_id as "webhookId", s.address, s.department_code as receiver, d.position, d.identifier, d.attempts,
       d.topic, d.department_code as "departmentCode", d.at, d.body`,
    [lease.at, lease.until, lease.most, lease.mostEach, lease.busy],
  )
}

type Key = Pick<Delivery, 'webhookId' | 'position'>

/** A delivery is over: taken, or given up with a fault. */
export async function settle(db: Queryable, key: Key, fault: string | null, at: Date): Promise<void> {
  await db.query(
    `update sharing.deliveries set state = case when $3::text is null then 'delivered' else 'dead' end, settled_at = $4, last_fault = $3,
       leased_until = null where subscription_id = $1 and position = $2 and state = 'waiting'`,
    [key.webhookId, key.position, fault, at],
  )
}

/** It is sent again later; the whole subscription rests until then where `restUntil` says so. */
export async function postpone(
  tx: Transaction,
  key: Key,
  failed: { readonly fault: string; readonly nextAttemptAt: Date; readonly restUntil: Date | null },
): Promise<void> {
  await tx.query(
    `update sharing.deliveries set next_attempt_at = $3, last_fault = $4, leased_until = null
     where subscription_id = $1 and position = $2 and state = 'waiting'`,
    [key.webhookId, key.position, failed.nextAttemptAt, failed.fault],
  )
  if (failed.restUntil)
    await tx.query('update sharing.subscriptions set resting_until = $2 where subscription_id = $1', [
      key.webhookId,
      failed.restUntil,
    ])
}

/** What waits and what was given up, of which the oldest are named. */
export async function readStanding(
  db: Queryable,
  id: string,
  most: number,
): Promise<{ waiting: number; givenUp: { position: bigint; fault: string; at: Date }[] }> {
  const [row] = await db.query<{ waiting: bigint }>(
    `select count(*) as waiting from sharing.deliveries where subscription_id = $1 and state = 'waiting'`,
    [id],
  )
  const givenUp = await db.query<{ position: bigint; fault: string; at: Date }>(
    `select position, last_fault as fault, settled_at as at from sharing.deliveries
     where subscription_id = $1 and state = 'dead' order by position limit $2`,
    [id, most],
  )
  return { waiting: Number(row!.waiting), givenUp }
}

/** Removes what was delivered before a time: the register keeps the changes. */
export async function forgetDelivered(db: Queryable, before: Date): Promise<void> {
  await db.query(`delete from sharing.deliveries where state = 'delivered' and settled_at < $1`, [before])
}
