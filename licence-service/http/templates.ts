import { z } from 'zod'
import type { Route } from '../../platform/http/index.ts'
import { TYPE_STATES } from '../domain/type-entry.ts'
import type { Deps } from '../operations/deps.ts'
import {
  definitionFor,
  drawTemplate,
  openTemplate,
  readTemplatePicture,
  readTemplateVersion,
  readTemplateVersions,
  takeTemplateStep,
} from '../operations/templates/draw-templates.ts'
import { findOverflows } from '../operations/templates/overflows.ts'
import { previewDefinition } from '../operations/templates/try-definition.ts'
import type { TemplateRow } from '../store/template-versions.ts'
import { json, pdf } from './answers.ts'
import { digest, typeParams } from './catalogue-schemas.ts'
import { defineRoute } from './permissions.ts'

const tag = 'Templates'
/** A definition, and pictures of its sample data beside it. */
const MAX_DEFINITION_BYTES = 1 << 20
const MAX_PREVIEW_BYTES = 8 << 20
/** Of all golden pages together, in base64. */
const MAX_PUBLICATION_BYTES = 24 << 20
const MOST_PAGES = 60
const pngStart = Buffer.from('89504e470d0a1a0a', 'hex')

const definition = z
  .record(z.string().max(60), z.unknown())
  .describe('See templates/definition.ts; every fault is told under its pointer')
const versionParams = typeParams.extend({
  version: z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number),
})
const pageParams = versionParams.extend({
  page: z
    .string()
    .regex(/^\d{1,2}$/)
    .transform(Number),
})
const draftBody = z.strictObject({
  definition,
  replaces: digest.nullable().describe('Digest of the definition that was opened; null of what was never saved'),
})
const trialBody = z.strictObject({
  definition,
  data: z.record(z.string().max(100), z.unknown()).optional().describe("Left out: the definition's own example"),
})
const goldenPage = z
  .base64()
  .max(11 << 20)
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.subarray(0, 8).equals(pngStart), 'expected a PNG')
const stepBody = z.strictObject({ definitionDigest: digest })
const publicationBody = stepBody.extend({
  goldenPages: z.array(goldenPage).max(MOST_PAGES).optional().describe('The pages as the reviewer saw them, PNG'),
})
const pageOfAnswer = { description: 'A page as it was published', contentType: 'image/png' }

const instant = z.iso.datetime().nullable()
const openAnswer = z.object({
  definition: z.looseObject({}),
  definitionDigest: z.string().nullable(),
  state: z.enum([...TYPE_STATES, 'none']),
  templateVersion: z.number(),
  drawers: z.array(z.string()),
  reviewedBy: z.string().nullable(),
})
const briefAnswer = z.object({
  templateVersion: z.number(),
  state: z.enum(TYPE_STATES),
  definitionDigest: z.string(),
  origin: z.enum(['shipped', 'drawn']),
  drawers: z.array(z.string()),
  drawnAt: instant,
  reviewedBy: z.string().nullable(),
  reviewedAt: instant,
  publishedBy: z.string().nullable(),
  publishedAt: instant,
  retiredAt: instant,
})
const versionAnswer = briefAnswer.extend({ definition: z.looseObject({}) })
const overflowAnswer = z.object({
  samples: z.array(z.string()),
  overflows: z.array(
    z.object({ sample: z.string(), where: z.string(), what: z.object({ zh: z.string(), en: z.string() }) }),
  ),
})

const briefOf = (row: TemplateRow) => {
  const { templateVersion, state, definitionDigest, origin, drawers, drawnAt } = row
  const { reviewedBy, reviewedAt, publishedBy, publishedAt, retiredAt } = row
  const steps = { reviewedBy, reviewedAt, publishedBy, publishedAt, retiredAt }
  return { templateVersion, state, definitionDigest, origin, drawers, drawnAt, ...steps }
}

const keeperProblems = ['LICENCE_TYPE_UNKNOWN', 'TYPE_NOT_YOURS']
const definitionProblems = ['TEMPLATE_DEFINITION_INVALID', 'LICENCE_DATA_INVALID']

/** The template studio: drawn by editors, looked at and published by others. */
export const templateRoutes = (deps: Deps): Route[] => [
  ...drawRoutes(deps),
  ...trialRoutes(deps),
  ...versionRoutes(deps),
  ...stepRoutes(deps),
]

const drawRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/templates/{typeCode}/draft',
    permission: 'catalogue:read',
    summary: 'What the studio opens: the draft, else the newest version, else something to begin with',
    tag,
    params: typeParams,
    answers: { 200: { description: 'The template', schema: openAnswer } },
    problems: keeperProblems,
    handle: async ({ principal, params }) => json(200, await openTemplate(deps, principal, params.typeCode)),
  }),
  defineRoute({
    method: 'put',
    path: '/api/templates/{typeCode}/draft',
    permission: 'templates:draw',
    summary: 'Saves the next version of a template as a draft',
    tag,
    params: typeParams,
    body: draftBody,
    maxBodyBytes: MAX_DEFINITION_BYTES,
    answers: { 200: { description: 'The draft', schema: briefAnswer } },
    problems: [...keeperProblems, 'TEMPLATE_DEFINITION_INVALID', 'TEMPLATE_CHANGED_SINCE_READ'],
    handle: async ({ principal, params, body }) =>
      json(200, briefOf(await drawTemplate(deps, principal, { typeCode: params.typeCode, ...body }))),
  }),
]

const trialRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/templates/{typeCode}/previews',
    permission: 'catalogue:read',
    summary: 'Draws a definition with sample data as a specimen; nothing is recorded',
    tag,
    params: typeParams,
    body: trialBody,
    maxBodyBytes: MAX_PREVIEW_BYTES,
    answers: { 200: { description: 'The specimen', contentType: 'application/pdf' } },
    problems: definitionProblems,
    handle: async ({ principal, params, body }) =>
      pdf(await previewDefinition(deps, principal, definitionFor(params.typeCode, body.definition), body.data)),
  }),
  defineRoute({
    method: 'post',
    path: '/api/templates/{typeCode}/overflows',
    permission: 'catalogue:read',
    summary: 'Sets the shortest, longest and rarest data a definition admits, and tells what does not fit',
    tag,
    params: typeParams,
    body: z.strictObject({ definition }),
    maxBodyBytes: MAX_DEFINITION_BYTES,
    answers: { 200: { description: 'What does not fit', schema: overflowAnswer } },
    problems: definitionProblems,
    handle: async ({ params, body }) =>
      json(200, await findOverflows(deps, definitionFor(params.typeCode, body.definition))),
  }),
]

const versionRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/templates/{typeCode}/versions',
    permission: 'catalogue:read',
    summary: 'All versions of a template, newest first',
    tag,
    params: typeParams,
    answers: { 200: { description: 'The versions', schema: z.object({ versions: z.array(briefAnswer) }) } },
    problems: keeperProblems,
    handle: async ({ principal, params }) =>
      json(200, { versions: (await readTemplateVersions(deps, principal, params.typeCode)).map(briefOf) }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/templates/{typeCode}/versions/{version}',
    permission: 'catalogue:read',
    summary: 'A version with its definition',
    tag,
    params: versionParams,
    answers: { 200: { description: 'The version', schema: versionAnswer } },
    problems: [...keeperProblems, 'TEMPLATE_VERSION_NOT_FOUND'],
    handle: async ({ principal, params }) => {
      const row = await readTemplateVersion(deps, principal, params.typeCode, params.version)
      return json(200, { ...briefOf(row), definition: row.definition })
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/templates/{typeCode}/versions/{version}/sample',
    permission: 'catalogue:read',
    summary: 'The specimen of a version: as it was published, or as a draft stands',
    tag,
    params: versionParams,
    answers: { 200: { description: 'The specimen', contentType: 'application/pdf' } },
    problems: [...keeperProblems, 'TEMPLATE_VERSION_NOT_FOUND'],
    handle: async ({ principal, params }) =>
      pdf(await readTemplatePicture(deps, principal, params.typeCode, params.version, 0)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/templates/{typeCode}/versions/{version}/pages/{page}',
    permission: 'catalogue:read',
    summary: 'A golden page of a version, from 1 on',
    tag,
    params: pageParams,
    answers: { 200: pageOfAnswer },
    problems: [...keeperProblems, 'TEMPLATE_VERSION_NOT_FOUND'],
    handle: async ({ principal, params }) => ({
      status: 200,
      bytes: await readTemplatePicture(deps, principal, params.typeCode, params.version, Math.max(1, params.page)),
      contentType: 'image/png',
      headers: { 'Cache-Control': 'no-store' },
    }),
  }),
]

const stepProblems = [
  ...keeperProblems,
  ...definitionProblems,
  'TYPE_ENTRY_INVALID',
  'TEMPLATE_STATE_REFUSED',
  'TEMPLATE_CHANGED_SINCE_READ',
  'CATALOGUE_SAME_PERSON',
]
const stepAnswers = { 200: { description: 'The version', schema: briefAnswer } }

const stepRoutes = (deps: Deps): Route[] => [
  ...(['review', 'retire'] as const).map((step) =>
    defineRoute({
      method: 'post',
      path: `/api/templates/{typeCode}/${{ review: 'reviews', retire: 'retirements' }[step]}`,
      permission: 'templates:review',
      summary: {
        review: 'Says that a draft is right; another person than its drawers',
        retire: 'Takes a template out of use: nothing is issued with it any more',
      }[step],
      tag,
      params: typeParams,
      body: stepBody,
      answers: stepAnswers,
      problems: stepProblems,
      handle: async ({ principal, params, body }) =>
        json(200, briefOf(await takeTemplateStep(deps, principal, step, { typeCode: params.typeCode, ...body }))),
    }),
  ),
  defineRoute({
    method: 'post',
    path: '/api/templates/{typeCode}/publications',
    permission: 'templates:review',
    summary: 'Puts a reviewed template in force; the one before is retired, what it made stays',
    tag,
    params: typeParams,
    body: publicationBody,
    maxBodyBytes: MAX_PUBLICATION_BYTES,
    answers: stepAnswers,
    problems: stepProblems,
    handle: async ({ principal, params, body: { definitionDigest, goldenPages = [] } }) =>
      json(
        200,
        briefOf(
          await takeTemplateStep(deps, principal, 'publish', {
            typeCode: params.typeCode,
            definitionDigest,
            goldenPages,
          }),
        ),
      ),
  }),
]
