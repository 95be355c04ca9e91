import { PlatformError, type Principal } from '../../platform/index.ts'
import { plus, STEP_UP_MS } from '../domain/limits.ts'
import { digestOf } from '../domain/secrets.ts'
import { DirectoryError } from '../errors.ts'
import {
  advanceCounter,
  hasSecurityKey,
  listSecurityKeys,
  markSteppedUp,
  putChallenge,
  takeChallenge,
} from '../store/security-keys.ts'
import type { Deps } from './deps.ts'
import { type AuthenticationResponseJSON, requestOptions, verifyAssertion } from './webauthn.ts'

export const CHALLENGE_BYTES = 32
/** How long a challenge waits for its answer. */
export const CHALLENGE_MS = 3 * 60_000

const isSteppedUp = ({ steppedUpAt }: Principal, now: Date): boolean =>
  steppedUpAt != null && now < plus(steppedUpAt, STEP_UP_MS)

/**
 * Lets pass whoever may do what is dangerous now. Outside production people without a key and machines do too, so that a trial needs no
 * hardware; in production nobody does without a key in hand. Throws STEP_UP_REQUIRED.
 */
export async function requireStepUp({ database, clock, isProduction }: Deps, principal: Principal): Promise<void> {
  if (principal.kind === 'system' || isSteppedUp(principal, clock.now())) return
  const isAsked = isProduction || (principal.kind === 'person' && (await hasSecurityKey(database, principal.id)))
  if (isAsked)
    throw new PlatformError(
      'STEP_UP_REQUIRED',
      'this needs a confirmation with a security key in the last five minutes',
    )
}

/** What the browser gives the key to sign, for this session. Throws SECURITY_KEY_NOT_FOUND when the person has none. */
export async function beginStepUp(deps: Deps, caller: Principal, session: string): Promise<object> {
  const keys = await listSecurityKeys(deps.database, caller.id)
  if (keys.length === 0)
    throw new DirectoryError('SECURITY_KEY_NOT_FOUND', 'you have no security key yet: register one first')
  const options = await requestOptions(deps.party, keys, deps.ids.bytes(CHALLENGE_BYTES))
  await putChallenge(deps.database, {
    sessionDigest: digestOf(session),
    purpose: 'step up',
    challenge: options.challenge,
    endsAt: plus(deps.clock.now(), CHALLENGE_MS),
  })
  return options
}

/**
 * Marks the session for five minutes when the key's answer is right; returns their end. A challenge takes one answer.
 * Throws CHALLENGE_ENDED, SECURITY_KEY_REFUSED.
 */
export async function finishStepUp(
  deps: Deps,
  caller: Principal,
  session: string,
  response: AuthenticationResponseJSON,
): Promise<Date> {
  const now = deps.clock.now()
  const sessionDigest = digestOf(session)
  const challenge = await takeChallenge(deps.database, { sessionDigest, purpose: 'step up', now })
  if (challenge === undefined)
    throw new DirectoryError('CHALLENGE_ENDED', 'nothing is waiting for this answer: begin again')
  const key = (await listSecurityKeys(deps.database, caller.id)).find(
    ({ credentialId }) => credentialId === response.id,
  )
  if (!key) throw new DirectoryError('SECURITY_KEY_REFUSED', 'the answer of the security key does not fit')
  const counter = await verifyAssertion(deps.party, challenge, response, key)
  await deps.database.transaction(async (tx) => {
    if (!(await advanceCounter(tx, { credentialId: key.credentialId, counter, at: now })))
      throw new DirectoryError('SECURITY_KEY_REFUSED', 'the answer of the security key does not fit')
    await markSteppedUp(tx, sessionDigest, now)
  })
  return plus(now, STEP_UP_MS)
}
