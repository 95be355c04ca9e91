import { z } from 'zod'
import {
  type Answer,
  type Call,
  createRateLimit,
  laxCookie,
  publicRoute,
  type Route,
  readCookie,
} from '../../platform/http/index.ts'
import { DirectoryError } from '../errors.ts'
import type { Deps } from '../operations/deps.ts'
import {
  beginOutsideLogin,
  finishOutsideLogin,
  LOGIN_UNDER_WAY_SECONDS,
  linkOutsideLogin,
  type Return,
} from '../operations/outside-login.ts'
import { directoryProblems } from './problems.ts'
import { defineRoute } from './schemas.ts'
import { startingCookie } from './session-routes.ts'

const tag = 'Directory'
const LOGIN_COOKIE = 'zhengyin_login'
/** A page of our own and nothing else: no scheme, no host, no `//host`, no backslash that browsers take for a slash. */
const ownPath = z
  .string()
  .max(200)
  .regex(/^\/(?![/\\])[\w\-./?=&%~+]*$/, 'a path of this site')

const text = z.string().max(4000).optional()

/** What a provider sends the browser back with. */
export const returnQuery = z.object({ state: text, code: text, iss: text, error: text, session_state: text })

const sentences = {
  OIDC_STATE_UNKNOWN: ['登录已过期，或不是从本浏览器开始的，请重新登录。', 'Begin the login again, in this browser.'],
  OIDC_LOGIN_REFUSED: ['统一身份认证没有通过，请重试。', 'The login provider did not let you in.'],
  OIDC_UNAVAILABLE: ['统一身份认证暂时无法访问，请稍后再试。', 'The login provider does not answer. Try again later.'],
  OIDC_NO_ACCOUNT: [
    '您的账号尚未开通，请联系本单位系统管理员。',
    'Nobody here is linked with your login. Ask your administrator.',
  ],
  DEPARTMENT_CLOSED: ['您所在的单位已撤销，请联系系统管理员。', 'Your department is closed. Ask your administrator.'],
  HOLDER_ASSURANCE_TOO_LOW: [
    '您的实名认证等级不够，请先在统一身份认证完成实人核验。',
    'The login provider did not identify you well enough. Raise your level there.',
  ],
} as const

/**
 * The page after the callback. It is a page, not a redirection: the session cookie is not sent along a chain that another site began.
 * Every text in it is ours.
 */
const page = (status: number, head: string, body: string, headers: Answer['headers']): Answer => ({
  status,
  bytes: `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">${head}<title>证印</title><body>${body}</body></html>`,
  contentType: 'text/html; charset=utf-8',
  ...(headers && { headers }),
})

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

/** Login by an OpenID provider: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636). */
export function oidcRoutes(deps: Deps, { isSecure }: { readonly isSecure: boolean }): Route[] {
  const loginCookie = (value: string, maxAgeSeconds: number) => underWayCookie(value, { isSecure, maxAgeSeconds })
  // A whole administration logs in at nine from one address; nothing can be guessed here.
  const manyAtOnce = () => createRateLimit({ capacity: 200, refillPerSecond: 10, clock: deps.clock })
  const start = publicRoute({
    method: 'get',
    path: '/api/sessions/oidc/start',
    permission: 'public',
    summary: 'Sends the browser to the login provider',
    tag,
    query: z.object({ to: ownPath.default('/') }),
    rateLimit: manyAtOnce(),
    answers: { 302: { description: 'To the provider' } },
    problems: ['OIDC_OFF', 'OIDC_UNAVAILABLE'],
    async handle({ query }) {
      const { url, browserSecret } = await beginOutsideLogin(deps, query.to)
      const cookie = loginCookie(browserSecret, LOGIN_UNDER_WAY_SECONDS)
      return { status: 302, headers: { Location: url.href, 'Set-Cookie': cookie } }
    },
  })
  const callback = publicRoute({
    method: 'get',
    path: '/api/sessions/oidc/callback',
    permission: 'public',
    summary: 'Where the login provider sends the browser back to',
    tag,
    query: returnQuery,
    rateLimit: manyAtOnce(),
    answers: { 200: { description: 'Logged in; the page leads on', contentType: 'text/html' } },
    problems: [...Object.keys(sentences).filter((code) => code !== 'HOLDER_ASSURANCE_TOO_LOW'), 'OIDC_OFF'],
    handle: (call) =>
      answerReturn(call, isSecure, async (request) => {
        const { session, returnTo } = await finishOutsideLogin(deps, request)
        return { cookie: startingCookie(session, isSecure), returnTo }
      }),
  })
  const methods = publicRoute({
    method: 'get',
    path: '/api/sessions/methods',
    permission: 'public',
    summary: 'How people log in here',
    tag,
    answers: {
      200: {
        description: 'Whether by password, and whether by a provider, under its name',
        schema: z.object({ password: z.boolean(), oidc: z.object({ label: z.string() }).nullable() }),
      },
    },
    handle: () => ({
      status: 200,
      json: {
        password: deps.passwordLogin,
        oidc: deps.provider ? { label: deps.provider.options.label ?? '统一身份认证' } : null,
      },
    }),
  })
  return [start, callback, methods, ...linkRoutes(deps)]
}

/** A cookie that binds a login to the browser that began it. */
export const underWayCookie = (value: string, options: { isSecure: boolean; maxAgeSeconds: number }): string =>
  laxCookie(LOGIN_COOKIE, value, options)

/** The page that a browser gets when it comes back from a provider: on to where it was, or what went wrong, in words. */
export async function answerReturn(
  { query, headers, clientAddress }: Pick<Call, 'headers' | 'clientAddress'> & { readonly query: Return['query'] },
  isSecure: boolean,
  finish: (request: Return) => Promise<{ readonly cookie: string; readonly returnTo: string }>,
): Promise<Answer> {
  try {
    const browserSecret = readCookie(headers.cookie, LOGIN_COOKIE)
    const { cookie, returnTo } = await finish({ query, browserSecret, clientAddress })
    const to = escapeHtml(returnTo)
    return page(200, `<meta http-equiv="refresh" content="0;url=${to}">`, `<a href="${to}">继续 Continue</a>`, {
      'Set-Cookie': [cookie, underWayCookie('', { isSecure, maxAgeSeconds: 0 })],
    })
  } catch (error) {
    const said = error instanceof DirectoryError ? sentences[error.code as keyof typeof sentences] : undefined
    if (!said || !headers.accept?.includes('text/html')) throw error
    const { code } = error as DirectoryError
    const again = '<p><a href="/">返回 Back</a></p>'
    return page(
      directoryProblems[code].status,
      '',
      `<p>${said[0]}</p><p lang="en">${said[1]} (${code})</p>${again}`,
      {},
    )
  }
}

function linkRoutes(deps: Deps): Route[] {
  const common = {
    path: '/api/accounts/{accountId}/oidc-link',
    permission: 'directory:administer',
    stepUp: true,
    tag: 'People',
    params: z.object({ accountId: z.uuid() }),
    problems: ['ACCOUNT_NOT_FOUND', 'ACCOUNT_CLOSED', 'OWN_ACCOUNT', 'OIDC_OFF', 'OIDC_LINK_EXISTS'],
  } as const
  const link = defineRoute({
    ...common,
    method: 'put',
    summary: 'Links a person with their subject at the login provider',
    body: z.strictObject({ subject: z.string().trim().min(1).max(255) }),
    answers: { 204: { description: 'Linked' } },
    async handle({ principal, params: { accountId }, body }) {
      await linkOutsideLogin(deps, principal, accountId, body.subject)
      return { status: 204 }
    },
  })
  const unlink = defineRoute({
    ...common,
    method: 'delete',
    summary: 'Unlinks a person from the login provider',
    answers: { 204: { description: 'Unlinked' } },
    async handle({ principal, params: { accountId } }) {
      await linkOutsideLogin(deps, principal, accountId, null)
      return { status: 204 }
    },
  })
  return [link, unlink]
}
