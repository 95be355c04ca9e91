import type { Queryable, Transaction } from '../../platform/index.ts'
import type { Role } from '../permissions.ts'

/** A person as the house knows them: an account, with the post that it holds or held last. */
export interface Person {
  readonly id: string
  readonly username: string
  readonly name: string
  readonly departmentCode: string
  readonly title: string | null
  readonly roles: readonly Role[]
  readonly createdAt: Date
  /** When the account was closed; null: it is open. */
  readonly closedAt: Date | null
}

export interface PeopleQuery {
  readonly departmentCodes?: readonly string[] | undefined
  readonly ids?: readonly string[] | undefined
  readonly role?: Role | undefined
  /** Part of a name or user name. */
  readonly text?: string | undefined
  readonly isOpen?: boolean | undefined
  /** User name of the last one of the page before. */
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

interface Row {
  id: string
  username: string
  name: string
  department_code: string
  title: string | null
  roles: Role[]
  created_at: Date
  disabled_at: Date | null
}

const toPerson = (row: Row): Person => ({
  id: row.id,
  username: row.username,
  name: row.name,
  departmentCode: row.department_code,
  title: row.title,
  roles: row.roles,
  createdAt: row.created_at,
  closedAt: row.disabled_at,
})

const COLUMNS = `a.id, a.username, a.name, a.department_code, a.roles, a.created_at, a.disabled_at,
  (select p.title from directory.post p where p.account_id = a.id order by p.from_at desc, p.id desc limit 1) as title`
const MOST = 1000

/** Those who fit all that is asked, by user name. */
export async function listPeople(db: Queryable, query: PeopleQuery): Promise<Person[]> {
  const params: unknown[] = []
  const conditions: string[] = []
  const add = (condition: (place: string) => string, value: unknown) => {
    if (value === undefined) return
    params.push(value)
    conditions.push(condition(`$${params.length}`))
  }
  add((p) => `a.department_code = any(${p})`, query.departmentCodes)
  add((p) => `a.id = any(${p}::uuid[])`, query.ids)
  add((p) => `${p} = any(a.roles)`, query.role)
  add((p) => `(strpos(a.name, ${p}) > 0 or strpos(a.username, lower(${p})) > 0)`, query.text)
  add((p) => `(a.disabled_at is null) = ${p}`, query.isOpen)
  add((p) => `a.username > ${p}`, query.after)
  params.push(query.limit ?? MOST)
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''
  const rows = await db.query<Row>(
    `select ${COLUMNS} from directory.account a ${where} order by a.username limit $${params.length}`,
    params,
  )
  return rows.map(toPerson)
}

/** The person for a change of them: nobody else changes them until the transaction ends. */
export async function lockPerson(tx: Transaction, id: string): Promise<Person | undefined> {
  const [row] = await tx.query<Row>(
    `select ${COLUMNS} from directory.account a where a.id = $1::uuid for no key update of a`,
    [id],
  )
  return row && toPerson(row)
}

export interface Post {
  readonly departmentCode: string
  readonly title: string | null
  readonly roles: readonly Role[]
  readonly fromAt: Date
  /** Null: still. */
  readonly untilAt: Date | null
}

/** Ends the open post, if there is one, and begins another. */
export async function beginPost(
  tx: Transaction,
  post: {
    id: string
    accountId: string
    departmentCode: string
    title: string | null
    roles: readonly Role[]
    at: Date
  },
): Promise<void> {
  await endPost(tx, post.accountId, post.at)
  await tx.query(
    `insert into directory.post (id, account_id, department_code, title, roles, from_at) values ($1, $2, $3, $4, $5, $6)`,
    [post.id, post.accountId, post.departmentCode, post.title, post.roles, post.at],
  )
  await tx.query('update directory.account set department_code = $2, roles = $3 where id = $1', [
    post.accountId,
    post.departmentCode,
    post.roles,
  ])
}

async function endPost(db: Queryable, accountId: string, at: Date): Promise<void> {
  await db.query(
    'update directory.post set until_at = greatest(from_at, $2) where account_id = $1 and until_at is null',
    [accountId, at],
  )
}

/** Every post of a person, the first one first. */
export async function listPosts(db: Queryable, accountId: string): Promise<Post[]> {
  const rows = await db.query<{
    department_code: string
    title: string | null
    roles: Role[]
    from_at: Date
    until_at: Date | null
  }>(
    `select department_code, title, roles, from_at, until_at from directory.post
      where account_id = $1::uuid order by from_at, id`,
    [accountId],
  )
  return rows.map((row) => ({
    departmentCode: row.department_code,
    title: row.title,
    roles: row.roles,
    fromAt: row.from_at,
    untilAt: row.until_at,
  }))
}

/** Someone who had a role in a department and has it there no more. */
export interface FormerHolder {
  readonly accountId: string
  readonly name: string
  readonly departmentCode: string
  readonly untilAt: Date
  /** Whether the account is closed, and not only moved or given other roles. */
  readonly hasLeft: boolean
}

export async function listFormerHolders(
  db: Queryable,
  { role, departmentCodes }: { role: Role; departmentCodes: readonly string[] },
): Promise<FormerHolder[]> {
  const rows = await db.query<{
    id: string
    name: string
    department_code: string
    until_at: Date
    has_left: boolean
  }>(
    `select a.id, a.name, p.department_code, max(p.until_at) as until_at, a.disabled_at is not null as has_left
       from directory.post p join directory.account a on a.id = p.account_id
      where $1 = any(p.roles) and p.department_code = any($2) and p.until_at is not null
        and not (a.disabled_at is null and a.department_code = p.department_code and $1 = any(a.roles))
      group by a.id, a.name, p.department_code, a.disabled_at order by until_at desc, a.id`,
    [role, departmentCodes],
  )
  return rows.map((row) => ({
    accountId: row.id,
    name: row.name,
    departmentCode: row.department_code,
    untilAt: row.until_at,
    hasLeft: row.has_left,
  }))
}

/** Closes the account, ends its post and its sessions; false when it was closed before. */
export async function closeAccount(tx: Transaction, accountId: string, at: Date): Promise<boolean> {
  const rows = await tx.query(
    'update directory.account set disabled_at = $2 where id = $1 and disabled_at is null returning id',
    [accountId, at],
  )
  if (rows.length === 0) return false
  await endPost(tx, accountId, at)
  await endSessions(tx, accountId)
  return true
}

/** Ends the person's sessions, all or all but one. */
export async function endSessions(tx: Transaction, accountId: string, but?: Uint8Array): Promise<void> {
  if (but === undefined) await tx.query('delete from directory.session where account_id = $1', [accountId])
  else await tx.query('delete from directory.session where account_id = $1 and id_digest <> $2', [accountId, but])
}

export async function setPassword(tx: Transaction, accountId: string, password: string): Promise<void> {
  await tx.query('update directory.account set password = $2 where id = $1', [accountId, password])
}

const KEY_PREFIX = /^[0-9A-Z]{10}$/

/** In a closed department nobody may do anything. */
const inOpenDepartment = `exists (select from directory.department d where d.code = department_code
  and (d.closed_at is null or d.closed_at > $2))`

function rolesOf(actor: { readonly id: string; readonly kind: string }): string {
  if (actor.kind === 'person') return `directory.account where id = $1::uuid and disabled_at is null`
  if (!KEY_PREFIX.test(actor.id)) return `directory.machine_client where id = $1::uuid and closed_at is null`
  return `directory.api_key where prefix = $1 and revoked_at is null and (expires_at is null or expires_at > $2)`
}

/** What a person or machine may be at this moment, held until the transaction ends; undefined for who is closed. */
export async function lockRoles(
  tx: Transaction,
  actor: { readonly id: string; readonly kind: string },
  now: Date,
): Promise<{ readonly departmentCode: string; readonly roles: readonly string[] } | undefined> {
  const [row] = await tx.query<{ department_code: string; roles: string[] }>(
    `select department_code, roles from ${rolesOf(actor)} and ${inOpenDepartment} for share`,
    [actor.id, now],
  )
  return row && { departmentCode: row.department_code, roles: row.roles }
}
