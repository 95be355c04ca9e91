import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Answer, type IdempotencyKey, type Route, routeDefiner } from '../../platform/http/index.ts'
import { SealError } from '../errors.ts'
import type { BatchView } from '../operations/use/document-batches.ts'
import type { DocumentDesk } from '../operations/use/document-desk.ts'
import type { SealedUpload } from '../operations/use/seal-uploaded.ts'
import type { PersonalSeal } from '../store/personal-seals.ts'
import {
  batchSchema,
  documentSchema,
  documentWithAccessesSchema,
  previewSchema,
  toAccessJson,
  toDocumentJson,
  toTerms,
} from './document-schemas.ts'
import { readUpload, type Upload, uploadBody } from './document-uploads.ts'

const documentRoute = routeDefiner<'seals:read' | 'seals:use' | 'seals:keep'>()

const sealParams = z.object({ sealId: z.string().max(20) })
const documentParams = sealParams.extend({ documentId: z.uuid() })
const uploadQuery = z.object({
  order: z.string().max(16_384).optional().describe('JSON; for a body that is the PDF itself'),
  name: z.string().max(400).optional(),
})

const refusals = [
  'SEAL_NOT_FOUND',
  'SEAL_NOT_YOURS',
  'SEAL_ROLE_MISSING',
  'SEAL_PERSONAL',
  'SEAL_NOT_AUTHORISED',
  'SEAL_NOT_IN_USE',
  'SEAL_SUSPENDED',
  'SEAL_LOST',
  'SEAL_REVOKED',
  'SEAL_CERTIFICATE_AWAITED',
  'SEAL_CERTIFICATE_EXPIRED',
  'SEAL_NOT_MADE',
  'SEAL_QUOTA_EXHAUSTED',
  'SEAL_RATE_EXCEEDED',
  'SEAL_SECOND_PERSON_AWAITED',
  'SEAL_USE_REFUSED',
  'SEAL_DOCUMENT_REFUSED',
  'SEAL_PLACE_REFUSED',
  'SEAL_DOCUMENT_TOO_LARGE',
  'SEAL_GROUP_TOO_LARGE',
  'SEAL_UPLOAD_INVALID',
  'SEAL_REQUEST_CONFLICT',
]

/** Of whoever would have a document that is kept. */
const keptRefusals = ['SEAL_DOCUMENT_NOT_FOUND', 'SEAL_NOT_AUTHORISED', 'SEAL_ROLE_MISSING', 'SEAL_PERSONAL']

/** Official documents that are no licence: sealing, batches, preview; and the seals of persons. */
export function createDocumentRoutes(desk: DocumentDesk): Route[] {
  return [...createSealingRoutes(desk), ...createRecordRoutes(desk), ...createPersonalRoutes(desk)]
}

function createSealingRoutes(desk: DocumentDesk): Route[] {
  const seal = documentRoute({
    method: 'post',
    path: '/api/seals/{sealId}/documents',
    permission: 'seals:use',
    summary: 'Seals an uploaded PDF, or takes up to 200 of them as a batch',
    tag: 'Documents',
    params: sealParams,
    query: uploadQuery,
    rawBody: uploadBody,
    idempotent: true,
    answers: {
      201: { description: 'The sealed document', contentType: 'application/pdf' },
      202: { description: 'A batch that is worked off', schema: batchSchema },
    },
    problems: [...refusals, 'SEAL_DOCUMENT_NOT_KEPT'],
    async handle({ principal, params, query, bytes, headers, idempotency }) {
      const upload = readUpload(bytes, headers, query)
      const order = { ...params, ...onceOf(upload, idempotency!), terms: toTerms(upload.order) }
      if (upload.order.batch || upload.documents.length > 1) {
        const view = await desk.takeBatch(principal, order)
        const location = `/api/seals/${params.sealId}/document-batches/${view.order.id}`
        return { status: 202, json: toBatchJson(view), headers: { Location: location } }
      }
      return toPdfAnswer(201, await desk.seal(principal, order))
    },
  })
  const preview = documentRoute({
    method: 'post',
    path: '/api/seals/{sealId}/documents/preview',
    permission: 'seals:use',
    summary: 'Where the seal would stand on a PDF: page sizes, places, texts found. Records and signs nothing',
    tag: 'Documents',
    params: sealParams,
    query: uploadQuery,
    rawBody: uploadBody,
    answers: { 200: { description: 'The pages and places, in millimetres as shown', schema: previewSchema } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_YOURS', 'SEAL_NOT_MADE', ...refusals.slice(-6)],
    async handle({ principal, params, query, bytes, headers }) {
      const { order, documents } = readUpload(bytes, headers, query)
      const asked = { ...params, places: order.places, pdf: onlyOne(documents).pdf }
      return { status: 200, json: await desk.preview(principal, asked) }
    },
  })
  const sign = documentRoute({
    method: 'post',
    path: '/api/seals/{sealId}/signatures',
    permission: 'authenticated',
    stepUp: true,
    summary: "Signs an uploaded PDF with the caller's own name seal or signature, as an approval signature",
    tag: 'Documents',
    params: sealParams,
    query: uploadQuery,
    rawBody: uploadBody,
    idempotent: true,
    answers: { 201: { description: 'The signed document', contentType: 'application/pdf' } },
    problems: refusals,
    async handle({ principal, params, query, bytes, headers, idempotency }) {
      const upload = readUpload(bytes, headers, query)
      onlyOne(upload.documents)
      const terms = { ...toTerms(upload.order), certification: upload.order.certification ?? ('none' as const) }
      return toPdfAnswer(
        201,
        await desk.signPersonally(principal, { ...params, ...onceOf(upload, idempotency!), terms }),
      )
    },
  })
  return [seal, preview, sign]
}

function createRecordRoutes(desk: DocumentDesk): Route[] {
  const list = documentRoute({
    method: 'get',
    path: '/api/seals/{sealId}/documents',
    permission: 'seals:read',
    summary: 'Documents handed in for a seal of the own department, newest first, 200 at most',
    tag: 'Documents',
    params: sealParams,
    answers: { 200: { description: 'The documents', schema: z.object({ items: z.array(documentSchema) }) } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_YOURS'],
    async handle({ principal, params }) {
      const documents = await desk.list(principal.departmentCode, params.sealId)
      return { status: 200, json: { items: documents.map(toDocumentJson) } }
    },
  })
  const read = documentRoute({
    method: 'get',
    path: '/api/seals/{sealId}/documents/{documentId}',
    permission: 'seals:read',
    summary: 'What became of a document, and who was handed it or removed it',
    tag: 'Documents',
    params: documentParams,
    answers: { 200: { description: 'Its record', schema: documentWithAccessesSchema } },
    problems: ['SEAL_DOCUMENT_NOT_FOUND'],
    async handle({ principal, params }) {
      const { document, accesses } = await desk.readWithAccesses(principal.departmentCode, params.documentId)
      const json = { ...toDocumentJson(ofSeal(document, params.sealId)), accesses: accesses.map(toAccessJson) }
      return { status: 200, json }
    },
  })
  const content = documentRoute({
    method: 'get',
    path: '/api/seals/{sealId}/documents/{documentId}/content',
    permission: 'seals:read',
    summary:
      'A sealed document that is kept, for whoever handed it in, the keeper and whoever may seal the like; on record',
    tag: 'Documents',
    params: documentParams,
    answers: { 200: { description: 'The sealed document', contentType: 'application/pdf' } },
    problems: [...keptRefusals, 'SEAL_DOCUMENT_NOT_KEPT'],
    async handle({ principal, params }) {
      ofSeal(await desk.read(principal.departmentCode, params.documentId), params.sealId)
      return toPdfAnswer(200, await desk.content(principal, params.documentId))
    },
  })
  const forget = documentRoute({
    method: 'delete',
    path: '/api/seals/{sealId}/documents/{documentId}/content',
    permission: 'seals:read',
    summary: 'Removes a sealed document that is kept, by the same people; its record stays and says who did',
    tag: 'Documents',
    params: documentParams,
    answers: { 204: { description: 'It is not kept any more' } },
    problems: keptRefusals,
    async handle({ principal, params }) {
      ofSeal(await desk.read(principal.departmentCode, params.documentId), params.sealId)
      await desk.forget(principal, params.documentId)
      return { status: 204 }
    },
  })
  const batch = documentRoute({
    method: 'get',
    path: '/api/seals/{sealId}/document-batches/{batchId}',
    permission: 'seals:read',
    summary: 'How far a batch of documents is',
    tag: 'Documents',
    params: sealParams.extend({ batchId: z.uuid() }),
    answers: { 200: { description: 'The batch with its documents', schema: batchSchema } },
    problems: ['SEAL_DOCUMENT_NOT_FOUND'],
    async handle({ principal, params }) {
      const view = await desk.readBatch(principal.departmentCode, params.batchId)
      ofSeal(view.order, params.sealId)
      return { status: 200, json: toBatchJson(view) }
    },
  })
  return [list, read, content, forget, batch]
}

const personSchema = z.object({
  sealId: z.string(),
  accountId: z.string(),
  accountName: z.string(),
  givenAt: z.string(),
})

function createPersonalRoutes(desk: DocumentDesk): Route[] {
  const give = documentRoute({
    method: 'put',
    path: '/api/seals/{sealId}/person',
    permission: 'seals:keep',
    stepUp: true,
    summary: "Gives a person's seal (kind 05) to the account that alone may sign with it",
    tag: 'Documents',
    params: sealParams,
    body: z.strictObject({ accountId: z.string().min(1).max(100), accountName: z.string().trim().min(1).max(100) }),
    answers: { 200: { description: 'Whose it is', schema: personSchema } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_YOURS', 'SEAL_ROLE_MISSING', 'SEAL_PERSONAL', 'SEAL_ENDED'],
    async handle({ principal, params, body }) {
      return { status: 200, json: toPersonJson(await desk.givePersonalSeal(principal, { ...params, ...body })) }
    },
  })
  const read = documentRoute({
    method: 'get',
    path: '/api/seals/{sealId}/person',
    permission: 'seals:read',
    summary: "Whose own a person's seal of the own department is",
    tag: 'Documents',
    params: sealParams,
    answers: {
      200: { description: 'Whose it is; null: nobody’s', schema: z.object({ person: personSchema.nullable() }) },
    },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_YOURS'],
    async handle({ principal, params }) {
      const person = await desk.personOf(principal, params.sealId)
      return { status: 200, json: { person: person === undefined ? null : toPersonJson(person) } }
    },
  })
  const end = documentRoute({
    method: 'delete',
    path: '/api/seals/{sealId}/person',
    permission: 'seals:keep',
    stepUp: true,
    summary: "Takes a person's seal back: nobody signs with it any more",
    tag: 'Documents',
    params: sealParams,
    answers: { 204: { description: 'It is nobody’s' } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_YOURS', 'SEAL_ROLE_MISSING'],
    async handle({ principal, params }) {
      await desk.endPersonalSeal(principal, params.sealId)
      return { status: 204 }
    },
  })
  const own = documentRoute({
    method: 'get',
    path: '/api/personal-seals',
    permission: 'authenticated',
    summary: "The seals that are the caller's own",
    tag: 'Documents',
    answers: {
      200: {
        description: 'The seals',
        schema: z.object({ items: z.array(z.object({ id: z.string(), name: z.string(), state: z.string() })) }),
      },
    },
    async handle({ principal }) {
      const seals = await desk.personalSeals(principal)
      return { status: 200, json: { items: seals.map(({ id, name, state }) => ({ id, name, state })) } }
    },
  })
  return [give, read, end, own]
}

const toPersonJson = ({ sealId, accountId, accountName, givenAt }: PersonalSeal): z.input<typeof personSchema> => ({
  sealId,
  accountId,
  accountName,
  givenAt: givenAt.toISOString(),
})

/** The digest of what was asked for, whatever the boundary of a form or the order of its members. */
function onceOf({ order, documents }: Upload, { key }: IdempotencyKey) {
  const digest = createHash('sha256').update(JSON.stringify(order))
  for (const { name, pdf } of documents) digest.update(`\n${name}\n`).update(createHash('sha256').update(pdf).digest())
  return { documents, key, requestDigest: new Uint8Array(digest.digest()) }
}

function onlyOne<Value>(documents: readonly Value[]): Value {
  if (documents.length !== 1) throw new SealError('SEAL_UPLOAD_INVALID', 'expected one document')
  return documents[0]!
}

function ofSeal<Value extends { readonly sealId: string }>(value: Value, sealId: string): Value {
  if (value.sealId !== sealId) throw new SealError('SEAL_DOCUMENT_NOT_FOUND', 'there is no such document of this seal')
  return value
}

/** What of the result is not in the PDF stands in headers, in ASCII. */
function toPdfAnswer(status: 200 | 201, { document, pdf }: SealedUpload): Answer {
  const ascii = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200)
  return {
    status,
    bytes: pdf,
    contentType: 'application/pdf',
    headers: {
      Location: `/api/seals/${document.sealId}/documents/${document.id}`,
      'Content-Disposition': `attachment; filename="sealed.pdf"; filename*=UTF-8''${encodeName(document.name)}`,
      'Seal-Level': document.level ?? '',
      'Seal-Use': document.useId ?? '',
      ...(document.shortfall !== null && { 'Seal-Shortfall': ascii(document.shortfall) }),
    },
  }
}

/** RFC 8187. */
const encodeName = (name: string): string =>
  encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

function toBatchJson({ order, documents }: BatchView): z.input<typeof batchSchema> {
  const count = (state: string): number => documents.filter((one) => one.state === state).length
  return {
    id: order.id,
    state: count('waiting') > 0 ? 'running' : 'done',
    total: documents.length,
    sealed: count('sealed'),
    refused: count('refused'),
    documents: documents.map(toDocumentJson),
  }
}
