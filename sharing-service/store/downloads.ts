import type { Queryable } from '../../platform/index.ts'

/** Leave to fetch one copy's document until a time. */
export interface DownloadTicket {
  readonly hash: Uint8Array
  readonly copyId: string
  readonly expiresAt: Date
}

export async function insertTicket(db: Queryable, { hash, copyId, expiresAt }: DownloadTicket): Promise<void> {
  await db.query('insert into sharing.downloads (ticket_hash, copy_id, expires_at) values ($1, $2, $3)', [
    hash,
    copyId,
    expiresAt,
  ])
}

export async function findTicket(db: Queryable, hash: Uint8Array, now: Date): Promise<string | undefined> {
  const rows = await db.query<{ copyId: string }>(
    'select copy_id as "copyId" from sharing.downloads where ticket_hash = $1 and expires_at > $2',
    [hash, now],
  )
  return rows[0]?.copyId
}

export async function forgetTickets(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from sharing.downloads where expires_at < $1', [before])
}
