import type { Queryable } from '../../platform/index.ts'
import type { CopyState } from '../domain/copy.ts'
import type { LicenceState } from '../domain/licence.ts'
import { type ListPlace, markPlaces } from './status-lists.ts'

/** A copy as its row holds it; what is personal is still sealed. `copyId` is base64url. */
export interface CopyRow {
  readonly copyId: string
  readonly identifier: string
  readonly typeCode: string
  readonly templateVersion: number
  readonly departmentCode: string
  readonly sealId: string
  readonly state: CopyState
  readonly statusList: number
  readonly statusPlace: number
  readonly maker: string
  readonly makerDepartment: string
  /** Null in copies from before it was kept. */
  readonly makerKind: 'person' | 'machine' | 'system' | null
  /** The matter it was fetched for by another department. */
  readonly makerMatter: string | null
  readonly recipientCode: string | null
  readonly key: string
  readonly requestMac: Uint8Array
  readonly madeAt: Date
  readonly expiresAt: Date
  readonly wrappedDataKey: Uint8Array | null
  readonly sealedData: Uint8Array
  readonly sealedStatement: Uint8Array | null
  readonly documentBlob: string | null
  readonly dataDigest: string
  readonly sealedDigest: string | null
  readonly refusalCode: string | null
  readonly endedAt: Date | null
}

export type NewCopy = Omit<
  CopyRow,
  'state' | 'sealedStatement' | 'documentBlob' | 'sealedDigest' | 'refusalCode' | 'endedAt'
>

const columns = `copy_id as id, identifier, type_code as "typeCode", template_version as "templateVersion",
  department_code as "departmentCode", seal_id as "sealId", state, status_list as "statusList", status_place as "statusPlace", maker,
  maker_department as "makerDepartment", maker_kind as "makerKind", maker_matter as "makerMatter", recipient_code as "recipientCode", key, request_mac as "requestMac", made_at as "madeAt",
  expires_at as "expiresAt", wrapped_data_key as "wrappedDataKey", sealed_data as "sealedData", sealed_statement as "sealedStatement",
  document_blob as "documentBlob", data_digest as "dataDigest", sealed_digest as "sealedDigest", refusal_code as "refusalCode",
  ended_at as "endedAt"`

type Stored = Omit<CopyRow, 'copyId'> & { readonly id: Uint8Array }

const toRow = ({ id, ...row }: Stored): CopyRow => ({ ...row, copyId: Buffer.from(id).toString('base64url') })
const bytesOf = (copyId: string): Uint8Array => Buffer.from(copyId, 'base64url')

async function findOne(db: Queryable, where: string, parameters: readonly unknown[]): Promise<CopyRow | undefined> {
  const [row] = await db.query<Stored>(`select ${columns} from licence.copies where ${where}`, [...parameters])
  return row && toRow(row)
}

export const findCopy = (db: Queryable, copyId: string): Promise<CopyRow | undefined> =>
  findOne(db, 'copy_id = $1', [bytesOf(copyId)])

/** The same row, held until the transaction ends. */
export const lockCopy = (tx: Queryable, copyId: string): Promise<CopyRow | undefined> =>
  findOne(tx, 'copy_id = $1 for update', [bytesOf(copyId)])

export const findCopyByKey = (db: Queryable, makerDepartment: string, key: string): Promise<CopyRow | undefined> =>
  findOne(db, 'maker_department = $1 and key = $2', [makerDepartment, key])

/** Copies of a licence, for these departments or (null) for anybody, newest first, behind one of them. */
export async function listCopies(
  db: Queryable,
  identifier: string,
  page: {
    readonly recipients: readonly string[] | null
    readonly after: { readonly madeAt: Date; readonly copyId: string } | null
    readonly limit: number
  },
): Promise<CopyRow[]> {
  const { recipients, after, limit } = page
  const rows = await db.query<Stored>(
    `select ${columns} from licence.copies
     where identifier = $1 and ($2::timestamptz is null or (made_at, copy_id) < ($2, $3::bytea))
       and ($5::text[] is null or recipient_code = any($5))
     order by made_at desc, copy_id desc limit $4`,
    [identifier, after?.madeAt ?? null, after && bytesOf(after.copyId), limit, recipients],
  )
  return rows.map(toRow)
}

/** Copies prepared before an instant and still so, oldest first. */
export async function listPreparedCopies(db: Queryable, before: Date, limit: number): Promise<CopyRow[]> {
  const rows = await db.query<Stored>(
    `select ${columns} from licence.copies where state = 'prepared' and made_at <= $1 order by made_at limit $2`,
    [before, limit],
  )
  return rows.map(toRow)
}

/** Adds a copy as prepared, with its place in a status list. */
export async function insertCopy(tx: Queryable, copy: NewCopy): Promise<void> {
  await tx.query(
    `insert into licence.copies (copy_id, identifier, type_code, template_version, department_code, seal_id, state, status_list,
       status_place, maker, maker_department, recipient_code, key, request_mac, made_at, expires_at, wrapped_data_key, sealed_data,
       data_digest, maker_kind, maker_matter)
     values ($1, $2, $3, $4, $5, $6, 'prepared', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
    [
      bytesOf(copy.copyId),
      copy.identifier,
      copy.typeCode,
      copy.templateVersion,
      copy.departmentCode,
      copy.sealId,
      copy.statusList,
      copy.statusPlace,
      copy.maker,
      copy.makerDepartment,
      copy.recipientCode,
      copy.key,
      copy.requestMac,
      copy.madeAt,
      copy.expiresAt,
      copy.wrappedDataKey,
      copy.sealedData,
      copy.dataDigest,
      copy.makerKind,
      copy.makerMatter,
    ],
  )
}

export interface FinishedCopy {
  readonly sealedStatement: Uint8Array
  readonly documentBlob: string
  readonly unsignedDigest: string
  readonly sealedDigest: string
}

/** prepared → in force with its document; answers whether it was still prepared. */
export async function putCopyInForce(tx: Queryable, copyId: string, finished: FinishedCopy): Promise<boolean> {
  const rows = await tx.query(
    `update licence.copies set state = 'in force', sealed_statement = $2, document_blob = $3, unsigned_digest = $4, sealed_digest = $5
     where copy_id = $1 and state = 'prepared' returning 1`,
    [bytesOf(copyId), finished.sealedStatement, finished.documentBlob, finished.unsignedDigest, finished.sealedDigest],
  )
  return rows.length === 1
}

/** prepared → rejected; answers whether it was still prepared. */
export async function rejectPreparedCopy(tx: Queryable, copyId: string, code: string): Promise<boolean> {
  const rows = await tx.query(
    `update licence.copies set state = 'rejected', refusal_code = $2 where copy_id = $1 and state = 'prepared' returning 1`,
    [bytesOf(copyId), code],
  )
  return rows.length === 1
}

/** in force → revoked, by itself. */
export async function endCopy(
  tx: Queryable,
  copyId: string,
  end: { readonly at: Date; readonly by: string; readonly sealedReason: Uint8Array },
): Promise<void> {
  await tx.query(
    `update licence.copies set state = 'revoked', ended_at = $2, ended_by = $3, sealed_reason = $4
     where copy_id = $1 and state = 'in force'`,
    [bytesOf(copyId), end.at, end.by, end.sealedReason],
  )
}

/**
 * Copies go with their originals, in the transaction that changes these: `end` ends them, those on their way too; `touch` has their places
 * read anew, when an original is suspended or restored.
 */
export async function followOriginals(
  tx: Queryable,
  identifiers: readonly string[],
  effect: 'end' | 'touch',
  at: Date,
): Promise<void> {
  if (identifiers.length === 0) return
  const places =
    effect === 'end'
      ? await tx.query<ListPlace>(
          `update licence.copies set state = 'ended', ended_at = $2, ended_by = 'system:original'
           where identifier = any($1) and state in ('prepared', 'in force') returning status_list as list, status_place as place`,
          [identifiers, at],
        )
      : await tx.query<ListPlace>(
          `select status_list as list, status_place as place from licence.copies
           where identifier = any($1) and state = 'in force'`,
          [identifiers],
        )
  await markPlaces(tx, places)
}

/** States of copies and of their originals at places of a list, or at all of its places. */
export const copyStatesAt = (
  db: Queryable,
  list: number,
  places: readonly number[] | null,
): Promise<{ place: number; state: CopyState; original: LicenceState }[]> =>
  db.query(
    `select c.status_place as place, c.state, l.state as original
     from licence.copies c join licence.licences l on l.identifier = c.identifier
     where c.status_list = $1 and ($2::integer[] is null or c.status_place = any($2))`,
    [list, places],
  )

/** Whether a copy refers to a blob as its document. */
export async function isCopyBlobWanted(db: Queryable, digest: string): Promise<boolean> {
  return (await db.query('select 1 from licence.copies where document_blob = $1 limit 1', [digest])).length > 0
}
