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
