import { z } from 'zod'
import { instant, type Route, time } from '../../platform/http/index.ts'
import { LicenceError } from '../errors.ts'
import { answerOnce } from '../operations/answer-once.ts'
import type { Approvals } from '../operations/approvals/approvals.ts'
import { nameInHand } from '../operations/approvals/name-in-hand.ts'
import { type CaseView, toView } from '../operations/approvals/submit-case.ts'
import type { Deps } from '../operations/deps.ts'
import { actedFor } from '../operations/life/life-facts.ts'
import { endGrant, listCases, putGrant, runningGrants } from '../store/cases.ts'
import { recordAudit } from '../store/register.ts'
import { json } from './answers.ts'
import { bodyProblems } from './licences.ts'
import { defineRoute } from './permissions.ts'
import { body, reason } from './schemas.ts'

const tag = 'Approvals'
const caseNumber = z
  .string()
  .max(64)
  .regex(/^[0-9A-Za-z_.-]+$/)
const typeCode = z.string().max(40)
const clientId = z.string().min(1).max(100)

const submission = z.strictObject({
  caseNumber: caseNumber.describe('办件编号'),
  itemCode: z.string().min(1).max(64).describe('事项编码'),
  applicant: z.strictObject({ name: z.string().trim().min(1).max(200), code: z.string().trim().min(1).max(64) }),
  decidedAt: time.describe('When it was decided'),
  typeCode,
  data: z.record(z.string().max(100), z.unknown()).describe('As for POST /api/licences'),
  body,
  callBack: z.string().max(500).optional().describe('https address that is told the answer, signed'),
})
const view = z.object({
  caseNumber: z.string(),
  typeCode: z.string(),
  itemCode: z.string(),
  state: z.enum(['waiting', 'issued', 'refused']),
  decidedAt: instant,
  submittedAt: instant,
  answeredAt: instant.nullable(),
  identifier: z.string().nullable(),
  lastFault: z.string().nullable(),
})
const list = z.object({ items: z.array(view), next: z.string().nullable() })
const listQuery = z.strictObject({
  state: z.enum(['waiting', 'issued', 'refused']).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
})
const grant = z.object({
  clientId: z.string(),
  typeCode: z.string(),
  grantedBy: z.string(),
  grantedAt: instant,
  until: instant,
})
const caseParams = z.object({ caseNumber })
const LONGEST_GRANT_MS = 366 * 86_400_000

/** From approval results (办件) to licences: one for a case and type. */
export const approvalRoutes = (deps: Deps, approvals: Approvals): Route[] => [
  ...caseRoutes(deps, approvals),
  ...answerRoutes(deps, approvals),
  ...grantRoutes(deps),
]

const caseRoutes = (deps: Deps, approvals: Approvals): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/approvals',
    permission: 'approvals:submit',
    summary: 'Hands an approval result over; with a grant for the machine the licence is made at once',
    tag,
    idempotent: true,
    body: submission,
    maxBodyBytes: 16 << 20,
    answers: {
      201: { description: 'The licence is on the register', schema: view },
      202: { description: 'The case waits to be issued', schema: view },
    },
    problems: [
      'LICENCE_TYPE_UNKNOWN',
      'LICENCE_DATA_INVALID',
      ...bodyProblems,
      'CASE_ITEM_DIFFERS',
      'CASE_TIME_REFUSED',
      'CASE_CALL_BACK_REFUSED',
      'CASE_DIFFERS',
    ],
    handle: async ({ principal, body }) => answer(await approvals.submit(principal, body)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/approvals',
    permission: 'approvals:submit',
    summary: 'Cases that the department has in hand, in the order they came',
    tag,
    query: listQuery,
    answers: { 200: { description: 'A page of the list', schema: list } },
    handle: async ({ principal, query: { state = null, limit, cursor = '0' } }) => {
      const after = BigInt(cursor)
      const rows = await listCases(deps.database, await actedFor(deps, principal), { state, after, limit: limit + 1 })
      const page = rows.slice(0, limit)
      return json(200, { items: page.map(toView), next: rows.length > limit ? page.at(-1)!.position.toString() : null })
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/approvals/{caseNumber}',
    permission: 'approvals:submit',
    summary: 'A case with every licence that was to come of it',
    tag,
    params: caseParams,
    answers: { 200: { description: 'The case, by type', schema: z.object({ items: z.array(view) }) } },
    problems: ['CASE_NOT_FOUND'],
    handle: async ({ principal, params }) => {
      const rows = await listCases(deps.database, await actedFor(deps, principal), { ...params, limit: 200 })
      if (rows.length === 0) throw new LicenceError('CASE_NOT_FOUND', 'the department has no such case')
      return json(200, { items: rows.map(toView) })
    },
  }),
]

const answerRoutes = (deps: Deps, approvals: Approvals): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/approvals/{caseNumber}/licences',
    permission: 'licences:issue',
    summary: 'Issues the licence of a case, once',
    tag,
    idempotent: true,
    params: caseParams,
    body: z.strictObject({ typeCode }),
    answers: { 201: { description: 'The licence is on the register', schema: view } },
    problems: [
      'CASE_NOT_FOUND',
      'CASE_ANSWERED',
      'LICENCE_DATA_INVALID',
      ...bodyProblems,
      'LICENCE_TYPE_NOT_ASSIGNED',
      'LICENCE_ISSUANCE_INTERRUPTED',
      'SEAL_QUOTA_EXHAUSTED',
      'SEAL_RATE_EXCEEDED',
      'SEAL_SECOND_PERSON_AWAITED',
    ],
    handle: async ({ principal, params, body }) =>
      answer(await approvals.issue(principal, await nameInHand(deps, principal, { ...params, ...body }))),
  }),
  defineRoute({
    method: 'post',
    path: '/api/approvals/{caseNumber}/refusals',
    permission: 'licences:issue',
    summary: 'Ends a case without a licence',
    tag,
    idempotent: true,
    params: caseParams,
    body: z.strictObject({ typeCode, reason }),
    answers: { 201: { description: 'Recorded', schema: view } },
    problems: ['CASE_NOT_FOUND', 'CASE_ANSWERED'],
    handle: async ({ principal, params, body: { reason: why, ...of } }) => {
      const name = await nameInHand(deps, principal, { ...params, ...of })
      return json(201, await approvals.refuse(principal, name, why))
    },
  }),
]

const grantRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/unattended-grants',
    permission: 'licences:review',
    summary: 'Machines that have licences made at once (秒批)',
    tag,
    answers: { 200: { description: 'The grants that run', schema: z.object({ items: z.array(grant) }) } },
    handle: async ({ principal }) => {
      const running = await runningGrants(deps.database, principal.departmentCode, deps.clock.now())
      return json(200, { items: running.map(({ departmentCode: _, ...one }) => one) })
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/unattended-grants',
    permission: 'licences:review',
    summary: 'Lets a machine of the own department have licences of a type made at once',
    tag,
    idempotent: true,
    body: z.strictObject({ clientId, typeCode, until: time }),
    answers: { 201: { description: 'Granted', schema: grant } },
    problems: ['CASE_TIME_REFUSED', 'IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ principal, body, idempotency }) => {
      const at = deps.clock.now()
      const granted = await answerOnce(deps, principal, idempotency!, async (tx) => {
        if (body.until <= at || body.until.getTime() > at.getTime() + LONGEST_GRANT_MS)
          throw new LicenceError('CASE_TIME_REFUSED', 'a grant ends in the future, within 366 days')
        const given = { ...body, grantedBy: principal.id, grantedAt: at }
        await putGrant(tx, { departmentCode: principal.departmentCode, ...given })
        const detail = `${body.clientId} ${body.typeCode}`
        await recordAudit(tx, principal, at, [{ action: 'grant-unattended', identifier: null, detail }])
        return given
      })
      return json(201, granted)
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/unattended-grants/ends',
    permission: 'licences:review',
    summary: 'Ends such a grant',
    tag,
    idempotent: true,
    body: z.strictObject({ clientId, typeCode }),
    answers: { 201: { description: 'Ended', schema: z.object({ ended: z.boolean() }) } },
    problems: ['IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ principal, body, idempotency }) => {
      const at = deps.clock.now()
      const of = { departmentCode: principal.departmentCode, ...body }
      const ended = await answerOnce(deps, principal, idempotency!, async (tx) => {
        const was = await endGrant(tx, of, principal.id, at)
        const detail = `${body.clientId} ${body.typeCode}`
        if (was) await recordAudit(tx, principal, at, [{ action: 'end-unattended', identifier: null, detail }])
        return { ended: was }
      })
      return json(201, ended)
    },
  }),
]

const answer = (found: CaseView) => json(found.state === 'issued' ? 201 : 202, found)
