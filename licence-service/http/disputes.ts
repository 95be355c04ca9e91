import { z } from 'zod'
import type { Route } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import {
  answerDispute,
  disputeAsDepartment,
  disputeAsHolder,
  listDisputes,
  listRaisedDisputes,
} from '../operations/disputes/disputes.ts'
import { json } from './answers.ts'
import { fullIdentifier } from './licences.ts'
import { defineRoute } from './permissions.ts'

const tag = 'Disputes'
const instant = z.iso.datetime({ offset: true })
const words = z.string().trim().min(1).max(1000)
const newDispute = z.strictObject({
  identifier: z.string().max(120),
  field: z.string().max(100).optional().describe('A field of the type; left out: the licence as a whole'),
  words,
})
const named = z.object({ zh: z.string(), en: z.string() })
const dispute = z.object({
  dispute: z.string(),
  identifier: z.string(),
  field: z.string().nullable(),
  about: z
    .object({ typeName: named, number: z.string(), field: named.nullable(), replacedBy: z.string().nullable() })
    .nullable()
    .describe('Null for another department that raised it'),
  words: z.string().nullable().describe('Null once the personal data were erased'),
  raisedByKind: z.enum(['holder', 'department']),
  raisedAt: instant,
  answerUntil: z.iso.date().describe('Ten working days later'),
  isLate: z.boolean(),
  state: z.enum(['open', 'refused', 'corrected', 'closed']).describe('Closed: the personal data were erased meanwhile'),
  answer: z.string().nullable(),
  answeredAt: instant.nullable(),
  correctedBy: z.string().nullable(),
})
const page = z.object({ items: z.array(dispute), next: z.string().nullable() })
const params = z.object({ disputeId: z.uuid() })
const answerProblems = ['DISPUTE_NOT_FOUND', 'DISPUTE_ANSWERED']
const raiseProblems = [
  'LICENCE_NOT_FOUND',
  'LICENCE_ERASED',
  'DISPUTE_FIELD_UNKNOWN',
  'DISPUTE_OPEN',
  'IDEMPOTENCY_KEY_REUSED',
]

/** Disputes of what a licence says: raised by its holder or a department that relies on it, answered by its issuer. */
export const disputeRoutes = (deps: Deps): Route[] => [...raisingRoutes(deps), ...answeringRoutes(deps)]

const raisingRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/wallet/disputes',
    permission: 'wallet:use',
    summary: 'What the caller disputed of their own licences, or of those they act for, latest first',
    tag,
    query: z.strictObject({ agency: z.uuid().optional() }),
    answers: { 200: { description: 'The latest two hundred', schema: page } },
    problems: ['AGENT_SCOPE_EXCEEDED'],
    handle: async ({ principal, query }) =>
      json(200, { items: await listRaisedDisputes(deps, principal, query.agency), next: null }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/wallet/disputes',
    permission: 'wallet:use',
    summary: 'Disputes what an own licence says',
    tag,
    idempotent: true,
    body: newDispute.extend({ agency: z.uuid().optional() }),
    answers: { 201: { description: 'Raised; the issuer answers within ten working days', schema: dispute } },
    problems: [...raiseProblems, 'AGENT_SCOPE_EXCEEDED'],
    handle: async ({ principal, body, idempotency }) => {
      const identifier = fullIdentifier(body.identifier)
      return json(201, await disputeAsHolder(deps, principal, { ...body, identifier }, idempotency!.key))
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/disputes',
    permission: 'licences:fetch',
    summary: 'Disputes what a licence of another department says',
    tag,
    idempotent: true,
    body: newDispute,
    answers: { 201: { description: 'Raised; the issuer answers within ten working days', schema: dispute } },
    problems: raiseProblems,
    handle: async ({ principal, body, idempotency }) => {
      const identifier = fullIdentifier(body.identifier)
      return json(201, await disputeAsDepartment(deps, principal, { ...body, identifier }, idempotency!.key))
    },
  }),
]

const answeringRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/disputes',
    permission: 'licences:read',
    summary: 'Open disputes about licences of the department, those that are due first',
    tag,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.string().max(60).optional(),
    }),
    answers: { 200: { description: 'A page of the list', schema: page } },
    problems: ['LICENCE_CURSOR_INVALID'],
    handle: async ({ principal, query }) => json(200, await listDisputes(deps, principal, query)),
  }),
  defineRoute({
    method: 'post',
    path: '/api/disputes/{disputeId}/answers',
    permission: 'licences:change',
    summary: 'Answers a dispute that is not accepted',
    tag,
    params,
    body: z.strictObject({ words }),
    answers: { 201: { description: 'Answered', schema: dispute } },
    problems: answerProblems,
    handle: async ({ principal, params, body }) =>
      json(201, await answerDispute(deps, principal, params.disputeId, body)),
  }),
  defineRoute({
    method: 'post',
    path: '/api/disputes/{disputeId}/corrections',
    permission: 'licences:change',
    summary: 'Answers a dispute by the version that says it right',
    tag,
    params,
    body: z.strictObject({ words, correctedBy: z.string().max(120) }),
    answers: { 201: { description: 'Answered', schema: dispute } },
    problems: [...answerProblems, 'DISPUTE_CORRECTION_MISSING'],
    handle: async ({ principal, params, body }) => {
      const correctedBy = fullIdentifier(body.correctedBy)
      return json(201, await answerDispute(deps, principal, params.disputeId, { ...body, correctedBy }))
    },
  }),
]
