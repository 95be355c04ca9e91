import { z } from 'zod'
import { fromBase64 } from '../../licence-format/index.ts'
import { instant, type Route, time } from '../../platform/http/index.ts'
import { PlatformError } from '../../platform/index.ts'
import { reportedStates } from '../domain/collected.ts'
import type { Deps } from '../operations/deps.ts'
import { collectLicence } from '../operations/intake/collect.ts'
import { listCollected } from '../operations/intake/list-collected.ts'
import { reportStatus, reportStatuses } from '../operations/intake/report-status.ts'
import { endSourceOf, setSource } from '../operations/intake/sources.ts'
import { listSources } from '../store/intake-sources.ts'
import { json } from './answers.ts'
import { clientKey } from './client-key.ts'
import { fullIdentifier } from './licences.ts'
import { defineRoute } from './permissions.ts'
import { identifierParams, originMembers, reason, status } from './schemas.ts'

const tag = 'Collected licences'
/** A PDF of 16 MiB in base64, and its metadata. */
const MAX_BODY_BYTES = 23 << 20
const MOST_DOCUMENT_CHARACTERS = 4 * Math.ceil((16 << 20) / 3)
const sourceName = z.string().trim().min(1).max(60)

const sourceBody = z.strictObject({
  source: sourceName.describe('Its name, as everyone is told of it'),
  clientId: z.string().min(1).max(100).describe('The machine of the department that speaks for it'),
  typeCodes: z.array(z.string().max(40)).min(1).max(200),
  origins: z
    .array(z.string().max(300))
    .max(20)
    .default([])
    .describe('Where its files may be fetched: https://host[:port]'),
})
const sourceAnswer = z.object({
  source: z.string(),
  clientId: z.string(),
  typeCodes: z.array(z.string()),
  origins: z.array(z.string()),
  setBy: z.string(),
  setAt: instant,
  endedAt: instant.nullable(),
})
const state = z.enum(reportedStates)
const asOf = time.describe('Up to when the owner knows')
const effectiveAt = time.optional().describe('From when it holds; left out: from asOf')
const text = z.string().max(2_000)
const collectBody = z.strictObject({
  source: sourceName,
  metadata: z
    .record(z.string().max(100), z.union([text, z.array(text).max(50)]))
    .describe('GB/T 36903 by short names (ZZBS, ZZLXDM, ZZMC, ZZBH, ZZBFJG, CZZT …); KZ_x is the field x of the type'),
  document: z.string().max(MOST_DOCUMENT_CHARACTERS).optional().describe('The PDF in base64'),
  indexUrl: z.string().max(2_000).optional().describe('Or the address at which it is fetched: 1 MiB at most'),
  status: z.strictObject({ state, effectiveAt, asOf }),
})
const reportBody = z.strictObject({ state, effectiveAt, asOf, reason: reason.optional() })
const MOST_REPORTS = 200
const reportsBody = z.strictObject({
  reports: z
    .array(reportBody.extend({ identifier: identifierParams.shape.identifier }))
    .min(1)
    .max(MOST_REPORTS),
})
const collectedAnswer = z.object({
  identifier: z.string(),
  number: z.string(),
  status,
  sealedDigest: z.string(),
  ...originMembers,
})

/** Licences that other systems made: who may bring them, taking them in, and what their owners say of their state. */
export const intakeRoutes = (deps: Deps): Route[] => [...sourceRoutes(deps), ...collectedRoutes(deps)]

const reportsAnswer = z.object({
  items: z.array(
    z.discriminatedUnion('ok', [
      collectedAnswer.extend({ ok: z.literal(true) }),
      z.object({ ok: z.literal(false), identifier: z.string(), code: z.string() }),
    ]),
  ),
})

const sourceRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/intake-sources',
    permission: 'licences:review',
    summary: 'Systems whose licences the own department takes in',
    tag,
    answers: { 200: { description: 'The sources', schema: z.object({ items: z.array(sourceAnswer) }) } },
    handle: async ({ principal }) =>
      json(200, { items: (await listSources(deps.database, principal.departmentCode)).map(sourceOf) }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/intake-sources',
    permission: 'licences:review',
    summary: 'Lets the licences of a system in, or sets it anew',
    tag,
    idempotent: true,
    body: sourceBody,
    answers: { 201: { description: 'Set', schema: sourceAnswer } },
    problems: ['LICENCE_TYPE_UNKNOWN', 'INTAKE_ADDRESS_REFUSED', 'IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ principal, body, idempotency }) =>
      json(201, sourceOf(await setSource(deps, principal, body, idempotency!))),
  }),
  defineRoute({
    method: 'post',
    path: '/api/intake-sources/ends',
    permission: 'licences:review',
    summary: 'Takes nothing more from a source',
    tag,
    idempotent: true,
    body: z.strictObject({ source: sourceName }),
    answers: { 201: { description: 'Ended', schema: z.object({ ended: z.boolean() }) } },
    problems: ['IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ principal, body, idempotency }) =>
      json(201, await endSourceOf(deps, principal, body.source, idempotency!)),
  }),
]

const listQuery = z.strictObject({
  source: sourceName,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(240).optional(),
})
const listAnswer = z.object({
  items: z.array(
    z.object({
      identifier: z.string(),
      typeCode: z.string(),
      number: z.string(),
      status,
      statusReportedAt: instant.describe('Up to when its source has told of its state'),
    }),
  ),
  next: z.string().nullable(),
})

const collectedRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/collected-licences',
    permission: 'licences:review',
    summary: 'Licences that a source brought, those longest without a report of their state first',
    tag,
    query: listQuery,
    answers: { 200: { description: 'A page of the list', schema: listAnswer } },
    problems: ['LICENCE_CURSOR_INVALID'],
    handle: async ({ principal, query }) => json(200, await listCollected(deps, principal, query)),
  }),
  defineRoute({
    method: 'post',
    path: '/api/collected-licences',
    permission: 'licences:collect',
    summary: 'Takes in a licence that another system made: its document is verified and kept as it came',
    tag,
    idempotent: true,
    body: collectBody,
    maxBodyBytes: MAX_BODY_BYTES,
    answers: { 201: { description: 'On the register as collected', schema: collectedAnswer } },
    problems: [
      'INTAKE_SOURCE_REFUSED',
      'LICENCE_TYPE_NOT_ASSIGNED',
      'LICENCE_DATA_INVALID',
      'LICENCE_EFFECTIVE_TIME_REFUSED',
      'INTAKE_TIME_REFUSED',
      'INTAKE_ALREADY_THERE',
      'INTAKE_ADDRESS_REFUSED',
      'INTAKE_FILE_UNREACHABLE',
      'INTAKE_DOCUMENT_REFUSED',
      'INTAKE_DOCUMENT_DIFFERS',
      'IDEMPOTENCY_KEY_REUSED',
    ],
    handle: async ({ principal, body: { document, indexUrl, ...body }, idempotency }) => {
      const collection = { ...body, document: documentOf(document, indexUrl), key: clientKey(idempotency) }
      return json(201, await collectLicence(deps, principal, collection))
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/collected-licences/{identifier}/status-reports',
    permission: 'licences:collect',
    summary: 'What the owner of a collected licence says of its state; an older report never undoes a later one',
    tag,
    idempotent: true,
    params: identifierParams,
    body: reportBody,
    answers: { 201: { description: 'As it stands now', schema: collectedAnswer } },
    problems: [
      'LICENCE_NOT_FOUND',
      'INTAKE_SOURCE_REFUSED',
      'INTAKE_TIME_REFUSED',
      'INTAKE_STATUS_STALE',
      'LICENCE_TRANSITION_REFUSED',
      'LICENCE_EFFECTIVE_TIME_REFUSED',
    ],
    handle: async ({ principal, params, body }) =>
      json(201, await reportStatus(deps, principal, { identifier: fullIdentifier(params.identifier), ...body })),
  }),
  defineRoute({
    method: 'post',
    path: '/api/collected-status-reports',
    permission: 'licences:collect',
    summary: `The same for up to ${MOST_REPORTS} licences: an answer for each, in order`,
    tag,
    idempotent: true,
    body: reportsBody,
    maxBodyBytes: 1 << 20,
    answers: { 200: { description: 'What became of each', schema: reportsAnswer } },
    problems: ['IDENTIFIER_MALFORMED', 'IDENTIFIER_CHECK_CHARACTER_WRONG'],
    handle: async ({ principal, body }) => {
      const reports = body.reports.map((one) => ({ ...one, identifier: fullIdentifier(one.identifier) }))
      return json(200, { items: await reportStatuses(deps, principal, reports) })
    },
  }),
]

const sourceOf = <T extends { departmentCode: string }>({ departmentCode: _, ...source }: T) => source

function documentOf(document: string | undefined, indexUrl: string | undefined) {
  if ((document === undefined) === (indexUrl === undefined))
    throw invalid('/document', 'expected document or indexUrl, one of them')
  if (document === undefined) return { indexUrl: indexUrl! }
  const pdf = fromBase64(document)
  if (!pdf) throw invalid('/document', 'expected base64')
  return { pdf }
}

const invalid = (pointer: string, detail: string) =>
  new PlatformError('REQUEST_INVALID', detail, { faults: [{ pointer, code: 'REQUEST_INVALID', detail }] })
