import type { Principal } from '../../platform/index.ts'
import { isSessionAlive, plus, SESSION_LONGEST_MS, SESSION_TOUCH_MS } from '../domain/limits.ts'
import { digestOf } from '../domain/secrets.ts'
import { DirectoryError } from '../errors.ts'
import { COMPANY_ROLE, HOLDER_ROLE } from '../permissions.ts'
import {
  deleteEndedHolderSessions,
  deleteHolderSession,
  findHolderSession,
  type Holder,
  type HolderSession,
  insertHolderSession,
  recordHolderLogin,
  touchHolderSession,
} from '../store/holder-sessions.ts'
import type { Deps } from './deps.ts'
import type { Identity, OpenidProvider } from './openid-provider.ts'
import { beginLoginAt, identityOfReturn, type Return } from './outside-login.ts'

const SESSION_BYTES = 32
const LONGEST_CODE = 64
const LONGEST_NAME = 200
/** GB/T 36903: a citizen's identity number, where the provider does not say which kind it is. */
const IDENTITY_NUMBER = '111'

/** What a provider says of a person or company that holds licences. */
export interface HolderFacts {
  /** GB/T 36903 annex A: `111` identity number, `001` credit code. */
  readonly codeType: string
  readonly code: string
  readonly name: string
}

/** How holders log in. The number goes in, a keyed hash comes out, and nothing else of them is kept. */
export interface HolderLogin {
  holderOf(facts: HolderFacts): Holder
  /** Left out: by name and number alone, which a demonstration does and production refuses. */
  readonly provider: OpenidProvider | undefined
  /** How well a provider must have identified them, 1 to 4. */
  readonly leastAssurance: number
}

const requireLogin = ({ holders }: Deps): HolderLogin => {
  if (!holders) throw off()
  return holders
}

function requireProvider(deps: Deps): OpenidProvider {
  const { provider } = requireLogin(deps)
  if (!provider) throw off()
  return provider
}

const off = () => new DirectoryError('HOLDER_LOGIN_OFF', 'no holder logs in like this here')

const redirectUri = ({ party }: Deps) => `${party.origin}/api/holder-sessions/oidc/callback`

/** Whether holders may log in by name and number alone: in a demonstration. */
export const mayTryAsHolder = (deps: Deps): boolean => deps.holders !== undefined && !deps.isProduction

/** As `beginOutsideLogin`, for holders. Throws HOLDER_LOGIN_OFF, OIDC_UNAVAILABLE. */
export const beginHolderLogin = (deps: Deps): ReturnType<typeof beginLoginAt> =>
  beginLoginAt(deps, requireProvider(deps), {
    audience: 'holders',
    redirectUri: redirectUri(deps),
    returnTo: '/wallet',
  })

/**
 * Finishes a login in the browser that began it; answers the cookie's value and the page to go on to. Throws HOLDER_LOGIN_OFF,
 * OIDC_STATE_UNKNOWN, OIDC_LOGIN_REFUSED (also where the provider says no number), OIDC_UNAVAILABLE, HOLDER_ASSURANCE_TOO_LOW.
 */
export async function finishHolderLogin(
  deps: Deps,
  request: Return,
): Promise<{ readonly session: string; readonly returnTo: string }> {
  const provider = requireProvider(deps)
  const { clientAddress } = request
  const { identity, returnTo } = await identityOfReturn(deps, provider, request, {
    audience: 'holders',
    redirectUri: redirectUri(deps),
    refused: () => record(deps, 'refused', null, clientAddress),
  })
  const { assurance, ...facts } = factsOf(identity)
  if (assurance < requireLogin(deps).leastAssurance) {
    await record(deps, 'refused', null, clientAddress)
    throw new DirectoryError(
      'HOLDER_ASSURANCE_TOO_LOW',
      'the provider did not identify you well enough: raise your level there, then log in again',
    )
  }
  return { session: await startHolderSession(deps, facts, assurance, clientAddress), returnTo }
}

/** The claims `id_number`, `id_type` (GB/T 36903; 111 when left out), `name` and `acr`, which ends in the level, 1 to 4. */
function factsOf({ claims }: Identity): HolderFacts & { readonly assurance: number } {
  const text = (name: string, longest: number) => {
    const value = claims[name]
    return typeof value === 'string' && value.trim() !== '' && value.length <= longest ? value.trim() : undefined
  }
  const [code, name] = [text('id_number', LONGEST_CODE), text('name', LONGEST_NAME)]
  if (code === undefined || name === undefined)
    throw new DirectoryError('OIDC_LOGIN_REFUSED', 'the login provider says no number or no name')
  const assurance = Number(/([1-4])$/.exec(text('acr', 200) ?? '')?.[1] ?? 0)
  return { code, name, codeType: text('id_type', 3) ?? IDENTITY_NUMBER, assurance }
}

/** Logs somebody in who merely says who they are. Throws HOLDER_LOGIN_OFF in production. */
export async function logInAsHolder(deps: Deps, facts: HolderFacts, clientAddress: string): Promise<string> {
  if (!mayTryAsHolder(deps)) throw off()
  return startHolderSession(deps, facts, 0, clientAddress)
}

async function startHolderSession(
  deps: Deps,
  facts: HolderFacts,
  assurance: number,
  clientAddress: string,
): Promise<string> {
  const now = deps.clock.now()
  const holder = requireLogin(deps).holderOf(facts)
  const session = Buffer.from(deps.ids.bytes(SESSION_BYTES)).toString('base64url')
  await deps.database.transaction(async (tx) => {
    await deleteEndedHolderSessions(tx, plus(now, -SESSION_LONGEST_MS))
    await insertHolderSession(tx, digestOf(session), { holder, assurance, startedAt: now, lastUsedAt: now })
    await recordHolderLogin(tx, {
      id: deps.ids.uuid(),
      at: now,
      event: 'logged in',
      holderKey: holder.key,
      clientAddress,
    })
  })
  return session
}

const record = (deps: Deps, event: 'refused' | 'logged out', holderKey: string | null, clientAddress: string) =>
  recordHolderLogin(deps.database, { id: deps.ids.uuid(), at: deps.clock.now(), event, holderKey, clientAddress })

/** The session of a cookie. Throws SESSION_ENDED for an unknown, idle or old one. */
export async function readHolderSession(deps: Deps, session: string): Promise<HolderSession> {
  const idDigest = digestOf(session)
  const now = deps.clock.now()
  const found = await findHolderSession(deps.database, idDigest)
  if (!found || !isSessionAlive(found, now, deps.sessionIdleMs))
    throw new DirectoryError('SESSION_ENDED', 'the session has ended: log in again')
  if (now >= plus(found.lastUsedAt, SESSION_TOUCH_MS)) await touchHolderSession(deps.database, idDigest, now)
  return found
}

/** Who asks with the cookie: known by the keyed hash alone, of no department. Throws SESSION_ENDED. */
export async function resumeHolderSession(deps: Deps, session: string): Promise<Principal> {
  const { holder } = await readHolderSession(deps, session)
  return {
    id: `holder:${holder.key}`,
    name: holder.maskedName,
    kind: 'person',
    departmentCode: '',
    roles: holder.isCompany ? [HOLDER_ROLE, COMPANY_ROLE] : [HOLDER_ROLE],
    isOutside: true,
  }
}

/** Ends the session; one that has ended is no error. */
export async function logOutHolder(deps: Deps, session: string, clientAddress: string): Promise<void> {
  const found = await findHolderSession(deps.database, digestOf(session))
  await deleteHolderSession(deps.database, digestOf(session))
  if (found) await record(deps, 'logged out', found.holder.key, clientAddress)
}
