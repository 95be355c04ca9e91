import type { Fault, Queryable, Transaction } from '../../platform/index.ts'
import { isClosed } from '../department.ts'
import { hashPassword, UNMATCHABLE } from '../domain/password.ts'
import { digestOf, formatApiKey } from '../domain/secrets.ts'
import { DirectoryError } from '../errors.ts'
import { powersOf, ROLES, type Role } from '../permissions.ts'
import { insertAccount } from '../store/accounts.ts'
import { insertApiKey } from '../store/api-keys.ts'
import { findDepartment } from '../store/departments.ts'
import { beginPost } from '../store/people.ts'
import type { Deps } from './deps.ts'

const SALT_BYTES = 16
const SECRET_BYTES = 32
const PREFIX_LENGTH = 10
const SHORTEST_PASSWORD = 12
export const LONGEST_PASSWORD = 256

export interface NewAccount {
  /** 3 to 64 of a-z, 0-9, `.`, `_`, `-`. */
  readonly username: string
  readonly name: string
  /** 12 to 256 characters; null: none, for those who log in elsewhere (OpenID). */
  readonly password: string | null
  readonly departmentCode: string
  readonly roles: readonly Role[]
  /** What the person is there, for people to read. */
  readonly title?: string | null
}

export interface NewApiKey {
  readonly name: string
  readonly departmentCode: string
  readonly roles: readonly Role[]
  readonly expiresAt: Date | null
}

const isFitPassword = (password: string) => password.length >= SHORTEST_PASSWORD && password.length <= LONGEST_PASSWORD

/** As the store keeps it. Throws PASSWORD_UNFIT. */
export async function derivePassword(deps: Deps, password: string): Promise<string> {
  if (!isFitPassword(password)) throw new DirectoryError('PASSWORD_UNFIT', 'a password has 12 to 256 characters')
  return hashPassword(password, deps.ids.bytes(SALT_BYTES))
}

function faultsIn(account: NewAccount): Fault[] {
  const rules: [keyof NewAccount, boolean, string][] = [
    ['username', /^[a-z0-9._-]{3,64}$/.test(account.username), '3 to 64 of a-z, 0-9, ".", "_" and "-"'],
    ['name', account.name.trim() !== '' && account.name.length <= 100, '1 to 100 characters'],
    ['password', account.password === null || isFitPassword(account.password), '12 to 256 characters'],
    [
      'roles',
      account.roles.length > 0 && account.roles.every((role) => ROLES.includes(role)),
      `one or more of ${ROLES.join(', ')}`,
    ],
  ]
  return rules
    .filter(([, isRight]) => !isRight)
    .map(([member, , detail]) => ({ pointer: `/${member}`, code: `${member.toUpperCase()}_INVALID`, detail }))
}

/** Throws ROLES_OF_TWO_POWERS. */
export function requireOnePower(roles: readonly Role[]): void {
  const powers = powersOf(roles)
  if (powers.length > 1)
    throw new DirectoryError('ROLES_OF_TWO_POWERS', `nobody holds roles of two powers: ${powers.join(', ')}`)
}

/** Throws DEPARTMENT_NOT_FOUND, DEPARTMENT_CLOSED. */
export async function requireOpenDepartment(deps: Deps, db: Queryable, code: string): Promise<void> {
  const department = await findDepartment(db, code)
  if (!department) throw new DirectoryError('DEPARTMENT_NOT_FOUND', `there is no department ${code}`)
  if (isClosed(department, deps.clock.now()))
    throw new DirectoryError('DEPARTMENT_CLOSED', `department ${code} is closed`)
}

/**
 * Makes an account with its first post; returns its id. `within` runs first in the same transaction and may refuse. Throws ACCOUNT_INVALID
 * with all faults, ROLES_OF_TWO_POWERS, ACCOUNT_EXISTS, DEPARTMENT_NOT_FOUND, DEPARTMENT_CLOSED.
 */
export async function makeAccount(
  deps: Deps,
  account: NewAccount,
  options: { isDemo?: boolean; within?: (tx: Transaction, id: string) => Promise<void> } = {},
): Promise<string> {
  const { isDemo = false, within } = options
  const faults = faultsIn(account)
  if (faults.length > 0)
    throw new DirectoryError('ACCOUNT_INVALID', `${faults.length} fault(s) in the account`, { faults })
  requireOnePower(account.roles)
  await requireOpenDepartment(deps, deps.database, account.departmentCode)
  const id = deps.ids.uuid()
  const password =
    account.password === null
      ? UNMATCHABLE
      : await hashPassword(account.password, deps.ids.bytes(SALT_BYTES), isDemo ? 'public' : 'secret')
  const at = deps.clock.now()
  const { departmentCode, roles, title = null } = account
  await deps.database.transaction(async (tx) => {
    await within?.(tx, id)
    const isMade = await insertAccount(tx, { ...account, id, password, isDemo, createdAt: at })
    if (!isMade) throw new DirectoryError('ACCOUNT_EXISTS', `the user name ${account.username} is taken`)
    await beginPost(tx, { id: deps.ids.uuid(), accountId: id, departmentCode, title, roles, at })
  })
  return id
}

/**
 * Makes an API key and returns its text, which is never shown again. `within` as for accounts. Throws ROLES_OF_TWO_POWERS,
 * DEPARTMENT_NOT_FOUND, DEPARTMENT_CLOSED.
 */
export async function makeApiKey(
  deps: Deps,
  key: NewApiKey,
  options: { isDemo?: boolean; within?: (tx: Transaction, prefix: string) => Promise<void> } = {},
): Promise<string> {
  requireOnePower(key.roles)
  await requireOpenDepartment(deps, deps.database, key.departmentCode)
  const prefix = deps.ids.serial(PREFIX_LENGTH)
  const secret = Buffer.from(deps.ids.bytes(SECRET_BYTES)).toString('base64url')
  const row = { ...key, prefix, secretDigest: digestOf(secret), isDemo: options.isDemo ?? false }
  await deps.database.transaction(async (tx) => {
    await options.within?.(tx, prefix)
    await insertApiKey(tx, { ...row, createdAt: deps.clock.now() })
  })
  return formatApiKey({ prefix, secret })
}
