import type { Queryable } from '../../platform/index.ts'

/** The authorities outside that are trusted now, DER, in the order in which they were named. */
export async function listAuthorities(db: Queryable): Promise<Uint8Array[]> {
  const rows = await db.query<{ certificate: Uint8Array }>(
    `select certificate from seal.authorities where ended_at is null order by authority_id`,
  )
  return rows.map(({ certificate }) => certificate)
}

/** Records trust in an authority; false when it is trusted already. */
export async function insertAuthority(db: Queryable, certificate: Uint8Array, by: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    `insert into seal.authorities (certificate, trusted_at, trusted_by) values ($1, $2, $3)
     on conflict do nothing returning authority_id`,
    [certificate, at, by],
  )
  return rows.length === 1
}

/** Whether the authority with this certificate is trusted, and stays so until the transaction ends. */
export async function holdAuthority(tx: Queryable, certificate: Uint8Array): Promise<boolean> {
  const rows = await tx.query(
    `select authority_id from seal.authorities where certificate_digest = sha256($1::bytea) and ended_at is null for share`,
    [certificate],
  )
  return rows.length === 1
}

/** Ends trust in the authority with this certificate; false when it is not trusted. A clock that was set back does not keep it. */
export async function endAuthority(db: Queryable, certificate: Uint8Array, by: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    `update seal.authorities set ended_at = greatest(trusted_at, $3::timestamptz), ended_by = $2
     where certificate_digest = sha256($1::bytea) and ended_at is null returning authority_id`,
    [certificate, by, at],
  )
  return rows.length === 1
}
