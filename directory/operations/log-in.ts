import type { Principal } from '../../platform/index.ts'
import { isClosed } from '../department.ts'
import {
  isSessionAlive,
  LOGIN_ATTEMPTS,
  LOGIN_LOCK_MS,
  plus,
  SESSION_LONGEST_MS,
  SESSION_TOUCH_MS,
} from '../domain/limits.ts'
import { isPassword, UNMATCHABLE } from '../domain/password.ts'
import { digestOf } from '../domain/secrets.ts'
import { DirectoryError } from '../errors.ts'
import { findPassword, findPasswordById, type StoredLogin } from '../store/accounts.ts'
import { findDepartment } from '../store/departments.ts'
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
 * one refusal that takes one time. Throws LOGIN_REFUSED, LOGIN_THROTTLED, DEPARTMENT_CLOSED, PASSWORD_LOGIN_OFF.
 */
export async function logIn(deps: Deps, checks: Checks, request: LoginRequest): Promise<string> {
  if (!deps.passwordLogin) throw new DirectoryError('PASSWORD_LOGIN_OFF', 'people log in by the login provider here')
  const username = request.username.trim().toLowerCase()
  const account = await matchPassword(deps, checks, { ...request, username }, () =>
    findPassword(deps.database, username),
  )
  return startSession(deps, account, request.clientAddress)
}

/** Counts the attempt under the name, and returns the account if the password is its own. Throws LOGIN_REFUSED, LOGIN_THROTTLED. */
async function matchPassword(
  deps: Deps,
  checks: Checks,
  { username, password, clientAddress }: LoginRequest,
  find: () => Promise<StoredLogin | undefined>,
): Promise<StoredLogin> {
  const { database, clock, ids } = deps
  await refuseThrottled(deps, digestOf(username), clientAddress)
  const account = await find()
  const isRight = await checkPassword(checks, password, account?.password ?? UNMATCHABLE)
  if (account && isRight) return account
  const accountId = account?.id ?? null
  await recordLogin(database, { id: ids.uuid(), at: clock.now(), event: 'refused', accountId, clientAddress })
  throw new DirectoryError('LOGIN_REFUSED', 'the user name or the password is wrong')
}

/**
 * Whether the password is the person's own, counted like an attempt to log in, so that an open session is no place to guess at.
 * Throws PASSWORD_WRONG, LOGIN_THROTTLED, SESSION_ENDED.
 */
export async function confirmPassword(
  deps: Deps,
  checks: Checks,
  request: { readonly accountId: string; readonly password: string; readonly clientAddress: string },
): Promise<void> {
  const account = await findPasswordById(deps.database, request.accountId)
  if (!account) throw new DirectoryError('SESSION_ENDED', 'the account is closed')
  await matchPassword(deps, checks, { ...request, username: account.username }, async () => account).catch(
    (error: unknown) => {
      const isWrong = error instanceof DirectoryError && error.code === 'LOGIN_REFUSED'
      throw isWrong ? new DirectoryError('PASSWORD_WRONG', 'the present password is another') : error
    },
  )
  await forgetAttempts(deps.database, digestOf(account.username))
}

/** Starts a session for someone whose identity is settled; returns the cookie's value. Throws DEPARTMENT_CLOSED. */
export async function startSession(
  deps: Deps,
  account: { readonly id: string; readonly username: string; readonly departmentCode: string },
  clientAddress: string,
): Promise<string> {
  const { database, clock, ids } = deps
  const now = clock.now()
  const department = await findDepartment(database, account.departmentCode)
  if (!department || isClosed(department, now))
    throw new DirectoryError('DEPARTMENT_CLOSED', 'your department is closed: an administrator moves you to another')
  const session = Buffer.from(ids.bytes(SESSION_BYTES)).toString('base64url')
  await database.transaction(async (tx) => {
    await forgetAttempts(tx, digestOf(account.username))
    await deleteEndedAttempts(tx, now)
    await deleteEndedSessions(tx, plus(now, -deps.sessionIdleMs), plus(now, -SESSION_LONGEST_MS))
    await insertSession(tx, { idDigest: digestOf(session), accountId: account.id, at: now })
    await recordLogin(tx, { id: ids.uuid(), at: now, event: 'logged in', accountId: account.id, clientAddress })
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
  const found = await findSession(deps.database, idDigest, now)
  if (!found || !isSessionAlive(found, now, deps.sessionIdleMs))
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
