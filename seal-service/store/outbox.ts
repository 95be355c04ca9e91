import type { Queryable, TellableEvent, Transaction } from '../../platform/index.ts'

export interface OutboxEvent extends TellableEvent {
  readonly sealId: string
}

/**
 * Gives the next positions to at most `most` events that are committed, in the order in which they were written; returns how many. One
 * process at a time does this, so that a position is never seen before those below it.
 */
export async function placeEvents(tx: Transaction, most: number): Promise<number> {
  const [head] = await tx.query<{ position: bigint }>('select position from seal.outbox_head for update')
  const rows = await tx.query(
    `with next as (select outbox_id, row_number() over (order by outbox_id) as place
       from (select outbox_id from seal.outbox where position is null order by outbox_id limit $1) waiting)
     update seal.outbox o set position = $2::bigint + next.place from next where o.outbox_id = next.outbox_id returning o.outbox_id`,
    [most, head!.position],
  )
  if (rows.length > 0) await tx.query('update seal.outbox_head set position = position + $1', [rows.length])
  return rows.length
}

/** Whether an event waits for its position: asked each second, so it takes no lock. */
export async function hasUnplaced(db: Queryable): Promise<boolean> {
  const rows = await db.query('select 1 from seal.outbox where position is null limit 1')
  return rows.length > 0
}

/** The last position given. */
export async function readHead(db: Queryable): Promise<bigint> {
  const [row] = await db.query<{ position: bigint }>('select position from seal.outbox_head')
  return row!.position
}

/** Events after a position, in order. */
export function listEvents(db: Queryable, after: bigint, most: number): Promise<OutboxEvent[]> {
  return db.query<OutboxEvent>(
    `select position, seal_id as "sealId", topic, department_code as "departmentCode", at, body from seal.outbox
     where position > $1 order by position limit $2`,
    [after, most],
  )
}
