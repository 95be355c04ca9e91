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

export interface ApiKeyInUse {
  readonly prefix: string
  readonly name: string
  readonly departmentCode: string
  readonly roles: readonly string[]
  readonly createdAt: Date
  readonly expiresAt: Date | null
}

/** Keys of these departments that can be used at `now`. */
export async function listApiKeys(
  db: Queryable,
  departmentCodes: readonly string[],
  now: Date,
): Promise<ApiKeyInUse[]> {
  const rows = await db.query<{
    prefix: string
    name: string
    department_code: string
    roles: string[]
    created_at: Date
    expires_at: Date | null
  }>(
    `select prefix, name, department_code, roles, created_at, expires_at from directory.api_key
      where department_code = any($1) and revoked_at is null and (expires_at is null or expires_at > $2)
      order by created_at, prefix`,
    [departmentCodes, now],
  )
  return rows.map((row) => ({
    prefix: row.prefix,
    name: row.name,
    departmentCode: row.department_code,
    roles: row.roles,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }))
}

/** Whose a key is that was not revoked. */
export async function findApiKeyDepartment(db: Queryable, prefix: string): Promise<string | undefined> {
  const [row] = await db.query<{ department_code: string }>(
    'select department_code from directory.api_key where prefix = $1 and revoked_at is null',
    [prefix],
  )
  return row?.department_code
}

export interface FoundApiKey {
  readonly secretDigest: Uint8Array
  readonly name: string
  readonly departmentCode: string
  readonly roles: readonly string[]
}

/** The key, unless it is revoked or past its end at `now`, or its department is closed. */
export async function findApiKey(db: Queryable, prefix: string, now: Date): Promise<FoundApiKey | undefined> {
  const [row] = await db.query<{ secret_digest: Uint8Array; name: string; department_code: string; roles: string[] }>(
    `select k.secret_digest, k.name, k.department_code, k.roles
       from directory.api_key k join directory.department d on d.code = k.department_code
      where k.prefix = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)
        and (d.closed_at is null or d.closed_at > $2)`,
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
