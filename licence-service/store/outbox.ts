import type { Queryable, Transaction } from '../../platform/index.ts'

/** A change of a licence, as others are told it. */
export interface RegisterChange {
  readonly position: bigint
  readonly identifier: string
  readonly typeCode: string
  readonly departmentCode: string
  /** `licence.issued`, `licence.revoked` … */
  readonly topic: string
  readonly at: Date
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * Gives the next positions to at most `most` changes that are committed; returns how many. One process at a time does so: whoever comes
 * while another one is at it gives none.
 */
export async function placeChanges(tx: Transaction, most: number): Promise<number> {
  const [head] = await tx.query<{ position: bigint }>('select position from licence.outbox_head for update skip locked')
  if (head === undefined) return 0
  // A statement of its own: what another process placed until the head was ours is seen by it.
  const placed = await tx.query(
    `update licence.outbox o set position = $2::bigint + next.place
     from (select outbox_id, row_number() over (order by outbox_id) as place from licence.outbox
       where position is null order by outbox_id limit $1) next
     where o.outbox_id = next.outbox_id returning o.outbox_id`,
    [most, head.position],
  )
  if (placed.length > 0) await tx.query('update licence.outbox_head set position = position + $1', [placed.length])
  return placed.length
}

/** Whether a change waits for its position: asked each second, so it takes no lock. */
export async function hasUnplaced(db: Queryable): Promise<boolean> {
  const rows = await db.query('select 1 from licence.outbox where position is null limit 1')
  return rows.length > 0
}

/** The last position given. */
export async function lastPosition(db: Queryable): Promise<bigint> {
  const [row] = await db.query<{ position: bigint }>('select position from licence.outbox_head')
  return row!.position
}

/** Changes after a position, in order. */
export function changesAfter(db: Queryable, after: bigint, most: number): Promise<RegisterChange[]> {
  return db.query<RegisterChange>(
    `select position, identifier, type_code as "typeCode", department_code as "departmentCode", topic, at, body
     from licence.outbox where position > $1 order by position limit $2`,
    [after, most],
  )
}

/** Makes room for the events to come, ahead of need. */
export async function makeRoomForChanges(db: Queryable): Promise<void> {
  await db.query('select licence.add_outbox_partitions()')
}
