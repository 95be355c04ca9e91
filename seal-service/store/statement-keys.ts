import type { Queryable } from '../../platform/index.ts'
import type { StatementKey, StatementKeyState } from '../domain/seal.ts'

interface StatementKeyRow {
  kid: string
  department_code: string
  key_name: string
  certificate: Uint8Array
  state: StatementKeyState
  state_changed_at: Date
  signs_from: Date
  signs_until: Date
}

const columns = 'kid, department_code, key_name, certificate, state, state_changed_at, signs_from, signs_until'

function toStatementKey(row: StatementKeyRow): StatementKey {
  return {
    kid: row.kid,
    departmentCode: row.department_code,
    keyName: row.key_name,
    certificate: row.certificate,
    state: row.state,
    stateChangedAt: row.state_changed_at,
    signsFrom: row.signs_from,
    signsUntil: row.signs_until,
  }
}

export async function findActiveStatementKey(db: Queryable, departmentCode: string): Promise<StatementKey | undefined> {
  const rows = await db.query<StatementKeyRow>(
    `select ${columns} from seal.statement_keys where department_code = $1 and state = 'active'`,
    [departmentCode],
  )
  return rows.map(toStatementKey)[0]
}

export async function listStatementKeys(db: Queryable): Promise<StatementKey[]> {
  const rows = await db.query<StatementKeyRow>(
    `select ${columns} from seal.statement_keys order by department_code, signs_from`,
  )
  return rows.map(toStatementKey)
}

/** Puts a department's statement key on record; nothing happens when it has one in use. */
export async function insertActiveStatementKey(db: Queryable, key: StatementKey): Promise<void> {
  await db.query(
    `insert into seal.statement_keys (kid, department_code, key_name, certificate, state, state_changed_at, signs_from, signs_until, created_at)
     values ($1, $2, $3, $4, 'active', $5, $5, $6, $5) on conflict do nothing`,
    [key.kid, key.departmentCode, key.keyName, key.certificate, key.signsFrom, key.signsUntil],
  )
}

/** The key signs no more from then on; one that had come to its last day before, from that day. */
export async function retireStatementKey(db: Queryable, kid: string, at: Date): Promise<void> {
  await db.query(
    `update seal.statement_keys set state = 'retired', state_changed_at = least($2, signs_until) where kid = $1 and state = 'active'`,
    [kid, at],
  )
}

export interface StatementKeyRenewal {
  /** Both by kid. */
  readonly from: string
  readonly to: string
  readonly callerId: string
  readonly at: Date
}

/** Who put one key in the place of another; on record for good. Of two orders at once the first counts. */
export async function insertStatementKeyRenewal(db: Queryable, renewal: StatementKeyRenewal): Promise<void> {
  await db.query(
    'insert into seal.statement_key_renewals (from_kid, to_kid, caller_id, at) values ($1, $2, $3, $4) on conflict (to_kid) do nothing',
    [renewal.from, renewal.to, renewal.callerId, renewal.at],
  )
}
