import type { Queryable } from '../../platform/index.ts'

export interface CountedAttempt {
  /** This attempt included. */
  readonly attempts: number
  readonly endsAt: Date
}

/**
 * Counts an attempt before its password is looked at, so that a hundred at once count as a hundred. Beyond `limit` the end of the
 * count no longer moves; after it the count starts anew.
 */
export async function countAttempt(
  db: Queryable,
  attempt: { nameDigest: Uint8Array; now: Date; endsAt: Date; limit: number },
): Promise<CountedAttempt> {
  const [row] = await db.query<{ attempts: number; ends_at: Date }>(
    `insert into directory.login_attempt as a (name_digest, attempts, ends_at) values ($1, 1, $2)
     on conflict (name_digest) do update set
       attempts = case when a.ends_at <= $3 then 1 else least(a.attempts, $4::integer) + 1 end,
       ends_at = case when a.ends_at <= $3 or a.attempts < $4::integer then $2 else a.ends_at end
     returning attempts, ends_at`,
    [attempt.nameDigest, attempt.endsAt, attempt.now, attempt.limit],
  )
  return { attempts: row!.attempts, endsAt: row!.ends_at }
}

export async function forgetAttempts(db: Queryable, nameDigest: Uint8Array): Promise<void> {
  await db.query('delete from directory.login_attempt where name_digest = $1', [nameDigest])
}

export async function deleteEndedAttempts(db: Queryable, now: Date): Promise<void> {
  await db.query('delete from directory.login_attempt where ends_at <= $1', [now])
}

/** Forgets logins older than that; the database refuses whatever is younger than 180 days. Returns how many. */
export async function deleteLoginsBefore(db: Queryable, before: Date): Promise<number> {
  const rows = await db.query('delete from directory.login_audit where at < $1 returning id', [before])
  return rows.length
}

export interface LoginEvent {
  readonly id: string
  readonly at: Date
  readonly event: 'logged in' | 'refused' | 'throttled' | 'logged out'
  readonly accountId: string | null
  readonly clientAddress: string
}

export async function recordLogin(
  db: Queryable,
  { id, at, event, accountId, clientAddress }: LoginEvent,
): Promise<void> {
  await db.query(
    'insert into directory.login_audit (id, at, event, account_id, client_address) values ($1, $2, $3, $4, $5)',
    [id, at, event, accountId, clientAddress],
  )
}
