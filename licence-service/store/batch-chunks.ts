import type { Queryable } from '../../platform/index.ts'
import type { Phase } from '../domain/batch.ts'

export interface Chunk {
  readonly batchId: string
  readonly phase: Phase
  readonly chunk: number
  readonly firstRow: number
  readonly lastRow: number
  readonly attempts: number
}

/** Cuts rows into chunks of a phase. */
export async function insertChunks(
  tx: Queryable,
  batchId: string,
  phase: Phase,
  chunks: readonly { readonly chunk: number; readonly firstRow: number; readonly lastRow: number }[],
): Promise<void> {
  await tx.query(
    `insert into licence.batch_chunks (batch_id, phase, chunk, first_row, last_row)
     select $1, $2, c.chunk, c."firstRow", c."lastRow"
     from jsonb_to_recordset($3::jsonb) as c(chunk integer, "firstRow" integer, "lastRow" integer)`,
    [batchId, phase, JSON.stringify(chunks)],
  )
}

/** The chunks of the check again for another phase, none of them done. */
export async function openPhase(tx: Queryable, batchId: string, phase: Phase): Promise<void> {
  await tx.query('delete from licence.batch_chunks where batch_id = $1 and phase = $2', [batchId, phase])
  await tx.query(
    `insert into licence.batch_chunks (batch_id, phase, chunk, first_row, last_row)
     select batch_id, $2, chunk, first_row, last_row from licence.batch_chunks where batch_id = $1 and phase = 'check'`,
    [batchId, phase],
  )
  await tx.query('update licence.batches set chunks_done = 0 where batch_id = $1', [batchId])
}

/** Opens those chunks again that have a row in this state. */
export async function reopenChunks(tx: Queryable, batchId: string): Promise<void> {
  await tx.query(
    `update licence.batch_chunks c set done_at = null, attempts = 0, not_before = null where batch_id = $1 and phase = 'mint'
       and exists (select 1 from licence.batch_rows r where r.batch_id = c.batch_id and r.row between c.first_row and c.last_row
         and r.state in ('valid', 'minting'))`,
    [batchId],
  )
  await tx.query(
    `update licence.batches set chunks_done = (select count(*) from licence.batch_chunks
       where batch_id = $1 and phase = 'mint' and done_at is not null) where batch_id = $1`,
    [batchId],
  )
}

/**
 * Leases the next chunk that is due; the batches take turns, since the lowest number goes first. A lease of a worker process that has not
 * said for a while that it is there counts as over: whoever comes makes the same licences by the same keys.
 */
export async function leaseChunk(
  db: Queryable,
  worker: string,
  { now, until, silentSince }: { readonly now: Date; readonly until: Date; readonly silentSince: Date },
): Promise<Chunk | undefined> {
  const rows = await db.query<Chunk>(
    `with due as (
       select c.batch_id, c.phase, c.chunk from licence.batch_chunks c join licence.batches b on b.batch_id = c.batch_id
       where c.done_at is null and c.phase = b.phase and b.wrapped_data_key is not null and (b.phase <> 'check' or b.is_read)
         and (b.state in ('checking', 'minting', 'rolling-back') or (b.state = 'cancelled' and c.under_way))
         and (c.leased_until is null or c.leased_until <= $1 or exists (
           select 1 from licence.workers w where w.worker = split_part(c.worker, ':', 1) and w.seen_at < $4))
         and (c.not_before is null or c.not_before <= $1)
       order by c.chunk, b.sequence limit 1 for update of c skip locked)
     update licence.batch_chunks c set worker = $2, leased_until = $3, attempts = least(c.attempts + 1, 30000) from due
     where c.batch_id = due.batch_id and c.phase = due.phase and c.chunk = due.chunk
     returning c.batch_id as "batchId", c.phase, c.chunk, c.first_row as "firstRow", c.last_row as "lastRow", c.attempts`,
    [now, worker, until, silentSince],
  )
  return rows[0]
}

const key = ({ batchId, phase, chunk }: Chunk) => [batchId, phase, chunk]

/** Holds a lease for another while, within the transaction that writes what was done under it; false where it is another's by now. */
export async function renewLease(
  tx: Queryable,
  chunk: Chunk,
  worker: string,
  until: Date,
  change: { readonly settled: number; readonly underWay: boolean },
): Promise<boolean> {
  const rows = await tx.query(
    `update licence.batch_chunks set leased_until = $5, settled = settled + $6, under_way = $7
     where batch_id = $1 and phase = $2 and chunk = $3 and worker = $4 and done_at is null returning chunk`,
    [...key(chunk), worker, until, change.settled, change.underWay],
  )
  return rows.length > 0
}

/** Gives a chunk back, at once or for later. */
export async function releaseChunk(tx: Queryable, chunk: Chunk, worker: string, notBefore: Date | null): Promise<void> {
  await tx.query(
    `update licence.batch_chunks set worker = null, leased_until = null, not_before = $5
     where batch_id = $1 and phase = $2 and chunk = $3 and worker = $4 and done_at is null`,
    [...key(chunk), worker, notBefore],
  )
}

/** Ends a chunk; answers whether it was the batch's last of its phase, undefined where the chunk is another's by now. */
export async function endChunk(
  tx: Queryable,
  chunk: Chunk,
  worker: string,
  at: Date,
): Promise<{ isLast: boolean } | undefined> {
  const ended = await tx.query(
    `update licence.batch_chunks set done_at = $5, worker = null, leased_until = null, under_way = false
     where batch_id = $1 and phase = $2 and chunk = $3 and worker = $4 and done_at is null returning chunk`,
    [...key(chunk), worker, at],
  )
  if (ended.length === 0) return undefined
  const [batch] = await tx.query<{ isLast: boolean }>(
    `update licence.batches set chunks_done = chunks_done + 1 where batch_id = $1 and phase = $2
     returning is_read and chunks_done = chunks as "isLast"`,
    [chunk.batchId, chunk.phase],
  )
  // A worker that is late with a former phase ends its chunk, and nothing of the phase that counts now.
  return { isLast: batch?.isLast === true }
}

/** What chunks that ended lately settled, and since when the first of them counts. */
export async function paceOf(db: Queryable, batchId: string, phase: Phase, since: Date): Promise<number> {
  const [row] = await db.query<{ settled: number }>(
    `select coalesce(sum(settled), 0)::integer as settled from licence.batch_chunks
     where batch_id = $1 and phase = $2 and done_at > $3`,
    [batchId, phase, since],
  )
  return row!.settled
}
