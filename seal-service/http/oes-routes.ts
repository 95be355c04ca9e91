import { z } from 'zod'
import { type Route, routeDefiner } from '../../platform/http/index.ts'
import type { EsealLayout } from '../domain/eseal.ts'
import { formatSealList, oesCodes, oesMessages, oesProvider, problemsOf } from '../domain/oes.ts'
import type { OesDesk, OesSealInfo } from '../operations/oes/oes-desk.ts'

const oesRoute = routeDefiner<'seals:read' | 'seals:use'>()

const tag = 'Document systems (OES)'
const sealParams = z.object({ sealId: z.string().max(20) })
const layoutQuery = z.object({ version: z.enum(['5', '4']).default('5') })
const toLayout = (version: '5' | '4'): EsealLayout => (version === '4' ? 'V4' : 'V5')
const ofSeal = ['SEAL_NOT_FOUND', 'SEAL_NOT_YOURS', 'SEAL_ESEAL_ABSENT']

const LONGEST_DATA = 32 * 1024 * 1024
const LONGEST_SIGNATURE = 2 * 1024 * 1024
const base64Text = (most: number) =>
  z
    .string()
    .max(Math.ceil(most / 3) * 4)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/)
const hash = z.string().regex(/^[A-Za-z0-9+/]{43}=$/)
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** GB/T 33481's calls as REST: each answers with `code` "00" or is a problem whose code the table of messages translates. */
export function createOesRoutes(desk: OesDesk): Route[] {
  return [...readRoutes(desk), ...pictureRoutes(desk), ...signRoutes(desk), ...messageRoutes()]
}

function readRoutes(desk: OesDesk): Route[] {
  const provider = oesRoute({
    method: 'get',
    path: '/api/oes/provider',
    permission: 'seals:read',
    summary: 'OES_GetProviderInfo: who answers',
    tag,
    answers: { 200: { description: 'The provider', schema: z.object({ code: z.string(), name: z.string() }) } },
    async handle() {
      return { status: 200, json: { code: '00', ...oesProvider } }
    },
  })
  const list = oesRoute({
    method: 'get',
    path: '/api/oes/seals',
    permission: 'seals:read',
    summary:
      'OES_GetSealList: seals in use of the own department; `list` in the form ID\\0Name\\0…\\0\\0, code "04" where it is empty',
    tag,
    answers: {
      200: {
        description: 'The seals',
        schema: z.object({
          code: z.string(),
          items: z.array(z.object({ id: z.string(), name: z.string() })),
          list: z.string(),
        }),
      },
    },
    async handle({ principal }) {
      const items = (await desk.list(principal)).map(({ id, name }) => ({ id, name }))
      return { status: 200, json: { code: items.length === 0 ? '04' : '00', items, list: formatSealList(items) } }
    },
  })
  const seal = oesRoute({
    method: 'get',
    path: '/api/oes/seals/{sealId}',
    permission: 'seals:read',
    summary: 'OES_GetSeal: the SESeal, DER',
    tag,
    params: sealParams,
    query: layoutQuery,
    answers: { 200: { description: 'SESeal', contentType: 'application/octet-stream' } },
    problems: ofSeal,
    async handle({ principal, params, query }) {
      const bytes = await desk.seal(principal, params.sealId, toLayout(query.version))
      return { status: 200, bytes, contentType: 'application/octet-stream' }
    },
  })
  const info = oesRoute({
    method: 'get',
    path: '/api/oes/seals/{sealId}/info',
    permission: 'seals:read',
    summary: 'OES_GetSealInfo: what the SESeal says of itself',
    tag,
    params: sealParams,
    query: layoutQuery,
    answers: { 200: { description: 'The items', schema: z.object({ code: z.string(), sealID: z.string() }) } },
    problems: ofSeal,
    async handle({ principal, params, query }) {
      return { status: 200, json: toInfo(await desk.info(principal, params.sealId, toLayout(query.version))) }
    },
  })
  return [provider, list, seal, info]
}

/** The items of SEF_SEALINFO (GM/T 0055), which are those of the SESeal. */
function toInfo({ info, layout, signatureAlgorithm, makerCertificate }: OesSealInfo) {
  const { property } = info
  const { certList } = property
  return {
    code: '00',
    sealID: info.esId,
    version: info.version,
    layout,
    vendorID: info.vendorId,
    type: property.type,
    name: property.name,
    certListType: certList.kind === 'certificates' ? 1 : 2,
    certList:
      certList.kind === 'certificates'
        ? certList.certificates.map(base64)
        : certList.digests.map(({ value }) => base64(value)),
    createDate: property.createDate.toISOString(),
    validStart: property.validStart.toISOString(),
    validEnd: property.validEnd.toISOString(),
    pictureType: info.picture.type,
    widthMm: info.picture.widthMm,
    heightMm: info.picture.heightMm,
    signAlgID: signatureAlgorithm,
    makerCertificate: base64(makerCertificate),
  }
}

function pictureRoutes(desk: OesDesk): Route[] {
  const picture = oesRoute({
    method: 'get',
    path: '/api/oes/seals/{sealId}/picture',
    permission: 'seals:read',
    summary: 'OES_GetSealImage: SVG at true size; flag 0 display, 1 print, 2 preview (pale)',
    tag,
    params: sealParams,
    query: z.object({ flag: z.enum(['0', '1', '2']).default('0') }),
    answers: { 200: { description: 'The picture', contentType: 'image/svg+xml' } },
    problems: ofSeal,
    async handle({ principal, params, query }) {
      const { svg, widthMm, heightMm } = await desk.picture(principal, params.sealId, query.flag)
      return {
        status: 200,
        bytes: svg,
        contentType: 'image/svg+xml',
        headers: { 'Seal-Width-Mm': String(widthMm), 'Seal-Height-Mm': String(heightMm) },
      }
    },
  })
  const method = (path: string, summary: string, oid: string) =>
    oesRoute({
      method: 'get',
      path,
      permission: 'seals:read',
      summary,
      tag,
      answers: { 200: { description: 'Its OID', schema: z.object({ code: z.string(), oid: z.string() }) } },
      async handle() {
        return { status: 200, json: { code: '00', oid } }
      },
    })
  const digest = oesRoute({
    method: 'post',
    path: '/api/oes/digest',
    permission: 'seals:read',
    summary: 'OES_Digest: SM3 of the octets of the body, base64; nothing is kept',
    tag,
    rawBody: { mediaTypes: ['application/octet-stream'], maxBytes: LONGEST_DATA },
    answers: { 200: { description: 'The digest', schema: z.object({ code: z.string(), digest: z.string() }) } },
    async handle({ bytes }) {
      return { status: 200, json: { code: '00', digest: base64(await desk.digest(bytes ?? new Uint8Array())) } }
    },
  })
  const time = oesRoute({
    method: 'get',
    path: '/api/oes/sign-date-time',
    permission: 'seals:read',
    summary: 'OES_GetSignDateTime: the time that a signature made now would say, GeneralizedTime',
    tag,
    answers: { 200: { description: 'The time', schema: z.object({ code: z.string(), signDateTime: z.string() }) } },
    async handle() {
      const signDateTime = `${desk.now().toISOString().slice(0, 19).replaceAll(/\D/g, '')}Z`
      return { status: 200, json: { code: '00', signDateTime } }
    },
  })
  return [
    picture,
    method('/api/oes/digest-method', 'OES_GetDigestMethod: SM3', desk.digestMethod),
    digest,
    method('/api/oes/sign-method', 'OES_GetSignMethod: SM2 with SM3', desk.signMethod),
    time,
  ]
}

const verdictSchema = z.object({
  code: z.string(),
  message: z.object({ zh: z.string(), en: z.string() }),
  steps: z.array(
    z.object({ step: z.string(), outcome: z.string(), reason: z.string().nullable(), detail: z.string() }),
  ),
  sealId: z.string().nullable(),
  sealName: z.string().nullable(),
  signingTime: z.string().nullable(),
  cancelledAt: z.string().nullable(),
})

function signRoutes(desk: OesDesk): Route[] {
  const sign = oesRoute({
    method: 'post',
    path: '/api/oes/signatures',
    permission: 'seals:use',
    summary: 'OES_Sign: SES_Signature over a digest, decided and on record like every use; a repeat is given the same',
    tag,
    body: z.object({
      sealId: z.string().max(20),
      /** The document's name in its system, for the record. */
      documentId: z.string().regex(/^[\x21-\x7e]{1,100}$/),
      dataHash: hash,
      propertyInfo: z.string().regex(/^[\x20-\x7e]{1,1024}$/),
      version: z.enum(['5', '4']).default('5'),
      templateCode: z
        .string()
        .regex(/^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/)
        .nullable()
        .default(null),
      timeStamp: z.boolean().default(false),
    }),
    answers: {
      201: {
        description: 'The signature, DER in base64',
        schema: z.object({ code: z.string(), useId: z.string(), signedAt: z.string(), signature: z.string() }),
      },
    },
    problems: [
      'SEAL_ROLE_MISSING',
      'SEAL_NOT_FOUND',
      'SEAL_NOT_YOURS',
      'SEAL_NOT_AUTHORISED',
      'SEAL_PERSONAL',
      'SEAL_QUOTA_EXHAUSTED',
      'SEAL_RATE_EXCEEDED',
      'SEAL_SUSPENDED',
      'SEAL_LOST',
      'SEAL_REVOKED',
      'SEAL_NOT_IN_USE',
      'SEAL_ESEAL_ABSENT',
      'SEAL_CERTIFICATE_EXPIRED',
      'SEAL_REQUEST_CONFLICT',
    ],
    async handle({ principal, body }) {
      const { sealId, documentId, propertyInfo, templateCode } = body
      const made = await desk.sign(principal, {
        ...{ sealId, documentId, propertyInfo, templateCode },
        dataHash: fromBase64(body.dataHash),
        layout: toLayout(body.version),
        wantsTimeStamp: body.timeStamp,
      })
      const { useId, signedAt, signature } = made
      return {
        status: 201,
        json: { code: '00', useId, signedAt: signedAt.toISOString(), signature: base64(signature) },
      }
    },
  })
  const verify = oesRoute({
    method: 'post',
    path: '/api/oes/verifications',
    permission: 'seals:read',
    summary:
      'OES_Verify: an SES_Signature of anybody, with its data or their digest; a bad one is an answer with its code',
    tag,
    body: z.object({
      signature: base64Text(LONGEST_SIGNATURE),
      data: base64Text(LONGEST_SIGNATURE).optional(),
      dataHash: hash.optional(),
    }),
    maxBodyBytes: 6 * 1024 * 1024,
    answers: { 200: { description: 'What is said of it', schema: verdictSchema } },
    async handle({ body }) {
      const { steps, signingTime, cancelledAt, ...verdict } = await desk.verify({
        signature: fromBase64(body.signature),
        ...(body.data !== undefined && { data: fromBase64(body.data) }),
        ...(body.dataHash !== undefined && { dataHash: fromBase64(body.dataHash) }),
      })
      return {
        status: 200,
        json: {
          ...verdict,
          message: oesMessages[verdict.code],
          steps: [...steps],
          signingTime: signingTime?.toISOString() ?? null,
          cancelledAt: cancelledAt?.toISOString() ?? null,
        },
      }
    },
  })
  const cancel = oesRoute({
    method: 'post',
    path: '/api/oes/signatures/{useId}/cancel',
    permission: 'seals:use',
    summary: 'OES_CancelSeal: take back a signature of the own department; who verifies it here is told',
    tag,
    params: z.object({ useId: z.uuid() }),
    body: z.object({ reason: z.string().trim().min(1).max(500) }),
    answers: { 200: { description: 'Taken back, now or before', schema: z.object({ code: z.string() }) } },
    problems: ['OES_SIGNATURE_NOT_FOUND'],
    async handle({ principal, params, body }) {
      await desk.cancel(principal, { useId: params.useId, reason: body.reason })
      return { status: 200, json: { code: '00' } }
    },
  })
  return [sign, verify, cancel]
}

const messageSchema = z.object({ code: z.string(), zh: z.string(), en: z.string(), problems: z.array(z.string()) })

function messageRoutes(): Route[] {
  const toMessage = (code: (typeof oesCodes)[number]) => ({ code, ...oesMessages[code], problems: problemsOf(code) })
  const messages = oesRoute({
    method: 'get',
    path: '/api/oes/messages',
    permission: 'public',
    summary: 'OES_GetErrMessage: every code in Chinese and English, with the problems that mean it',
    tag,
    answers: { 200: { description: 'The codes', schema: z.object({ items: z.array(messageSchema) }) } },
    async handle() {
      return { status: 200, json: { items: oesCodes.map(toMessage) } }
    },
  })
  const message = oesRoute({
    method: 'get',
    path: '/api/oes/messages/{code}',
    permission: 'public',
    summary: 'OES_GetErrMessage of one code',
    tag,
    params: z.object({ code: z.enum(oesCodes as [(typeof oesCodes)[number], ...(typeof oesCodes)[number][]]) }),
    answers: { 200: { description: 'The code', schema: messageSchema } },
    async handle({ params }) {
      return { status: 200, json: toMessage(params.code) }
    },
  })
  return [messages, message]
}
