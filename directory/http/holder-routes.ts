import { z } from 'zod'
import {
  createRateLimit,
  publicRoute,
  type Route,
  readCookie,
  refuseCrossSite,
  sessionCookie,
} from '../../platform/http/index.ts'
import { SESSION_LONGEST_MS } from '../domain/limits.ts'
import { HOLDER_COOKIE } from '../operations/authenticate.ts'
import type { Deps } from '../operations/deps.ts'
import {
  beginHolderLogin,
  finishHolderLogin,
  logInAsHolder,
  logOutHolder,
  mayTryAsHolder,
  readHolderSession,
} from '../operations/holder-login.ts'
import { LOGIN_UNDER_WAY_SECONDS } from '../operations/outside-login.ts'
import { answerReturn, returnQuery, underWayCookie } from './oidc-routes.ts'
import { defineRoute } from './schemas.ts'

const tag = 'Holders'
/** The cookie goes to the wallet and nowhere else: on every other page a holder is nobody, and a clerk stays the clerk. */
const WALLET = '/api/wallet'

const holderAnswer = z.object({
  holder: z.object({
    name: z.string().describe("A person's masked, a company's in full"),
    isCompany: z.boolean(),
    assurance: z.number().int().describe('How well the person was identified, 1 to 4; 0 in a demonstration'),
  }),
})
const factsBody = z.strictObject({
  name: z.string().trim().min(1).max(200),
  code: z.string().trim().min(4).max(64).describe('Identity number or unified social credit code'),
  codeType: z
    .string()
    .regex(/^\d{3}$/)
    .optional()
    .describe('GB/T 36903 annex A; left out: 001 for a credit code, else 111'),
})

/** Login of those who hold licences: by a provider that knows who they are, or by word alone in a demonstration. */
export function holderRoutes(deps: Deps, { isSecure }: { readonly isSecure: boolean }): Route[] {
  const rateLimit = createRateLimit({ capacity: 60, refillPerSecond: 1, clock: deps.clock })
  const holderCookie = (value: string, maxAgeSeconds: number) =>
    sessionCookie(HOLDER_COOKIE, value, { isSecure, maxAgeSeconds, path: WALLET })
  const startingCookie = (session: string) => holderCookie(session, SESSION_LONGEST_MS / 1000)
  const current = async (session: string) => {
    const { holder, assurance } = await readHolderSession(deps, session)
    return { holder: { name: holder.maskedName, isCompany: holder.isCompany, assurance } }
  }
  const cookieOf = (headers: { readonly cookie?: string | undefined }) =>
    readCookie(headers.cookie, HOLDER_COOKIE) ?? ''
  return [
    publicRoute({
      method: 'get',
      path: '/api/holder-sessions/methods',
      permission: 'public',
      summary: 'How holders log in here',
      tag,
      answers: {
        200: {
          description: 'Whether by word alone (a demonstration), and whether by a provider, under its name',
          schema: z.object({ demo: z.boolean(), oidc: z.object({ label: z.string() }).nullable() }),
        },
      },
      handle: () => ({
        status: 200,
        json: {
          demo: mayTryAsHolder(deps),
          oidc: deps.holders?.provider ? { label: deps.holders.provider.options.label ?? '统一身份认证' } : null,
        },
      }),
    }),
    publicRoute({
      method: 'post',
      path: '/api/holder-sessions',
      permission: 'public',
      summary: 'Logs a holder in by word alone; a demonstration does, production refuses',
      tag,
      body: factsBody,
      rateLimit,
      answers: { 201: { description: 'Logged in; the session is in the cookie', schema: holderAnswer } },
      problems: ['HOLDER_LOGIN_OFF', 'CROSS_SITE_REQUEST'],
      async handle(call) {
        refuseCrossSite(call)
        const { codeType = '', ...facts } = call.body
        const session = await logInAsHolder(deps, { ...facts, codeType }, call.clientAddress)
        return { status: 201, json: await current(session), headers: { 'Set-Cookie': startingCookie(session) } }
      },
    }),
    publicRoute({
      method: 'get',
      path: '/api/holder-sessions/oidc/start',
      permission: 'public',
      summary: 'Sends a holder to the provider that knows who they are',
      tag,
      rateLimit,
      answers: { 302: { description: 'To the provider' } },
      problems: ['HOLDER_LOGIN_OFF', 'OIDC_UNAVAILABLE'],
      async handle() {
        const { url, browserSecret } = await beginHolderLogin(deps)
        const cookie = underWayCookie(browserSecret, { isSecure, maxAgeSeconds: LOGIN_UNDER_WAY_SECONDS })
        return { status: 302, headers: { Location: url.href, 'Set-Cookie': cookie } }
      },
    }),
    publicRoute({
      method: 'get',
      path: '/api/holder-sessions/oidc/callback',
      permission: 'public',
      summary: 'Where that provider sends the holder back to',
      tag,
      query: returnQuery,
      rateLimit,
      answers: { 200: { description: 'Logged in; the page leads on', contentType: 'text/html' } },
      problems: [
        'HOLDER_LOGIN_OFF',
        'HOLDER_ASSURANCE_TOO_LOW',
        'OIDC_STATE_UNKNOWN',
        'OIDC_LOGIN_REFUSED',
        'OIDC_UNAVAILABLE',
      ],
      handle: (call) =>
        answerReturn(call, isSecure, async (request) => {
          const { session, returnTo } = await finishHolderLogin(deps, request)
          return { cookie: startingCookie(session), returnTo }
        }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/wallet/session',
      permission: 'wallet:use',
      summary: 'Who is logged in as a holder',
      tag,
      answers: { 200: { description: 'The holder', schema: holderAnswer } },
      problems: ['SESSION_ENDED'],
      handle: async ({ headers }) => ({ status: 200, json: await current(cookieOf(headers)) }),
    }),
    defineRoute({
      method: 'delete',
      path: '/api/wallet/session',
      permission: 'wallet:use',
      summary: 'Logs the holder out',
      tag,
      answers: { 204: { description: 'Logged out' } },
      problems: ['SESSION_ENDED', 'CROSS_SITE_REQUEST'],
      async handle({ headers, clientAddress }) {
        await logOutHolder(deps, cookieOf(headers), clientAddress)
        return { status: 204, headers: { 'Set-Cookie': holderCookie('', 0) } }
      },
    }),
  ]
}
