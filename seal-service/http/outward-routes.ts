import { z } from 'zod'
import { type Route, routeDefiner } from '../../platform/http/index.ts'
import { type SupervisionRule, supervisionRules } from '../domain/supervision.ts'
import { eventTopics, MOST_TOPICS } from '../domain/webhook.ts'
import type { FilingExport } from '../operations/outward/export-filing.ts'
import type { OutwardDesk } from '../operations/outward/outward-desk.ts'
import type { FilingOrder } from '../store/filing-orders.ts'

const outwardRoute = routeDefiner<
  'seals:read' | 'seal-webhooks:administer' | 'seal-warnings:handle' | 'supervision:set' | 'audit:read'
>()

const position = z.string().regex(/^\d{1,18}$/)
const webhookParams = z.object({ webhookId: z.uuid() })
const reasonBody = z.object({ reason: z.string().trim().min(1).max(500) })
/** No calendar of the database has a year 0000. */
const day = z.iso.date().regex(/^(?!0000)/)

const webhookSchema = z.object({
  id: z.string(),
  departmentCode: z.string(),
  covers: z.enum(['own', 'below']),
  address: z.string(),
  topics: z.array(z.string()),
  createdBy: z.string(),
  createdAt: z.string(),
  figures: z
    .object({
      waiting: z.number(),
      dead: z.number(),
      lastDelivered: z.string().nullable(),
      lastFault: z.string().nullable(),
    })
    .optional(),
})

/** Subscriptions to events, and the key with which they are signed. */
export function createWebhookRoutes(desk: OutwardDesk): Route[] {
  const jwks = outwardRoute({
    method: 'get',
    path: '/api/seal-events/jwks.json',
    permission: 'public',
    summary: 'Public keys (RFC 7517) with which events and audit pages are signed, old ones too',
    tag: 'Seal events',
    answers: {
      200: { description: 'The keys', schema: z.object({ keys: z.array(z.record(z.string(), z.string())) }) },
    },
    async handle() {
      const keys = await desk.jwks()
      return { status: 200, json: keys, headers: { 'Cache-Control': 'public, max-age=300' } }
    },
  })
  const list = outwardRoute({
    method: 'get',
    path: '/api/seal-webhooks',
    permission: 'seal-webhooks:administer',
    summary: 'Subscriptions of the own department; an auditor sees those of the departments below too',
    tag: 'Seal events',
    answers: { 200: { description: 'The subscriptions', schema: z.object({ items: z.array(webhookSchema) }) } },
    async handle({ principal }) {
      const items = (await desk.subscriptions(principal)).map(({ figures, ...webhook }) => ({
        ...toWebhook(webhook),
        figures: { ...figures, lastDelivered: figures.lastDelivered?.toString() ?? null },
      }))
      return { status: 200, json: { items } }
    },
  })
  const subscribe = outwardRoute({
    method: 'post',
    path: '/api/seal-webhooks',
    permission: 'seal-webhooks:administer',
    summary: 'Subscribe to events of seals: https only, no private network; `below` for auditors',
    tag: 'Seal events',
    body: z.object({
      address: z.string().min(1).max(500),
      topics: z
        .array(z.enum(eventTopics as [string, ...string[]]))
        .min(1)
        .max(MOST_TOPICS),
      covers: z.enum(['own', 'below']).default('own'),
      /** Events from this position on; left out: those to come. */
      fromPosition: position.optional(),
    }),
    answers: { 201: { description: 'The subscription', schema: webhookSchema } },
    problems: ['WEBHOOK_ADDRESS_REFUSED', 'WEBHOOK_TOPIC_UNKNOWN', 'WEBHOOK_TOO_MANY', 'SEAL_ROLE_MISSING'],
    async handle({ principal, body: { fromPosition, ...wish } }) {
      const webhook = await desk.subscribe(principal, {
        ...wish,
        ...(fromPosition !== undefined && { fromPosition: BigInt(fromPosition) }),
      })
      return { status: 201, json: toWebhook(webhook) }
    },
  })
  const unsubscribe = outwardRoute({
    method: 'delete',
    path: '/api/seal-webhooks/{webhookId}',
    permission: 'seal-webhooks:administer',
    summary: 'End a subscription of the own department; what waits is not sent any more',
    tag: 'Seal events',
    params: webhookParams,
    answers: { 204: { description: 'Ended, now or before' } },
    problems: ['WEBHOOK_NOT_FOUND'],
    async handle({ principal, params }) {
      await desk.unsubscribe(principal, params.webhookId)
      return { status: 204 }
    },
  })
  const replay = outwardRoute({
    method: 'post',
    path: '/api/seal-webhooks/{webhookId}/replay',
    permission: 'seal-webhooks:administer',
    summary: 'Send everything from a position on once more, with the same ids; also what was given up',
    tag: 'Seal events',
    params: webhookParams,
    body: z.object({ fromPosition: position }),
    answers: { 202: { description: 'It is being sent' } },
    problems: ['WEBHOOK_NOT_FOUND'],
    async handle({ principal, params, body }) {
      await desk.replay(principal, params.webhookId, BigInt(body.fromPosition))
      return { status: 202 }
    },
  })
  const dead = outwardRoute({
    method: 'get',
    path: '/api/seal-webhooks/{webhookId}/given-up',
    permission: 'seal-webhooks:administer',
    summary: 'Events that were given up after all attempts, oldest first, 100 at most',
    tag: 'Seal events',
    params: webhookParams,
    answers: {
      200: {
        description: 'What was given up',
        schema: z.object({ items: z.array(z.object({ position: z.string(), fault: z.string(), at: z.string() })) }),
      },
    },
    problems: ['WEBHOOK_NOT_FOUND'],
    async handle({ principal, params }) {
      const items = (await desk.givenUp(principal, params.webhookId)).map(({ position: at, fault, at: time }) => ({
        position: at.toString(),
        fault,
        at: time.toISOString(),
      }))
      return { status: 200, json: { items } }
    },
  })
  return [jwks, list, subscribe, unsubscribe, replay, dead]
}

function toWebhook(webhook: {
  readonly id: string
  readonly departmentCode: string
  readonly covers: 'own' | 'below'
  readonly address: string
  readonly topics: readonly string[]
  readonly createdBy: string
  readonly createdAt: Date
}) {
  const { id, departmentCode, covers, address, topics, createdBy, createdAt } = webhook
  return {
    id,
    departmentCode,
    covers,
    address,
    topics: [...topics],
    createdBy,
    createdAt: createdAt.toISOString(),
  }
}

const ruleNames = Object.keys(supervisionRules) as [SupervisionRule, ...SupervisionRule[]]
const warningParams = z.object({ warningId: z.string().regex(/^[1-9]\d{0,17}$/) })

const warningSchema = z.object({
  id: z.string(),
  rule: z.enum(ruleNames),
  name: z.string(),
  departmentCode: z.string().nullable(),
  sealId: z.string().nullable(),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  raisedAt: z.string(),
  state: z.enum(['open', 'acknowledged', 'closed']),
  stateChangedAt: z.string(),
  acts: z.array(z.object({ action: z.string(), reason: z.string(), callerId: z.string(), at: z.string() })),
})

const settingsSchema = z.object({
  reviewDays: z.number(),
  officeFrom: z.number(),
  officeUntil: z.number(),
  holidays: z.array(day).max(200),
  workdays: z.array(day).max(200),
  quotaPercent: z.number(),
  refusals: z.number(),
  certificateDays: z.number(),
  filingHours: z.number(),
})

/** Warnings of the supervision and the settings of its rules. */
export function createSupervisionRoutes(desk: OutwardDesk): Route[] {
  const list = outwardRoute({
    method: 'get',
    path: '/api/seal-warnings',
    permission: 'seal-warnings:handle',
    summary: 'Warnings of the supervision in the own range, newest first; `before` pages back in time',
    tag: 'Seal supervision',
    query: z.object({
      state: z.enum(['open', 'acknowledged', 'closed']).optional(),
      rule: z.enum(ruleNames).optional(),
      sealId: z.string().max(20).optional(),
      before: z
        .string()
        .regex(/^[1-9]\d{0,17}$/)
        .optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    answers: { 200: { description: 'The warnings', schema: z.object({ items: z.array(warningSchema) }) } },
    async handle({ principal, query: { state, rule, sealId, before, limit } }) {
      const warnings = await desk.warnings(principal, {
        ...(state && { state }),
        ...(rule && { rule }),
        ...(sealId && { sealId }),
        ...(before && { before: BigInt(before) }),
        most: limit,
      })
      const items = warnings.map(({ id, raisedAt, stateChangedAt, acts, occasion: _, ...warning }) => ({
        ...warning,
        id: id.toString(),
        name: supervisionRules[warning.rule].zh,
        raisedAt: raisedAt.toISOString(),
        stateChangedAt: stateChangedAt.toISOString(),
        acts: acts.map(({ at, ...act }) => ({ ...act, at: at.toISOString() })),
      }))
      return { status: 200, json: { items } }
    },
  })
  const handling = (action: 'acknowledge' | 'close') =>
    outwardRoute({
      method: 'post',
      path: `/api/seal-warnings/{warningId}/${action}`,
      permission: 'seal-warnings:handle',
      summary: `${action === 'close' ? 'Close' : 'Acknowledge'} a warning that is not about oneself, with a reason`,
      tag: 'Seal supervision',
      params: warningParams,
      body: reasonBody,
      answers: { 204: { description: 'On record' } },
      problems: ['WARNING_NOT_FOUND', 'WARNING_OF_ONESELF', 'WARNING_CLOSED'],
      async handle({ principal, params, body }) {
        await desk.handleWarning(principal, BigInt(params.warningId), { action, reason: body.reason })
        return { status: 204 }
      },
    })
  const departmentQuery = z.object({
    departmentCode: z
      .string()
      .regex(/^[0-9A-Z]{18}$/)
      .optional(),
  })
  const read = outwardRoute({
    method: 'get',
    path: '/api/seal-supervision',
    permission: 'seal-warnings:handle',
    summary: 'Settings of the supervision for a department in the own range; the own one unless said',
    tag: 'Seal supervision',
    query: departmentQuery,
    answers: { 200: { description: 'The settings', schema: settingsSchema } },
    problems: ['SEAL_NOT_YOURS'],
    async handle({ principal, query }) {
      return {
        status: 200,
        json: await desk.supervision(principal, query.departmentCode ?? principal.departmentCode),
      }
    },
  })
  const set = outwardRoute({
    method: 'put',
    path: '/api/seal-supervision',
    permission: 'supervision:set',
    summary: 'Set them, within limits; what is left out stays',
    tag: 'Seal supervision',
    query: departmentQuery,
    body: settingsSchema.partial(),
    answers: { 200: { description: 'The settings', schema: settingsSchema } },
    problems: ['SEAL_NOT_YOURS', 'SUPERVISION_SETTING_REFUSED'],
    async handle({ principal, query, body }) {
      const changed = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
      const code = query.departmentCode ?? principal.departmentCode
      return { status: 200, json: await desk.setSupervision(principal, code, changed) }
    },
  })
  return [list, handling('acknowledge'), handling('close'), read, set]
}

/** Pages of the audit, and filings as files. */
export function createRecordRoutes(desk: OutwardDesk): Route[] {
  const audit = outwardRoute({
    method: 'get',
    path: '/api/audit-events',
    permission: 'audit:read',
    summary:
      'Signed pages (JWS) of what is on record about departments in the own range; the header Audit-Next begins the next one',
    tag: 'Audit',
    query: z.object({
      after: z.string().max(2000).optional(),
      limit: z.coerce.number().int().min(1).max(500).default(200),
    }),
    answers: { 200: { description: 'A page', contentType: 'application/jose' } },
    problems: ['AUDIT_POSITION_UNKNOWN'],
    async handle({ principal, query }) {
      const { jws, next } = await desk.auditPage(principal, { after: query.after, most: query.limit })
      return { status: 200, bytes: jws, contentType: 'application/jose', headers: { 'Audit-Next': next } }
    },
  })
  const filing = outwardRoute({
    method: 'get',
    path: '/api/seals/{sealId}/filing',
    permission: 'seals:read',
    summary:
      'The filing record (备案) of a seal in sight with its SESeal, as a file; `ask=true`: also how the publisher says it stands',
    tag: 'Seals',
    params: z.object({ sealId: z.string().max(20) }),
    query: z.object({ ask: z.enum(['true', 'false']).default('false') }),
    answers: { 200: { description: 'The record', contentType: 'application/json' } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_FILING_REFUSED', 'UPSTREAM_UNAVAILABLE'],
    async handle({ principal, params, query }) {
      const record = await desk.filing(principal, { sealId: params.sealId, asks: query.ask === 'true' })
      return {
        status: 200,
        json: toFile(record),
        headers: { 'Content-Disposition': `attachment; filename="${record.sealId}-filing.json"` },
      }
    },
  })
  return [audit, filing]
}

const base64 = (bytes: Uint8Array | undefined): string | null =>
  bytes === undefined ? null : Buffer.from(bytes).toString('base64')

function toFile({ filings, eseals, ...record }: FilingExport) {
  return {
    format: 'zhengyin-seal-filing-1',
    ...record,
    filings: filings.map(toFiling),
    eseals: { V5: base64(eseals.V5), V4: base64(eseals.V4) },
  }
}

function toFiling({
  task,
  kind,
  reason,
  state,
  publisher,
  recordNumber,
  sent,
  lastFault,
  attempts,
  ...times
}: FilingOrder) {
  return {
    task,
    kind,
    reason,
    state,
    publisher,
    recordNumber,
    orderedAt: times.orderedAt.toISOString(),
    effectiveAt: times.effectiveAt?.toISOString() ?? null,
    filedAt: times.filedAt?.toISOString() ?? null,
    attempts,
    lastFault,
    sent,
  }
}
