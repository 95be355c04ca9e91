import { z } from 'zod'
import { instant, type Route } from '../../platform/http/index.ts'
import { gradeLetters, MOST_SCAN_BYTES, scanGrades } from '../domain/scan.ts'
import type { Deps } from '../operations/deps.ts'
import { addScan, gradeScan, listScans, listScansByGrade, readScan } from '../operations/intake/scans.ts'
import { json, scanFile } from './answers.ts'
import { fullIdentifier } from './licences.ts'
import { defineRoute } from './permissions.ts'
import { identifierParams } from './schemas.ts'

const tag = 'Scans'
const mediaTypes = ['application/pdf', 'image/png', 'image/jpeg', 'application/octet-stream']
const grade = z
  .enum(gradeLetters)
  .describe(gradeLetters.map((letter) => `${letter}: ${scanGrades[letter].en}`).join('; '))
const scanParams = identifierParams.extend({ scanId: z.uuid() })
const grading = z.object({ grade, gradedBy: z.string(), gradedAt: instant })
const scanAnswer = z.object({
  scanId: z.string(),
  mediaType: z.string(),
  bytes: z.number(),
  digest: z.string(),
  addedBy: z.string(),
  addedAt: instant,
  ...grading.shape,
})

const listQuery = z.strictObject({
  grade: grade.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(40).optional(),
})
const listed = z.object({
  scanId: z.string(),
  identifier: z.string(),
  typeCode: z.string(),
  number: z.string(),
  mediaType: z.string(),
  bytes: z.number(),
  addedBy: z.string(),
  addedAt: instant,
  grade,
})

/** Scans of the paper that licences of the own department are on (存量证照). */
export const scanRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/licences/{identifier}/scans',
    permission: 'licences:collect',
    summary: 'Attaches a scan (PDF, PNG, JPEG) of the paper, with a grade of its quality',
    tag,
    idempotent: true,
    params: identifierParams,
    query: z.strictObject({ grade }),
    rawBody: { mediaTypes, maxBytes: MOST_SCAN_BYTES },
    answers: { 201: { description: 'The scan', schema: scanAnswer } },
    problems: ['LICENCE_NOT_FOUND', 'LICENCE_ERASED', 'SCAN_FILE_REFUSED', 'SCAN_TOO_MANY'],
    handle: async ({ principal, params, query, bytes }) => {
      const identifier = fullIdentifier(params.identifier)
      return json(201, await addScan(deps, principal, identifier, { bytes: bytes!, grade: query.grade }))
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/scans',
    permission: 'licences:read',
    summary: 'Scans of the licences of the own department by grade, those added last first',
    tag,
    query: listQuery,
    answers: {
      200: {
        description: 'A page of the list',
        schema: z.object({ items: z.array(listed), next: z.string().nullable() }),
      },
    },
    problems: ['LICENCE_CURSOR_INVALID'],
    handle: async ({ principal, query }) => json(200, await listScansByGrade(deps, principal, query)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/licences/{identifier}/scans',
    permission: 'licences:read',
    summary: 'The scans of a licence, with the last word on each',
    tag,
    params: identifierParams,
    answers: { 200: { description: 'The scans', schema: z.object({ items: z.array(scanAnswer) }) } },
    problems: ['LICENCE_NOT_FOUND'],
    handle: async ({ principal, params }) =>
      json(200, { items: await listScans(deps, principal, fullIdentifier(params.identifier)) }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/licences/{identifier}/scans/{scanId}',
    permission: 'licences:read',
    summary: 'A scan as it was added; that it was read is on record',
    tag,
    params: scanParams,
    answers: { 200: { description: 'The file', contentType: 'application/octet-stream' } },
    problems: ['LICENCE_NOT_FOUND', 'LICENCE_ERASED', 'SCAN_NOT_FOUND'],
    handle: async ({ principal, params: { scanId, ...params } }) =>
      scanFile(await readScan(deps, principal, fullIdentifier(params.identifier), scanId), scanId),
  }),
  defineRoute({
    method: 'post',
    path: '/api/licences/{identifier}/scans/{scanId}/grades',
    permission: 'licences:review',
    summary: 'Says anew how good a scan is; what was said before stays on record',
    tag,
    idempotent: true,
    params: scanParams,
    body: z.strictObject({ grade }),
    answers: { 201: { description: 'Everything said, in order', schema: z.object({ items: z.array(grading) }) } },
    problems: ['LICENCE_NOT_FOUND', 'SCAN_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ principal, params: { scanId, ...params }, body, idempotency }) => {
      const identifier = fullIdentifier(params.identifier)
      const grading = { scanId, grade: body.grade, once: idempotency! }
      return json(201, { items: await gradeScan(deps, principal, identifier, grading) })
    },
  }),
]
