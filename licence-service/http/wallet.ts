import { z } from 'zod'
import { instant, type Route, time } from '../../platform/http/index.ts'
import { AGENT_SCOPES } from '../domain/agent.ts'
import type { Deps } from '../operations/deps.ts'
import { listAccesses } from '../operations/wallet/accesses.ts'
import { endAgent, listAgents, nameAgent } from '../operations/wallet/agents.ts'
import { exportWallet } from '../operations/wallet/export.ts'
import { listWallet, readHeldDocument, readHeldLicence } from '../operations/wallet/licences.ts'
import { listNotices, seeNotices } from '../operations/wallet/notices.ts'
import { json, pdf } from './answers.ts'
import { fullIdentifier } from './licences.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

const tag = 'Wallet'
const { day } = schemas
const words = z.object({ zh: z.string(), en: z.string() })
const scopes = z.array(z.enum(AGENT_SCOPES)).min(1).max(AGENT_SCOPES.length)
const agencyQuery = {
  agency: z.uuid().optional().describe('An agency by which the caller acts for another; left out: for themselves'),
}
const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(120).optional(),
  ...agencyQuery,
})
const plainPageQuery = pageQuery.omit({ agency: true })

const card = z.object({
  identifier: z.string(),
  typeCode: z.string(),
  typeName: words,
  issuer: words,
  number: z.string(),
  status: z.string(),
  issuedOn: day,
  validFrom: day,
  validUntil: day.nullable(),
  replaces: z.string().nullable(),
  replacedBy: z.string().nullable(),
})
const held = card.extend({
  fields: z.array(z.object({ name: z.string(), label: words, value: z.unknown() })),
  isErased: z.boolean(),
  history: z.array(z.object({ status: z.string(), from: instant })),
})
const access = z.object({
  at: instant,
  identifier: z.string().nullable(),
  by: z.enum(['person', 'machine', 'holder', 'agent', 'link', 'sharing']),
  department: words.nullable(),
  what: z
    .string()
    .describe('Fetches by other departments begin with shared-; shared-nothing: they were told that there is nothing'),
  matter: z.string().nullable(),
  matterName: z.string().nullable(),
  purpose: z.string().nullable(),
  fields: z.array(z.string()),
  fieldLabels: z.array(words),
  isGranted: z.boolean(),
})
const notice = z.object({
  notice: z.string(),
  identifier: z.string(),
  event: z.string(),
  effectiveAt: instant,
  recordedAt: instant,
  related: z.string().nullable(),
  isNew: z.boolean(),
})
const agency = z.object({
  agency: z.string(),
  company: z.string(),
  agent: z.string().describe('Masked'),
  scopes,
  typeCodes: z.array(z.string()).nullable(),
  from: instant,
  until: instant,
  state: z.enum(['to come', 'standing', 'over', 'ended']),
})
const agentBody = z.strictObject({
  name: z.string().trim().min(1).max(200),
  code: z.string().trim().min(4).max(64).describe('Identity number; only a keyed hash of it is kept'),
  scopes,
  typeCodes: z.array(z.string().max(40)).min(1).max(100).nullable().default(null),
  from: time,
  until: time,
})
const agencyParams = z.object({ agencyId: z.uuid() })
const page = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), next: z.string().nullable() })

/** What holders see and do, known by a keyed hash alone. */
export const walletRoutes = (deps: Deps): Route[] => [
  ...licenceRoutes(deps),
  ...recordRoutes(deps),
  ...agentRoutes(deps),
]

const licenceRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/wallet/licences',
    permission: 'wallet:use',
    summary: 'The own licences, or those of whom one acts for',
    tag,
    query: pageQuery,
    answers: { 200: { description: 'A page of cards', schema: page(card) } },
    problems: ['AGENT_SCOPE_EXCEEDED'],
    handle: async ({ principal, query }) => json(200, await listWallet(deps, principal, query)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/wallet/licences/{identifier}',
    permission: 'wallet:use',
    summary: 'One of them: its data, and what became of it',
    tag,
    params: schemas.identifierParams,
    query: z.strictObject(agencyQuery),
    answers: { 200: { description: 'The licence', schema: held } },
    problems: ['LICENCE_NOT_FOUND', 'AGENT_SCOPE_EXCEEDED'],
    handle: async ({ principal, params, query }) =>
      json(200, await readHeldLicence(deps, principal, fullIdentifier(params.identifier), query.agency)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/wallet/licences/{identifier}/document',
    permission: 'wallet:use',
    summary: 'Its sealed PDF',
    tag,
    params: schemas.identifierParams,
    query: z.strictObject(agencyQuery),
    answers: { 200: { description: 'The sealed PDF', contentType: 'application/pdf' } },
    problems: ['LICENCE_NOT_FOUND', 'LICENCE_ERASED', 'AGENT_SCOPE_EXCEEDED'],
    handle: async ({ principal, params, query }) => {
      const identifier = fullIdentifier(params.identifier)
      return pdf(await readHeldDocument(deps, principal, identifier, query.agency), identifier)
    },
  }),
]

const recordRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/wallet/accesses',
    permission: 'wallet:use',
    summary: 'Who looked at the own licences, newest first',
    tag,
    query: pageQuery,
    answers: { 200: { description: 'A page of the list', schema: page(access) } },
    problems: ['LICENCE_CURSOR_INVALID', 'AGENT_SCOPE_EXCEEDED'],
    handle: async ({ principal, query }) => json(200, await listAccesses(deps, principal, query)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/wallet/notices',
    permission: 'wallet:use',
    summary: 'What happened to the own licences, newest first',
    tag,
    query: plainPageQuery,
    answers: { 200: { description: 'A page of the list', schema: page(notice) } },
    problems: ['LICENCE_CURSOR_INVALID'],
    handle: async ({ principal, query }) => json(200, await listNotices(deps, principal, query)),
  }),
  defineRoute({
    method: 'put',
    path: '/api/wallet/notices/seen',
    permission: 'wallet:use',
    summary: 'Says up to which notice all were read',
    tag,
    body: z.strictObject({ notice: z.string().max(20) }),
    answers: { 204: { description: 'Noted' } },
    problems: ['LICENCE_CURSOR_INVALID'],
    async handle({ principal, body }) {
      await seeNotices(deps, principal, body.notice)
      return { status: 204 }
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/wallet/export',
    permission: 'wallet:use',
    summary: 'All that is kept of the own licences, as one file',
    tag,
    answers: { 200: { description: 'Licences with data and states, and who looked', contentType: 'application/json' } },
    handle: ({ principal }) => ({
      status: 200,
      stream: exportWallet(deps, principal),
      contentType: 'application/json; charset=utf-8',
      headers: { 'Cache-Control': 'no-store', 'Content-Disposition': 'attachment; filename="licences.json"' },
    }),
  }),
]

const agentRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/wallet/agents',
    permission: 'wallet:use',
    summary: 'Who acts for me, and for whom I act',
    tag,
    answers: {
      200: { description: 'Both', schema: z.object({ mine: z.array(agency), forOthers: z.array(agency) }) },
    },
    handle: async ({ principal }) => json(200, await listAgents(deps, principal)),
  }),
  defineRoute({
    method: 'post',
    path: '/api/wallet/agents',
    permission: 'wallet:use',
    summary: 'A company names somebody who acts for it, with what and until when',
    tag,
    idempotent: true,
    body: agentBody,
    answers: { 201: { description: 'Named', schema: agency } },
    problems: ['AGENT_FOR_COMPANIES_ONLY', 'AGENT_TIME_REFUSED', 'IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ principal, body, idempotency }) =>
      json(201, await nameAgent(deps, principal, body, idempotency!.key)),
  }),
  defineRoute({
    method: 'delete',
    path: '/api/wallet/agents/{agencyId}',
    permission: 'wallet:use',
    summary: 'Ends an agency, from either side',
    tag,
    params: agencyParams,
    answers: { 200: { description: 'Ended', schema: agency } },
    problems: ['AGENCY_NOT_FOUND'],
    handle: async ({ principal, params }) => json(200, await endAgent(deps, principal, params.agencyId)),
  }),
]
