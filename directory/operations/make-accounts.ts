import type { Fault, Queryable } from '../../platform/index.ts'
import { hashPassword } from '../domain/password.ts'
import { digestOf, formatApiKey } from '../domain/secrets.ts'
import { DirectoryError } from '../errors.ts'
import { powersOf, ROLES, type Role } from '../permissions.ts'
import { insertAccount } from '../store/accounts.ts'
import { insertApiKey } from '../store/api-keys.ts'
import { findDepartment } from '../store/departments.ts'
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
  /** 12 to 256 characters. */
  readonly password: string
  readonly departmentCode: string
  readonly roles: readonly Role[]
}

export interface NewApiKey {
  readonly name: string
  readonly departmentCode: string
  readonly roles: readonly Role[]
  readonly expiresAt: Date | null
}

function faultsIn(account: NewAccount): Fault[] {
  const rules: [keyof NewAccount, boolean, string][] = [
    ['username', /^[a-z0-9._-]{3,64}$/.test(account.username), '3 to 64 of a-z, 0-9, ".", "_" and "-"'],
    ['name', account.name.trim() !== '' && account.name.length <= 100, '1 to 100 characters'],
    [
      'password',
      account.password.length >= SHORTEST_PASSWORD && account.password.length <= LONGEST_PASSWORD,
      '12 to 256 characters',
    ],
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
function requireOnePower(roles: readonly Role[]): void {
  const powers = powersOf(roles)
  if (powers.length > 1)
    throw new DirectoryError('ROLES_OF_TWO_POWERS', `nobody holds roles of two powers: ${powers.join(', ')}`)
}

async function requireDepartment(db: Queryable, code: string): Promise<void> {
  if (!(await findDepartment(db, code)))
    throw new DirectoryError('DEPARTMENT_NOT_FOUND', `there is no department ${code}`)
}

/** Makes an account; returns its id. Throws ACCOUNT_INVALID with all faults, ROLES_OF_TWO_POWERS, ACCOUNT_EXISTS, DEPARTMENT_NOT_FOUND. */
export async function makeAccount(deps: Deps, account: NewAccount, isDemo = false): Promise<string> {
  const faults = faultsIn(account)
  if (faults.length > 0)
    throw new DirectoryError('ACCOUNT_INVALID', `${faults.length} fault(s) in the account`, { faults })
  requireOnePower(account.roles)
  await requireDepartment(deps.database, account.departmentCode)
  const id = deps.ids.uuid()
  const password = await hashPassword(account.password, deps.ids.bytes(SALT_BYTES), isDemo ? 'public' : 'secret')
  const isMade = await insertAccount(deps.database, { ...account, id, password, isDemo, createdAt: deps.clock.now() })
  if (!isMade) throw new DirectoryError('ACCOUNT_EXISTS', `the user name ${account.username} is taken`)
  return id
}

/** Makes an API key and returns its text, which is never shown again. Throws ROLES_OF_TWO_POWERS, DEPARTMENT_NOT_FOUND. */
export async function makeApiKey(deps: Deps, key: NewApiKey, isDemo = false): Promise<string> {
  requireOnePower(key.roles)
  await requireDepartment(deps.database, key.departmentCode)
  const prefix = deps.ids.serial(PREFIX_LENGTH)
  const secret = Buffer.from(deps.ids.bytes(SECRET_BYTES)).toString('base64url')
  await insertApiKey(deps.database, {
    ...key,
    prefix,
    secretDigest: digestOf(secret),
    isDemo,
    createdAt: deps.clock.now(),
  })
  return formatApiKey({ prefix, secret })
}
