import type { Queryable } from '../../platform/index.ts'

export interface SampleRow {
  readonly row: number
  readonly drawnAt: Date
  readonly lookedAt: Date | null
  readonly lookedBy: string | null
}

/** Samples drawn before whose rows are still good, to be looked at anew; the others are no samples any more. Answers how many stay. */
export async function keepSamples(tx: Queryable, batchId: string): Promise<number> {
  await tx.query(
    `delete from licence.batch_samples s where batch_id = $1
       and not exists (select from licence.batch_rows r where r.batch_id = $1 and r.row = s.row and r.state = 'valid')`,
    [batchId],
  )
  const kept = await tx.query(
    'update licence.batch_samples set looked_at = null, looked_by = null where batch_id = $1 returning row',
    [batchId],
  )
  return kept.length
}

export async function addSamples(
  tx: Queryable,
  batchId: string,
  rows: readonly number[],
  at: Date,
  by: string,
): Promise<void> {
  await tx.query(
    `insert into licence.batch_samples (batch_id, row, drawn_at, drawn_by)
     select $1, r::integer, $3, $4 from jsonb_array_elements_text($2::jsonb) as r`,
    [batchId, JSON.stringify(rows), at, by],
  )
}

export const listSamples = (db: Queryable, batchId: string): Promise<SampleRow[]> =>
  db.query<SampleRow>(
    `select row, drawn_at as "drawnAt", looked_at as "lookedAt", looked_by as "lookedBy" from licence.batch_samples
     where batch_id = $1 order by row`,
    [batchId],
  )

/** Puts on record who looked at a sample; false where the row is none. */
export async function recordLook(db: Queryable, batchId: string, row: number, at: Date, by: string): Promise<boolean> {
  const rows = await db.query(
    'update licence.batch_samples set looked_at = $3, looked_by = $4 where batch_id = $1 and row = $2 returning row',
    [batchId, row, at, by],
  )
  return rows.length > 0
}
