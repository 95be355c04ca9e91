import type { Queryable } from '../../platform/index.ts'

export interface AnsweredRequest {
  readonly requestDigest: Uint8Array
  /** JSON as it was answered. */
  readonly answer: string
}

/**
 * Takes a key for a request until the transaction ends: waits for whoever else has it. Answers what was answered under it before; undefined
 * where it is new, and then `keepAnswer` is due before the end.
 */
export async function takeKey(
  tx: Queryable,
  departmentCode: string,
  { key, requestDigest }: { readonly key: string; readonly requestDigest: Uint8Array },
  at: Date,
): Promise<AnsweredRequest | undefined> {
  const taken = await tx.query(
    `insert into licence.answered_requests (department_code, key, request_digest, answered_at) values ($1, $2, $3, $4)
     on conflict do nothing returning 1`,
    [departmentCode, key, requestDigest, at],
  )
  if (taken.length === 1) return undefined
  const rows = await tx.query<AnsweredRequest>(
    `select request_digest as "requestDigest", answer from licence.answered_requests where department_code = $1 and key = $2`,
    [departmentCode, key],
  )
  return rows[0]
}

export async function keepAnswer(tx: Queryable, departmentCode: string, key: string, answer: string): Promise<void> {
  await tx.query('update licence.answered_requests set answer = $3 where department_code = $1 and key = $2', [
    departmentCode,
    key,
    answer,
  ])
}
