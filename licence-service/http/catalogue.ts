import type { Route } from '../../platform/http/index.ts'
import { assignAsKeeper } from '../operations/catalogue/assign-type.ts'
import {
  CATALOGUE_TYPE,
  exportCatalogue,
  importCatalogue,
  MAX_FILE_BYTES,
} from '../operations/catalogue/catalogue-file.ts'
import { draftType, takeTypeStep } from '../operations/catalogue/edit-types.ts'
import {
  catalogueStatistics,
  describeType,
  listTypes,
  readDrafts,
  readTypeVersions,
} from '../operations/catalogue/read-catalogue.ts'
import type { Deps } from '../operations/deps.ts'
import { json } from './answers.ts'
import * as schemas from './catalogue-schemas.ts'
import { defineRoute } from './permissions.ts'
import { definitionAnswer } from './schemas.ts'

const tag = 'Catalogue'
/** Public: any page and any cache may have it for a while. */
const shared = { 'Cache-Control': 'public, max-age=60', 'Access-Control-Allow-Origin': '*' }
const keeperProblems = ['LICENCE_TYPE_UNKNOWN', 'TYPE_NOT_YOURS']

/** The catalogue of licence types (GB/T 36902): read by anyone, written by editors, reviewed and published by others. */
export const catalogueRoutes = (deps: Deps): Route[] => [
  ...publicRoutes(deps),
  ...editorRoutes(deps),
  ...fileRoutes(deps),
]

const publicRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/catalogue',
    permission: 'public',
    summary:
      'Licence types, who defined them and who may issue them; searched by words, authority, holder, category, class',
    tag,
    query: schemas.listQuery,
    answers: { 200: { description: 'The types', schema: schemas.catalogueAnswer } },
    handle: async ({ query }) => json(200, { types: await listTypes(deps, query) }, shared),
  }),
  defineRoute({
    method: 'get',
    path: '/api/catalogue/{typeCode}',
    permission: 'public',
    summary: 'What a form for a type is made from, with a made-up example, and its catalogue entry',
    tag,
    params: schemas.typeParams,
    answers: { 200: { description: 'The definition', schema: definitionAnswer } },
    problems: ['LICENCE_TYPE_UNKNOWN'],
    handle: ({ params }) => json(200, describeType(deps, params.typeCode), shared),
  }),
  defineRoute({
    method: 'get',
    path: '/api/catalogue-file',
    permission: 'public',
    summary: 'The published catalogue as a signed file',
    tag,
    answers: { 200: { description: 'Compact JWS', contentType: `application/${CATALOGUE_TYPE}` } },
    handle: async () => ({
      status: 200,
      bytes: Buffer.from(await exportCatalogue(deps)),
      contentType: `application/${CATALOGUE_TYPE}`,
      headers: { ...shared, 'Content-Disposition': 'attachment; filename="catalogue.jws"' },
    }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/catalogue-file/jwks.json',
    permission: 'public',
    summary: 'The keys that sign the catalogue file',
    tag,
    answers: { 200: { description: 'JSON Web Key Set', contentType: 'application/jwk-set+json' } },
    handle: async () => ({
      status: 200,
      bytes: Buffer.from(JSON.stringify(await deps.outwardKey.jwks())),
      contentType: 'application/jwk-set+json',
      headers: shared,
    }),
  }),
]

const editorRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/catalogue-drafts',
    permission: 'catalogue:read',
    summary: 'Entries that are being written and reviewed',
    tag,
    answers: { 200: { description: 'The open versions', schema: schemas.versionsAnswer } },
    handle: async () => json(200, { versions: await readDrafts(deps) }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/catalogue-statistics',
    permission: 'catalogue:read',
    summary: 'How many types there are of which kind',
    tag,
    answers: { 200: { description: 'Counts', schema: schemas.statisticsAnswer } },
    handle: async () => json(200, await catalogueStatistics(deps)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/catalogue/{typeCode}/versions',
    permission: 'catalogue:read',
    summary: 'All versions of an entry, newest first',
    tag,
    params: schemas.typeParams,
    answers: { 200: { description: 'The versions', schema: schemas.versionsAnswer } },
    problems: ['LICENCE_TYPE_UNKNOWN'],
    handle: async ({ params }) => json(200, { versions: await readTypeVersions(deps, params.typeCode) }),
  }),
  defineRoute({
    method: 'put',
    path: '/api/catalogue/{typeCode}/draft',
    permission: 'catalogue:edit',
    summary: 'Writes the next version of an entry, or the first of a new type',
    tag,
    params: schemas.typeParams.extend({ typeCode: schemas.typeCode }),
    body: schemas.draftBody,
    maxBodyBytes: 256 << 10,
    answers: { 200: { description: 'The draft', schema: schemas.versionAnswer } },
    problems: ['TYPE_ENTRY_INVALID', 'TYPE_CHANGED_SINCE_READ', 'TYPE_NOT_YOURS'],
    handle: async ({ principal, params, body }) =>
      json(200, await draftType(deps, principal, { typeCode: params.typeCode, ...body })),
  }),
  ...(['review', 'publish', 'retire'] as const).map((step) =>
    defineRoute({
      method: 'post',
      path: `/api/catalogue/{typeCode}/${{ review: 'reviews', publish: 'publications', retire: 'retirements' }[step]}`,
      permission: 'catalogue:review',
      summary: {
        review: 'Says that a draft is right; another person than its writers',
        publish: 'Puts a reviewed entry in force; the one before is retired',
        retire: 'Ends a type: nothing is issued of it any more',
      }[step],
      tag,
      params: schemas.typeParams,
      body: schemas.stepBody,
      answers: { 200: { description: 'The version', schema: schemas.versionAnswer } },
      problems: [...keeperProblems, 'TYPE_STATE_REFUSED', 'TYPE_CHANGED_SINCE_READ', 'CATALOGUE_SAME_PERSON'],
      handle: async ({ principal, params, body }) =>
        json(200, await takeTypeStep(deps, principal, step, { typeCode: params.typeCode, ...body })),
    }),
  ),
  defineRoute({
    method: 'post',
    path: '/api/catalogue/{typeCode}/assignments',
    permission: 'catalogue:review',
    summary: 'Lets a department issue licences of a type with a seal',
    tag,
    params: schemas.typeParams,
    body: schemas.assignmentBody,
    answers: { 204: { description: 'Assigned, or so already' } },
    problems: [...keeperProblems, 'TYPE_SEAL_REFUSED'],
    handle: async ({ principal, params: { typeCode }, body }) => {
      await assignAsKeeper(deps, principal, { typeCode, ...body, coSeals: body.coSeals ?? [] })
      return { status: 204 }
    },
  }),
]

const fileRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/catalogue-imports',
    permission: 'catalogue:edit',
    summary: 'Takes entries of a signed catalogue file over as drafts; a trial run first',
    tag,
    body: schemas.importBody,
    maxBodyBytes: MAX_FILE_BYTES + 4096,
    answers: { 200: { description: 'What was, or would be, taken over', schema: schemas.importAnswer } },
    problems: ['CATALOGUE_FILE_INVALID'],
    handle: async ({ principal, body }) =>
      json(
        200,
        await importCatalogue(deps, principal, body, (given) => {
          const read = schemas.importedEntry.safeParse(given)
          return read.success ? read.data : undefined
        }),
      ),
  }),
]
