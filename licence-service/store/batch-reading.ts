// The lease on a batch's file, and how far it was read.
import type { Queryable } from '../../platform/index.ts'

/** Takes the oldest batch whose file waits to be read. */
export async function claimReading(db: Queryable, worker: string, now: Date, until: Date): Promise<string | undefined> {
  const rows = await db.query<{ batchId: string }>(
    `update licence.batches set reader = $2, reader_until = $3 where batch_id = (
       select batch_id from licence.batches where state = 'checking' and not is_read and (reader_until is null or reader_until <= $1)
       order by sequence limit 1 for update skip locked) returning batch_id as "batchId"`,
    [now, worker, until],
  )
  return rows[0]?.batchId
}

/** Holds the lease and says how far the file was read; false where it is another's by now, or no longer wanted. */
export async function renewReading(
  tx: Queryable,
  batchId: string,
  worker: string,
  until: Date,
  read: { readonly lastRow: number; readonly chunks: number } | null,
): Promise<boolean> {
  const rows = await tx.query(
    `update licence.batches set reader_until = $3, last_row = coalesce($4::integer, last_row), chunks = chunks + $5
     where batch_id = $1 and reader = $2 and state = 'checking' and not is_read returning batch_id`,
    [batchId, worker, until, read?.lastRow ?? null, read?.chunks ?? 0],
  )
  return rows.length > 0
}

/** Everything is read; answers how many rows there are, undefined where the lease is another's by now. */
export async function endReading(tx: Queryable, batchId: string, worker: string): Promise<number | undefined> {
  const rows = await tx.query<{ count: number }>(
    `update licence.batches set is_read = true, reader = null, reader_until = null
     where batch_id = $1 and reader = $2 and state = 'checking' and not is_read returning row_count as count`,
    [batchId, worker],
  )
  return rows[0]?.count
}
