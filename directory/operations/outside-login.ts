import type { Principal } from '../../platform/index.ts'
import { plus } from '../domain/limits.ts'
import { digestOf } from '../domain/secrets.ts'
import { DirectoryError } from '../errors.ts'
import { findPassword } from '../store/accounts.ts'
import { recordLogin } from '../store/logins.ts'
import {
  type Audience,
  deleteLink,
  findLinked,
  insertLoginUnderWay,
  putLink,
  takeLoginUnderWay,
} from '../store/outside-logins.ts'
import { lockForChange } from './administer-accounts.ts'
import { audit } from './administrator.ts'
import type { Deps } from './deps.ts'
import { startSession } from './log-in.ts'
import type { Identity, OpenidProvider } from './openid-provider.ts'

export const LOGIN_UNDER_WAY_SECONDS = 600
const SECRET_BYTES = 32

/** Throws OIDC_OFF. */
function requireProvider({ provider }: Deps): OpenidProvider {
  if (!provider) throw new DirectoryError('OIDC_OFF', 'nobody logs in by a provider here')
  return provider
}

const redirectUri = ({ party }: Deps) => `${party.origin}/api/sessions/oidc/callback`

/**
 * Begins a login at the provider; returns where to send the browser, and the secret for its cookie, without which nobody can finish it.
 * Throws OIDC_OFF, OIDC_UNAVAILABLE.
 */
export const beginOutsideLogin = (deps: Deps, returnTo: string): ReturnType<typeof beginLoginAt> =>
  beginLoginAt(deps, requireProvider(deps), { audience: 'people', redirectUri: redirectUri(deps), returnTo })

/** The same at any provider, for one kind of people. Throws OIDC_UNAVAILABLE. */
export async function beginLoginAt(
  deps: Deps,
  provider: OpenidProvider,
  { audience, redirectUri, returnTo }: { audience: Audience; redirectUri: string; returnTo: string },
): Promise<{ readonly url: URL; readonly browserSecret: string }> {
  const secret = () => Buffer.from(deps.ids.bytes(SECRET_BYTES)).toString('base64url')
  const [state, nonce, codeVerifier, browserSecret] = [secret(), secret(), secret(), secret()]
  const url = await provider.authorizationUrl({ state, nonce, codeVerifier, redirectUri })
  const now = deps.clock.now()
  await insertLoginUnderWay(
    deps.database,
    {
      stateDigest: digestOf(state),
      browserDigest: digestOf(browserSecret),
      nonce,
      codeVerifier,
      audience,
      returnTo,
      endsAt: plus(now, LOGIN_UNDER_WAY_SECONDS * 1000),
    },
    now,
  )
  return { url, browserSecret }
}

/**
 * Finishes a login in the browser that began it; returns the session cookie's value and the page to go on to. Throws OIDC_OFF,
 * OIDC_STATE_UNKNOWN, OIDC_LOGIN_REFUSED, OIDC_UNAVAILABLE, OIDC_NO_ACCOUNT, DEPARTMENT_CLOSED.
 */
export async function finishOutsideLogin(
  deps: Deps,
  request: Return,
): Promise<{ readonly session: string; readonly returnTo: string }> {
  const provider = requireProvider(deps)
  const { clientAddress } = request
  const refused = () =>
    recordLogin(deps.database, {
      id: deps.ids.uuid(),
      at: deps.clock.now(),
      event: 'refused',
      accountId: null,
      clientAddress,
    })
  const { identity, returnTo } = await identityOfReturn(deps, provider, request, {
    audience: 'people',
    redirectUri: redirectUri(deps),
    refused,
  })
  const account = await accountOf(deps, identity)
  if (!account) {
    await refused()
    throw new DirectoryError('OIDC_NO_ACCOUNT', 'nobody here is linked with your login: ask an administrator')
  }
  return { session: await startSession(deps, account, clientAddress), returnTo }
}

/** A browser that comes back from a provider. */
export interface Return {
  readonly query: Readonly<Record<string, string | undefined>>
  readonly browserSecret: string | undefined
  readonly clientAddress: string
}

/** Who came back, in the browser that began. Throws OIDC_STATE_UNKNOWN, OIDC_LOGIN_REFUSED, OIDC_UNAVAILABLE. */
export async function identityOfReturn(
  deps: Deps,
  provider: OpenidProvider,
  { query, browserSecret }: Return,
  { audience, redirectUri, refused }: { audience: Audience; redirectUri: string; refused: () => Promise<void> },
): Promise<{ readonly identity: Identity; readonly returnTo: string }> {
  const { state } = query
  const under =
    state !== undefined && browserSecret !== undefined
      ? await takeLoginUnderWay(deps.database, {
          stateDigest: digestOf(state),
          browserDigest: digestOf(browserSecret),
          audience,
          now: deps.clock.now(),
        })
      : undefined
  if (!under || state === undefined)
    throw new DirectoryError(
      'OIDC_STATE_UNKNOWN',
      'this login was not begun in this browser, or too long ago: begin again',
    )
  const callback = new URL(redirectUri)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) callback.searchParams.set(name, value)
  const { nonce, codeVerifier, returnTo } = under
  const identity = await provider.identify(callback, { state, nonce, codeVerifier }).catch(async (error: unknown) => {
    await refused()
    throw error
  })
  return { identity, returnTo }
}

/** By the link that an administrator made, else by the user name where the settings say which claim holds it. */
async function accountOf(deps: Deps, { issuer, subject, username }: Identity) {
  const linked = await findLinked(deps.database, { issuer, subject })
  if (linked || username === undefined) return linked
  return findPassword(deps.database, username)
}

/**
 * Links a person with their name at the provider, or unlinks them (null). Throws OIDC_OFF, OIDC_LINK_EXISTS, and as `lockForChange`.
 */
export async function linkOutsideLogin(
  deps: Deps,
  caller: Principal,
  accountId: string,
  subject: string | null,
): Promise<void> {
  const { issuer } = requireProvider(deps).options
  await deps.database.transaction(async (tx) => {
    const { departmentCode } = await lockForChange(deps, tx, caller, accountId)
    if (subject === null) await deleteLink(tx, { issuer, accountId })
    else if (!(await putLink(tx, { issuer, subject, accountId, at: deps.clock.now() })))
      throw new DirectoryError('OIDC_LINK_EXISTS', 'this name at the provider is linked with somebody else')
    const action = subject === null ? 'outside login unlinked' : 'outside login linked'
    await audit(deps, tx, caller, { action, subject: accountId, departmentCode, detail: { issuer } })
  })
}
