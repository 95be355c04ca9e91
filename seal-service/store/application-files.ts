import type { Queryable } from '../../platform/index.ts'

export type FileMediaType = 'application/pdf' | 'image/png' | 'image/jpeg'

/** A supporting document; its octets lie enciphered in the blob store. */
export interface ApplicationFileRecord {
  /** SHA-256 of what was handed in, hexadecimal. */
  readonly digest: string
  readonly departmentCode: string
  readonly blobDigest: string
  /** The document's own key, wrapped. */
  readonly wrappedKey: Uint8Array
  readonly name: string
  readonly mediaType: FileMediaType
  readonly sizeBytes: number
  readonly uploadedBy: string
  readonly at: Date
}

/** The documents of a department with these digests. */
export function findApplicationFiles(
  db: Queryable,
  departmentCode: string,
  digests: readonly string[],
): Promise<ApplicationFileRecord[]> {
  return db.query<ApplicationFileRecord>(
    `select encode(digest, 'hex') as digest, department_code as "departmentCode", blob_digest as "blobDigest",
       wrapped_key as "wrappedKey", name, media_type as "mediaType", size_bytes as "sizeBytes", uploaded_by as "uploadedBy", at
     from seal.application_files where department_code = $1 and digest in (select decode(d, 'hex') from unnest($2::text[]) d)`,
    [departmentCode, digests],
  )
}

/** Records a document; false when the department has handed it in before. */
export async function insertApplicationFile(db: Queryable, file: ApplicationFileRecord): Promise<boolean> {
  const rows = await db.query(
    `insert into seal.application_files
       (digest, department_code, blob_digest, wrapped_key, name, media_type, size_bytes, uploaded_by, at)
     values (decode($1, 'hex'), $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning name`,
    [
      file.digest,
      file.departmentCode,
      file.blobDigest,
      file.wrappedKey,
      file.name,
      file.mediaType,
      file.sizeBytes,
      file.uploadedBy,
      file.at,
    ],
  )
  return rows.length === 1
}

/** Octets and number of what a department handed in since a time. */
export async function measureApplicationFiles(
  db: Queryable,
  departmentCode: string,
  since: Date,
): Promise<{ readonly count: number; readonly bytes: number }> {
  const rows = await db.query<{ count: bigint; bytes: bigint }>(
    `select count(*) as count, coalesce(sum(size_bytes), 0)::bigint as bytes from seal.application_files
     where department_code = $1 and at >= $2`,
    [departmentCode, since],
  )
  return { count: Number(rows[0]!.count), bytes: Number(rows[0]!.bytes) }
}
