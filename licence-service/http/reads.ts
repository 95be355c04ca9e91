import { z } from 'zod'
import { instant, type Route } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import { retentionInForce } from '../operations/erasure/retention.ts'
import { listReads } from '../operations/list-reads.ts'
import { KEPT_THINGS } from '../store/erasures.ts'
import { json } from './answers.ts'
import { fullIdentifier } from './licences.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

const tag = 'Personal data'
const read = z.object({
  at: instant,
  reader: z.string().nullable().describe('Of the own department alone'),
  readerKind: z.string(),
  departmentCode: z.string(),
  what: z.string(),
  matterCode: z.string().nullable().describe('Where another department fetched it for a matter of its own'),
})
const kept = z.object({ what: z.enum(KEPT_THINGS), days: z.number(), isRule: z.boolean() })

/** Who read a licence, and how long what is kept about people is kept. */
export const readRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/licences/{identifier}/reads',
    permission: 'licences:review',
    summary: 'Who read a licence of the department, newest first',
    tag,
    params: schemas.identifierParams,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.string().max(40).optional(),
    }),
    answers: {
      200: { description: 'A page', schema: z.object({ items: z.array(read), next: z.string().nullable() }) },
    },
    problems: ['LICENCE_NOT_FOUND', 'LICENCE_CURSOR_INVALID'],
    handle: async ({ principal, params, query }) =>
      json(200, await listReads(deps, principal, fullIdentifier(params.identifier), query)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/retention',
    permission: 'licences:erase',
    summary: 'For how many days things are kept after their end',
    tag,
    answers: { 200: { description: 'By thing', schema: z.object({ items: z.array(kept) }) } },
    handle: async () => json(200, { items: await retentionInForce(deps) }),
  }),
]
