import { z } from 'zod'
import {
  type Answer,
  type Call,
  createRateLimit,
  type Route,
  readCookie,
  refuseCrossSite,
  sessionCookie,
} from '../../platform/http/index.ts'
import type { Principal } from '../../platform/index.ts'
import { plus, SESSION_LONGEST_MS, STEP_UP_MS } from '../domain/limits.ts'
import { DirectoryError } from '../errors.ts'
import { SESSION_COOKIE } from '../operations/authenticate.ts'
import type { Deps } from '../operations/deps.ts'
import { type Checks, logIn, logOut, resumeSession } from '../operations/log-in.ts'
import { LONGEST_PASSWORD } from '../operations/make-accounts.ts'
import { changeOwnPassword } from '../operations/passwords.ts'
import { findDepartment } from '../store/departments.ts'
import { bilingual, defineRoute } from './schemas.ts'

const tag = 'Directory'
const accountAnswer = z.object({
  account: z.object({
    id: z.string(),
    name: z.string(),
    departmentCode: z.string(),
    departmentName: bilingual,
    roles: z.array(z.string()),
    steppedUpUntil: z.iso.datetime().nullable(),
  }),
})
const loginBody = z.strictObject({
  username: z.string().min(1).max(100),
  password: z.string().min(1).max(LONGEST_PASSWORD),
})
const passwordBody = z.strictObject({
  current: z.string().min(1).max(LONGEST_PASSWORD),
  password: z.string().min(1).max(LONGEST_PASSWORD),
})

async function accountOf(deps: Deps, principal: Principal) {
  const { id, name, departmentCode, roles, steppedUpAt } = principal
  const department = await findDepartment(deps.database, departmentCode)
  const steppedUpUntil = steppedUpAt ? plus(steppedUpAt, STEP_UP_MS).toISOString() : null
  return { account: { id, name, departmentCode, departmentName: department!.name, roles, steppedUpUntil } }
}

/** The cookie's value of the person's own session. Throws PERSON_REQUIRED for machines. */
export function ownSession({ headers, principal }: Pick<Call, 'headers'> & { principal: Principal }): string {
  const session = readCookie(headers.cookie, SESSION_COOKIE)
  if (principal.kind !== 'person' || session === undefined)
    throw new DirectoryError('PERSON_REQUIRED', 'this is for people who are logged in')
  return session
}

export const startingCookie = (session: string, isSecure: boolean): string =>
  sessionCookie(SESSION_COOKIE, session, { isSecure, maxAgeSeconds: SESSION_LONGEST_MS / 1000 })

/** Login and log-out by session cookie, and the own password. */
export function sessionRoutes(deps: Deps, { isSecure }: { readonly isSecure: boolean }): Route[] {
  const checks: Checks = { running: 0 }
  const loginLimit = createRateLimit({ capacity: 20, refillPerSecond: 0.5, clock: deps.clock })
  const clearCookie = sessionCookie(SESSION_COOKIE, '', { isSecure, maxAgeSeconds: 0 })

  const start = async (call: Call<undefined, undefined, z.output<typeof loginBody>, undefined>): Promise<Answer> => {
    refuseCrossSite(call)
    const session = await logIn(deps, checks, { ...call.body, clientAddress: call.clientAddress })
    return {
      status: 201,
      json: await accountOf(deps, await resumeSession(deps, session)),
      headers: { 'Set-Cookie': startingCookie(session, isSecure) },
    }
  }

  const end = async (call: Call<undefined, undefined, undefined, Principal>): Promise<Answer> => {
    const session = readCookie(call.headers.cookie, SESSION_COOKIE)
    if (session && call.principal.kind === 'person') await logOut(deps, session, call)
    return { status: 204, headers: { 'Set-Cookie': clearCookie } }
  }

  return [
    defineRoute({
      method: 'post',
      path: '/api/sessions',
      permission: 'public',
      summary: 'Logs a person in',
      tag,
      body: loginBody,
      rateLimit: loginLimit,
      answers: { 201: { description: 'Logged in; the session is in the cookie', schema: accountAnswer } },
      problems: ['LOGIN_REFUSED', 'LOGIN_THROTTLED', 'DEPARTMENT_CLOSED', 'PASSWORD_LOGIN_OFF', 'CROSS_SITE_REQUEST'],
      handle: start,
    }),
    defineRoute({
      method: 'get',
      path: '/api/sessions/current',
      permission: 'authenticated',
      summary: 'Who is logged in',
      tag,
      answers: { 200: { description: 'The account', schema: accountAnswer } },
      problems: ['SESSION_ENDED'],
      handle: async ({ principal }) => ({ status: 200, json: await accountOf(deps, principal) }),
    }),
    defineRoute({
      method: 'delete',
      path: '/api/sessions/current',
      permission: 'authenticated',
      summary: 'Logs out',
      tag,
      answers: { 204: { description: 'Logged out' } },
      problems: ['SESSION_ENDED', 'CROSS_SITE_REQUEST'],
      handle: end,
    }),
    defineRoute({
      method: 'put',
      path: '/api/sessions/current/password',
      permission: 'authenticated',
      summary: 'Changes the own password; every other session of the person ends',
      tag,
      body: passwordBody,
      answers: { 204: { description: 'Changed' } },
      problems: ['PASSWORD_WRONG', 'PASSWORD_UNFIT', 'LOGIN_THROTTLED', 'PERSON_REQUIRED', 'SESSION_ENDED'],
      async handle({ body, clientAddress, headers, principal }) {
        const session = ownSession({ headers, principal })
        await changeOwnPassword(deps, checks, principal, { ...body, session, clientAddress })
        return { status: 204 }
      },
    }),
  ]
}
