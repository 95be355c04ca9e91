import type { Queryable } from '../../platform/index.ts'

/** A use that was sealed, with the seal as it is now. */
export interface SealedUse {
  readonly useId: string
  readonly sealId: string
  readonly sealName: string
  /** Owner of the seal. */
  readonly ownerCode: string
  readonly identifier: string
  readonly purpose: string
  readonly unsignedDigest: Uint8Array
  readonly signedDigest: Uint8Array
  readonly callerId: string
  readonly callerDepartment: string
  readonly authorisationId: string | null
  readonly at: Date
}

export async function findSealedUse(db: Queryable, useId: string): Promise<SealedUse | undefined> {
  const rows = await db.query<SealedUse>(
    `select u.use_id as "useId", u.seal_id as "sealId", s.name as "sealName", s.department_code as "ownerCode", u.identifier,
       u.type_code as purpose, u.unsigned_digest as "unsignedDigest", u.signed_digest as "signedDigest", u.caller_id as "callerId",
       u.caller_department as "callerDepartment", u.authorisation_id::text as "authorisationId", u.at
     from seal.seal_uses u join seal.seals s on s.id = u.seal_id where u.use_id = $1 and u.phase = 'sealed'`,
    [useId],
  )
  return rows[0]
}

export async function findReceipt(db: Queryable, useId: string): Promise<string | undefined> {
  const rows = await db.query<{ receipt: string }>(`select receipt from seal.use_receipts where use_id = $1`, [useId])
  return rows[0]?.receipt
}

/** Keeps a receipt; the first one counts, which is returned. */
export async function keepReceipt(db: Queryable, useId: string, receipt: string, at: Date): Promise<string> {
  await db.query(
    `insert into seal.use_receipts (use_id, receipt, signed_at) values ($1, $2, $3) on conflict do nothing`,
    [useId, receipt, at],
  )
  return (await findReceipt(db, useId))!
}
