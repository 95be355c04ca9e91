import { z } from 'zod'
import { instant, type Route, routeDefiner } from '../../platform/http/index.ts'
import type { Principal } from '../../platform/index.ts'
import { authorisableRoles, type Terms } from '../domain/authorisation.ts'
import type { AuthorisationOrder, ShownAuthorisation } from '../operations/use/grant-authorisation.ts'
import type { UseDesk } from '../operations/use/use-desk.ts'
import type { UseRequest } from '../store/use-requests.ts'

const useRoute = routeDefiner<'seals:read' | 'seals:keep' | 'seals:use' | 'seals:approve-use'>()

const sealParams = z.object({ sealId: z.string().max(20) })
const authorisationParams = sealParams.extend({ authorisationId: z.string().regex(/^[1-9]\d{0,17}$/) })
const reasonQuery = z.object({ reason: z.string().trim().min(1).max(500) })
const count = z.number().int().min(1).max(1_000_000).nullable().default(null)

const granteeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('role'), id: z.enum(authorisableRoles) }),
  z.object({ kind: z.enum(['account', 'client']), id: z.string().min(1).max(100) }),
  z.object({ kind: z.literal('department'), id: z.string().regex(/^[0-9A-Z]{18}$/) }),
])

const termsSchema = z.object({
  grantee: granteeSchema,
  purposes: z
    .array(z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/))
    .min(1)
    .max(200),
  perDay: count,
  perMinute: count,
  from: instant.nullable().default(null),
  until: instant.nullable().default(null),
  needsSecondPerson: z.boolean().default(false),
})
const partSchema = termsSchema.extend({ delegatedFrom: z.string().regex(/^[1-9]\d{0,17}$/) })

const authorisationSchema = z.object({
  id: z.string(),
  sealId: z.string(),
  grantee: z.object({ kind: z.enum(['account', 'role', 'client', 'department']), id: z.string() }),
  purposes: z.array(z.string()),
  perDay: z.number().nullable(),
  perMinute: z.number().nullable(),
  from: z.string(),
  until: z.string().nullable(),
  needsSecondPerson: z.boolean(),
  delegatedFrom: z.string().nullable(),
  grantedAt: z.string(),
  grantedBy: z.string(),
  ended: z.object({ at: z.string(), by: z.string(), cause: z.string() }).nullable(),
  isRunning: z.boolean(),
})

const requestSchema = z.object({
  id: z.string(),
  sealId: z.string(),
  authorisationId: z.string(),
  identifier: z.string(),
  purpose: z.string(),
  /** SHA-256 of what waits, lower-case hexadecimal. */
  digest: z.string(),
  callerId: z.string(),
  requestedAt: z.string(),
  expiresAt: z.string(),
  decision: z.enum(['approved', 'refused', 'expired']).nullable(),
  decidedAt: z.string().nullable(),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
  useId: z.string().nullable(),
})

/** Who may use a seal, uses that wait for a second person, receipts of uses. */
export function createUseRoutes(desk: UseDesk): Route[] {
  const list = useRoute({
    method: 'get',
    path: '/api/seals/{sealId}/authorisations',
    permission: 'seals:read',
    summary:
      'Who may use a seal of the own department, or of one in the own range, for what; ended ones too, newest first',
    tag: 'Seal use',
    params: sealParams,
    answers: { 200: { description: 'The authorisations', schema: z.object({ items: z.array(authorisationSchema) }) } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_YOURS'],
    async handle({ principal, params }) {
      const items = await desk.authorisations(principal, params.sealId)
      return { status: 200, json: { items: items.map(toJson) } }
    },
  })
  const grant = useRoute({
    method: 'post',
    path: '/api/seals/{sealId}/authorisations',
    permission: 'seals:keep',
    summary: 'Gives leave to use a seal of the own department',
    tag: 'Seal use',
    params: sealParams,
    body: termsSchema,
    idempotent: true,
    answers: { 201: { description: 'The authorisation', schema: authorisationSchema } },
    problems: [...grantProblems],
    async handle({ principal, params, body, idempotency }) {
      const order = { sealId: params.sealId, terms: toTerms(body), delegatedFrom: null }
      return created(await desk.authorise(principal, { ...order, once: idempotency! }))
    },
  })
  const delegate = useRoute({
    method: 'post',
    path: '/api/seals/{sealId}/delegations',
    permission: 'seals:use',
    summary: 'Passes on a part of an own authorisation; it ends with it and spends its quota',
    tag: 'Seal use',
    params: sealParams,
    body: partSchema,
    idempotent: true,
    answers: { 201: { description: 'The authorisation', schema: authorisationSchema } },
    problems: [...grantProblems, 'SEAL_AUTHORISATION_NOT_FOUND', 'SEAL_NOT_AUTHORISED', 'SEAL_DELEGATION_EXCEEDS'],
    async handle({ principal, params, body, idempotency }) {
      const { delegatedFrom, ...terms } = body
      const order = { sealId: params.sealId, terms: toTerms(terms), delegatedFrom }
      return created(await desk.authorise(principal, { ...order, once: idempotency! }))
    },
  })
  const ending = {
    method: 'delete',
    tag: 'Seal use',
    params: authorisationParams,
    query: reasonQuery,
    answers: { 204: { description: 'It has ended, with what was passed on from it; a repeat changes nothing' } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_YOURS', 'SEAL_ROLE_MISSING', 'SEAL_AUTHORISATION_NOT_FOUND'],
    async handle({
      principal,
      params,
      query,
    }: {
      readonly principal: Principal
      readonly params: z.output<typeof authorisationParams>
      readonly query: z.output<typeof reasonQuery>
    }) {
      await desk.endAuthorisation(principal, { ...params, reason: query.reason })
      return { status: 204 }
    },
  } as const
  const end = useRoute({
    ...ending,
    path: '/api/seals/{sealId}/authorisations/{authorisationId}',
    permission: 'seals:keep',
    summary: 'Ends leave to use a seal of the own department, at once',
  })
  const endPart = useRoute({
    ...ending,
    path: '/api/seals/{sealId}/delegations/{authorisationId}',
    permission: 'seals:use',
    summary: 'Ends what one has passed on oneself, at once',
  })
  return [list, grant, delegate, end, endPart, ...createRequestRoutes(desk), createReceiptRoute(desk)]
}

const grantProblems = [
  'SEAL_NOT_FOUND',
  'SEAL_NOT_YOURS',
  'SEAL_ROLE_MISSING',
  'SEAL_NOT_MADE',
  'SEAL_CERTIFICATE_AWAITED',
  'SEAL_CERTIFICATE_EXPIRED',
  'SEAL_LOST',
  'SEAL_REVOKED',
  'SEAL_NOT_IN_USE',
  'SEAL_AUTHORISATION_INVALID',
  'SEAL_AUTHORISATION_TO_ONESELF',
  'SEAL_REQUEST_CONFLICT',
] as const

function createRequestRoutes(desk: UseDesk): Route[] {
  const requestParams = z.object({ requestId: z.uuid() })
  const list = useRoute({
    method: 'get',
    path: '/api/seal-use-requests',
    permission: 'seals:read',
    summary: 'Uses of the seals of the own department that wait for a second person, or did; newest first, 200 at most',
    tag: 'Seal use',
    query: z.object({ state: z.enum(['waiting', 'all']).default('waiting') }),
    answers: { 200: { description: 'The requests', schema: z.object({ items: z.array(requestSchema) }) } },
    async handle({ principal, query }) {
      const items = await desk.useRequests(principal.departmentCode, { open: query.state === 'waiting' })
      return { status: 200, json: { items: items.map(toRequestJson) } }
    },
  })
  const document = useRoute({
    method: 'get',
    path: '/api/seal-use-requests/{requestId}/document',
    permission: 'seals:approve-use',
    summary: 'What waits to be sealed',
    tag: 'Seal use',
    params: requestParams,
    answers: { 200: { description: 'The document', contentType: 'application/pdf' } },
    problems: ['SEAL_USE_REQUEST_NOT_FOUND', 'SEAL_USE_REQUEST_CLOSED'],
    async handle({ principal, params }) {
      const bytes = await desk.waitingDocument(principal, params.requestId)
      return { status: 200, bytes, contentType: 'application/pdf', headers: { 'Cache-Control': 'private, no-store' } }
    },
  })
  const decide = useRoute({
    method: 'post',
    path: '/api/seal-use-requests/{requestId}/decision',
    permission: 'seals:approve-use',
    stepUp: true,
    summary:
      'Approves or refuses a use as the second person, naming the digest of what was read; a repeat answers alike',
    tag: 'Seal use',
    params: requestParams,
    body: z.object({
      decision: z.enum(['approved', 'refused']),
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      reason: z.string().trim().min(1).max(500).nullable().default(null),
    }),
    answers: { 200: { description: 'The request as decided', schema: requestSchema } },
    problems: [
      'SEAL_USE_REQUEST_NOT_FOUND',
      'SEAL_ROLE_MISSING',
      'SEAL_USE_REQUEST_OWN',
      'SEAL_DIGEST_MISMATCH',
      'SEAL_USE_REQUEST_CLOSED',
    ],
    async handle({ principal, params, body }) {
      return { status: 200, json: toRequestJson(await desk.decideUse(principal, { ...params, ...body })) }
    },
  })
  return [list, document, decide]
}

function createReceiptRoute(desk: UseDesk): Route {
  return useRoute({
    method: 'get',
    path: '/api/seal-uses/{useId}/receipt',
    permission: 'seals:read',
    summary: 'Signed receipt of a use (compact JWS), for the departments concerned and the auditors above them',
    tag: 'Seal use',
    params: z.object({ useId: z.uuid() }),
    answers: { 200: { description: 'seal-use-receipt+jwt', contentType: 'application/jose' } },
    problems: ['SEAL_USE_NOT_FOUND', 'SEAL_RECEIPTS_UNAVAILABLE'],
    async handle({ principal, params }) {
      const receipt = await desk.receipt(principal, params.useId)
      return { status: 200, bytes: receipt, contentType: 'application/jose', headers: { 'Cache-Control': 'private' } }
    },
  })
}

function toTerms(body: z.output<typeof termsSchema>): AuthorisationOrder['terms'] {
  const { grantee, purposes, perDay, perMinute, from, until, needsSecondPerson } = body
  const terms: Omit<Terms, 'from'> = {
    ...{ grantee, purposes, perDay, perMinute, needsSecondPerson },
    until: until === null ? null : new Date(until),
  }
  return { ...terms, from: from === null ? null : new Date(from) }
}

const created = (granted: ShownAuthorisation) => ({ status: 201, json: toJson(granted) })

function toJson(one: ShownAuthorisation): z.input<typeof authorisationSchema> {
  return {
    ...one,
    purposes: [...one.purposes],
    from: one.from.toISOString(),
    until: one.until?.toISOString() ?? null,
    grantedAt: one.grantedAt.toISOString(),
    ended: one.ended && { ...one.ended, at: one.ended.at.toISOString() },
  }
}

function toRequestJson(one: UseRequest): z.input<typeof requestSchema> {
  const { unsignedDigest, callerDepartment: _, ...request } = one
  return {
    ...request,
    digest: Buffer.from(unsignedDigest).toString('hex'),
    requestedAt: one.requestedAt.toISOString(),
    expiresAt: one.expiresAt.toISOString(),
    decidedAt: one.decidedAt?.toISOString() ?? null,
  }
}
