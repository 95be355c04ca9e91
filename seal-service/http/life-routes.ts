import { z } from 'zod'
import { type Route, routeDefiner } from '../../platform/http/index.ts'
import type { Seal } from '../domain/seal.ts'
import { pictureSizeMm } from '../domain/seal-picture-spec.ts'
import { SealError } from '../errors.ts'
import type { ActRequest } from '../operations/life/act-request.ts'
import { applicationFileTypes, LONGEST_APPLICATION_FILE } from '../operations/life/application-files.ts'
import type { LifeDesk } from '../operations/life/life-desk.ts'
import type { SealLife } from '../operations/life/read-seals.ts'
import {
  actSchema,
  applicationSchema,
  appliedSchema,
  handedFileSchema,
  lifeAnswerSchema,
  listedSealSchema,
  sealLifeSchema,
  sealParams,
  searchQuery,
  statisticsSchema,
  tasksSchema,
} from './life-schemas.ts'

const lifeRoute = routeDefiner<'seals:read' | 'seals:apply'>()
const APPLICATION_BYTES = 512 * 1024
const applyProblems = ['SEAL_APPLICATION_INVALID', 'SEAL_NAME_TAKEN', 'SEAL_ROLE_MISSING', 'SEAL_DEPARTMENT_CLOSED']
const actProblems = [
  ...['SEAL_NOT_FOUND', 'SEAL_ROLE_MISSING', 'SEAL_NOT_KEEPER', 'SEAL_SAME_PERSON', 'SEAL_TRANSITION_FORBIDDEN'],
  ...['SEAL_APPLICATION_CHANGED', 'SEAL_PICTURE_NOT_APPROVED', 'SEAL_PICTURE_REFUSED', 'SEAL_PICTURE_GLYPH_MISSING'],
  ...['SEAL_KEEPER_UNKNOWN', 'SEAL_CERTIFICATE_EXPIRED', 'SEAL_CERTIFICATE_UNREADABLE', 'SEAL_CERTIFICATE_REFUSED'],
  ...['SEAL_FILING_PENDING', 'SEAL_FILING_REFUSED', 'SEAL_STEP_INVALID', 'SEAL_ENDING_ORDERED'],
  ...['SEAL_ENDING_NOT_ORDERED', 'SEAL_DESTRUCTION_NOT_ORDERED', 'SEAL_RENEWAL_REFUSED', 'SEAL_NAME_TAKEN'],
  ...['SEAL_REQUEST_CONFLICT', 'STEP_UP_REQUIRED', 'SEAL_TYPES_ORDERED', 'SEAL_TYPES_NOT_ORDERED'],
]

/** Seals and their life, for whoever takes part in it; each act asks for its own permission where it is done. */
export function createLifeRoutes(desk: LifeDesk): Route[] {
  return [...createApplicationRoutes(desk), ...createReadingRoutes(desk)]
}

function createApplicationRoutes(desk: LifeDesk): Route[] {
  const apply = lifeRoute({
    method: 'post',
    path: '/api/seal-applications',
    permission: 'seals:apply',
    summary: 'Applies for a seal of the own department',
    tag: 'Life of seals',
    body: applicationSchema,
    maxBodyBytes: APPLICATION_BYTES,
    idempotent: true,
    answers: { 201: { description: 'The application, as reviewers name it', schema: appliedSchema } },
    problems: [...applyProblems, 'SEAL_REQUEST_CONFLICT'],
    async handle({ principal, body, idempotency }) {
      const applied = await desk.apply(principal, body, idempotency!)
      return { status: 201, json: applied, headers: { Location: `/api/seals/${applied.id}` } }
    },
  })
  const amend = lifeRoute({
    method: 'put',
    path: '/api/seal-applications/{sealId}',
    permission: 'seals:apply',
    summary: 'Hands in again an application that more was asked for',
    tag: 'Life of seals',
    params: sealParams,
    body: applicationSchema,
    maxBodyBytes: APPLICATION_BYTES,
    answers: { 200: { description: 'The application, as reviewers name it', schema: appliedSchema } },
    problems: [...applyProblems, 'SEAL_NOT_FOUND', 'SEAL_TRANSITION_FORBIDDEN'],
    async handle({ principal, params, body }) {
      return { status: 200, json: await desk.amend(principal, params.sealId, body) }
    },
  })
  const handIn = lifeRoute({
    method: 'post',
    path: '/api/seal-application-files',
    permission: 'seals:apply',
    summary: 'Hands in a supporting document, to be named in an application by its digest',
    tag: 'Life of seals',
    query: z.object({ name: z.string().trim().min(1).max(100) }),
    rawBody: { mediaTypes: applicationFileTypes, maxBytes: LONGEST_APPLICATION_FILE },
    answers: { 201: { description: 'The document', schema: handedFileSchema } },
    problems: ['SEAL_FILE_REFUSED', 'SEAL_FILES_UNAVAILABLE', 'SEAL_ROLE_MISSING'],
    async handle({ principal, query, bytes, headers }) {
      const told = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
      const mediaType = applicationFileTypes.find((type) => type === told)
      if (mediaType === undefined || bytes === undefined)
        throw new SealError('SEAL_FILE_REFUSED', `expected ${applicationFileTypes.join(', ')}`)
      return { status: 201, json: await desk.handIn(principal, { bytes, mediaType, name: query.name }) }
    },
  })
  const act = lifeRoute({
    method: 'post',
    path: '/api/seals/{sealId}/actions',
    permission: 'seals:read',
    summary: 'Takes a step of the life of a seal; each step asks for a permission of its own',
    tag: 'Life of seals',
    params: sealParams,
    body: actSchema,
    maxBodyBytes: APPLICATION_BYTES,
    idempotent: true,
    answers: { 200: { description: 'The seal as the step left it', schema: lifeAnswerSchema } },
    problems: actProblems,
    async handle({ principal, params, body, idempotency }) {
      return { status: 200, json: await desk.act(principal, params.sealId, toRequest(body), idempotency) }
    },
  })
  return [apply, amend, handIn, act]
}

function createReadingRoutes(desk: LifeDesk): Route[] {
  const search = lifeRoute({
    method: 'get',
    path: '/api/seals',
    permission: 'seals:read',
    summary: "Seals of the caller's department; for reviewers, makers and auditors those below it too",
    tag: 'Seals',
    query: searchQuery,
    answers: {
      200: {
        description: 'A page of seals by code, and where the next one begins',
        schema: z.object({ items: z.array(listedSealSchema), next: z.string().nullable() }),
      },
    },
    async handle({ principal, query }) {
      const { state: states, q: text, ...rest } = query
      const { seals, next } = await desk.search(principal, { ...rest, states, text })
      return { status: 200, json: { items: seals.map(toListed), next } }
    },
  })
  const read = lifeRoute({
    method: 'get',
    path: '/api/seals/{sealId}',
    permission: 'seals:read',
    summary: 'A seal with all that happened to it, and what the caller may do next',
    tag: 'Life of seals',
    params: sealParams,
    answers: { 200: { description: 'The seal', schema: sealLifeSchema } },
    problems: ['SEAL_NOT_FOUND'],
    async handle({ principal, params }) {
      return { status: 200, json: toLife(await desk.read(principal, params.sealId)) }
    },
  })
  const tasks = lifeRoute({
    method: 'get',
    path: '/api/seal-tasks',
    permission: 'seals:read',
    summary: 'What waits for the caller, the longest waiting first',
    tag: 'Life of seals',
    answers: { 200: { description: 'The tasks', schema: tasksSchema } },
    async handle({ principal }) {
      const items = (await desk.tasks(principal)).map(({ seal, actions, dueAt, isOverdue, closedOwner }) => ({
        ...{ seal: toListed(seal), actions, isOverdue, closedOwner },
        dueAt: dueAt?.toISOString() ?? null,
      }))
      return { status: 200, json: { items } }
    },
  })
  const statistics = lifeRoute({
    method: 'get',
    path: '/api/seal-statistics',
    permission: 'seals:read',
    summary: 'Seals by state, uses by day and department, over all seals in sight',
    tag: 'Seals',
    query: z.object({ days: z.coerce.number().int().min(1).max(366).default(30) }),
    answers: { 200: { description: 'The counts', schema: statisticsSchema } },
    async handle({ principal, query }) {
      const { states, uses } = await desk.statistics(principal, query.days)
      return { status: 200, json: { states: [...states], uses: [...uses] } }
    },
  })
  const drawn = lifeRoute({
    method: 'get',
    path: '/api/seals/{sealId}/drawn-picture.svg',
    permission: 'seals:read',
    summary: 'The picture drawn last for a seal that is not made yet, at true size',
    tag: 'Life of seals',
    params: sealParams,
    answers: { 200: { description: 'The picture', contentType: 'image/svg+xml' } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_MADE'],
    async handle({ principal, params }) {
      return {
        status: 200,
        bytes: await desk.drawnPicture(principal, params.sealId),
        contentType: 'image/svg+xml',
      }
    },
  })
  const request = lifeRoute({
    method: 'get',
    path: '/api/seals/{sealId}/certificate-request.csr',
    permission: 'seals:read',
    summary: 'The latest request for the certificate of a seal that an authority outside certifies (PKCS #10), DER',
    tag: 'Life of seals',
    params: sealParams,
    answers: { 200: { description: 'The request', contentType: 'application/pkcs10' } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_MADE'],
    async handle({ principal, params }) {
      const csr = await desk.certificateRequest(principal, params.sealId)
      if (csr === undefined) throw new SealError('SEAL_NOT_MADE', 'no certificate was asked for')
      return { status: 200, bytes: csr, contentType: 'application/pkcs10' }
    },
  })
  const file = lifeRoute({
    method: 'get',
    path: '/api/seals/{sealId}/application-files/{digest}',
    permission: 'seals:read',
    summary: 'A supporting document of an application',
    tag: 'Life of seals',
    params: sealParams.extend({ digest: z.string().regex(/^[0-9a-f]{64}$/) }),
    answers: { 200: { description: 'The document', contentType: 'application/octet-stream' } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_FILE_NOT_FOUND', 'SEAL_FILES_UNAVAILABLE', 'SEAL_ROLE_MISSING'],
    async handle({ principal, params }) {
      const { bytes, mediaType, name } = await desk.file(principal, params.sealId, params.digest)
      return {
        status: 200,
        bytes,
        contentType: mediaType,
        // Never shown by the browser as a page of ours.
        headers: { 'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}` },
      }
    },
  })
  return [search, read, tasks, statistics, drawn, request, file]
}

const pemBlock = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g

function toRequest(body: z.output<typeof actSchema>): ActRequest {
  if (!('certificates' in body) || body.certificates === undefined) return body as ActRequest
  const certificates = [...body.certificates.matchAll(pemBlock)].map(
    ([, base64]) => new Uint8Array(Buffer.from(base64!, 'base64')),
  )
  return { ...body, certificates } as ActRequest
}

const orNull = (at: Date | null): string | null => at?.toISOString() ?? null

function toListed(seal: Seal): z.input<typeof listedSealSchema> {
  const { widthMm, heightMm } = pictureSizeMm(seal.picture)
  return {
    id: seal.id,
    departmentCode: seal.departmentCode,
    name: seal.name,
    nameEn: seal.nameEn,
    kindCode: seal.kindCode,
    diameterMm: widthMm,
    heightMm,
    typeCodes: [...seal.typeCodes],
    state: seal.state,
    stateChangedAt: seal.stateChangedAt.toISOString(),
    effectiveAt: orNull(seal.effectiveAt),
    validUntil: orNull(seal.validUntil),
    keeperId: seal.keeperId,
    keeperName: seal.keeperName,
    physicalSealNumber: seal.physicalSealNumber,
    replaces: seal.replaces,
    picture: `/api/seals/${seal.id}/picture.svg`,
  }
}

function toLife(life: SealLife): z.input<typeof sealLifeSchema> {
  const { seal, application, picture } = life
  return {
    ...toListed(seal),
    createdAt: seal.createdAt.toISOString(),
    acceptedAt: orNull(seal.acceptedAt),
    makerDepartment: seal.makerDepartment,
    pictureSpec: { ...seal.picture },
    timeline: life.timeline.map((event) => ({
      action: event.action,
      state: event.state,
      at: event.at.toISOString(),
      effectiveAt: orNull(event.effectiveAt),
      callerId: event.callerId,
      callerName: event.callerName,
      callerDepartment: event.callerDepartment,
      reason: event.reason,
      detail: event.detail,
    })),
    application: application && {
      version: application.version,
      digest: Buffer.from(application.digest).toString('hex'),
      applicantName: application.applicantName,
      at: application.at.toISOString(),
      form: { ...application.form },
    },
    drawnPicture: picture && {
      version: picture.version,
      digest: Buffer.from(picture.digest).toString('hex'),
      isApproved: picture.approvedBy !== null,
      address: `/api/seals/${seal.id}/drawn-picture.svg`,
    },
    filings: life.filings.map(({ kind, recordNumber, at }) => ({ kind, recordNumber, at: at.toISOString() })),
    dueAt: orNull(life.dueAt),
    endsAt: orNull(life.endsAt),
    mayDo: [...life.mayDo],
  }
}
