import type { Route } from '../../platform/http/index.ts'
import { dataCheckMeanings } from '../domain/data-check.ts'
import { toFetchCaller } from '../operations/caller.ts'
import { checkData, checkFile, checkQr } from '../operations/check.ts'
import type { Deps } from '../operations/deps.ts'
import { fetchData, search } from '../operations/fetch.ts'
import { fetchFile } from '../operations/fetch-file.ts'
import { prefill } from '../operations/prefill.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

const tag = 'Sharing'
/** A document in base64 with what is said beside it. */
export const MAX_FILE_BODY_BYTES = 32 * 1024 * 1024

const refusals = [
  'MATTER_UNKNOWN',
  'SHARING_NOT_ENTITLED',
  'SHARING_AGREEMENT_ENDED',
  'SHARING_LEGAL_BASIS_MISSING',
  'SHARING_QUOTA_EXHAUSTED',
] as const
const ofOne = [
  ...refusals,
  'SHARING_LICENCE_NOT_FOUND',
  'IDENTIFIER_MALFORMED',
  'IDENTIFIER_CHECK_CHARACTER_WRONG',
] as const

/** What departments fetch of one another, and check: each call for a matter, on record before it is answered. */
export function createFetchRoutes(deps: Deps): Route[] {
  return [...dataRoutes(deps), ...checkRoutes(deps)]
}

const dataRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/shared/searches',
    permission: 'licences:fetch',
    summary: 'Licences of one type of one holder (证照检索), 50 at most; nothing of the holder is in the answer',
    tag,
    body: schemas.searchBody,
    answers: { 200: { description: 'The licences', schema: schemas.searchAnswer } },
    problems: refusals,
    handle: async ({ principal, body }) => ({
      status: 200,
      json: { items: await search(deps, toFetchCaller(principal), body) },
    }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/shared/data',
    permission: 'licences:fetch',
    summary: 'Fields of a licence, those that the department is entitled to (信息获取); no fields named: all of them',
    tag,
    body: schemas.dataBody,
    answers: {
      200: { description: 'What was granted, and of what was asked beyond it why not', schema: schemas.dataAnswer },
    },
    problems: ofOne,
    handle: async ({ principal, body }) => ({
      status: 200,
      json: await fetchData(deps, toFetchCaller(principal), body),
    }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/shared/files',
    permission: 'licences:fetch',
    summary: 'A licence as a file: a copy for this purpose (加注件) with the granted fields, which ends by itself',
    tag,
    idempotent: true,
    body: schemas.fileBody,
    answers: { 200: { description: 'The copy', contentType: 'application/pdf' } },
    problems: ofOne,
    async handle({ principal, body, idempotency }) {
      const { pdf, copyId } = await fetchFile(deps, toFetchCaller(principal), { ...body, key: idempotency!.key })
      return { status: 200, bytes: pdf, contentType: 'application/pdf', headers: { 'Copy-Id': copyId } }
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/shared/prefills',
    permission: 'licences:fetch',
    summary: "A form's fields filled from the holder's licences in force (辅助录入), by the form's own names",
    tag,
    body: schemas.prefillBody,
    answers: {
      200: { description: 'What could be filled, from where, and what is missing', schema: schemas.prefillAnswer },
    },
    problems: ['MATTER_UNKNOWN', 'PREFILL_MAP_NOT_FOUND', 'SHARING_QUOTA_EXHAUSTED'],
    handle: async ({ principal, body }) => ({
      status: 200,
      json: await prefill(deps, toFetchCaller(principal), body),
    }),
  }),
]

const checkRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/shared/file-checks',
    permission: 'licences:fetch',
    summary: 'Whether a file is a licence that holds (文件验证): 0, 1 or 2',
    tag,
    body: schemas.fileCheckBody,
    maxBodyBytes: MAX_FILE_BODY_BYTES,
    answers: { 200: { description: 'The code and the verdict', schema: schemas.fileCheckAnswer } },
    problems: ['MATTER_UNKNOWN'],
    async handle({ principal, body: { content, typeCode = null, ...why } }) {
      const pdf = Buffer.from(content, 'base64')
      return { status: 200, json: await checkFile(deps, toFetchCaller(principal), { ...why, typeCode, pdf }) }
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/shared/data-checks',
    permission: 'licences:fetch',
    summary:
      'Whether what somebody says stands on the register (信息验证): 0 to 6; needs the code of a holder and something beside it',
    tag,
    body: schemas.dataCheckBody,
    answers: { 200: { description: 'The code', schema: schemas.dataCheckAnswer } },
    problems: ['MATTER_UNKNOWN', 'SHARING_QUOTA_EXHAUSTED'],
    async handle({ principal, body }) {
      const code = await checkData(deps, toFetchCaller(principal), body)
      return { status: 200, json: { code, meaning: dataCheckMeanings[code] } }
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/shared/qr-checks',
    permission: 'licences:fetch',
    summary: 'The verdict on a QR code (二维码查询); with `fields` also the data, under the rules of any other fetch',
    tag,
    body: schemas.qrCheckBody,
    answers: { 200: { description: 'The verdict', schema: schemas.qrCheckAnswer } },
    problems: ofOne,
    handle: async ({ principal, body }) => ({
      status: 200,
      json: await checkQr(deps, toFetchCaller(principal), body),
    }),
  }),
]
