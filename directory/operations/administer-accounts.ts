import type { Principal, Transaction } from '../../platform/index.ts'
import { DirectoryError } from '../errors.ts'
import type { Role } from '../permissions.ts'
import { findApiKeyDepartment, revokeApiKey } from '../store/api-keys.ts'
import { beginPost, closeAccount, endSessions, lockPerson, type Person, setPassword } from '../store/people.ts'
import { audit, requireInRange, requireStill } from './administrator.ts'
import type { Deps } from './deps.ts'
import {
  derivePassword,
  makeAccount,
  makeApiKey,
  type NewAccount,
  type NewApiKey,
  requireOnePower,
  requireOpenDepartment,
} from './make-accounts.ts'

/**
 * The person for a change by an administrator, held until the transaction ends. Nobody changes their own account: whoever could would give
 * themselves what the separation of powers keeps from them. Throws ACCOUNT_NOT_FOUND also for people out of range, ACCOUNT_CLOSED, OWN_ACCOUNT.
 */
export async function lockForChange(deps: Deps, tx: Transaction, caller: Principal, id: string): Promise<Person> {
  const range = await requireStill(deps, tx, caller, 'directory:administer')
  if (id === caller.id) throw new DirectoryError('OWN_ACCOUNT', 'another administrator changes this account')
  const person = await lockPerson(tx, id)
  const unknown = new DirectoryError('ACCOUNT_NOT_FOUND', 'there is no such account in the own department or below it')
  if (!person) throw unknown
  await requireInRange(tx, range.departmentCode, person.departmentCode).catch((error: unknown) => {
    throw error instanceof DirectoryError ? unknown : error
  })
  if (person.closedAt) throw new DirectoryError('ACCOUNT_CLOSED', 'the account is closed')
  return person
}

/** As `makeAccount`, in the caller's range. Throws also DEPARTMENT_OUT_OF_RANGE, PERMISSION_DENIED. */
export async function addAccount(deps: Deps, caller: Principal, account: NewAccount): Promise<string> {
  const { username, name, departmentCode, roles, title = null } = account
  return makeAccount(deps, account, {
    async within(tx, id) {
      const range = await requireStill(deps, tx, caller, 'directory:administer')
      await requireInRange(tx, range.departmentCode, departmentCode)
      await audit(deps, tx, caller, {
        action: 'account made',
        subject: id,
        departmentCode,
        detail: { username, name, roles, title },
      })
    },
  })
}

/**
 * Gives a person another post: other roles, or another department, or both; the one before ends. Sessions end too, so nobody goes on
 * with what they no longer are. Throws as `lockForChange`, ROLES_OF_TWO_POWERS, DEPARTMENT_NOT_FOUND, DEPARTMENT_CLOSED, DEPARTMENT_OUT_OF_RANGE.
 */
export async function givePost(
  deps: Deps,
  caller: Principal,
  accountId: string,
  post: { readonly departmentCode: string; readonly title: string | null; readonly roles: readonly Role[] },
): Promise<void> {
  requireOnePower(post.roles)
  await deps.database.transaction(async (tx) => {
    const person = await lockForChange(deps, tx, caller, accountId)
    const range = await requireStill(deps, tx, caller, 'directory:administer')
    await requireOpenDepartment(deps, tx, post.departmentCode)
    await requireInRange(tx, range.departmentCode, post.departmentCode)
    await beginPost(tx, { id: deps.ids.uuid(), accountId, ...post, at: deps.clock.now() })
    await endSessions(tx, accountId)
    await audit(deps, tx, caller, {
      action: 'post given',
      subject: accountId,
      departmentCode: post.departmentCode,
      detail: { before: { departmentCode: person.departmentCode, roles: person.roles }, roles: post.roles },
    })
  })
}

/** Closes an account: its post and its sessions end. Throws as `lockForChange`. */
export async function endAccount(deps: Deps, caller: Principal, accountId: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const { departmentCode, roles } = await lockForChange(deps, tx, caller, accountId)
    await closeAccount(tx, accountId, deps.clock.now())
    await audit(deps, tx, caller, { action: 'account closed', subject: accountId, departmentCode, detail: { roles } })
  })
}

/** Gives the person another password and ends their sessions. Throws PASSWORD_UNFIT, and as `lockForChange`. */
export async function resetPassword(deps: Deps, caller: Principal, accountId: string, password: string): Promise<void> {
  const derived = await derivePassword(deps, password)
  await deps.database.transaction(async (tx) => {
    const { departmentCode } = await lockForChange(deps, tx, caller, accountId)
    await setPassword(tx, accountId, derived)
    await endSessions(tx, accountId)
    await audit(deps, tx, caller, { action: 'password reset', subject: accountId, departmentCode })
  })
}

/** As `makeApiKey`, in the caller's range; returns the key's text. Throws also DEPARTMENT_OUT_OF_RANGE, PERMISSION_DENIED. */
export async function addApiKey(deps: Deps, caller: Principal, key: NewApiKey): Promise<string> {
  const { name, departmentCode, roles } = key
  return makeApiKey(deps, key, {
    async within(tx, subject) {
      const range = await requireStill(deps, tx, caller, 'directory:administer')
      await requireInRange(tx, range.departmentCode, departmentCode)
      await audit(deps, tx, caller, { action: 'api key made', subject, departmentCode, detail: { name, roles } })
    },
  })
}

/** Throws API_KEY_NOT_FOUND also for keys out of range, PERMISSION_DENIED. */
export async function withdrawApiKey(deps: Deps, caller: Principal, prefix: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const range = await requireStill(deps, tx, caller, 'directory:administer')
    const departmentCode = await findApiKeyDepartment(tx, prefix)
    const unknown = new DirectoryError('API_KEY_NOT_FOUND', 'there is no such key in use')
    if (departmentCode === undefined) throw unknown
    await requireInRange(tx, range.departmentCode, departmentCode).catch((error: unknown) => {
      throw error instanceof DirectoryError ? unknown : error
    })
    if (!(await revokeApiKey(tx, prefix, deps.clock.now()))) throw unknown
    await audit(deps, tx, caller, { action: 'api key revoked', subject: prefix, departmentCode })
  })
}
