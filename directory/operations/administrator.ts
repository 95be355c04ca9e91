import { PlatformError, type Principal, type Transaction } from '../../platform/index.ts'
import { DirectoryError } from '../errors.ts'
import { mayRoles, type Permission } from '../permissions.ts'
import { type AuditAction, recordAudit } from '../store/audit.ts'
import { isWithin } from '../store/departments.ts'
import { lockRoles } from '../store/people.ts'
import type { Deps } from './deps.ts'

/** The caller as the database knows them now, held until the transaction ends; undefined for whoever lacks the permission. */
export async function lockActor(
  deps: Deps,
  tx: Transaction,
  caller: Principal,
  permission: Permission,
): Promise<{ readonly departmentCode: string } | undefined> {
  if (caller.kind === 'system') return caller
  const now = await lockRoles(tx, caller, deps.clock.now())
  return now && mayRoles(now.roles, permission) ? now : undefined
}

/**
 * What the caller may still do at this moment, whatever stood in the request's session: the roles are read and held until the transaction
 * ends, so a right that is taken away meanwhile counts. Throws PERMISSION_DENIED.
 */
export async function requireStill(
  deps: Deps,
  tx: Transaction,
  caller: Principal,
  permission: Permission,
): Promise<{ readonly departmentCode: string }> {
  const actor = await lockActor(deps, tx, caller, permission)
  if (!actor) throw new PlatformError('PERMISSION_DENIED', `this needs the permission ${permission}`)
  return actor
}

/** Throws DEPARTMENT_OUT_OF_RANGE: an administrator changes the own department and those below it. */
export async function requireInRange(tx: Transaction, rangeCode: string, code: string): Promise<void> {
  if (!(await isWithin(tx, rangeCode, code)))
    throw new DirectoryError('DEPARTMENT_OUT_OF_RANGE', 'that department is neither the own one nor below it')
}

export interface Change {
  readonly action: AuditAction
  readonly subject: string
  readonly departmentCode: string
  readonly detail?: Readonly<Record<string, unknown>>
}

/** One row about a change, in its transaction. */
export const audit = (deps: Deps, tx: Transaction, caller: Principal, change: Change): Promise<void> =>
  recordAudit(tx, { detail: {}, ...change, at: deps.clock.now(), actorId: caller.id, actorName: caller.name })
