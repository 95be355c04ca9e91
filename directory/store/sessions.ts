import type { Principal, Queryable } from '../../platform/index.ts'
import type { SessionTimes } from '../domain/limits.ts'

export interface FoundSession extends SessionTimes {
  readonly principal: Principal
}

interface Row {
  id: string
  name: string
  department_code: string
  roles: string[]
  started_at: Date
  last_used_at: Date
  stepped_up_at: Date | null
}

export async function insertSession(
  db: Queryable,
  session: { idDigest: Uint8Array; accountId: string; at: Date },
): Promise<void> {
  await db.query(
    'insert into directory.session (id_digest, account_id, started_at, last_used_at) values ($1, $2, $3, $3)',
    [session.idDigest, session.accountId, session.at],
  )
}

/** The session with the person it is for, alive or not; none for a closed account or department. */
export async function findSession(db: Queryable, idDigest: Uint8Array, now: Date): Promise<FoundSession | undefined> {
  const [row] = await db.query<Row>(
    `select a.id, a.name, a.department_code, a.roles, s.started_at, s.last_used_at, s.stepped_up_at
       from directory.session s join directory.account a on a.id = s.account_id
            join directory.department d on d.code = a.department_code
      where s.id_digest = $1 and a.disabled_at is null and (d.closed_at is null or d.closed_at > $2)`,
    [idDigest, now],
  )
  if (!row) return undefined
  const principal: Principal = {
    id: row.id,
    name: row.name,
    kind: 'person',
    departmentCode: row.department_code,
    roles: row.roles,
    steppedUpAt: row.stepped_up_at,
  }
  return { principal, startedAt: row.started_at, lastUsedAt: row.last_used_at }
}

export async function touchSession(db: Queryable, idDigest: Uint8Array, at: Date): Promise<void> {
  await db.query('update directory.session set last_used_at = $2 where id_digest = $1 and last_used_at < $2', [
    idDigest,
    at,
  ])
}

export async function deleteSession(db: Queryable, idDigest: Uint8Array): Promise<void> {
  await db.query('delete from directory.session where id_digest = $1', [idDigest])
}

export async function deleteEndedSessions(db: Queryable, lastUsedBefore: Date, startedBefore: Date): Promise<void> {
  await db.query('delete from directory.session where last_used_at < $1 or started_at < $2', [
    lastUsedBefore,
    startedBefore,
  ])
}
