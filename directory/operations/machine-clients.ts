import { checkClientAssertion, faultOfPublicKey, issuerOf, type PublicJwk } from '../../platform/http/index.ts'
import type { Fault, Principal, Transaction } from '../../platform/index.ts'
import { plus } from '../domain/limits.ts'
import { digestOf, formatAccessToken } from '../domain/secrets.ts'
import { DirectoryError } from '../errors.ts'
import type { Role } from '../permissions.ts'
import { recordLogin } from '../store/logins.ts'
import {
  closeClient,
  deleteEndedTokens,
  findClient,
  insertAccessToken,
  insertClient,
  type MachineClient,
  setClientKeys,
  takeAssertion,
} from '../store/machine-clients.ts'
import { audit, requireInRange, requireStill } from './administrator.ts'
import type { Deps } from './deps.ts'
import { requireOnePower, requireOpenDepartment } from './make-accounts.ts'

const TOKEN_BYTES = 32
export const TOKEN_SECONDS = 600
const CLIENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Throws CLIENT_KEY_INVALID with a fault for each key that is none. */
async function requirePublicKeys(keys: readonly PublicJwk[]): Promise<void> {
  const found = await Promise.all(keys.map(faultOfPublicKey))
  const faults = found.flatMap((detail, i): Fault[] =>
    detail === undefined ? [] : [{ pointer: `/keys/${i}`, code: 'KEY_INVALID', detail }],
  )
  if (faults.length > 0)
    throw new DirectoryError('CLIENT_KEY_INVALID', `${faults.length} key(s) cannot be used`, { faults })
}

/**
 * Registers a machine with its public keys; returns its client id. Throws CLIENT_KEY_INVALID, ROLES_OF_TWO_POWERS, DEPARTMENT_NOT_FOUND,
 * DEPARTMENT_CLOSED, DEPARTMENT_OUT_OF_RANGE, PERMISSION_DENIED.
 */
export async function addClient(
  deps: Deps,
  caller: Principal,
  client: {
    readonly name: string
    readonly departmentCode: string
    readonly roles: readonly Role[]
    readonly keys: readonly PublicJwk[]
  },
): Promise<string> {
  const { name, departmentCode, roles, keys } = client
  await requirePublicKeys(keys)
  requireOnePower(roles)
  const id = deps.ids.uuid()
  await deps.database.transaction(async (tx) => {
    const range = await requireStill(deps, tx, caller, 'directory:administer')
    await requireOpenDepartment(deps, tx, departmentCode)
    await requireInRange(tx, range.departmentCode, departmentCode)
    await insertClient(tx, { id, ...client, createdAt: deps.clock.now() })
    const detail = { name, roles, keys: keys.length }
    await audit(deps, tx, caller, { action: 'machine client made', subject: id, departmentCode, detail })
  })
  return id
}

async function lockClient(deps: Deps, tx: Transaction, caller: Principal, id: string): Promise<MachineClient> {
  const range = await requireStill(deps, tx, caller, 'directory:administer')
  const client = await findClient(tx, id, deps.clock.now())
  const unknown = new DirectoryError('CLIENT_NOT_FOUND', 'there is no such client in the own department or below it')
  if (!client) throw unknown
  await requireInRange(tx, range.departmentCode, client.departmentCode).catch((error: unknown) => {
    throw error instanceof DirectoryError ? unknown : error
  })
  return client
}

/** Puts other keys in place of a client's; tokens of the old ones end. Throws CLIENT_KEY_INVALID, CLIENT_NOT_FOUND, PERMISSION_DENIED. */
export async function changeClientKeys(
  deps: Deps,
  caller: Principal,
  id: string,
  keys: readonly PublicJwk[],
): Promise<void> {
  await requirePublicKeys(keys)
  await deps.database.transaction(async (tx) => {
    const { departmentCode } = await lockClient(deps, tx, caller, id)
    await setClientKeys(tx, id, keys)
    const detail = { keys: keys.length }
    await audit(deps, tx, caller, { action: 'machine client changed', subject: id, departmentCode, detail })
  })
}

/** Closes a client; its tokens end at once. Throws CLIENT_NOT_FOUND, PERMISSION_DENIED. */
export async function endClient(deps: Deps, caller: Principal, id: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const { departmentCode } = await lockClient(deps, tx, caller, id)
    await closeClient(tx, id, deps.clock.now())
    await audit(deps, tx, caller, { action: 'machine client closed', subject: id, departmentCode })
  })
}

export interface AccessToken {
  /** Shown this once. */
  readonly token: string
  readonly roles: readonly Role[]
}

/**
 * A token for ten minutes against an assertion signed with the client's key (RFC 7523 §2.2): for us, not older than five minutes, and
 * shown once. Throws ASSERTION_REFUSED, in one word for everything that is wrong.
 */
export async function grantAccessToken(
  deps: Deps,
  request: { readonly assertion: string; readonly clientId: string | undefined; readonly clientAddress: string },
): Promise<AccessToken> {
  const { database, clock, ids } = deps
  const now = clock.now()
  const { assertion, clientAddress } = request
  const clientId = await issuerOf(assertion)
  const isNamed =
    clientId !== undefined &&
    CLIENT_ID.test(clientId) &&
    (request.clientId === undefined || request.clientId === clientId)
  const client = isNamed ? await findClient(database, clientId, now) : undefined
  const audiences = [deps.party.origin, `${deps.party.origin}/api/oauth/token`]
  const checked =
    client && (await checkClientAssertion(assertion, { clientId: client.id, keys: client.keys, audiences, now }))
  const refuse = async () => {
    const accountId = client?.id ?? null
    await recordLogin(database, { id: ids.uuid(), at: now, event: 'refused', accountId, clientAddress })
    return new DirectoryError(
      'ASSERTION_REFUSED',
      'the assertion is not one of this client, for us, of now, and unused',
    )
  }
  if (!client || !checked) throw await refuse()
  const secret = Buffer.from(ids.bytes(TOKEN_BYTES)).toString('base64url')
  const token = formatAccessToken(secret)
  const isFirst = await database.transaction(async (tx) => {
    const { jti, endsAt } = checked
    if (!(await takeAssertion(tx, { clientId: client.id, jtiDigest: digestOf(jti), endsAt }))) return false
    await deleteEndedTokens(tx, now)
    await insertAccessToken(tx, {
      digest: digestOf(token),
      clientId: client.id,
      endsAt: plus(now, TOKEN_SECONDS * 1000),
    })
    await recordLogin(tx, { id: ids.uuid(), at: now, event: 'logged in', accountId: client.id, clientAddress })
    return true
  })
  if (!isFirst) throw await refuse()
  return { token, roles: client.roles }
}
