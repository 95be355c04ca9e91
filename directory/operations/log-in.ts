import type { Principal } from '../../platform/index.ts'
import {
  isSessionAlive,
  LOGIN_ATTEMPTS,
  LOGIN_LOCK_MS,
  plus,
  SESSION_IDLE_MS,
  SESSION_LONGEST_MS,
  SESSION_TOUCH_MS,
} from '../domain/limits.ts'
import { isPassword, UNMATCHABLE } from '../domain/password.ts'
import { digestOf } from '../domain/secrets.ts'
import { DirectoryError } from '../errors.ts'
import { findPassword } from '../store/accounts.ts'
import { countAttempt, deleteEndedAttempts, forgetAttempts, recordLogin } from '../store/logins.ts'
import { deleteEndedSessions, deleteSession, findSession, insertSession, touchSession } from '../store/sessions.ts'
import type { Deps } from './deps.ts'

const SESSION_BYTES = 32
/** Passwords checked at once: each takes 32 MiB and a thread. */
const MAX_CHECKS = 16

export interface LoginRequest {
  readonly username: string
  readonly password: string
  readonly clientAddress: string
}

/** A counter of running password checks, one a directory. */
export interface Checks {
  running: number
}

/**
 * Checks a name and password and starts a session; returns the cookie's value. Wrong name, wrong password and disabled account are
 * one refusal that takes one time. Throws LOGIN_REFUSED, LOGIN_THROTTLED.
 */
export async function logIn(deps: Deps, checks: Checks, request: LoginRequest): Promise<string> {
  const { database, clock, ids } = deps
  const username = request.username.trim().toLowerCase()
  const nameDigest = digestOf(username)
  await refuseThrottled(deps, nameDigest, request.clientAddress)
  const account = await findPassword(database, username)
  const isRight = await checkPassword(checks, request.password, account?.password ?? UNMATCHABLE)
  const now = clock.now()
  if (!account || !isRight) {
    await recordLogin(database, {
      id: ids.uuid(),
      at: now,
      event: 'refused',
      accountId: account?.id ?? null,
      clientAddress: request.clientAddress,
    })
    throw new DirectoryError('LOGIN_REFUSED', 'the user name or the password is wrong')
  }
  const session = Buffer.from(ids.bytes(SESSION_BYTES)).toString('base64url')
  await database.transaction(async (tx) => {
    await forgetAttempts(tx, nameDigest)
    await deleteEndedAttempts(tx, now)
    await deleteEndedSessions(tx, plus(now, -SESSION_IDLE_MS), plus(now, -SESSION_LONGEST_MS))
    await insertSession(tx, { idDigest: digestOf(session), accountId: account.id, at: now })
    await recordLogin(tx, {
      id: ids.uuid(),
      at: now,
      event: 'logged in',
      accountId: account.id,
      clientAddress: request.clientAddress,
    })
  })
  return session
}

async function refuseThrottled(deps: Deps, nameDigest: Uint8Array, clientAddress: string): Promise<void> {
  const now = deps.clock.now()
  const { attempts, endsAt } = await countAttempt(deps.database, {
    nameDigest,
    now,
    endsAt: plus(now, LOGIN_LOCK_MS),
    limit: LOGIN_ATTEMPTS,
  })
  if (attempts <= LOGIN_ATTEMPTS) return
  await recordLogin(deps.database, { id: deps.ids.uuid(), at: now, event: 'throttled', accountId: null, clientAddress })
  const retryAfterSeconds = Math.ceil((endsAt.getTime() - now.getTime()) / 1000)
  throw new DirectoryError('LOGIN_THROTTLED', 'too many wrong passwords for this user name', { retryAfterSeconds })
}

async function checkPassword(checks: Checks, password: string, stored: string): Promise<boolean> {
  if (checks.running >= MAX_CHECKS) {
    throw new DirectoryError('LOGIN_THROTTLED', 'too many people log in at this moment', { retryAfterSeconds: 5 })
  }
  checks.running++
  try {
    return await isPassword(password, stored)
  } finally {
    checks.running--
  }
}

/** The person of a session cookie. Throws SESSION_ENDED for an unknown, idle, old or closed one. */
export async function resumeSession(deps: Deps, session: string): Promise<Principal> {
  const idDigest = digestOf(session)
  const now = deps.clock.now()
  const found = await findSession(deps.database, idDigest)
  if (!found || !isSessionAlive(found, now))
    throw new DirectoryError('SESSION_ENDED', 'the session has ended: log in again')
  if (now >= plus(found.lastUsedAt, SESSION_TOUCH_MS)) await touchSession(deps.database, idDigest, now)
  return found.principal
}

/** Ends the session; one that has ended is no error. */
export async function logOut(
  deps: Deps,
  session: string,
  request: { principal: Principal; clientAddress: string },
): Promise<void> {
  await deps.database.transaction(async (tx) => {
    await deleteSession(tx, digestOf(session))
    await recordLogin(tx, {
      id: deps.ids.uuid(),
      at: deps.clock.now(),
      event: 'logged out',
      accountId: request.principal.id,
      clientAddress: request.clientAddress,
    })
  })
}
