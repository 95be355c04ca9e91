import type { Queryable } from '../../platform/index.ts'
import type { RowState } from '../domain/batch.ts'

export interface BatchRowRow {
  readonly row: number
  readonly state: RowState
  readonly sealedRow: Uint8Array | null
  readonly duplicateMac: Uint8Array | null
  readonly contentMac: Uint8Array | null
  readonly sealedFaults: Uint8Array | null
  readonly identifier: string | null
  readonly generation: number
  readonly attempts: number
  readonly lastFault: string | null
}

const columns = `row, state, sealed_row as "sealedRow", duplicate_mac as "duplicateMac", content_mac as "contentMac",
  sealed_faults as "sealedFaults", identifier, generation, attempts, last_fault as "lastFault"`

const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex')

export async function insertRows(
  tx: Queryable,
  batchId: string,
  rows: readonly { readonly row: number; readonly sealedRow: Uint8Array; readonly sealedFaults: Uint8Array | null }[],
): Promise<void> {
  await tx.query(
    `insert into licence.batch_rows (batch_id, row, state, sealed_row, sealed_faults)
     select $1, r.row, 'new', decode(r.sealed, 'hex'), decode(r.faults, 'hex')
     from jsonb_to_recordset($2::jsonb) as r(row integer, sealed text, faults text)`,
    [
      batchId,
      JSON.stringify(rows.map((one) => ({ row: one.row, sealed: hex(one.sealedRow), faults: hex(one.sealedFaults) }))),
    ],
  )
}

/** Rows of a stretch in some states, in their order. */
export const readRows = (
  db: Queryable,
  batchId: string,
  { from, to, states, limit }: { from: number; to: number; states: readonly RowState[]; limit: number },
): Promise<BatchRowRow[]> =>
  db.query<BatchRowRow>(
    `select ${columns} from licence.batch_rows where batch_id = $1 and row between $2 and $3 and state = any($4::text[])
     order by row limit $5`,
    [batchId, from, to, states, limit],
  )

export interface CheckedRow {
  readonly row: number
  readonly state: 'valid' | 'faulty' | 'duplicate'
  /** Of its holder, or of all that it says: no other row of the batch has the same. */
  readonly duplicateMac: Uint8Array | null
  /** Of all that it says, where the other one is of its holder. */
  readonly contentMac: Uint8Array | null
  readonly faults: readonly { readonly column: number | null; readonly code: string }[] | null
  readonly sealedFaults: Uint8Array | null
}

/** Writes what a check found of rows that are still new; answers those it wrote. */
export const settleChecked = (
  tx: Queryable,
  batchId: string,
  rows: readonly CheckedRow[],
): Promise<{ state: CheckedRow['state'] }[]> =>
  tx.query(
    `update licence.batch_rows b set state = r.state, duplicate_mac = decode(r.mac, 'hex'), content_mac = decode(r.content, 'hex'),
       faults = r.faults, sealed_faults = decode(r.sealed, 'hex'), last_fault = r.faults -> 0 ->> 'code'
     from jsonb_to_recordset($2::jsonb) as r(row integer, state text, mac text, content text, faults jsonb, sealed text)
     where b.batch_id = $1 and b.row = r.row and b.state = 'new' returning b.state`,
    [
      batchId,
      JSON.stringify(
        rows.map(({ row, state, duplicateMac, contentMac, faults, sealedFaults }) => {
          return { row, state, mac: hex(duplicateMac), content: hex(contentMac), faults, sealed: hex(sealedFaults) }
        }),
      ),
    ],
  )

/** Of rows that say the same, the first stays and the others are duplicates; answers how many. Once all are checked. */
export async function markDuplicates(tx: Queryable, batchId: string, code: string): Promise<number> {
  const rows = await tx.query(
    `update licence.batch_rows b set state = 'duplicate', last_fault = $2, faults = jsonb_build_array(jsonb_build_object('column', null, 'code', $2::text))
     from (select row, row_number() over (partition by duplicate_mac order by row) as place from licence.batch_rows
       where batch_id = $1 and state = 'valid' and duplicate_mac is not null) same
     where b.batch_id = $1 and b.row = same.row and same.place > 1 returning 1`,
    [batchId, code],
  )
  return rows.length
}

export interface ClaimKey {
  readonly typeCode: string
  readonly departmentCode: string
  readonly batchId: string
}

/** A claim `c` whose licence ended, or ran out before day $5: nobody is kept from another by it. */
const isOver = `exists (select 1 from licence.batch_rows r join licence.licences l on l.identifier = r.identifier
  where r.batch_id = c.batch_id and r.row = c.row
    and (l.state in ('rejected', 'revoked', 'withdrawn', 'cancelled', 'transferred') or l.valid_until < $5::date))`

/** All that a row claims: its holder where the batch tells rows apart by holder, and what it says in any case. */
export const claimsOf = ({
  duplicateMac,
  contentMac,
}: Pick<BatchRowRow, 'duplicateMac' | 'contentMac'>): Uint8Array[] =>
  [duplicateMac, contentMac].filter((mac) => mac !== null)

/**
 * Rows of which every claim is free or theirs already get them; the others are left out of the answer, whatever claims they have got.
 * All are taken by one statement, in one order for everybody: two batches wait for each other, and never in a ring.
 * @param today YYYY-MM-DD
 */
export async function takeClaims(
  tx: Queryable,
  { typeCode, departmentCode, batchId }: ClaimKey,
  rows: readonly Pick<BatchRowRow, 'row' | 'duplicateMac' | 'contentMac'>[],
  today: string,
): Promise<Set<number>> {
  const claims = JSON.stringify(rows.flatMap((one) => claimsOf(one).map((mac) => ({ row: one.row, mac: hex(mac) }))))
  await tx.query(
    `delete from licence.batch_claims where type_code = $1 and department_code = $2 and duplicate_mac in (
       select c.duplicate_mac from licence.batch_claims c where c.type_code = $1 and c.department_code = $2 and c.batch_id <> $3
         and c.duplicate_mac in (select decode(r.mac, 'hex') from jsonb_to_recordset($4::jsonb) as r(mac text)) and ${isOver}
       order by c.duplicate_mac for update)`,
    [typeCode, departmentCode, batchId, claims, today],
  )
  const taken = await tx.query<{ row: number }>(
    `insert into licence.batch_claims as c (type_code, department_code, duplicate_mac, batch_id, row)
     select $1, $2, decode(r.mac, 'hex'), $3, r.row from jsonb_to_recordset($4::jsonb) as r(row integer, mac text) order by r.mac
     on conflict (type_code, department_code, duplicate_mac) do update set row = excluded.row
       where c.batch_id = excluded.batch_id and c.row = excluded.row returning c.row`,
    [typeCode, departmentCode, batchId, claims],
  )
  const counts = new Map<number, number>()
  for (const { row } of taken) counts.set(row, (counts.get(row) ?? 0) + 1)
  return new Set(rows.filter((one) => counts.get(one.row) === claimsOf(one).length).map(({ row }) => row))
}

/** Which of these are another's on a day, YYYY-MM-DD. */
export async function claimedByOthers(
  db: Queryable,
  { typeCode, departmentCode, batchId }: ClaimKey,
  macs: readonly Uint8Array[],
  today: string,
): Promise<Set<string>> {
  const rows = await db.query<{ mac: string }>(
    `select encode(duplicate_mac, 'hex') as mac from licence.batch_claims c
     where type_code = $1 and department_code = $2 and batch_id <> $3
       and duplicate_mac in (select decode(h, 'hex') from jsonb_array_elements_text($4::jsonb) as h) and not ${isOver}`,
    [typeCode, departmentCode, batchId, JSON.stringify(macs.map(hex)), today],
  )
  return new Set(rows.map(({ mac }) => mac))
}

export async function dropClaims(tx: Queryable, batchId: string, rows: readonly number[]): Promise<void> {
  if (rows.length > 0)
    await tx.query('delete from licence.batch_claims where batch_id = $1 and row = any($2::integer[])', [batchId, rows])
}

/** Holders (keyed hashes of codes, hex) who have a licence of this type of the department that has neither ended nor run out on a day, YYYY-MM-DD. */
export async function holdersWithLicence(
  db: Queryable,
  departmentCode: string,
  typeCode: string,
  codeMacs: readonly Uint8Array[],
  today: string,
): Promise<Set<string>> {
  const rows = await db.query<{ mac: string }>(
    `select distinct encode(h.code_mac, 'hex') as mac from licence.holders h join licence.licences l on l.identifier = h.identifier
     where h.code_mac in (select decode(m, 'hex') from jsonb_array_elements_text($3::jsonb) as m)
       and l.department_code = $1 and l.type_code = $2 and l.state in ('prepared', 'in force', 'suspended')
       and (l.valid_until is null or l.valid_until >= $4::date)`,
    [departmentCode, typeCode, JSON.stringify(codeMacs.map(hex)), today],
  )
  return new Set(rows.map(({ mac }) => mac))
}

export interface SettledRow {
  readonly row: number
  readonly state: RowState
  readonly identifier?: string | null
  readonly attempts?: number
  readonly generation?: number
  readonly lastFault?: string | null
}

/** Moves rows that are still in one of these states; answers those that moved. */
export const settleRows = (
  tx: Queryable,
  batchId: string,
  from: readonly RowState[],
  rows: readonly SettledRow[],
): Promise<{ row: number; state: RowState; was: RowState }[]> =>
  tx.query(
    `update licence.batch_rows b set state = r.state, identifier = coalesce(r.identifier, b.identifier),
       attempts = coalesce(r.attempts, b.attempts), generation = coalesce(r.generation, b.generation), last_fault = r."lastFault"
     from jsonb_to_recordset($3::jsonb) as r(row integer, state text, identifier text, attempts smallint, generation smallint, "lastFault" text),
       licence.batch_rows old
     where b.batch_id = $1 and b.row = r.row and old.batch_id = $1 and old.row = r.row and b.state = any($2::text[])
     returning b.row, b.state, old.state as was`,
    [batchId, from, JSON.stringify(rows)],
  )

export const listRows = (
  db: Queryable,
  batchId: string,
  { after, states, limit }: { after: number; states: readonly RowState[] | null; limit: number },
): Promise<(BatchRowRow & { faults: readonly { column: number | null; code: string }[] | null })[]> =>
  db.query(
    `select ${columns}, faults from licence.batch_rows where batch_id = $1 and row > $2
     and ($3::text[] is null or state = any($3)) order by row limit $4`,
    [batchId, after, states, limit],
  )

/** Rows that came to nothing are good again. Those whose refusal may stand on record under their key get another one. */
export const reviveRows = (
  tx: Queryable,
  batchId: string,
  rows: readonly number[] | null,
): Promise<{ row: number; state: RowState; was: RowState }[]> =>
  tx.query(
    `update licence.batch_rows b set state = case when old.state = 'dead' then 'minting' else 'valid' end, attempts = 0, last_fault = null,
       generation = b.generation + case when old.state = 'refused' then 1 else 0 end
     from licence.batch_rows old
     where b.batch_id = $1 and old.batch_id = $1 and old.row = b.row and b.state in ('refused', 'dead', 'claimed')
       and ($2::jsonb is null or b.row in (select r::integer from jsonb_array_elements_text($2::jsonb) as r))
     returning b.row, b.state, old.state as was`,
    [batchId, rows && JSON.stringify(rows)],
  )

/** Numbers of good rows that are no samples yet, for drawing among them: the nth of them in their order. */
export const rowsAt = (db: Queryable, batchId: string, places: readonly number[]): Promise<{ row: number }[]> =>
  db.query(
    `select row from (select row, row_number() over (order by row) - 1 as place from licence.batch_rows
       where batch_id = $1 and state = 'valid'
         and not exists (select from licence.batch_samples s where s.batch_id = $1 and s.row = batch_rows.row)) good
     where place in (select p::integer from jsonb_array_elements_text($2::jsonb) as p) order by row`,
    [batchId, JSON.stringify(places)],
  )

export const findRow = async (db: Queryable, batchId: string, row: number): Promise<BatchRowRow | undefined> =>
  (
    await db.query<BatchRowRow>(`select ${columns} from licence.batch_rows where batch_id = $1 and row = $2`, [
      batchId,
      row,
    ])
  )[0]
