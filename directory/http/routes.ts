import { z } from 'zod'
import {
  type Answer,
  type Call,
  createRateLimit,
  type RouteSet,
  readCookie,
  refuseCrossSite,
  routeDefiner,
  sessionCookie,
} from '../../platform/http/index.ts'
import type { Principal } from '../../platform/index.ts'
import { SESSION_LONGEST_MS } from '../domain/limits.ts'
import { SESSION_COOKIE } from '../operations/authenticate.ts'
import type { Deps } from '../operations/deps.ts'
import { type Checks, logIn, logOut, resumeSession } from '../operations/log-in.ts'
import { LONGEST_PASSWORD } from '../operations/make-accounts.ts'
import { findDepartment, listDepartments } from '../store/departments.ts'
import { directoryProblems } from './problems.ts'

const route = routeDefiner<never>()
const tag = 'Directory'

const bilingual = z.object({ zh: z.string(), en: z.string() })
const accountAnswer = z.object({
  account: z.object({
    name: z.string(),
    departmentCode: z.string(),
    departmentName: bilingual,
    roles: z.array(z.string()),
  }),
})
const departmentsAnswer = z.object({
  departments: z.array(
    z.object({
      code: z.string(),
      name: bilingual,
      areaCode: z.string(),
      parentCode: z.string().nullable(),
      actsForCode: z.string().nullable(),
    }),
  ),
})
const loginBody = z.strictObject({
  username: z.string().min(1).max(100),
  password: z.string().min(1).max(LONGEST_PASSWORD),
})

async function accountOf(deps: Deps, principal: Principal) {
  const { name, departmentCode, roles } = principal
  const department = await findDepartment(deps.database, departmentCode)
  return { account: { name, departmentCode, departmentName: department!.name, roles } }
}

/** Login and log-out by session cookie, and the public list of departments. */
export function directoryRoutes(deps: Deps, options: { readonly isSecure: boolean }): RouteSet {
  const checks: Checks = { running: 0 }
  const { isSecure } = options
  const loginLimit = createRateLimit({ capacity: 20, refillPerSecond: 0.5, clock: deps.clock })
  const clearCookie = sessionCookie(SESSION_COOKIE, '', { isSecure, maxAgeSeconds: 0 })

  const start = async (call: Call<undefined, undefined, z.output<typeof loginBody>, undefined>): Promise<Answer> => {
    refuseCrossSite(call)
    const session = await logIn(deps, checks, { ...call.body, clientAddress: call.clientAddress })
    const cookie = sessionCookie(SESSION_COOKIE, session, { isSecure, maxAgeSeconds: SESSION_LONGEST_MS / 1000 })
    return {
      status: 201,
      json: await accountOf(deps, await resumeSession(deps, session)),
      headers: { 'Set-Cookie': cookie },
    }
  }

  const end = async (call: Call<undefined, undefined, undefined, Principal>): Promise<Answer> => {
    const session = readCookie(call.headers.cookie, SESSION_COOKIE)
    if (session && call.principal.kind === 'person') await logOut(deps, session, call)
    return { status: 204, headers: { 'Set-Cookie': clearCookie } }
  }

  const routes = [
    route({
      method: 'post',
      path: '/api/sessions',
      permission: 'public',
      summary: 'Logs a person in',
      tag,
      body: loginBody,
      rateLimit: loginLimit,
      answers: { 201: { description: 'Logged in; the session is in the cookie', schema: accountAnswer } },
      problems: ['LOGIN_REFUSED', 'LOGIN_THROTTLED', 'CROSS_SITE_REQUEST'],
      handle: start,
    }),
    route({
      method: 'get',
      path: '/api/sessions/current',
      permission: 'authenticated',
      summary: 'Who is logged in',
      tag,
      answers: { 200: { description: 'The account', schema: accountAnswer } },
      problems: ['SESSION_ENDED'],
      handle: async ({ principal }) => ({ status: 200, json: await accountOf(deps, principal) }),
    }),
    route({
      method: 'delete',
      path: '/api/sessions/current',
      permission: 'authenticated',
      summary: 'Logs out',
      tag,
      answers: { 204: { description: 'Logged out' } },
      problems: ['SESSION_ENDED', 'CROSS_SITE_REQUEST'],
      handle: end,
    }),
    route({
      method: 'get',
      path: '/api/departments',
      permission: 'public',
      summary: 'The departments',
      tag,
      answers: { 200: { description: 'All departments', schema: departmentsAnswer } },
      handle: async () => ({ status: 200, json: { departments: await listDepartments(deps.database) } }),
    }),
  ]
  return { routes, problems: directoryProblems }
}
