import type { Route } from '../../platform/http/index.ts'
import { describeType, listTypes } from '../operations/catalogue.ts'
import type { Deps } from '../operations/deps.ts'
import { readStatusList } from '../operations/publish-status-lists.ts'
import { readTrustList } from '../operations/publish-trust-list.ts'
import { readStatus, readStatusByDigest } from '../operations/read-status.ts'
import { json } from './answers.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

/** Signed or public: any page and any cache may have it for a while. */
const shared = { 'Cache-Control': 'public, max-age=60', 'Access-Control-Allow-Origin': '*' }

/** The routes that need no login: catalogue, status, signed lists. */
export const publicRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/catalogue',
    permission: 'public',
    summary: 'Licence types and who may issue them',
    tag: 'Catalogue',
    answers: { 200: { description: 'The types', schema: schemas.catalogueAnswer } },
    handle: async () => json(200, { types: await listTypes(deps) }, shared),
  }),
  defineRoute({
    method: 'get',
    path: '/api/catalogue/{typeCode}',
    permission: 'public',
    summary: 'What a form for a type is made from, with a made-up example',
    tag: 'Catalogue',
    params: schemas.typeParams,
    answers: { 200: { description: 'The definition', schema: schemas.definitionAnswer } },
    problems: ['LICENCE_TYPE_UNKNOWN'],
    handle: ({ params }) => json(200, describeType(deps, params.typeCode), shared),
  }),
  defineRoute({
    method: 'get',
    path: '/api/licences/{identifier}/status',
    permission: 'public',
    summary: 'Status of a licence, now or as of an instant; unknown identifiers answer unknown',
    tag: 'Status',
    params: schemas.identifierParams,
    query: schemas.statusQuery,
    answers: { 200: { description: 'The status', schema: schemas.statusAnswer } },
    problems: ['IDENTIFIER_MALFORMED', 'IDENTIFIER_CHECK_CHARACTER_WRONG', 'LICENCE_AS_OF_IN_FUTURE'],
    handle: async ({ params, query }) =>
      json(200, await readStatus(deps, params.identifier, query.asOf), {
        'Cache-Control': 'no-store',
        'Access-Control-Allow-Origin': '*',
      }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/sealed-digests/{sealedDigest}/status',
    permission: 'public',
    summary: 'Status of the licence whose sealed document has this digest; an unknown digest answers unknown',
    tag: 'Status',
    params: schemas.digestParams,
    answers: { 200: { description: 'The status', schema: schemas.digestStatusAnswer } },
    handle: async ({ params }) => {
      const status = await readStatusByDigest(deps, params.sealedDigest)
      return json(200, status ?? { identifier: null, status: 'unknown', asOf: deps.clock.now() }, {
        'Cache-Control': 'no-store',
        'Access-Control-Allow-Origin': '*',
      })
    },
  }),
  defineRoute({
    method: 'get',
    path: '/status-lists/{id}',
    permission: 'public',
    summary: 'A signed Token Status List',
    tag: 'Status',
    params: schemas.listParams,
    answers: { 200: { description: 'The list', contentType: 'application/statuslist+jwt' } },
    problems: ['STATUS_LIST_NOT_FOUND', 'LIST_NOT_PUBLISHED'],
    handle: async ({ params }) => signed(await readStatusList(deps, params.id), 'application/statuslist+jwt'),
  }),
  defineRoute({
    method: 'get',
    path: '/trust-list',
    permission: 'public',
    summary: 'The signed trust list (ETSI TS 119 602, JSON)',
    tag: 'Status',
    answers: { 200: { description: 'The list', contentType: 'application/jwt' } },
    problems: ['LIST_NOT_PUBLISHED'],
    handle: async () => signed(await readTrustList(deps), 'application/jwt'),
  }),
]

/** As bytes: text would be given a charset, which these media types do not have. */
const signed = (token: string, contentType: string) => ({
  status: 200,
  bytes: Buffer.from(token),
  contentType,
  headers: shared,
})
