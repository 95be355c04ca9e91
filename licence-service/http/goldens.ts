import { z } from 'zod'
import type { Route } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import {
  checkGolden,
  decideGolden,
  type GoldenState,
  proposeGolden,
  readGolden,
  readGoldenSpecimen,
  SPECIMENS,
} from '../operations/templates/golden.ts'
import { json, pdf } from './answers.ts'
import { digest, typeParams } from './catalogue-schemas.ts'
import { defineRoute } from './permissions.ts'

const tag = 'Templates'
const path = '/api/templates/{typeCode}/golden'
const specimenParams = typeParams.extend({ specimen: z.enum(SPECIMENS) })
const proposalBody = z.strictObject({ reason: z.string().trim().min(1).max(500) })
const decisionBody = z.strictObject({
  revision: z.int().min(1).max(9999),
  specimenDigest: digest.describe('Digest of the specimen that was looked at'),
})

const revisionAnswer = z.object({
  revision: z.number(),
  specimenDigest: z.string(),
  reason: z.string(),
  proposedBy: z.string(),
  drawnAt: z.iso.datetime(),
  decidedBy: z.string().nullable(),
  decidedAt: z.iso.datetime().nullable(),
})
const goldenAnswer = z.object({
  templateVersion: z.number(),
  state: z.enum(['none', 'unchecked', 'same', 'differs', 'failed']),
  approved: revisionAnswer.nullable(),
  proposed: revisionAnswer.nullable(),
  checkedAt: z.iso.datetime().nullable(),
  differences: z.array(
    z.object({
      page: z.number().nullable().describe('From 1 on; null of the whole'),
      what: z.enum(['page-count', 'page-size', 'drawing', 'text', 'letters', 'pictures']),
    }),
  ),
})

const revisionOf = (row: GoldenState['approved']) => {
  if (!row) return null
  const { revision, specimenDigest, reason, proposedBy, drawnAt, decidedBy, decidedAt } = row
  return { revision, specimenDigest, reason, proposedBy, drawnAt, decidedBy, decidedAt }
}
const answerOf = ({ templateVersion, state, approved, proposed, check }: Awaited<ReturnType<typeof readGolden>>) =>
  json(200, {
    ...{ templateVersion, state, approved: revisionOf(approved), proposed: revisionOf(proposed) },
    checkedAt: check?.checkedAt ?? null,
    differences: (check?.differences ?? []).map(({ page, what }) => ({ page: page === null ? null : page + 1, what })),
  })

const answers = { 200: { description: 'How the version in force stands', schema: goldenAnswer } }
const problems = ['LICENCE_TYPE_UNKNOWN', 'TYPE_NOT_YOURS', 'TEMPLATE_STATE_REFUSED']
const decisionProblems = [...problems, 'TEMPLATE_CHANGED_SINCE_READ', 'CATALOGUE_SAME_PERSON']

/** What a template in force must look like: compared again with every version of the service, changed by two people alone. */
export const goldenRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path,
    permission: 'catalogue:read',
    summary: 'Whether the template in force still looks as it was approved',
    tag,
    params: typeParams,
    answers,
    problems,
    handle: async ({ principal, params }) => answerOf(await readGolden(deps, principal, params.typeCode)),
  }),
  defineRoute({
    method: 'get',
    path: `${path}/{specimen}`,
    permission: 'catalogue:read',
    summary: 'The specimen as it was approved, as it is proposed, or as the approved one is drawn at present',
    tag,
    params: specimenParams,
    answers: { 200: { description: 'The specimen', contentType: 'application/pdf' } },
    problems: [...problems, 'TEMPLATE_VERSION_NOT_FOUND'],
    handle: async ({ principal, params }) =>
      pdf(await readGoldenSpecimen(deps, principal, params.typeCode, params.specimen)),
  }),
  defineRoute({
    method: 'post',
    path: `${path}/checks`,
    permission: 'catalogue:read',
    summary: 'Draws the approved specimen again and compares it; nothing is replaced',
    tag,
    params: typeParams,
    body: z.strictObject({}),
    answers,
    problems: [...problems, 'TEMPLATE_VERSION_NOT_FOUND'],
    handle: async ({ principal, params }) => answerOf(await checkGolden(deps, principal, params.typeCode)),
  }),
  defineRoute({
    method: 'post',
    path: `${path}/proposals`,
    permission: 'templates:draw',
    summary: 'Proposes that the template shall look as it is drawn at present',
    tag,
    params: typeParams,
    body: proposalBody,
    answers,
    problems: [...problems, 'TEMPLATE_CHANGED_SINCE_READ', 'TEMPLATE_PROPOSALS_TOO_MANY', 'LICENCE_DATA_INVALID'],
    handle: async ({ principal, params, body }) =>
      answerOf(await proposeGolden(deps, principal, { typeCode: params.typeCode, reason: body.reason })),
  }),
  ...(['approve', 'refuse'] as const).map((decision) =>
    defineRoute({
      method: 'post',
      path: `${path}/${{ approve: 'approvals', refuse: 'refusals' }[decision]}`,
      permission: 'templates:review',
      summary: {
        approve: 'Lets a proposal count from now on; another person than its proposer',
        refuse: 'Turns a proposal down; what was approved goes on counting',
      }[decision],
      tag,
      params: typeParams,
      body: decisionBody,
      answers,
      problems: decisionProblems,
      handle: async ({ principal, params, body }) =>
        answerOf(await decideGolden(deps, principal, { typeCode: params.typeCode, ...body, decision })),
    }),
  ),
]
