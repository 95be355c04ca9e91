import { z } from 'zod'
import { type Answer, exportOf, formatSchema, type Route, routeDefiner, time } from '../../platform/http/index.ts'
import type { LedgerDesk } from '../operations/ledger/ledger-desk.ts'
import type { UseSearch } from '../operations/ledger/search-uses.ts'
import { usePhases } from '../store/use-records.ts'
import { affectedSchema, affectedTable, toAffectedJson, toUseJson, useSchema, useTable } from './ledger-schemas.ts'
import { createResealRoutes } from './reseal-routes.ts'

const ledgerRoute = routeDefiner<'seal-ledger:read' | 'seals:read' | 'seals:review'>()

const sealId = z.string().max(20)
const useId = z.uuid()
const searchQuery = z.object({
  sealId: sealId.optional(),
  from: time.optional(),
  to: time.optional(),
  caller: z.string().min(1).max(100).optional(),
  identifier: z.string().min(1).max(200).optional(),
  phase: z.enum(usePhases).optional(),
})
const limit = z.coerce.number().int().min(1).max(500).default(100)
/** The row that the page before ended with: `<use>.<phase>`. */
const usePlace = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(intended|sealed|refused)$/)
  .transform((text) => ({ useId: text.slice(0, 36), phase: text.slice(37) as (typeof usePhases)[number] }))
const affectedQuery = z.object({ since: time.optional(), standing: z.enum(['earlier', 'doubtful']).optional() })
const sealParams = z.object({ sealId })
const seeing = ['SEAL_ROLE_MISSING', 'SEAL_NOT_FOUND']

function toSearch({ caller, ...query }: z.output<typeof searchQuery>): UseSearch {
  return { ...query, ...(caller !== undefined && { callerId: caller }) } as UseSearch
}

/** Who used which seal on what, when; what a compromise puts in doubt; sealing that anew. */
export function createLedgerRoutes(desk: LedgerDesk): Route[] {
  const search = ledgerRoute({
    method: 'get',
    path: '/api/seal-ledger',
    permission: 'seal-ledger:read',
    summary: 'Uses of a seal, or of all seals that the caller may look at, newest first; every look is put on record',
    tag: 'Seal ledger',
    query: searchQuery.extend({ after: usePlace.optional(), limit }),
    answers: {
      200: { description: 'A page', schema: z.object({ items: z.array(useSchema), next: z.string().nullable() }) },
    },
    problems: seeing,
    async handle({ principal, query: { after, limit: most, ...query } }) {
      const page = await desk.search(principal, toSearch(query), { after: after ?? null, limit: most })
      const next = page.next && `${page.next.useId}.${page.next.phase}`
      return { status: 200, json: { items: page.uses.map(toUseJson), next } }
    },
  })
  const searchExport = ledgerRoute({
    method: 'get',
    path: '/api/seal-ledger/export',
    permission: 'seal-ledger:read',
    summary: 'The same uses as a file, CSV or JSON Lines; put on record',
    tag: 'Seal ledger',
    query: searchQuery.extend(formatSchema.shape),
    answers: { 200: { description: 'The file', contentType: 'text/csv' } },
    problems: seeing,
    handle: async ({ principal, query: { format, lang, ...query } }): Promise<Answer> =>
      exportOf(await desk.export(principal, toSearch(query)), useTable, { format, lang, name: 'seal-uses' }),
  })
  const affected = ledgerRoute({
    method: 'get',
    path: '/api/seals/{sealId}/affected',
    permission: 'seals:read',
    summary: 'Uses of a compromised seal: provably earlier (time stamp or checkpoint) or in doubt; put on record',
    tag: 'Seal ledger',
    params: sealParams,
    query: affectedQuery.extend({ after: useId.optional(), limit }),
    answers: { 200: { description: 'A page', schema: affectedSchema } },
    problems: [...seeing, 'SEAL_NOT_COMPROMISED'],
    async handle({ principal, params, query: { after, limit: most, since, standing } }) {
      const filter = { sealId: params.sealId, ...(since && { since }), ...(standing && { standing }) }
      const page = await desk.affected(principal, filter, { after: after ?? null, limit: most })
      return { status: 200, json: toAffectedJson(page) }
    },
  })
  const affectedExport = ledgerRoute({
    method: 'get',
    path: '/api/seals/{sealId}/affected/export',
    permission: 'seals:read',
    summary: 'The same as a file, CSV or JSON Lines; put on record',
    tag: 'Seal ledger',
    params: sealParams,
    query: affectedQuery.extend(formatSchema.shape),
    answers: { 200: { description: 'The file', contentType: 'text/csv' } },
    problems: [...seeing, 'SEAL_NOT_COMPROMISED'],
    async handle({ principal, params, query: { format, lang, since, standing } }): Promise<Answer> {
      const filter = { sealId: params.sealId, ...(since && { since }), ...(standing && { standing }) }
      const name = `affected-${params.sealId}`
      return exportOf(await desk.exportAffected(principal, filter), affectedTable, { format, lang, name })
    },
  })
  const compromise = ledgerRoute({
    method: 'post',
    path: '/api/seals/{sealId}/compromise',
    permission: 'seals:review',
    stepUp: true,
    summary:
      "A seal's key is not its owner's alone: the seal is revoked as of then; a repeat goes on where the first stopped",
    tag: 'Seal ledger',
    params: sealParams,
    body: z.strictObject({
      since: time,
      reason: z.string().trim().min(1).max(500),
      legalBasis: z.string().trim().min(1).max(500).default('签名密钥泄露'),
    }),
    answers: {
      200: {
        description: 'What it came to',
        schema: z.object({
          sealId: z.string(),
          since: z.string(),
          state: z.string(),
          counts: z.object({ earlier: z.number(), doubtful: z.number() }),
          certificatesElsewhere: z.number(),
        }),
      },
    },
    problems: [...seeing, 'SEAL_COMPROMISE_TIME_REFUSED', 'SEAL_STEP_INVALID', 'SEAL_TRANSITION_FORBIDDEN'],
    async handle({ principal, params, body }) {
      const answer = await desk.reportCompromise(principal, { sealId: params.sealId, ...body })
      return { status: 200, json: { ...answer, since: answer.since.toISOString() } }
    },
  })
  return [search, searchExport, affected, affectedExport, compromise, ...createResealRoutes(desk)]
}
