import type { Queryable } from '../../platform/index.ts'

/** What a caller was answered under an Idempotency-Key. */
export interface KeptAnswer {
  readonly callerId: string
  readonly key: string
  /** SHA-256 of the request. */
  readonly requestDigest: Uint8Array
  /** JSON. */
  readonly answer: unknown
  readonly at: Date
}

export async function findAnswer(db: Queryable, callerId: string, key: string): Promise<KeptAnswer | undefined> {
  const rows = await db.query<KeptAnswer>(
    `select caller_id as "callerId", key, request_digest as "requestDigest", answer, at from seal.answers
     where caller_id = $1 and key = $2`,
    [callerId, key],
  )
  return rows[0]
}

/** Fails on `answers_pkey` where another request was first. */
export async function insertAnswer(db: Queryable, kept: KeptAnswer): Promise<void> {
  await db.query(`insert into seal.answers (caller_id, key, request_digest, answer, at) values ($1, $2, $3, $4, $5)`, [
    kept.callerId,
    kept.key,
    kept.requestDigest,
    JSON.stringify(kept.answer),
    kept.at,
  ])
}
