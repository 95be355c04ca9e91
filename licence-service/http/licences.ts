import { parseIdentifier } from '../../licence-format/index.ts'
import { exportOf, type Route } from '../../platform/http/index.ts'
import type { Principal } from '../../platform/index.ts'
import { changeStatus } from '../operations/change-status.ts'
import type { Deps } from '../operations/deps.ts'
import type { IssueRequest } from '../operations/issue-licences.ts'
import type { IssuedLicence, IssueOutcome } from '../operations/issue-outcome.ts'
import { exportLicences, listLicences, searchLicences } from '../operations/list-licences.ts'
import { previewLicence } from '../operations/preview-licence.ts'
import { readDocument, readLicence, readStatement } from '../operations/read-licence.ts'
import { json, linksOf, pdf } from './answers.ts'
import { clientKey } from './client-key.ts'
import { listedTable } from './listed-table.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

/** Room for the pictures of a licence in base64. */
export const MAX_BODY_BYTES = 16 << 20
const tag = 'Licences'
const pdfAnswer = { description: 'The sealed PDF', contentType: 'application/pdf' }
/** What an uploaded document is refused for. */
export const bodyProblems = [
  'LICENCE_BODY_REFUSED',
  'LICENCE_BODY_MISSING',
  'LICENCE_BODY_NOT_WANTED',
  'LICENCE_BODY_NOT_FOUND',
  'LICENCE_BODY_PLACE_REFUSED',
]
export const issueProblems = [
  ...bodyProblems,
  'LICENCE_DATA_INVALID',
  'LICENCE_TYPE_UNKNOWN',
  'LICENCE_TYPE_NOT_ASSIGNED',
  'LEVEL_NOT_AVAILABLE',
  'IDEMPOTENCY_KEY_REUSED',
  'LICENCE_ISSUANCE_INTERRUPTED',
  'SEAL_QUOTA_EXHAUSTED',
  'SEAL_RATE_EXCEEDED',
  'SEAL_SECOND_PERSON_AWAITED',
]

export type Issue = (caller: Principal, requests: readonly IssueRequest[]) => Promise<IssueOutcome[]>

/** The routes of the issuing department: issue, list, read, change. */
export function licenceRoutes(deps: Deps, issue: Issue): Route[] {
  const issueOne = async (caller: Principal, request: IssueRequest) => {
    const outcome = (await issue(caller, [request]))[0]!
    if (!outcome.ok) throw outcome.error
    return json(201, await withLinks(deps, caller, outcome.licence), {
      Location: `${deps.baseUrl}/api/licences/${outcome.licence.identifier}`,
    })
  }
  return [
    defineRoute({
      method: 'post',
      path: '/api/licences/previews',
      permission: 'licences:issue',
      summary: 'Draws a licence as a specimen; nothing is recorded',
      tag,
      body: schemas.previewBody,
      maxBodyBytes: MAX_BODY_BYTES,
      answers: { 200: { description: 'The specimen', contentType: 'application/pdf' } },
      problems: [...bodyProblems, 'LICENCE_DATA_INVALID', 'LICENCE_TYPE_UNKNOWN'],
      handle: async ({ principal, body }) => pdf(await previewLicence(deps, principal, body)),
    }),
    defineRoute({
      method: 'post',
      path: '/api/licences',
      permission: 'licences:issue',
      summary: 'Issues a licence',
      tag,
      idempotent: true,
      body: schemas.issueBody,
      maxBodyBytes: MAX_BODY_BYTES,
      answers: { 201: { description: 'The licence is on the register', schema: schemas.issuedAnswer } },
      problems: issueProblems,
      handle: ({ principal, body, idempotency }) => issueOne(principal, { key: clientKey(idempotency), ...body }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/licences',
      permission: 'licences:read',
      summary: 'Lists the licences of the own department, newest first',
      tag,
      query: schemas.listQuery,
      answers: { 200: { description: 'A page of the list', schema: schemas.listAnswer } },
      problems: ['LICENCE_CURSOR_INVALID'],
      handle: async ({ principal, query }) => json(200, await listLicences(deps, principal, query)),
    }),
    defineRoute({
      method: 'post',
      path: '/api/licences/searches',
      permission: 'licences:read',
      summary: 'Searches the licences of the own department; a body, since names and numbers never stand in an address',
      tag,
      body: schemas.searchBody,
      answers: { 200: { description: 'A page of what was found', schema: schemas.listAnswer } },
      problems: ['LICENCE_CURSOR_INVALID', 'LICENCE_FIELD_NOT_SEARCHED'],
      handle: async ({ principal, body }) => {
        const identifier = body.identifier === undefined ? undefined : fullIdentifier(body.identifier)
        return json(200, await searchLicences(deps, principal, { ...body, identifier }))
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/licences/exports',
      permission: 'licences:read',
      summary:
        'All that a search finds as a file, CSV, XLSX or JSON Lines, holders masked as in the list; put on record',
      tag,
      body: schemas.exportBody,
      answers: { 200: { description: 'The file, by default CSV', contentType: 'text/csv' } },
      problems: ['LICENCE_FIELD_NOT_SEARCHED'],
      handle: async ({ principal, body: { format, lang, ...search } }) => {
        const identifier = search.identifier === undefined ? undefined : fullIdentifier(search.identifier)
        return exportOf(exportLicences(deps, principal, { ...search, identifier }), listedTable(deps), {
          ...{ format, lang, name: 'licences' },
        })
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/licences/{identifier}',
      permission: 'licences:read',
      summary: 'A licence of the own department with its data and history',
      tag,
      params: schemas.identifierParams,
      answers: { 200: { description: 'The licence', schema: schemas.licenceAnswer } },
      problems: ['LICENCE_NOT_FOUND'],
      handle: async ({ principal, params }) => {
        const { history, ...licence } = await readLicence(deps, principal, fullIdentifier(params.identifier))
        const entries = history.map(({ recordedAt, recordedBy, ...entry }) => ({
          ...entry,
          at: recordedAt,
          by: recordedBy,
        }))
        return json(200, await withLinks(deps, principal, { ...licence, history: entries }))
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/licences/{identifier}/document',
      permission: 'licences:read',
      summary: 'The sealed PDF',
      tag,
      params: schemas.identifierParams,
      query: schemas.documentQuery,
      answers: { 200: pdfAnswer },
      problems: ['LICENCE_NOT_FOUND', 'LICENCE_NOT_ISSUED', 'LICENCE_ERASED'],
      handle: async ({ principal, params, query }) => {
        const identifier = fullIdentifier(params.identifier)
        return pdf(await readDocument(deps, principal, identifier, query.for), identifier)
      },
    }),
    ...(['suspend', 'restore', 'revoke'] as const).map((event) =>
      defineRoute({
        method: 'post',
        path: `/api/licences/{identifier}/${{ suspend: 'suspensions', restore: 'restorations', revoke: 'revocations' }[event]}`,
        permission: 'licences:change',
        summary: { suspend: 'Suspends a licence', restore: 'Ends a suspension', revoke: 'Revokes a licence for good' }[
          event
        ],
        tag,
        idempotent: true,
        params: schemas.identifierParams,
        body: schemas.changeBody,
        answers: { 201: { description: 'Recorded', schema: schemas.changedAnswer } },
        problems: [
          'LICENCE_NOT_FOUND',
          'LICENCE_TRANSITION_REFUSED',
          'LICENCE_EFFECTIVE_TIME_REFUSED',
          'LICENCE_ERASED',
          'IDEMPOTENCY_KEY_REUSED',
        ],
        handle: async ({ principal, params, body, idempotency }) => {
          const change = { identifier: fullIdentifier(params.identifier), ...body, key: clientKey(idempotency) }
          return json(201, await changeStatus(deps, principal, event, change))
        },
      }),
    ),
    defineRoute({
      method: 'post',
      path: '/api/licences/{identifier}/replacements',
      permission: 'licences:change',
      summary: 'Issues the next version of a licence and supersedes this one',
      tag,
      idempotent: true,
      params: schemas.identifierParams,
      body: schemas.replaceBody,
      maxBodyBytes: MAX_BODY_BYTES,
      answers: { 201: { description: 'The new version is on the register', schema: schemas.issuedAnswer } },
      problems: [
        ...issueProblems,
        'LICENCE_NOT_FOUND',
        'LICENCE_TRANSITION_REFUSED',
        'LICENCE_ERASED',
        'LICENCE_HOLDER_DIFFERS',
        'LICENCE_REPLACEMENT_UNDER_WAY',
      ],
      handle: ({ principal, params, body: { data, level, body, reason, effectiveAt }, idempotency }) => {
        const { text: identifier, typeCode } = parseIdentifier(params.identifier)
        return issueOne(principal, {
          key: clientKey(idempotency),
          typeCode,
          data,
          level,
          body,
          replaces: { identifier, reason, effectiveAt },
        })
      },
    }),
  ]
}

/** Addresses may name a licence with the root object identifier or without. */
export const fullIdentifier = (text: string): string => parseIdentifier(text).text

async function withLinks<T extends IssuedLicence | { identifier: string }>(deps: Deps, caller: Principal, licence: T) {
  return {
    ...licence,
    links: linksOf(deps.baseUrl, licence.identifier, await readStatement(deps, caller, licence.identifier)),
  }
}
