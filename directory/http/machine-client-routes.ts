import { z } from 'zod'
import { type Answer, createRateLimit, publicRoute, type Route } from '../../platform/http/index.ts'
import { DirectoryError } from '../errors.ts'
import type { Deps } from '../operations/deps.ts'
import {
  addClient,
  changeClientKeys,
  endClient,
  grantAccessToken,
  TOKEN_SECONDS,
} from '../operations/machine-clients.ts'
import { codesWithin } from '../store/departments.ts'
import { listClients } from '../store/machine-clients.ts'
import { codeText, defineRoute, nameText, rolesList } from './schemas.ts'

const tag = 'Machines'
const FORM = 'application/x-www-form-urlencoded'
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const keysText = z
  .array(z.record(z.string().max(40), z.unknown()))
  .min(1)
  .max(3)
const params = z.object({ clientId: z.uuid() })
const clientAnswer = z.object({
  id: z.string(),
  name: z.string(),
  departmentCode: z.string(),
  roles: z.array(z.string()),
  keys: z.array(z.record(z.string(), z.unknown())),
  createdAt: z.iso.datetime(),
})
const tokenAnswer = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number(),
  scope: z.string(),
})

/** Machines with keys of their own, for administrators; and the token endpoint where they prove themselves. */
export function machineClientRoutes(deps: Deps): Route[] {
  const list = defineRoute({
    method: 'get',
    path: '/api/machine-clients',
    permission: 'directory:administer',
    summary: 'Machines with keys of their own in the own department and those below it',
    tag,
    answers: { 200: { description: 'The clients', schema: z.object({ items: z.array(clientAnswer) }) } },
    async handle({ principal }) {
      const codes = await codesWithin(deps.database, principal.departmentCode)
      const clients = await listClients(deps.database, codes, deps.clock.now())
      const items = clients.map((client) => ({ ...client, createdAt: client.createdAt.toISOString() }))
      return { status: 200, json: { items } }
    },
  })
  const make = defineRoute({
    method: 'post',
    path: '/api/machine-clients',
    permission: 'directory:administer',
    stepUp: true,
    summary: 'Registers a machine with its public keys (RFC 7517)',
    tag,
    body: z.strictObject({ name: nameText, departmentCode: codeText, roles: rolesList, keys: keysText }),
    answers: { 201: { description: 'Registered', schema: z.object({ clientId: z.string() }) } },
    problems: [
      'CLIENT_KEY_INVALID',
      'ROLES_OF_TWO_POWERS',
      'DEPARTMENT_NOT_FOUND',
      'DEPARTMENT_CLOSED',
      'DEPARTMENT_OUT_OF_RANGE',
    ],
    handle: async ({ principal, body }) => ({
      status: 201,
      json: { clientId: await addClient(deps, principal, body) },
    }),
  })
  const rekey = defineRoute({
    method: 'put',
    path: '/api/machine-clients/{clientId}/keys',
    permission: 'directory:administer',
    stepUp: true,
    summary: "Puts other public keys in place of a machine's; its tokens end",
    tag,
    params,
    body: z.strictObject({ keys: keysText }),
    answers: { 204: { description: 'Changed' } },
    problems: ['CLIENT_KEY_INVALID', 'CLIENT_NOT_FOUND'],
    async handle({ principal, params: { clientId }, body }) {
      await changeClientKeys(deps, principal, clientId, body.keys)
      return { status: 204 }
    },
  })
  const close = defineRoute({
    method: 'delete',
    path: '/api/machine-clients/{clientId}',
    permission: 'directory:administer',
    summary: 'Closes a machine client; its tokens end',
    tag,
    params,
    answers: { 204: { description: 'Closed' } },
    problems: ['CLIENT_NOT_FOUND'],
    async handle({ principal, params: { clientId } }) {
      await endClient(deps, principal, clientId)
      return { status: 204 }
    },
  })
  return [list, make, rekey, close, tokenRoute(deps), metadataRoute(deps)]
}

/** As RFC 6749 §5.2 has it, beside the house's own code, so that any OAuth client understands. */
const refusal = (status: number, error: string, code: string, description: string): Answer => ({
  status,
  json: { error, error_description: description, code },
})

/** The one value of each known member, or the name of what is wrong. */
function readForm(bytes: Uint8Array | undefined): ReadonlyMap<string, string> | string {
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(Buffer.from(bytes ?? []).toString())) {
    if (form.has(name)) return `${name.slice(0, 40)} is given twice`
    form.set(name, value)
  }
  if (form.get('client_assertion_type') !== JWT_BEARER || !form.get('client_assertion'))
    return `client_assertion_type ${JWT_BEARER} and client_assertion are expected`
  return form
}

const tokenRoute = (deps: Deps): Route =>
  publicRoute({
    method: 'post',
    path: '/api/oauth/token',
    permission: 'public',
    summary: 'A token of ten minutes for a machine, by private_key_jwt (RFC 6749 §4.4, RFC 7523 §2.2)',
    tag,
    rawBody: { mediaTypes: [FORM], maxBytes: 32 * 1024 },
    rateLimit: createRateLimit({ capacity: 60, refillPerSecond: 5, clock: deps.clock }),
    answers: {
      200: { description: 'The token', schema: tokenAnswer },
      400: { description: 'Refused as RFC 6749 §5.2 says', contentType: 'application/json' },
      401: { description: 'invalid_client', contentType: 'application/json' },
    },
    async handle({ bytes, clientAddress }) {
      const form = readForm(bytes)
      if (typeof form === 'string') return refusal(400, 'invalid_request', 'REQUEST_INVALID', form)
      if (form.get('grant_type') !== 'client_credentials')
        return refusal(400, 'unsupported_grant_type', 'REQUEST_INVALID', 'grant_type client_credentials is expected')
      try {
        const assertion = form.get('client_assertion')!
        const { token, roles } = await grantAccessToken(deps, {
          assertion,
          clientId: form.get('client_id'),
          clientAddress,
        })
        const json = { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope: roles.join(' ') }
        return { status: 200, json, headers: { 'Cache-Control': 'no-store' } }
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error
        return refusal(401, 'invalid_client', error.code, error.message)
      }
    },
  })

const metadataRoute = (deps: Deps): Route =>
  publicRoute({
    method: 'get',
    path: '/.well-known/oauth-authorization-server',
    permission: 'public',
    summary: 'Where and how machines get tokens (RFC 8414)',
    tag,
    answers: { 200: { description: 'The metadata', schema: z.looseObject({ issuer: z.string() }) } },
    handle: () => ({
      status: 200,
      json: {
        issuer: deps.party.origin,
        token_endpoint: `${deps.party.origin}/api/oauth/token`,
        response_types_supported: [],
        grant_types_supported: ['client_credentials'],
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'],
      },
    }),
  })
