import type { Principal } from '../../platform/index.ts'
import { plus } from '../domain/limits.ts'
import { digestOf } from '../domain/secrets.ts'
import { DirectoryError } from '../errors.ts'
import { endSessions, lockPerson } from '../store/people.ts'
import {
  deleteSecurityKeys,
  hasSecurityKey,
  insertSecurityKey,
  listSecurityKeys,
  putChallenge,
  takeChallenge,
} from '../store/security-keys.ts'
import { lockForChange } from './administer-accounts.ts'
import { audit } from './administrator.ts'
import type { Deps } from './deps.ts'
import { CHALLENGE_BYTES, CHALLENGE_MS, requireStepUp } from './step-up.ts'
import { creationOptions, type RegistrationResponseJSON, verifyCreation } from './webauthn.ts'

const MOST_KEYS = 10

/** The first key follows the login; every further one a confirmation with one that is there. */
async function requireMayAdd(deps: Deps, caller: Principal): Promise<void> {
  if (await hasSecurityKey(deps.database, caller.id)) await requireStepUp(deps, caller)
}

/** What the browser gives a new key to sign. Throws STEP_UP_REQUIRED, SECURITY_KEYS_TOO_MANY. */
export async function beginSecurityKey(deps: Deps, caller: Principal, session: string): Promise<object> {
  await requireMayAdd(deps, caller)
  const known = await listSecurityKeys(deps.database, caller.id)
  if (known.length >= MOST_KEYS)
    throw new DirectoryError('SECURITY_KEYS_TOO_MANY', `nobody has more than ${MOST_KEYS} security keys`)
  const options = await creationOptions(deps.party, caller, known, deps.ids.bytes(CHALLENGE_BYTES))
  await putChallenge(deps.database, {
    sessionDigest: digestOf(session),
    purpose: 'register',
    challenge: options.challenge,
    endsAt: plus(deps.clock.now(), CHALLENGE_MS),
  })
  return options
}

/**
 * Registers a key for the caller; returns its id. Throws CHALLENGE_ENDED, SECURITY_KEY_REFUSED, SECURITY_KEY_EXISTS, STEP_UP_REQUIRED,
 * SECURITY_KEYS_TOO_MANY.
 */
export async function addSecurityKey(
  deps: Deps,
  caller: Principal,
  session: string,
  { name, response }: { readonly name: string; readonly response: RegistrationResponseJSON },
): Promise<string> {
  await requireMayAdd(deps, caller)
  const now = deps.clock.now()
  const sessionDigest = digestOf(session)
  const challenge = await takeChallenge(deps.database, { sessionDigest, purpose: 'register', now })
  if (challenge === undefined)
    throw new DirectoryError('CHALLENGE_ENDED', 'nothing is waiting for this answer: begin again')
  const { id, publicKey, counter } = await verifyCreation(deps.party, challenge, response)
  const transports = (response.response.transports ?? []).slice(0, 8)
  await deps.database.transaction(async (tx) => {
    await lockPerson(tx, caller.id)
    if ((await listSecurityKeys(tx, caller.id)).length >= MOST_KEYS)
      throw new DirectoryError('SECURITY_KEYS_TOO_MANY', `nobody has more than ${MOST_KEYS} security keys`)
    const key = { credentialId: id, accountId: caller.id, name, publicKey, counter, transports, createdAt: now }
    if (!(await insertSecurityKey(tx, key)))
      throw new DirectoryError('SECURITY_KEY_EXISTS', 'this security key is registered already')
    const { departmentCode } = caller
    await audit(deps, tx, caller, {
      action: 'security key added',
      subject: caller.id,
      departmentCode,
      detail: { name },
    })
  })
  return id
}

/** Removes one of the caller's own keys. Throws SECURITY_KEY_NOT_FOUND. */
export async function removeSecurityKey(deps: Deps, caller: Principal, credentialId: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    if ((await deleteSecurityKeys(tx, caller.id, credentialId)) === 0)
      throw new DirectoryError('SECURITY_KEY_NOT_FOUND', 'you have no such security key')
    const { departmentCode } = caller
    await audit(deps, tx, caller, { action: 'security key removed', subject: caller.id, departmentCode })
  })
}

/** Removes every key of someone who lost theirs, and ends their sessions; they register another after their next login. Throws as `lockForChange`. */
export async function removeLostKeys(deps: Deps, caller: Principal, accountId: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const { departmentCode } = await lockForChange(deps, tx, caller, accountId)
    const removed = await deleteSecurityKeys(tx, accountId)
    await endSessions(tx, accountId)
    const detail = { removed }
    await audit(deps, tx, caller, { action: 'security key removed', subject: accountId, departmentCode, detail })
  })
}
