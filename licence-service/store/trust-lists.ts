import type { Queryable } from '../../platform/index.ts'

export interface TrustListRow {
  readonly sequence: bigint
  readonly contentDigest: string
  readonly token: string
  readonly issuedAt: Date
}

export async function latestTrustList(db: Queryable): Promise<TrustListRow | undefined> {
  const rows = await db.query<TrustListRow>(
    `select sequence, content_digest as "contentDigest", token, issued_at as "issuedAt" from licence.trust_lists order by sequence desc limit 1`,
  )
  return rows[0]
}

/** Adds a list under its sequence number; `false` when another process took that number first. */
export async function addTrustList(db: Queryable, row: TrustListRow): Promise<boolean> {
  const rows = await db.query(
    `insert into licence.trust_lists (sequence, content_digest, token, issued_at) values ($1, $2, $3, $4) on conflict do nothing returning sequence`,
    [row.sequence.toString(), row.contentDigest, row.token, row.issuedAt],
  )
  return rows.length === 1
}
