import type { Principal } from '../../platform/index.ts'
import { digestOf } from '../domain/secrets.ts'
import { endSessions, lockPerson, setPassword } from '../store/people.ts'
import { audit } from './administrator.ts'
import type { Deps } from './deps.ts'
import { type Checks, confirmPassword } from './log-in.ts'
import { derivePassword } from './make-accounts.ts'

/**
 * Changes the caller's own password; the session goes on, all others of the person end.
 * Throws PASSWORD_UNFIT, PASSWORD_WRONG, LOGIN_THROTTLED.
 */
export async function changeOwnPassword(
  deps: Deps,
  checks: Checks,
  caller: Principal,
  request: {
    readonly current: string
    readonly password: string
    readonly session: string
    readonly clientAddress: string
  },
): Promise<void> {
  const { clientAddress, current } = request
  await confirmPassword(deps, checks, { accountId: caller.id, password: current, clientAddress })
  const derived = await derivePassword(deps, request.password)
  await deps.database.transaction(async (tx) => {
    await lockPerson(tx, caller.id)
    await setPassword(tx, caller.id, derived)
    await endSessions(tx, caller.id, digestOf(request.session))
    const { departmentCode } = caller
    await audit(deps, tx, caller, { action: 'password changed', subject: caller.id, departmentCode })
  })
}
