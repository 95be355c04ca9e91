import type { Queryable } from '../../platform/index.ts'
import type { Role } from '../permissions.ts'

export interface Account {
  readonly id: string
  readonly username: string
  readonly name: string
  /** As `hashPassword` writes it. */
  readonly password: string
  readonly departmentCode: string
  readonly roles: readonly Role[]
  readonly isDemo: boolean
  readonly createdAt: Date
}

/** Returns false when the name is taken. */
export async function insertAccount(db: Queryable, account: Account): Promise<boolean> {
  const rows = await db.query(
    `insert into directory.account (id, username, name, password, department_code, roles, is_demo, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (username) do nothing returning id`,
    [
      account.id,
      account.username,
      account.name,
      account.password,
      account.departmentCode,
      account.roles,
      account.isDemo,
      account.createdAt,
    ],
  )
  return rows.length > 0
}

export interface StoredLogin {
  readonly id: string
  readonly username: string
  readonly password: string
  readonly departmentCode: string
}

const LOGIN = 'select id, username, password, department_code from directory.account'

interface LoginRow {
  id: string
  username: string
  password: string
  department_code: string
}

const toLogin = (row: LoginRow | undefined): StoredLogin | undefined =>
  row && { id: row.id, username: row.username, password: row.password, departmentCode: row.department_code }

/** What an open account of this name is logged in with. */
export async function findPassword(db: Queryable, username: string): Promise<StoredLogin | undefined> {
  const [row] = await db.query<LoginRow>(`${LOGIN} where username = $1 and disabled_at is null`, [username])
  return toLogin(row)
}

export async function findPasswordById(db: Queryable, id: string): Promise<StoredLogin | undefined> {
  const [row] = await db.query<LoginRow>(`${LOGIN} where id = $1::uuid and disabled_at is null`, [id])
  return toLogin(row)
}

export async function listUsernames(db: Queryable): Promise<Set<string>> {
  const rows = await db.query<{ username: string }>('select username from directory.account')
  return new Set(rows.map(({ username }) => username))
}

/** Whether demo accounts or keys can still be used. */
export async function hasDemoAccess(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(
    `select exists (select 1 from directory.account where is_demo and disabled_at is null)
         or exists (select 1 from directory.api_key where is_demo and revoked_at is null) as found`,
  )
  return row!.found
}

export async function findIdByUsername(db: Queryable, username: string): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>('select id from directory.account where username = $1', [username])
  return row?.id
}
