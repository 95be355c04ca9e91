import type { Queryable } from '../../platform/index.ts'
import type { ScanGrade } from '../domain/scan.ts'

/** A file of a batch's ZIPs. */
export interface BatchFile {
  readonly mac: Uint8Array
  readonly blob: string
  /** Null for those that came before names were kept. */
  readonly sealedName: Uint8Array | null
}

const columns = `name_mac as mac, blob, sealed_name as "sealedName"`
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const wanted = `(select decode(h, 'hex') from jsonb_array_elements_text($2::jsonb) as h)`

/** Files by the keyed hashes of their names. */
export const filesByName = (db: Queryable, batchId: string, macs: readonly Uint8Array[]): Promise<BatchFile[]> =>
  db.query<BatchFile>(`select ${columns} from licence.batch_pictures where batch_id = $1 and name_mac in ${wanted}`, [
    batchId,
    JSON.stringify(macs.map(hex)),
  ])

/** Files whose names begin with something, alone or before the number of a page. */
export const filesByBeginning = (db: Queryable, batchId: string, mac: Uint8Array, most: number): Promise<BatchFile[]> =>
  db.query<BatchFile>(
    `select ${columns} from licence.batch_pictures where batch_id = $1 and stem_mac = $2
     union select ${columns} from licence.batch_pictures where batch_id = $1 and page_mac = $2 limit $3`,
    [batchId, mac, most],
  )

export interface RowFile {
  readonly row: number
  readonly mac: Uint8Array
  /** Among the row's files. */
  readonly place: number
  /** Null for a picture that is printed. */
  readonly grade: ScanGrade | null
}

/** Puts on record which files are whose. */
export async function insertRowFiles(tx: Queryable, batchId: string, files: readonly RowFile[]): Promise<void> {
  if (files.length === 0) return
  await tx.query(
    `insert into licence.batch_row_files (batch_id, row, name_mac, place, grade)
     select $1, f.row, decode(f.mac, 'hex'), f.place, f.grade
     from jsonb_to_recordset($2::jsonb) as f(row integer, mac text, place integer, grade text) on conflict do nothing`,
    [batchId, JSON.stringify(files.map((file) => ({ ...file, mac: hex(file.mac) })))],
  )
}

export interface RowScan extends BatchFile {
  readonly row: number
  readonly grade: ScanGrade
}

/** The scans of rows, each row's in their order. */
export const scansOfRows = (db: Queryable, batchId: string, rows: readonly number[]): Promise<RowScan[]> =>
  db.query<RowScan>(
    `select f.row, f.grade, p.name_mac as mac, p.blob, p.sealed_name as "sealedName"
     from licence.batch_row_files f join licence.batch_pictures p on p.batch_id = f.batch_id and p.name_mac = f.name_mac
     where f.batch_id = $1 and f.row = any($2::integer[]) and f.grade is not null order by f.row, f.place`,
    [batchId, rows],
  )

/** Good rows that share a scan with another row are at fault; answers how many. Once all are checked. */
export async function markSharedScans(tx: Queryable, batchId: string, code: string): Promise<number> {
  const rows = await tx.query(
    `update licence.batch_rows b set state = 'faulty', last_fault = $2, faults = jsonb_build_array(jsonb_build_object('column', null, 'code', $2::text))
     where b.batch_id = $1 and b.state = 'valid' and b.row in (
       select f.row from licence.batch_row_files f where f.batch_id = $1 and f.grade is not null and exists (
         select 1 from licence.batch_row_files other where other.batch_id = $1 and other.name_mac = f.name_mac
           and other.row <> f.row and other.grade is not null)) returning 1`,
    [batchId, code],
  )
  return rows.length
}

const unused = `from licence.batch_pictures p where p.batch_id = $1
  and not exists (select 1 from licence.batch_row_files f where f.batch_id = p.batch_id and f.name_mac = p.name_mac)`

/** Counts what no row names, once, at the end of a check. */
export async function countUnusedFiles(tx: Queryable, batchId: string): Promise<void> {
  await tx.query(`update licence.batches set unused_files = (select count(*) ${unused}) where batch_id = $1`, [batchId])
}

/** Files that no row names, in the order of their hashes, which says nothing. */
export const unusedFiles = (db: Queryable, batchId: string, after: Uint8Array, limit: number): Promise<BatchFile[]> =>
  db.query<BatchFile>(`select ${columns} ${unused} and name_mac > $2 order by name_mac limit $3`, [
    batchId,
    after,
    limit,
  ])
