import type { Principal, Queryable } from '../../platform/index.ts'
import type { BatchState, Mapping, Phase } from '../domain/batch.ts'

export interface BatchCounts {
  readonly rows: number
  readonly checked: number
  /** Good, and not yet settled. */
  readonly valid: number
  readonly faulty: number
  readonly duplicate: number
  readonly claimed: number
  readonly issued: number
  readonly refused: number
  readonly dead: number
  readonly rolledBack: number
}

export interface BatchRow extends BatchCounts {
  readonly sequence: bigint
  readonly batchId: string
  readonly departmentCode: string
  readonly typeCode: string
  readonly title: string
  readonly kind: 'xlsx' | 'csv' | 'jsonl'
  readonly state: BatchState
  readonly stateSince: Date
  readonly note: string | null
  readonly resumeAt: Date | null
  readonly uploadMac: Uint8Array
  readonly uploadedBy: Principal
  readonly uploadedAt: Date
  readonly startedBy: Principal | null
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly rolledBackBy: Principal | null
  readonly sealedRollbackReason: Uint8Array | null
  readonly columns: readonly string[]
  readonly mapping: Mapping | null
  readonly uniqueBy: 'row' | 'holder'
  readonly wrappedDataKey: Uint8Array | null
  readonly phase: Phase | null
  readonly isRead: boolean
  readonly lastRow: number
  readonly chunks: number
  readonly chunksDone: number
  /** Files of its ZIPs that no row names; null before a check is done. */
  readonly unusedFiles: number | null
}

const columns = `sequence, batch_id as "batchId", department_code as "departmentCode", type_code as "typeCode", title, kind, state,
  state_since as "stateSince", note, resume_at as "resumeAt", upload_mac as "uploadMac", uploaded_by as "uploadedBy",
  uploaded_at as "uploadedAt", started_by as "startedBy", started_at as "startedAt", ended_at as "endedAt",
  rolled_back_by as "rolledBackBy", sealed_rollback_reason as "sealedRollbackReason", columns, mapping, unique_by as "uniqueBy",
  wrapped_data_key as "wrappedDataKey", phase, is_read as "isRead", last_row as "lastRow", chunks, chunks_done as "chunksDone",
  row_count as rows, checked_count as checked, valid_count as valid, faulty_count as faulty, duplicate_count as duplicate,
  claimed_count as claimed, issued_count as issued, refused_count as refused, dead_count as dead, rolled_back_count as "rolledBack",
  unused_files as "unusedFiles"`

export interface NewBatch {
  readonly batchId: string
  readonly departmentCode: string
  readonly typeCode: string
  readonly title: string
  readonly kind: BatchRow['kind']
  readonly state: BatchState
  readonly at: Date
  readonly uploadKey: string
  readonly uploadMac: Uint8Array
  readonly uploadedBy: Principal
  readonly columns: readonly string[]
  readonly mapping: Mapping | null
  readonly wrappedDataKey: Uint8Array
}

/** False where the department's key is taken. */
export async function insertBatch(db: Queryable, batch: NewBatch): Promise<boolean> {
  const rows = await db.query(
    `insert into licence.batches (batch_id, department_code, type_code, title, kind, state, state_since, upload_key, upload_mac,
       uploaded_by, uploaded_at, columns, mapping, wrapped_data_key)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $7, $11, $12, $13)
     on conflict (department_code, upload_key) do nothing returning batch_id`,
    [
      ...[batch.batchId, batch.departmentCode, batch.typeCode, batch.title, batch.kind, batch.state, batch.at],
      ...[batch.uploadKey, batch.uploadMac, JSON.stringify(batch.uploadedBy), JSON.stringify(batch.columns)],
      ...[batch.mapping && JSON.stringify(batch.mapping), batch.wrappedDataKey],
    ],
  )
  return rows.length > 0
}

export async function findBatch(db: Queryable, batchId: string): Promise<BatchRow | undefined> {
  return (await db.query<BatchRow>(`select ${columns} from licence.batches where batch_id = $1`, [batchId]))[0]
}

export async function findBatchByKey(
  db: Queryable,
  departmentCode: string,
  key: string,
): Promise<BatchRow | undefined> {
  const rows = await db.query<BatchRow>(
    `select ${columns} from licence.batches where department_code = $1 and upload_key = $2`,
    [departmentCode, key],
  )
  return rows[0]
}

/** Held until the transaction ends, so that acts come one after the other. */
export async function lockBatch(tx: Queryable, batchId: string): Promise<BatchRow | undefined> {
  const rows = await tx.query<BatchRow>(`select ${columns} from licence.batches where batch_id = $1 for update`, [
    batchId,
  ])
  return rows[0]
}

/** Batches of departments, the newest first, behind one of them. */
export const listBatches = (
  db: Queryable,
  departmentCodes: ReadonlySet<string>,
  { before, state, limit }: { before: bigint | null; state: BatchState | null; limit: number },
): Promise<BatchRow[]> =>
  db.query<BatchRow>(
    `select ${columns} from licence.batches where department_code = any($1) and ($2::bigint is null or sequence < $2)
     and ($3::text is null or state = $3) order by sequence desc limit $4`,
    [[...departmentCodes], before, state, limit],
  )

export interface StateChange {
  readonly state: BatchState
  readonly at: Date
  readonly phase?: Phase | null
  readonly note?: string | null
  readonly resumeAt?: Date | null
}

/** Moves a batch; a note and a time to come back belong to the state they were given with. */
export async function moveBatch(tx: Queryable, batchId: string, { state, at, ...rest }: StateChange): Promise<void> {
  const isEnd = ['done', 'cancelled', 'rolled-back'].includes(state)
  await tx.query(
    `update licence.batches set state = $2, state_since = $3::timestamptz, note = $4, resume_at = $5,
       phase = case when $6 then $7::text else phase end, ended_at = case when $8 then $3::timestamptz end where batch_id = $1`,
    [
      ...[batchId, state, at, rest.note ?? null, rest.resumeAt ?? null],
      ...[rest.phase !== undefined, rest.phase ?? null, isEnd],
    ],
  )
}

/** Adds to the counts of a batch, by their columns. */
export async function addCounts(
  tx: Queryable,
  batchId: string,
  changes: Readonly<Partial<Record<keyof BatchCounts, number>>>,
): Promise<void> {
  const of = (name: keyof BatchCounts) => changes[name] ?? 0
  await tx.query(
    `update licence.batches set row_count = row_count + $2, checked_count = checked_count + $3, valid_count = valid_count + $4,
       faulty_count = faulty_count + $5, duplicate_count = duplicate_count + $6, claimed_count = claimed_count + $7,
       issued_count = issued_count + $8, refused_count = refused_count + $9, dead_count = dead_count + $10,
       rolled_back_count = rolled_back_count + $11 where batch_id = $1`,
    [
      ...[batchId, of('rows'), of('checked'), of('valid'), of('faulty'), of('duplicate'), of('claimed'), of('issued')],
      ...[of('refused'), of('dead'), of('rolledBack')],
    ],
  )
}

export async function setMapping(
  tx: Queryable,
  batchId: string,
  set: { columns: readonly string[]; mapping: Mapping; uniqueBy: BatchRow['uniqueBy'] },
): Promise<void> {
  await tx.query('update licence.batches set columns = $2, mapping = $3, unique_by = $4 where batch_id = $1', [
    ...[batchId, JSON.stringify(set.columns), JSON.stringify(set.mapping), set.uniqueBy],
  ])
}

/** Makes a batch as if it had never been read. Its rows go with it. */
export async function forgetRows(tx: Queryable, batchId: string): Promise<void> {
  for (const table of ['batch_rows', 'batch_chunks', 'batch_claims', 'batch_row_files'])
    await tx.query(`delete from licence.${table} where batch_id = $1`, [batchId])
  await tx.query(
    `update licence.batches set is_read = false, reader = null, reader_until = null, last_row = 0, chunks = 0, chunks_done = 0,
       row_count = 0, checked_count = 0, valid_count = 0, faulty_count = 0, duplicate_count = 0, claimed_count = 0, unused_files = null
     where batch_id = $1`,
    [batchId],
  )
}

export async function setStarter(tx: Queryable, batchId: string, starter: Principal, at: Date): Promise<void> {
  await tx.query(
    'update licence.batches set started_by = $2, started_at = coalesce(started_at, $3) where batch_id = $1',
    [...[batchId, JSON.stringify(starter), at]],
  )
}

export async function setRollback(
  tx: Queryable,
  batchId: string,
  by: Principal,
  sealedReason: Uint8Array,
): Promise<void> {
  await tx.query('update licence.batches set rolled_back_by = $2, sealed_rollback_reason = $3 where batch_id = $1', [
    ...[batchId, JSON.stringify(by), sealedReason],
  ])
}

export async function rememberMapping(
  tx: Queryable,
  row: { departmentCode: string; typeCode: string; name: string; mapping: Mapping; at: Date; by: string },
): Promise<void> {
  await tx.query(
    `insert into licence.batch_mappings (department_code, type_code, name, mapping, used_at, used_by) values ($1, $2, $3, $4, $5, $6)
     on conflict (department_code, type_code, name) do update set mapping = excluded.mapping, used_at = excluded.used_at,
       used_by = excluded.used_by`,
    [row.departmentCode, row.typeCode, row.name, JSON.stringify(row.mapping), row.at, row.by],
  )
}

/** What the department used for a type, the last one first. */
export const listMappings = (
  db: Queryable,
  departmentCode: string,
  typeCode: string,
): Promise<{ name: string; mapping: Mapping; usedAt: Date }[]> =>
  db.query(
    `select name, mapping, used_at as "usedAt" from licence.batch_mappings
     where department_code = $1 and type_code = $2 order by used_at desc limit 50`,
    [departmentCode, typeCode],
  )

/** Batches that wait and whose time has come go on. */
export async function wakeWaiting(db: Queryable, now: Date): Promise<void> {
  await db.query(
    `update licence.batches set state = 'minting', state_since = $1, note = null, resume_at = null
     where state = 'waiting' and resume_at <= $1`,
    [now],
  )
}

/** Takes the data keys of batches that ended, or that nobody touched, before an instant; their files go with them. Returns how many. */
export async function forgetBatches(tx: Queryable, untouchedSince: Date, most: number): Promise<number> {
  const rows = await tx.query<{ batchId: string }>(
    `update licence.batches set wrapped_data_key = null, sealed_rollback_reason = null, columns = '[]', mapping = null
     where batch_id in (
       select batch_id from licence.batches where wrapped_data_key is not null
         and state not in ('checking', 'minting', 'waiting', 'rolling-back') and state_since < $1 order by state_since limit $2
       for update skip locked) returning batch_id as "batchId"`,
    [untouchedSince, most],
  )
  const ids = rows.map(({ batchId }) => batchId)
  if (ids.length === 0) return 0
  for (const table of ['batch_files', 'batch_pictures', 'batch_row_files', 'batch_samples'])
    await tx.query(`delete from licence.${table} where batch_id = any($1::uuid[])`, [ids])
  await tx.query(
    `update licence.batch_rows set sealed_row = null, sealed_faults = null, duplicate_mac = null, content_mac = null
     where batch_id = any($1::uuid[])`,
    [ids],
  )
  return ids.length
}

export async function sayWorkerIsHere(db: Queryable, worker: string, at: Date): Promise<void> {
  await db.query(
    `insert into licence.workers (worker, seen_at) values ($1, $2) on conflict (worker) do update set seen_at = excluded.seen_at`,
    [worker, at],
  )
}

export async function sayWorkerIsGone(db: Queryable, worker: string): Promise<void> {
  await db.query('delete from licence.workers where worker = $1', [worker])
}

export async function isWorkerHere(db: Queryable, since: Date): Promise<boolean> {
  return (await db.query('select 1 from licence.workers where seen_at > $1 limit 1', [since])).length > 0
}

/** A batch that is minting pauses, or waits until a time; one that somebody stopped meanwhile stays as it is. */
export async function haltBatch(
  tx: Queryable,
  batchId: string,
  { note, at, resumeAt }: { readonly note: string; readonly at: Date; readonly resumeAt: Date | null },
): Promise<void> {
  await tx.query(
    `update licence.batches set state = case when $4::timestamptz is null then 'paused' else 'waiting' end, state_since = $3, note = $2,
       resume_at = $4 where batch_id = $1 and state = 'minting'`,
    [batchId, note, at, resumeAt],
  )
}

/** Whether any batch is being worked off. */
export async function isAnythingDue(db: Queryable): Promise<boolean> {
  const rows = await db.query(
    `select 1 from licence.batches b where wrapped_data_key is not null and (state in ('checking', 'minting', 'waiting', 'rolling-back')
       or state = 'cancelled' and exists (select 1 from licence.batch_chunks c
         where c.batch_id = b.batch_id and c.phase = b.phase and c.under_way and c.done_at is null)) limit 1`,
  )
  return rows.length > 0
}
