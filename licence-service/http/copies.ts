import { z } from 'zod'
import { isCopyId, isPlainText, LONGEST_COPY_TEXT } from '../../licence-format/index.ts'
import { createRateLimit, instant, type Route, time } from '../../platform/http/index.ts'
import type { Principal } from '../../platform/index.ts'
import { type MadeCopy, makeCopy } from '../operations/copies/make-copy.ts'
import { listCopiesOf, readCopy, readCopyDocument, readCopyStatus } from '../operations/copies/read-copies.ts'
import { revokeCopy } from '../operations/copies/revoke-copy.ts'
import type { Deps } from '../operations/deps.ts'
import { getOwnRow } from '../operations/read-licence.ts'
import { json, pdf } from './answers.ts'
import { fullIdentifier } from './licences.ts'
import { defineRoute } from './permissions.ts'
import { status } from './schemas.ts'

const tag = 'Copies'
const copyId = z.string().max(22).refine(isCopyId, 'not the identifier of a copy')
const copyParams = z.object({ copyId })
const plainText = z
  .string()
  .trim()
  .max(LONGEST_COPY_TEXT)
  .refine((text) => isPlainText(text), 'plain text')
const digest = z.string().regex(/^[0-9a-f]{64}$/)

const copyBody = z.strictObject({
  identifier: z.string().max(120),
  purpose: plainText.describe('What the copy may be used for (加注件制作事由); stands on every page'),
  recipient: z.strictObject({
    name: plainText,
    code: z
      .string()
      .max(18)
      .regex(/^[0-9A-Z]+$/)
      .optional(),
  }),
  expiresAt: time.describe('At most 366 days from now'),
  fields: z.array(z.string().max(100)).max(200).describe('Names of the fields it carries; everything else is left out'),
})
const copyAnswer = z.object({
  copyId: z.string(),
  identifier: z.string(),
  status,
  purpose: z.string(),
  recipient: z.string(),
  creator: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  fields: z.array(z.string()),
  dataDigest: digest,
  sealedDigest: digest.nullable(),
  links: z.object({ self: z.string(), document: z.string(), status: z.string() }),
})
const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: copyId.optional(),
})
const listAnswer = z.object({
  items: z.array(
    z.object({
      copyId: z.string(),
      identifier: z.string(),
      status,
      madeAt: instant,
      expiresAt: instant,
      maker: z.string(),
      makerDepartment: z.string(),
      recipientCode: z.string().nullable(),
    }),
  ),
  next: z.string().nullable(),
})
const statusAnswer = z.object({
  identifier: z.string(),
  copyId: z.string(),
  status,
  asOf: instant,
  validFrom: z.string().nullable(),
  validUntil: z.string().nullable(),
  expiresAt: instant.nullable(),
  dataDigest: digest.nullable(),
  sealedDigest: digest.nullable(),
  history: z.array(z.object({ status, from: instant })),
})

/** Guesses from one address: 128 random bits are not guessed, but asking costs. */
const GUESSES_AT_ONCE = 30
const GUESSES_PER_SECOND = 0.2

/** Copies of licences for one purpose (加注件): made, read and revoked by departments; their status is public. */
export function copyRoutes(deps: Deps): Route[] {
  const guesses = createRateLimit({
    capacity: GUESSES_AT_ONCE,
    refillPerSecond: GUESSES_PER_SECOND,
    clock: deps.clock,
  })
  return [
    defineRoute({
      method: 'post',
      path: '/api/copies',
      permission: 'copies:make',
      summary: 'Makes a copy of a licence of the own department for one purpose, sealed and with a status of its own',
      tag,
      idempotent: true,
      body: copyBody,
      answers: { 201: { description: 'The copy', schema: copyAnswer } },
      problems: [
        'LICENCE_NOT_FOUND',
        'COPY_ORIGINAL_NOT_IN_FORCE',
        'COPY_FIELDS_REFUSED',
        'COPY_EXPIRY_REFUSED',
        'COPY_WORDS_REFUSED',
        'COPY_REFUSED',
        'IDEMPOTENCY_KEY_REUSED',
        'LICENCE_ERASED',
        'GLYPH_MISSING',
        'SEAL_NOT_AUTHORISED',
        'SEAL_QUOTA_EXHAUSTED',
        'SEAL_RATE_EXCEEDED',
        'LICENCE_ISSUANCE_INTERRUPTED',
      ],
      handle: async ({ principal, body, idempotency }) => {
        const identifier = fullIdentifier(body.identifier)
        await getOwnRow(deps, principal, identifier)
        const made = await makeCopy(deps, makerOf(principal), { ...body, identifier, key: idempotency!.key })
        const answer = toAnswer(deps, made)
        return json(201, answer, { Location: answer.links.self })
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/copies/{copyId}',
      permission: 'copies:read',
      summary: 'A copy made for the own department, or of a licence that it issues',
      tag,
      params: copyParams,
      answers: { 200: { description: 'The copy', schema: copyAnswer } },
      problems: ['COPY_NOT_FOUND', 'LICENCE_ERASED'],
      handle: async ({ principal, params }) =>
        json(200, toAnswer(deps, await readCopy(deps, principal, params.copyId))),
    }),
    defineRoute({
      method: 'get',
      path: '/api/copies/{copyId}/document',
      permission: 'copies:read',
      summary: 'The sealed PDF of a copy; for whom it was made while it is in force',
      tag,
      params: copyParams,
      answers: { 200: { description: 'The sealed PDF', contentType: 'application/pdf' } },
      problems: ['COPY_NOT_FOUND', 'COPY_STATE_REFUSED', 'LICENCE_ERASED'],
      handle: async ({ principal, params }) =>
        pdf(await readCopyDocument(deps, principal, params.copyId), `copy-${params.copyId}`),
    }),
    defineRoute({
      method: 'post',
      path: '/api/copies/{copyId}/revocations',
      permission: 'copies:make',
      summary: 'Revokes a copy alone',
      tag,
      idempotent: true,
      params: copyParams,
      body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
      answers: {
        201: {
          description: 'Recorded',
          schema: z.object({
            copyId: z.string(),
            identifier: z.string(),
            status: z.literal('revoked'),
            recordedAt: instant,
          }),
        },
      },
      problems: ['COPY_NOT_FOUND', 'COPY_STATE_REFUSED', 'LICENCE_ERASED'],
      handle: async ({ principal, params, body }) =>
        json(201, await revokeCopy(deps, principal, { ...params, ...body })),
    }),
    defineRoute({
      method: 'get',
      path: '/api/licences/{identifier}/copies',
      permission: 'copies:read',
      summary:
        'Copies of a licence of the own department, newest first; to who only uses licences those made for the own department',
      tag,
      params: z.object({ identifier: z.string().max(120) }),
      query: listQuery,
      answers: { 200: { description: 'A page of the list', schema: listAnswer } },
      problems: ['LICENCE_NOT_FOUND', 'LICENCE_CURSOR_INVALID'],
      handle: async ({ principal, params, query }) =>
        json(200, await listCopiesOf(deps, principal, fullIdentifier(params.identifier), query)),
    }),
    defineRoute({
      method: 'get',
      path: '/api/licences/{identifier}/copies/{copyId}/status',
      permission: 'public',
      summary: 'Status of a copy: whether it counts, and nothing of whom or what it is for',
      tag,
      params: z.object({ identifier: z.string().max(120), copyId }),
      answers: { 200: { description: 'The status', schema: statusAnswer } },
      problems: ['IDENTIFIER_MALFORMED', 'IDENTIFIER_CHECK_CHARACTER_WRONG'],
      handle: async ({ params, clientAddress }) => {
        guesses.take(clientAddress, 0)
        const found = await readCopyStatus(deps, params.identifier, params.copyId)
        if (found.status === 'unknown') guesses.charge(clientAddress, 1)
        return json(200, found, { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' })
      },
    }),
  ]
}

const makerOf = ({ id, kind, departmentCode }: Principal) => ({ id, kind, departmentCode })

function toAnswer(deps: Deps, { facts, ...copy }: MadeCopy) {
  const self = `${deps.baseUrl}/api/copies/${copy.copyId}`
  const { cause: purpose, recipient, creator, createdAt, expiresAt } = facts
  const { copyId, identifier, status, fields, dataDigest, sealedDigest } = copy
  return {
    ...{
      copyId,
      identifier,
      status,
      purpose,
      recipient,
      creator,
      createdAt,
      expiresAt,
      fields,
      dataDigest,
      sealedDigest,
    },
    links: {
      self,
      document: `${self}/document`,
      status: `${deps.baseUrl}/api/licences/${identifier}/copies/${copyId}/status`,
    },
  }
}
