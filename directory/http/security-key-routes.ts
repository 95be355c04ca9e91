import { z } from 'zod'
import type { Route } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import { addSecurityKey, beginSecurityKey, removeLostKeys, removeSecurityKey } from '../operations/security-keys.ts'
import { beginStepUp, finishStepUp } from '../operations/step-up.ts'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '../operations/webauthn.ts'
import { listSecurityKeys } from '../store/security-keys.ts'
import { defineRoute, nameText } from './schemas.ts'
import { ownSession } from './session-routes.ts'

const tag = 'Security keys'
const base = '/api/sessions/current'
const text = z.string().max(16_000)
/** As `PublicKeyCredential.toJSON` of the browser writes it; the library looks at the rest. */
const credential = {
  id: text,
  rawId: text,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(100).nullish(),
  clientExtensionResults: z.looseObject({}),
}
const creation = z.object({
  ...credential,
  response: z.looseObject({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.array(z.string().max(40)).max(20).optional(),
  }),
})
const assertion = z.object({
  ...credential,
  response: z.looseObject({ clientDataJSON: text, authenticatorData: text, signature: text }),
})
const optionsAnswer = z.looseObject({ challenge: z.string() })
const keyAnswer = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
})

/** The own security keys, and the confirmation with one that dangerous acts ask for. */
export function securityKeyRoutes(deps: Deps): Route[] {
  const list = defineRoute({
    method: 'get',
    path: `${base}/security-keys`,
    permission: 'authenticated',
    summary: 'The own security keys',
    tag,
    answers: { 200: { description: 'The keys', schema: z.object({ items: z.array(keyAnswer) }) } },
    problems: ['PERSON_REQUIRED', 'SESSION_ENDED'],
    async handle({ headers, principal }) {
      ownSession({ headers, principal })
      const keys = await listSecurityKeys(deps.database, principal.id)
      const items = keys.map((key) => ({
        id: key.credentialId,
        name: key.name,
        createdAt: key.createdAt.toISOString(),
        lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
      }))
      return { status: 200, json: { items } }
    },
  })
  const begin = defineRoute({
    method: 'post',
    path: `${base}/security-keys/options`,
    permission: 'authenticated',
    summary: 'What a new security key is asked to sign (WebAuthn creation options)',
    tag,
    answers: { 200: { description: 'For PublicKeyCredential.parseCreationOptionsFromJSON', schema: optionsAnswer } },
    problems: ['PERSON_REQUIRED', 'SESSION_ENDED', 'STEP_UP_REQUIRED', 'SECURITY_KEYS_TOO_MANY'],
    handle: async ({ headers, principal }) => ({
      status: 200,
      json: await beginSecurityKey(deps, principal, ownSession({ headers, principal })),
    }),
  })
  const add = defineRoute({
    method: 'post',
    path: `${base}/security-keys`,
    permission: 'authenticated',
    summary: 'Registers a security key',
    tag,
    body: z.strictObject({ name: nameText, response: creation }),
    answers: { 201: { description: 'Registered', schema: z.object({ id: z.string() }) } },
    problems: [
      'PERSON_REQUIRED',
      'SESSION_ENDED',
      'STEP_UP_REQUIRED',
      'CHALLENGE_ENDED',
      'SECURITY_KEY_REFUSED',
      'SECURITY_KEY_EXISTS',
      'SECURITY_KEYS_TOO_MANY',
    ],
    async handle({ headers, principal, body }) {
      const session = ownSession({ headers, principal })
      const response = body.response as RegistrationResponseJSON
      return { status: 201, json: { id: await addSecurityKey(deps, principal, session, { ...body, response }) } }
    },
  })
  const remove = defineRoute({
    method: 'delete',
    path: `${base}/security-keys/{keyId}`,
    permission: 'authenticated',
    stepUp: true,
    summary: 'Removes one of the own security keys',
    tag,
    params: z.object({ keyId: z.string().max(1400) }),
    answers: { 204: { description: 'Removed' } },
    problems: ['PERSON_REQUIRED', 'SESSION_ENDED', 'SECURITY_KEY_NOT_FOUND'],
    async handle({ headers, principal, params }) {
      ownSession({ headers, principal })
      await removeSecurityKey(deps, principal, params.keyId)
      return { status: 204 }
    },
  })
  return [list, begin, add, remove, ...stepUpRoutes(deps), lostKeys(deps)]
}

function stepUpRoutes(deps: Deps): Route[] {
  const begin = defineRoute({
    method: 'post',
    path: `${base}/step-up/options`,
    permission: 'authenticated',
    summary: 'What a security key is asked to sign before a dangerous act (WebAuthn request options)',
    tag,
    answers: { 200: { description: 'For PublicKeyCredential.parseRequestOptionsFromJSON', schema: optionsAnswer } },
    problems: ['PERSON_REQUIRED', 'SESSION_ENDED', 'SECURITY_KEY_NOT_FOUND'],
    handle: async ({ headers, principal }) => ({
      status: 200,
      json: await beginStepUp(deps, principal, ownSession({ headers, principal })),
    }),
  })
  const finish = defineRoute({
    method: 'post',
    path: `${base}/step-up`,
    permission: 'authenticated',
    summary: 'Confirms with a security key: dangerous acts are let pass for five minutes',
    tag,
    body: z.strictObject({ response: assertion }),
    answers: { 200: { description: 'Confirmed', schema: z.object({ until: z.iso.datetime() }) } },
    problems: ['PERSON_REQUIRED', 'SESSION_ENDED', 'CHALLENGE_ENDED', 'SECURITY_KEY_REFUSED'],
    async handle({ headers, principal, body }) {
      const session = ownSession({ headers, principal })
      const response = body.response as AuthenticationResponseJSON
      const until = await finishStepUp(deps, principal, session, response)
      return { status: 200, json: { until: until.toISOString() } }
    },
  })
  return [begin, finish]
}

const lostKeys = (deps: Deps): Route =>
  defineRoute({
    method: 'delete',
    path: '/api/accounts/{accountId}/security-keys',
    permission: 'directory:administer',
    stepUp: true,
    summary: 'Removes the security keys of someone who lost theirs',
    tag,
    params: z.object({ accountId: z.uuid() }),
    answers: { 204: { description: 'Removed' } },
    problems: ['ACCOUNT_NOT_FOUND', 'ACCOUNT_CLOSED', 'OWN_ACCOUNT'],
    async handle({ principal, params: { accountId } }) {
      await removeLostKeys(deps, principal, accountId)
      return { status: 204 }
    },
  })
