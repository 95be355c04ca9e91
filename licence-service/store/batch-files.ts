import type { Queryable } from '../../platform/index.ts'

export interface FilePiece {
  readonly file: number
  readonly piece: number
  /** What it came by: an idempotency key. */
  readonly part: string
  readonly blob: string
}

export const fileBlobs = (db: Queryable, batchId: string): Promise<FilePiece[]> =>
  db.query<FilePiece>(
    'select file, piece, part, blob from licence.batch_files where batch_id = $1 order by file, piece',
    [batchId],
  )

/** The number that the next file of a batch gets; whoever asks holds the batch's row. */
export async function nextFile(db: Queryable, batchId: string): Promise<number> {
  const [row] = await db.query<{ next: number }>(
    'select coalesce(max(file), -1) + 1 as next from licence.batch_files where batch_id = $1',
    [batchId],
  )
  return row!.next
}

export async function insertFile(
  db: Queryable,
  batchId: string,
  file: { readonly number: number; readonly part: string; readonly mac: Uint8Array; readonly blobs: readonly string[] },
): Promise<void> {
  await db.query(
    `insert into licence.batch_files (batch_id, file, piece, part, part_mac, blob)
     select $1, $2, p.place - 1, $3, $4, p.blob from jsonb_array_elements_text($5::jsonb) with ordinality as p(blob, place)`,
    [batchId, file.number, file.part, file.mac, JSON.stringify(file.blobs)],
  )
}

/** The hash of what came by a key before; undefined for nothing. */
export async function partMac(db: Queryable, batchId: string, part: string): Promise<Uint8Array | undefined> {
  const rows = await db.query<{ mac: Uint8Array }>(
    'select part_mac as mac from licence.batch_files where batch_id = $1 and part = $2 limit 1',
    [batchId, part],
  )
  return rows[0]?.mac
}

/** Blobs of pictures by the hex of their names' hashes. */
export async function pictureBlobs(
  db: Queryable,
  batchId: string,
  macs: readonly Uint8Array[],
): Promise<Map<string, string>> {
  const rows = await db.query<{ mac: Uint8Array; blob: string }>(
    `select name_mac as mac, blob from licence.batch_pictures
     where batch_id = $1 and name_mac in (select decode(h, 'hex') from jsonb_array_elements_text($2::jsonb) as h)`,
    [batchId, JSON.stringify(macs.map((mac) => Buffer.from(mac).toString('hex')))],
  )
  return new Map(rows.map(({ mac, blob }) => [Buffer.from(mac).toString('hex'), blob]))
}

/** A file of a ZIP, by keyed hashes of its name and of what its name begins with. */
export interface NewBatchPicture {
  readonly mac: Uint8Array
  readonly stemMac: Uint8Array
  readonly pageMac: Uint8Array | null
  readonly sealedName: Uint8Array
  readonly blob: string
  readonly bytes: number
}

const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex')

/** A later file of the same name takes the earlier one's place. */
export async function insertPictures(
  db: Queryable,
  batchId: string,
  pictures: readonly NewBatchPicture[],
): Promise<void> {
  await db.query(
    `insert into licence.batch_pictures (batch_id, name_mac, stem_mac, page_mac, sealed_name, blob, bytes)
     select $1, decode(p.mac, 'hex'), decode(p.stem, 'hex'), decode(p.page, 'hex'), decode(p.name, 'hex'), p.blob, p.bytes
     from jsonb_to_recordset($2::jsonb) as p(mac text, stem text, page text, name text, blob text, bytes integer)
     on conflict (batch_id, name_mac) do update set blob = excluded.blob, bytes = excluded.bytes, stem_mac = excluded.stem_mac,
       page_mac = excluded.page_mac, sealed_name = excluded.sealed_name`,
    [
      batchId,
      JSON.stringify(
        pictures.map(({ mac, stemMac, pageMac, sealedName, blob, bytes }) => {
          return { mac: hex(mac), stem: hex(stemMac), page: hex(pageMac), name: hex(sealedName), blob, bytes }
        }),
      ),
    ],
  )
}

export async function pictureTotals(db: Queryable, batchId: string): Promise<{ count: number; bytes: number }> {
  const [row] = await db.query<{ count: number; bytes: number }>(
    `select count(*)::integer as count, coalesce(sum(bytes), 0)::float8 as bytes from licence.batch_pictures where batch_id = $1`,
    [batchId],
  )
  return row!
}

/** Whether a batch still needs a blob. */
export async function isBatchBlob(db: Queryable, blob: string): Promise<boolean> {
  const rows = await db.query(
    `select 1 from licence.batch_files where blob = $1 union all select 1 from licence.batch_pictures where blob = $1 limit 1`,
    [blob],
  )
  return rows.length > 0
}
