import type { Queryable } from '../../platform/index.ts'

export interface KeyRow {
  readonly key: string
  readonly requestMac: Uint8Array
  readonly identifier: string
  readonly answer: unknown
}

/** The rows of those keys that a department has used before. */
export const findKeys = (db: Queryable, departmentCode: string, keys: readonly string[]): Promise<KeyRow[]> =>
  db.query<KeyRow>(
    `select key, request_mac as "requestMac", identifier, answer from licence.idempotency_keys where department_code = $1 and key = any($2)`,
    [departmentCode, keys],
  )

/** Takes keys for a department; answers those that were free. A key another transaction holds is waited for, then counts as taken. */
export async function takeKeys(
  tx: Queryable,
  departmentCode: string,
  at: Date,
  rows: readonly { key: string; requestMac: Uint8Array; identifier: string; answer?: unknown }[],
): Promise<string[]> {
  const taken = await tx.query<{ key: string }>(
    `insert into licence.idempotency_keys (department_code, key, request_mac, identifier, answer, created_at)
     select $1, r.key, decode(r.mac, 'hex'), r.identifier, r.answer, $2
     from jsonb_to_recordset($3::jsonb) as r(key text, mac text, identifier text, answer jsonb)
     order by r.key on conflict do nothing returning key`,
    [
      departmentCode,
      at,
      JSON.stringify(
        rows.map((row) => ({ ...row, requestMac: undefined, mac: Buffer.from(row.requestMac).toString('hex') })),
      ),
    ],
  )
  return taken.map(({ key }) => key)
}

/** Stores what every repeat of the key that made a licence will be answered. */
export async function storeAnswers(
  tx: Queryable,
  answers: readonly { identifier: string; answer: unknown }[],
): Promise<void> {
  await tx.query(
    `update licence.idempotency_keys k set answer = r.answer
     from jsonb_to_recordset($1::jsonb) as r(identifier text, answer jsonb)
     where k.identifier = r.identifier and k.answer is null`,
    [JSON.stringify(answers)],
  )
}

/** What the keys that made a licence are answered; none while it is on its way. */
export async function answersOf(db: Queryable, identifier: string): Promise<unknown[]> {
  const rows = await db.query<{ answer: unknown }>(
    `select answer from licence.idempotency_keys where identifier = $1 and (answer ? 'issued' or answer ? 'refused')`,
    [identifier],
  )
  return rows.map(({ answer }) => answer)
}
