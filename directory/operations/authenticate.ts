import { type Credentials, readBearer, readCookie, requireSameOrigin } from '../../platform/http/index.ts'
import type { Principal } from '../../platform/index.ts'
import { digestOf, isAccessToken, isSameDigest, parseApiKey } from '../domain/secrets.ts'
import { DirectoryError } from '../errors.ts'
import { findApiKey } from '../store/api-keys.ts'
import { findByAccessToken } from '../store/machine-clients.ts'
import type { Deps } from './deps.ts'
import { resumeHolderSession } from './holder-login.ts'
import { resumeSession } from './log-in.ts'

export const SESSION_COOKIE = 'zhengyin_session'
/** Sent to the wallet alone, where it counts before a clerk's. */
export const HOLDER_COOKIE = 'zhengyin_holder'

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/**
 * Who asks: by API key or access token where an Authorization header is sent, else by session cookie, else nobody. A cookie counts for a changing
 * request only when it comes from our own pages. Throws API_KEY_REFUSED, ACCESS_TOKEN_REFUSED, SESSION_ENDED, CROSS_SITE_REQUEST.
 */
export async function authenticate(deps: Deps, request: Credentials): Promise<Principal | undefined> {
  const authorization = single(request.headers['authorization'])
  if (authorization !== undefined) {
    const token = readBearer(authorization)
    return token !== undefined && isAccessToken(token) ? byAccessToken(deps, token) : byApiKey(deps, token)
  }
  const cookies = single(request.headers['cookie'])
  const holderSession = readCookie(cookies, HOLDER_COOKIE)
  if (holderSession) {
    requireSameOrigin(request)
    return resumeHolderSession(deps, holderSession)
  }
  const session = readCookie(cookies, SESSION_COOKIE)
  if (!session) return undefined
  requireSameOrigin(request)
  return resumeSession(deps, session)
}

async function byAccessToken(deps: Deps, token: string): Promise<Principal> {
  const client = await findByAccessToken(deps.database, digestOf(token), deps.clock.now())
  if (!client) throw new DirectoryError('ACCESS_TOKEN_REFUSED', 'the access token is unknown or past its end')
  const { id, name, departmentCode, roles } = client
  return { id, name, kind: 'machine', departmentCode, roles }
}

async function byApiKey(deps: Deps, token: string | undefined): Promise<Principal> {
  const parts = token === undefined ? undefined : parseApiKey(token)
  const found = parts && (await findApiKey(deps.database, parts.prefix, deps.clock.now()))
  if (!parts || !found || !isSameDigest(digestOf(parts.secret), found.secretDigest)) {
    throw new DirectoryError('API_KEY_REFUSED', 'the API key is unknown, revoked or past its end')
  }
  return {
    id: parts.prefix,
    name: found.name,
    kind: 'machine',
    departmentCode: found.departmentCode,
    roles: found.roles,
  }
}
