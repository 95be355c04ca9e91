import { z } from 'zod'
import { comparedTime, type Route } from '../../platform/http/index.ts'
import { cancelCauses, lifeActions } from '../domain/life-policy.ts'
import type { Deps } from '../operations/deps.ts'
import { act } from '../operations/life/act.ts'
import { approve, drop, refuse } from '../operations/life/decide-order.ts'
import { printLicence, readPrints } from '../operations/life/print-licence.ts'
import { readNextActions, readOrders } from '../operations/life/read-orders.ts'
import { receive } from '../operations/life/receive.ts'
import { readReseal, startReseal } from '../operations/life/reseal.ts'
import type { Within } from '../operations/part.ts'
import { openOrderStates, orderStates } from '../store/acts.ts'
import { json, pdf } from './answers.ts'
import { clientKey } from './client-key.ts'
import { fullIdentifier, issueProblems, MAX_BODY_BYTES } from './licences.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

const tag = 'Life of a licence'
const { reason, data, body } = schemas
const legalBasis = z.string().trim().min(1).max(2000)
const effectiveAt = comparedTime
  .optional()
  .describe('Default now; in the past not before the last change, in future at most 366 days: then it is an order')
const level = z.string().max(10).optional()

const ofState = { reason, legalBasis: legalBasis.optional(), effectiveAt }
const successor = { ...ofState, data, level, body }
const actBody = z.discriminatedUnion('action', [
  z.strictObject({ action: z.enum(['suspend', 'restore', 'revoke', 'withdraw']), ...ofState }),
  z.strictObject({ action: z.literal('cancel'), cause: z.enum(cancelCauses), ...ofState }),
  z.strictObject({ action: z.enum(['correct', 'change', 'renew']), ...successor }),
  z.strictObject({ action: z.literal('transfer'), reason, legalBasis: legalBasis.optional(), to: z.string().max(40) }),
  z.strictObject({ action: z.literal('archive'), reason }),
])

const action = z.enum(lifeActions)
const instant = z.iso.datetime()
const ordered = z.object({
  orderId: z.string(),
  identifier: z.string(),
  state: z.enum(openOrderStates),
  effectiveAt: instant.nullable(),
})
const done = schemas.changedAnswer.extend({
  successor: schemas.issuedAnswer.omit({ links: true }).nullable().describe('The licence that took the place'),
})
const listedOrder = z.object({
  orderId: z.string(),
  identifier: z.string(),
  typeCode: z.string(),
  typeName: z.object({ zh: z.string(), en: z.string() }).nullable(),
  number: z.string().nullable().describe('Null to the department that a licence is offered to'),
  holder: z.string().nullable().describe('Masked; null as the number, empty once erased'),
  departmentCode: z.string(),
  action,
  state: z.enum(orderStates),
  cause: z.string().nullable(),
  to: z.string().nullable(),
  effectiveAt: instant.nullable(),
  askedBy: z.string(),
  askedAt: instant,
  decidedBy: z.string().nullable(),
  decidedAt: instant.nullable(),
  settledAt: instant.nullable(),
  successor: z.string().nullable(),
  fault: z.string().nullable().describe('The code of what made it void'),
})
const order = listedOrder.extend({
  reason: z.string().nullable(),
  legalBasis: z.string().nullable(),
  data: z.unknown(),
})
const nextActions = z.object({
  identifier: z.string(),
  actions: z.array(action),
  secondPerson: z.array(action).describe('Those of them that a second person approves'),
  order: order.nullable().describe('The order that stands; to those above its department of a withdrawal alone'),
})
const orderParams = z.object({ orderId: z.uuid() })
const ordersQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  state: z.enum([...orderStates, 'open']).optional(),
  cursor: z.string().max(120).optional(),
})
const orderProblems = ['LICENCE_ORDER_NOT_FOUND', 'LICENCE_ROLE_MISSING', 'LICENCE_ORDER_SETTLED']
const orderAnswer = { 200: { description: 'The order as it stands now', schema: order } }

/** Acts in the life of a licence, and the orders that wait. */
export const actRoutes = (deps: Deps, within: Within): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/licences/{identifier}/acts',
    permission: 'licences:read',
    summary:
      'Does something to a licence, or orders it; each act asks for a permission of its own (docs/licence-life.md)',
    tag,
    idempotent: true,
    params: schemas.identifierParams,
    body: actBody,
    maxBodyBytes: MAX_BODY_BYTES,
    answers: {
      201: { description: 'Done', schema: done },
      202: { description: 'On record as an order: it waits for a second person, or for its day', schema: ordered },
    },
    problems: [
      ...issueProblems,
      'LICENCE_NOT_FOUND',
      'LICENCE_ROLE_MISSING',
      'LICENCE_TRANSITION_REFUSED',
      'LICENCE_EFFECTIVE_TIME_REFUSED',
      'LICENCE_LEGAL_BASIS_MISSING',
      'LICENCE_RENEWAL_REFUSED',
      'LICENCE_SECOND_PERSON_MISSING',
      'LICENCE_ORDER_OPEN',
      'LICENCE_HOLDER_DIFFERS',
      'LICENCE_REPLACEMENT_UNDER_WAY',
      'LICENCE_RECEIVER_UNFIT',
      'LICENCE_ERASED',
    ],
    async handle({ principal, params, body, idempotency }) {
      const request = { identifier: fullIdentifier(params.identifier), ...body, key: clientKey(idempotency) }
      const { kind, ...answer } = await act(deps, within, principal, request)
      return json(kind === 'done' ? 201 : 202, answer)
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/licences/{identifier}/next-actions',
    permission: 'licences:read',
    summary: 'What the caller may do to a licence next, and the order that stands for it',
    tag,
    params: schemas.identifierParams,
    answers: { 200: { description: 'The acts', schema: nextActions } },
    problems: ['LICENCE_NOT_FOUND'],
    handle: async ({ principal, params }) =>
      json(200, await readNextActions(deps, principal, fullIdentifier(params.identifier))),
  }),
  defineRoute({
    method: 'get',
    path: '/api/licence-orders',
    permission: 'licences:read',
    summary: 'Orders about licences of the department, and those transferred to it, newest first',
    tag,
    query: ordersQuery,
    answers: {
      200: { description: 'A page', schema: z.object({ items: z.array(listedOrder), next: z.string().nullable() }) },
    },
    problems: ['LICENCE_CURSOR_INVALID'],
    handle: async ({ principal, query }) => json(200, await readOrders(deps, principal, query)),
  }),
  defineRoute({
    method: 'post',
    path: '/api/licence-orders/{orderId}/approvals',
    permission: 'licences:review',
    summary: 'Approves an order as the second person; what is due is carried out at once',
    tag,
    params: orderParams,
    answers: orderAnswer,
    problems: [...orderProblems, 'LICENCE_SAME_PERSON'],
    handle: async ({ principal, params }) => json(200, await approve(deps, within, principal, params.orderId)),
  }),
  defineRoute({
    method: 'post',
    path: '/api/licence-orders/{orderId}/refusals',
    permission: 'licences:review',
    summary: 'Refuses an order that waits for approval',
    tag,
    params: orderParams,
    body: z.strictObject({ reason }),
    answers: orderAnswer,
    problems: orderProblems,
    handle: async ({ principal, params, body }) =>
      json(200, await refuse(deps, principal, params.orderId, body.reason)),
  }),
  defineRoute({
    method: 'post',
    path: '/api/licence-orders/{orderId}/drops',
    permission: 'licences:read',
    summary: 'Takes back an order that has not taken effect: whoever asked for it, or a reviewer',
    tag,
    params: orderParams,
    body: z.strictObject({ reason }),
    answers: orderAnswer,
    problems: orderProblems,
    handle: async ({ principal, params, body }) => json(200, await drop(deps, principal, params.orderId, body.reason)),
  }),
  defineRoute({
    method: 'post',
    path: '/api/licence-orders/{orderId}/receipts',
    permission: 'licences:issue',
    summary: 'Takes over a licence that another department transfers: a licence of the own department takes its place',
    tag,
    idempotent: true,
    params: orderParams,
    body: z.strictObject({ data, level, body }),
    maxBodyBytes: MAX_BODY_BYTES,
    answers: { 201: { description: 'The new licence is on the register', schema: done } },
    problems: [...issueProblems, ...orderProblems, 'LICENCE_HOLDER_DIFFERS', 'LICENCE_REPLACEMENT_UNDER_WAY'],
    async handle({ principal, params, body, idempotency }) {
      const receipt = { ...params, ...body, key: clientKey(idempotency) }
      const { kind: _, ...answer } = await receive(deps, within, principal, receipt)
      return json(201, answer)
    },
  }),
  ...printRoutes(deps),
  ...resealRoutes(deps),
]

const print = z.object({ print: z.number(), paperSerial: z.string(), at: instant, by: z.string() })

const printRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/licences/{identifier}/prints',
    permission: 'licences:issue',
    summary: 'The document for a numbered sheet of paper; the same sheet again is the same print',
    tag,
    params: schemas.identifierParams,
    body: z.strictObject({ paperSerial: z.string().trim().min(1).max(60) }),
    answers: {
      200: { description: 'The sealed PDF; Print-Count says which print it is', contentType: 'application/pdf' },
    },
    problems: ['LICENCE_NOT_FOUND', 'LICENCE_TRANSITION_REFUSED', 'PAPER_SERIAL_TAKEN', 'LICENCE_ERASED'],
    async handle({ principal, params, body }) {
      const identifier = fullIdentifier(params.identifier)
      const printed = await printLicence(deps, principal, identifier, body.paperSerial)
      const answer = pdf(printed.pdf, identifier)
      return { ...answer, headers: { ...answer.headers, 'Print-Count': String(printed.print.print) } }
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/licences/{identifier}/prints',
    permission: 'licences:read',
    summary: 'The sheets of paper a licence was printed on',
    tag,
    params: schemas.identifierParams,
    answers: { 200: { description: 'The sheets', schema: z.object({ items: z.array(print) }) } },
    problems: ['LICENCE_NOT_FOUND'],
    handle: async ({ principal, params }) =>
      json(200, { items: await readPrints(deps, principal, fullIdentifier(params.identifier)) }),
  }),
]

const reseal = z.object({
  resealId: z.string(),
  startedAt: instant,
  endedAt: instant.nullable(),
  done: z.number(),
  refused: z
    .array(z.object({ useId: z.string(), identifier: z.string(), fault: z.string() }))
    .describe('Those that got no successor, with the code of why; the first thousand'),
})
const resealParams = z.object({ resealId: z.uuid() })

const resealRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/licence-reseals/{resealId}',
    permission: 'licences:change',
    summary:
      'Begins to seal licences anew as the seal service ordered, and tries again what was refused; the rest goes by itself',
    tag,
    params: resealParams,
    answers: { 202: { description: 'Under way', schema: reseal } },
    problems: ['SEAL_ROLE_MISSING', 'SEAL_NOT_FOUND', 'SEAL_USE_NOT_FOUND'],
    handle: async ({ principal, params }) => json(202, await startReseal(deps, principal, params.resealId)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/licence-reseals/{resealId}',
    permission: 'licences:read',
    summary: 'How far sealing anew has come',
    tag,
    params: resealParams,
    answers: { 200: { description: 'How far', schema: reseal } },
    problems: ['LICENCE_ORDER_NOT_FOUND'],
    handle: async ({ principal, params }) => json(200, await readReseal(deps, principal, params.resealId)),
  }),
]
