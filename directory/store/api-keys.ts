import type { Queryable } from '../../platform/index.ts'
import type { Role } from '../permissions.ts'

export interface ApiKeyRow {
  readonly prefix: string
  readonly secretDigest: Uint8Array
  readonly name: string
  readonly departmentCode: string
  readonly roles: readonly Role[]
  readonly isDemo: boolean
  readonly createdAt: Date
  readonly expiresAt: Date | null
}

export async function insertApiKey(db: Queryable, key: ApiKeyRow): Promise<void> {
  await db.query(
    `insert into directory.api_key (prefix, secret_digest, name, department_code, roles, is_demo, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [key.prefix, key.secretDigest, key.name, key.departmentCode, key.roles, key.isDemo, key.createdAt, key.expiresAt],
  )
}

export interface FoundApiKey {
  readonly secretDigest: Uint8Array
  readonly name: string
  readonly departmentCode: string
  readonly roles: readonly string[]
}

/** The key, unless it is revoked or past its end at `now`. */
export async function findApiKey(db: Queryable, prefix: string, now: Date): Promise<FoundApiKey | undefined> {
  const [row] = await db.query<{ secret_digest: Uint8Array; name: string; department_code: string; roles: string[] }>(
    `select secret_digest, name, department_code, roles from directory.api_key
      where prefix = $1 and revoked_at is null and (expires_at is null or expires_at > $2)`,
    [prefix, now],
  )
  return (
    row && { secretDigest: row.secret_digest, name: row.name, departmentCode: row.department_code, roles: row.roles }
  )
}

/** Returns false when there is no such key or it was revoked before. */
export async function revokeApiKey(db: Queryable, prefix: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    'update directory.api_key set revoked_at = $2 where prefix = $1 and revoked_at is null returning prefix',
    [prefix, at],
  )
  return rows.length > 0
}

export async function departmentsWithDemoKey(db: Queryable): Promise<Set<string>> {
  const rows = await db.query<{ department_code: string }>(
    'select department_code from directory.api_key where is_demo and revoked_at is null',
  )
  return new Set(rows.map((row) => row.department_code))
}
