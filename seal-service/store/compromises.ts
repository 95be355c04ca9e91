import type { Queryable } from '../../platform/index.ts'

/** Since when a seal's key is not its owner's alone, who said so and why. */
export interface Compromise {
  readonly sealId: string
  readonly since: Date
  readonly reason: string
  readonly callerId: string
  readonly at: Date
}

interface CompromiseRow {
  seal_id: string
  since: Date
  reason: string
  caller_id: string
  at: Date
}

/** Puts it on record; false when the same was said before. */
export async function insertCompromise(db: Queryable, compromise: Compromise): Promise<boolean> {
  const { sealId, since, reason, callerId, at } = compromise
  const rows = await db.query(
    `insert into seal.compromises (seal_id, since, reason, caller_id, at) values ($1, $2, $3, $4, $5)
     on conflict on constraint compromises_once do nothing returning compromise_id`,
    [sealId, since, reason, callerId, at],
  )
  return rows.length === 1
}

/** What was said of a seal that reaches back furthest. */
export async function findEarliestCompromise(db: Queryable, sealId: string): Promise<Compromise | undefined> {
  const rows = await db.query<CompromiseRow>(
    `select seal_id, since, reason, caller_id, at from seal.compromises where seal_id = $1 order by since limit 1`,
    [sealId],
  )
  return rows.map((row) => ({
    sealId: row.seal_id,
    since: row.since,
    reason: row.reason,
    callerId: row.caller_id,
    at: row.at,
  }))[0]
}

/** Certificates (DER) of a seal that served at `since` or later, that of its SESeal among them. */
export async function listCertificatesSince(db: Queryable, sealId: string, since: Date): Promise<Uint8Array[]> {
  const rows = await db.query<{ certificate: Uint8Array }>(
    `select certificate from seal.seal_certificates where seal_id = $1 and number >= coalesce(
       (select max(number) from seal.seal_certificates where seal_id = $1 and in_use_from <= $2), 0)
     union select certificate from seal.eseals where seal_id = $1`,
    [sealId, since],
  )
  return rows.map(({ certificate }) => certificate)
}
