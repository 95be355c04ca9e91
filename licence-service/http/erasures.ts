import { z } from 'zod'
import type { Route } from '../../platform/http/index.ts'
import { ERASURE_CAUSES, type Erasure } from '../domain/erasure.ts'
import type { Deps } from '../operations/deps.ts'
import { askErasure, decideOnErasure, listOwnErasures } from '../operations/erasure/erase.ts'
import { json } from './answers.ts'
import { fullIdentifier } from './licences.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

const tag = 'Personal data'
const instant = z.iso.datetime({ offset: true })
const erasure = z.object({
  erasure: z.string(),
  identifier: z.string(),
  cause: z.enum(ERASURE_CAUSES),
  state: z.enum(['asked', 'done', 'refused']),
  askedBy: z.string(),
  askedAt: instant,
  decidedBy: z.string().nullable(),
  decidedAt: instant.nullable(),
})
const toJson = ({ departmentCode, ...row }: Erasure) => row

/** Erasure of what is personal of a licence, by two people. */
export const erasureRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/licences/{identifier}/erasures',
    permission: 'licences:erase',
    summary: 'Asks that the personal data of a licence that has ended be erased',
    tag,
    idempotent: true,
    params: schemas.identifierParams,
    body: z.strictObject({ cause: z.enum(ERASURE_CAUSES) }),
    answers: { 201: { description: 'Somebody else decides', schema: erasure } },
    problems: ['LICENCE_NOT_FOUND', 'LICENCE_ERASED', 'ERASURE_REFUSED', 'ERASURE_OPEN', 'IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ principal, params, body, idempotency }) => {
      const identifier = fullIdentifier(params.identifier)
      return json(201, toJson(await askErasure(deps, principal, { identifier, ...body, key: idempotency!.key })))
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/erasures',
    permission: 'licences:erase',
    summary: 'Erasures that the department asked for, latest first',
    tag,
    answers: { 200: { description: 'The latest two hundred', schema: z.object({ items: z.array(erasure) }) } },
    handle: async ({ principal }) => json(200, { items: (await listOwnErasures(deps, principal)).map(toJson) }),
  }),
  ...(['approvals', 'refusals'] as const).map((path) =>
    defineRoute({
      method: 'post',
      path: `/api/erasures/{erasureId}/${path}`,
      permission: 'licences:erase',
      summary: path === 'approvals' ? 'Erases, for good' : 'Refuses to erase',
      tag,
      params: z.object({ erasureId: z.uuid() }),
      answers: { 201: { description: 'Decided', schema: erasure } },
      problems: [
        'ERASURE_NOT_FOUND',
        'ERASURE_DECIDED',
        'ERASURE_SAME_PERSON',
        ...(path === 'approvals' ? ['ERASURE_REFUSED', 'LICENCE_ERASED'] : []),
      ],
      handle: async ({ principal, params }) => {
        const decision = path === 'approvals' ? 'done' : 'refused'
        return json(201, toJson(await decideOnErasure(deps, principal, params.erasureId, decision)))
      },
    }),
  ),
]
