import type { Queryable, Transaction } from '../../platform/index.ts'
import type { EsealLayout } from '../domain/eseal.ts'
import type { SealUse } from './sealings.ts'

/** What a document system was given for a digest. */
export interface OesSignature {
  /** `oes:`, the seal's code and the document's name. */
  readonly identifier: string
  readonly dataHash: Uint8Array
  readonly useId: string
  readonly sealId: string
  readonly layout: EsealLayout
  readonly propertyInfo: string
  /** SES_Signature, DER. */
  readonly signature: Uint8Array
  readonly signedAt: Date
}

const columns = `identifier, data_hash as "dataHash", use_id as "useId", seal_id as "sealId", layout, property_info as "propertyInfo",
  signature, signed_at as "signedAt"`

export async function findOesSignature(
  db: Queryable,
  identifier: string,
  dataHash: Uint8Array,
): Promise<OesSignature | undefined> {
  const rows = await db.query<OesSignature>(
    `select ${columns} from seal.oes_signatures where identifier = $1 and data_hash = $2`,
    [identifier, dataHash],
  )
  return rows[0]
}

/** Puts a signature on record with the use that made it; false when another attempt was first, and then nothing is changed. */
export async function insertOesSignature(
  tx: Transaction,
  made: OesSignature,
  use: SealUse,
  signedDigest: Uint8Array,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into seal.oes_signatures (identifier, data_hash, use_id, seal_id, layout, property_info, signature, signed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning use_id`,
    [
      made.identifier,
      made.dataHash,
      made.useId,
      made.sealId,
      made.layout,
      made.propertyInfo,
      made.signature,
      made.signedAt,
    ],
  )
  if (rows.length === 0) return false
  await tx.query(
    `insert into seal.seal_uses (phase, at, use_id, seal_id, identifier, type_code, unsigned_digest, signed_digest, caller_id,
       caller_department, authorisation_id)
     values ('sealed', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      made.signedAt,
      use.useId,
      use.sealId,
      use.identifier,
      use.typeCode,
      use.unsignedDigest,
      signedDigest,
      use.callerId,
      use.callerDepartment,
      use.authorisationId,
    ],
  )
  return true
}

/**
 * When what a signature signs (TBS_Sign, by its SHA-256) was taken back; undefined where nothing of the kind was made here, null while it
 * stands. What stands around it is not asked: anybody can write that otherwise.
 */
export async function findCancellation(db: Queryable, signedPartDigest: Uint8Array): Promise<Date | null | undefined> {
  const rows = await db.query<{ cancelledAt: Date | null }>(
    `select c.at as "cancelledAt" from seal.oes_signatures s left join seal.oes_cancellations c on c.use_id = s.use_id
     where s.signed_part_digest = $1 order by c.at nulls last limit 1`,
    [signedPartDigest],
  )
  return rows[0]?.cancelledAt
}

/** Who had a signature made, for whoever takes it back. */
export async function findUseOfSignature(
  db: Queryable,
  useId: string,
): Promise<{ readonly callerDepartment: string; readonly sealId: string } | undefined> {
  const rows = await db.query<{ callerDepartment: string; sealId: string }>(
    `select u.caller_department as "callerDepartment", u.seal_id as "sealId"
     from seal.oes_signatures s join seal.seal_uses u on u.use_id = s.use_id and u.phase = 'sealed' where s.use_id = $1`,
    [useId],
  )
  return rows[0]
}

/** Takes a signature back; false when it was taken back before. */
export async function insertCancellation(
  db: Queryable,
  act: { readonly useId: string; readonly reason: string; readonly callerId: string; readonly at: Date },
): Promise<boolean> {
  const rows = await db.query(
    `insert into seal.oes_cancellations (use_id, reason, caller_id, at) values ($1, $2, $3, $4) on conflict do nothing returning use_id`,
    [act.useId, act.reason, act.callerId, act.at],
  )
  return rows.length === 1
}
