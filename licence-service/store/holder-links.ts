import type { Queryable } from '../../platform/index.ts'

export interface HolderLinkRow {
  readonly link: string
  readonly identifier: string
  readonly expiresAt: Date
  readonly attempts: number
  readonly nextAttemptAt: Date | null
  readonly lockedAt: Date | null
}

const columns = `link, identifier, expires_at as "expiresAt", attempts, next_attempt_at as "nextAttemptAt", locked_at as "lockedAt"`

/** Adds a link; false when there is one with this token already. */
export async function insertLink(
  tx: Queryable,
  row: { link: string; identifier: string; tokenHash: Uint8Array; createdAt: Date; createdBy: string; expiresAt: Date },
): Promise<boolean> {
  const added = await tx.query(
    `insert into licence.holder_links (link, identifier, token_hash, created_at, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6) on conflict (token_hash) do nothing returning link`,
    [row.link, row.identifier, row.tokenHash, row.createdAt, row.createdBy, row.expiresAt],
  )
  return added.length > 0
}

export async function findLink(db: Queryable, tokenHash: Uint8Array): Promise<HolderLinkRow | undefined> {
  return (
    await db.query<HolderLinkRow>(`select ${columns} from licence.holder_links where token_hash = $1`, [tokenHash])
  )[0]
}

/** The same row, held until the transaction ends, so that guesses come one after another. */
export async function lockLink(tx: Queryable, tokenHash: Uint8Array): Promise<HolderLinkRow | undefined> {
  return (
    await tx.query<HolderLinkRow>(`select ${columns} from licence.holder_links where token_hash = $1 for update`, [
      tokenHash,
    ])
  )[0]
}

/** Counts a wrong attempt: the new number, when the next may come, and since when the link is locked. */
export async function recordWrongAttempt(
  tx: Queryable,
  link: string,
  attempts: number,
  nextAttemptAt: Date,
  lockedAt: Date | null,
): Promise<void> {
  await tx.query(
    'update licence.holder_links set attempts = $2, next_attempt_at = $3, locked_at = $4 where link = $1',
    [link, attempts, nextAttemptAt, lockedAt],
  )
}

export async function insertAccess(
  tx: Queryable,
  row: { tokenHash: Uint8Array; link: string; expiresAt: Date },
): Promise<void> {
  await tx.query('insert into licence.holder_link_accesses (token_hash, link, expires_at) values ($1, $2, $3)', [
    row.tokenHash,
    row.link,
    row.expiresAt,
  ])
}

/** When the access that a bearer token opened on a link ends; `undefined` when there is none. */
export async function findAccess(db: Queryable, tokenHash: Uint8Array, link: string): Promise<Date | undefined> {
  const rows = await db.query<{ expiresAt: Date }>(
    'select expires_at as "expiresAt" from licence.holder_link_accesses where token_hash = $1 and link = $2',
    [tokenHash, link],
  )
  return rows[0]?.expiresAt
}

export type Look = 'seen' | 'refused' | 'locked' | 'opened' | 'document'

/** Adds a line to the log of who looked. */
export async function recordLook(
  db: Queryable,
  row: { link: string; identifier: string; at: Date; what: Look },
): Promise<void> {
  await db.query('insert into licence.holder_link_looks (link, identifier, at, what) values ($1, $2, $3, $4)', [
    row.link,
    row.identifier,
    row.at,
    row.what,
  ])
}

export const looksAt = (db: Queryable, identifier: string): Promise<{ at: Date; what: Look }[]> =>
  db.query('select at, what from licence.holder_link_looks where identifier = $1 order by look', [identifier])
