// Sealing anew what a compromise put in doubt: the order, its items, how far it has come.
import type { Queryable } from '../../platform/index.ts'
import { insertDoubtful, type Judging } from './affected.ts'

export interface Reseal {
  readonly resealId: string
  readonly sealId: string
  readonly newSealId: string
  readonly since: Date
  readonly callerId: string
  readonly at: Date
  readonly endedAt: Date | null
  readonly counts: { readonly waiting: number; readonly done: number; readonly givenUp: number }
}

/** A document in doubt that waits for its successor. */
export interface ResealItem {
  readonly useId: string
  readonly identifier: string
  readonly typeCode: string
  /** SHA-256 of its signed ranges. */
  readonly signedDigest: Uint8Array
  readonly at: Date
}

interface ResealRow {
  reseal_id: string
  seal_id: string
  new_seal_id: string
  since: Date
  caller_id: string
  at: Date
  ended_at: Date | null
  waiting: bigint
  done: bigint
  given_up: bigint
}

const SELECT = `select r.reseal_id, r.seal_id, r.new_seal_id, r.since, r.caller_id, r.at, r.ended_at,
    count(*) filter (where i.state = 'waiting') as waiting, count(*) filter (where i.state = 'done') as done,
    count(*) filter (where i.state = 'given-up') as given_up
  from seal.reseals r left join seal.reseal_items i on i.reseal_id = r.reseal_id`

const toReseal = (row: ResealRow): Reseal => ({
  resealId: row.reseal_id,
  sealId: row.seal_id,
  newSealId: row.new_seal_id,
  since: row.since,
  callerId: row.caller_id,
  at: row.at,
  endedAt: row.ended_at,
  counts: { waiting: Number(row.waiting), done: Number(row.done), givenUp: Number(row.given_up) },
})

export async function findReseal(db: Queryable, resealId: string): Promise<Reseal | undefined> {
  const rows = await db.query<ResealRow>(`${SELECT} where r.reseal_id = $1 group by r.reseal_id`, [resealId])
  return rows.map(toReseal)[0]
}

export async function findRunningReseal(db: Queryable, sealId: string): Promise<Reseal | undefined> {
  const rows = await db.query<ResealRow>(`${SELECT} where r.seal_id = $1 and r.ended_at is null group by r.reseal_id`, [
    sealId,
  ])
  return rows.map(toReseal)[0]
}

/** Puts an order on record with an item for each finished use in doubt; false while another one of this seal runs. */
export async function insertReseal(
  tx: Queryable,
  order: Omit<Reseal, 'endedAt' | 'counts'> & { readonly callerDepartment: string },
  judging: Judging,
): Promise<boolean> {
  const { resealId, sealId, newSealId, since, callerId, callerDepartment, at } = order
  const rows = await tx.query(
    `insert into seal.reseals (reseal_id, seal_id, new_seal_id, since, caller_id, caller_department, at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning reseal_id`,
    [resealId, sealId, newSealId, since, callerId, callerDepartment, at],
  )
  if (rows.length === 0) return false
  await insertDoubtful(tx, judging, resealId)
  await endWhereDone(tx, resealId, at)
  return true
}

/** Items that wait, oldest first, behind a use. */
export async function listWaitingItems(
  db: Queryable,
  resealId: string,
  after: string | null,
  most: number,
): Promise<ResealItem[]> {
  const rows = await db.query<{
    use_id: string
    identifier: string
    type_code: string
    signed_digest: Uint8Array
    at: Date
  }>(
    `select use_id, identifier, type_code, signed_digest, at from seal.reseal_items i
     where reseal_id = $1 and state = 'waiting' and ($2::uuid is null or (at, use_id) >
       (select p.at, p.use_id from seal.reseal_items p where p.reseal_id = $1 and p.use_id = $2))
     order by at, use_id limit $3`,
    [resealId, after, most],
  )
  return rows.map((row) => ({
    useId: row.use_id,
    identifier: row.identifier,
    typeCode: row.type_code,
    signedDigest: row.signed_digest,
    at: row.at,
  }))
}

/** The use that put a seal on a document, not before `from`. */
export async function findSealingOf(
  db: Queryable,
  sealId: string,
  identifier: string,
  from: Date,
): Promise<string | undefined> {
  const rows = await db.query<{ use_id: string }>(
    `select use_id from seal.seal_uses where identifier = $1 and seal_id = $2 and phase = 'sealed' and at >= $3 order by at desc limit 1`,
    [identifier, sealId, from],
  )
  return rows[0]?.use_id
}

/** What became of an item. */
export type ItemOutcome =
  | { readonly state: 'done'; readonly newIdentifier: string; readonly newUseId: string }
  | { readonly state: 'given-up'; readonly reason: string }

/** Writes the outcome of an item that waits or was given up, and ends the order with its last one; false where there is no such item. */
export async function recordItem(
  tx: Queryable,
  { resealId, useId }: { readonly resealId: string; readonly useId: string },
  outcome: ItemOutcome,
  at: Date,
): Promise<boolean> {
  const done = outcome.state === 'done' ? outcome : null
  const reason = outcome.state === 'given-up' ? outcome.reason : null
  const rows = await tx.query(
    `update seal.reseal_items set state = $3, new_identifier = $4, new_use_id = $5, reason = $6, changed_at = $7
     where reseal_id = $1 and use_id = $2 and state <> 'done' returning use_id`,
    [resealId, useId, outcome.state, done?.newIdentifier ?? null, done?.newUseId ?? null, reason, at],
  )
  await endWhereDone(tx, resealId, at)
  return rows.length === 1
}

async function endWhereDone(tx: Queryable, resealId: string, at: Date): Promise<void> {
  await tx.query(
    `update seal.reseals set ended_at = $2 where reseal_id = $1 and ended_at is null
       and not exists (select from seal.reseal_items where reseal_id = $1 and state = 'waiting')`,
    [resealId, at],
  )
}

/** Whether an item is done, by this very successor. */
export async function isDoneBy(
  db: Queryable,
  { resealId, useId }: { readonly resealId: string; readonly useId: string },
  newIdentifier: string,
): Promise<boolean> {
  const rows = await db.query(
    `select 1 from seal.reseal_items where reseal_id = $1 and use_id = $2 and state = 'done' and new_identifier = $3`,
    [resealId, useId, newIdentifier],
  )
  return rows.length === 1
}
