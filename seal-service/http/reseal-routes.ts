import { z } from 'zod'
import { type Route, routeDefiner } from '../../platform/http/index.ts'
import { toHex } from '../domain/ledger.ts'
import type { LedgerDesk } from '../operations/ledger/ledger-desk.ts'
import type { Reseal } from '../operations/ledger/reseal.ts'

const resealRoute = routeDefiner<'seals:read' | 'seals:review' | 'seals:use'>()

const resealSchema = z.object({
  resealId: z.string(),
  sealId: z.string(),
  newSealId: z.string(),
  since: z.string(),
  at: z.string(),
  endedAt: z.string().nullable(),
  counts: z.object({ waiting: z.number(), done: z.number(), givenUp: z.number() }),
})
const itemSchema = z.object({
  useId: z.string(),
  identifier: z.string(),
  typeCode: z.string(),
  signedDigest: z.string(),
  at: z.string(),
})
const answers = { 200: { description: 'How far it has come', schema: resealSchema } }
const params = z.object({ resealId: z.uuid() })
const itemParams = params.extend({ useId: z.uuid() })
const problems = ['SEAL_ROLE_MISSING', 'SEAL_NOT_FOUND', 'SEAL_USE_NOT_FOUND']

function toJson({ callerId: _, ...reseal }: Reseal): z.input<typeof resealSchema> {
  return {
    ...reseal,
    since: reseal.since.toISOString(),
    at: reseal.at.toISOString(),
    endedAt: reseal.endedAt?.toISOString() ?? null,
  }
}

/** Sealing anew what a compromise put in doubt: the order, what waits, what became of it. */
export function createResealRoutes(desk: LedgerDesk): Route[] {
  const start = resealRoute({
    method: 'post',
    path: '/api/seals/{sealId}/reseals',
    permission: 'seals:review',
    summary: 'Orders that what is in doubt be sealed anew with another seal; the order under way is answered',
    tag: 'Seal ledger',
    params: z.object({ sealId: z.string().max(20) }),
    body: z.strictObject({ newSealId: z.string().max(20) }),
    answers,
    problems: [...problems, 'SEAL_NOT_COMPROMISED', 'SEAL_NOT_IN_USE', 'SEAL_REQUEST_CONFLICT'],
    handle: async ({ principal, params: { sealId }, body: { newSealId } }) => ({
      status: 200,
      json: toJson(await desk.startReseal(principal, { sealId, newSealId })),
    }),
  })
  const read = resealRoute({
    method: 'get',
    path: '/api/reseals/{resealId}',
    permission: 'seals:read',
    summary: 'How far an order to seal anew has come',
    tag: 'Seal ledger',
    params,
    answers,
    problems,
    handle: async ({ principal, params: { resealId } }) => ({
      status: 200,
      json: toJson(await desk.reseal(principal, resealId)),
    }),
  })
  const items = resealRoute({
    method: 'get',
    path: '/api/reseals/{resealId}/items',
    permission: 'seals:read',
    summary: 'Documents that wait for their successor, oldest first',
    tag: 'Seal ledger',
    params,
    query: z.object({ after: z.uuid().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
    answers: {
      200: { description: 'A page', schema: z.object({ items: z.array(itemSchema), next: z.string().nullable() }) },
    },
    problems,
    async handle({ principal, params: { resealId }, query: { after, limit } }) {
      const page = await desk.resealItems(principal, resealId, { after: after ?? null, limit })
      const shown = page.items.map((item) => ({
        ...item,
        at: item.at.toISOString(),
        signedDigest: toHex(item.signedDigest),
      }))
      return { status: 200, json: { items: shown, next: page.next } }
    },
  })
  const done = resealRoute({
    method: 'post',
    path: '/api/reseals/{resealId}/items/{useId}',
    permission: 'seals:use',
    summary: 'Tells what took the place of a document; its sealing with the other seal must be on record',
    tag: 'Seal ledger',
    params: itemParams,
    body: z.strictObject({ newIdentifier: z.string().min(1).max(200) }),
    answers,
    problems,
    handle: async ({ principal, params: item, body: { newIdentifier } }) => ({
      status: 200,
      json: toJson(await desk.reportResealed(principal, { ...item, newIdentifier })),
    }),
  })
  const giveUp = resealRoute({
    method: 'post',
    path: '/api/reseals/{resealId}/items/{useId}/give-up',
    permission: 'seals:review',
    summary: 'A document that gets no successor, and why',
    tag: 'Seal ledger',
    params: itemParams,
    body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
    answers,
    problems,
    handle: async ({ principal, params: item, body: { reason } }) => ({
      status: 200,
      json: toJson(await desk.giveUp(principal, { ...item, reason })),
    }),
  })
  return [start, read, items, done, giveUp]
}
