import { z } from 'zod'
import { LicenceFormatError } from '../../../licence-format/index.ts'
import {
  type Answer,
  type Authority,
  createRateLimit,
  currentRequest,
  type Route,
} from '../../../platform/http/index.ts'
import { SharingError, type SharingErrorCode } from '../../errors.ts'
import { type FetchCaller, toFetchCaller } from '../../operations/caller.ts'
import type { Deps } from '../../operations/deps.ts'
import { findDownload } from '../../operations/downloads.ts'
import { findMatterOfClient } from '../../store/matters.ts'
import { MAX_FILE_BODY_BYTES } from '../fetch-routes.ts'
import { defineRoute } from '../permissions.ts'
import {
  authenticate,
  FACADE_STATUS,
  type FacadeHead,
  FacadeRefusal,
  facadeAnswer,
  readCredentials,
  readData,
  SMALL_BODY_BYTES,
} from './envelope.ts'
import { type FacadeService, facadeServices } from './services.ts'

/** Wrong tokens from one address: so many at once, so many a second after that. */
const STRANGERS_AT_ONCE = 30
const STRANGERS_PER_SECOND = 0.2
/** Files from one address: who sends them is known only when they were read, so their number is bounded before. */
const FILES_AT_ONCE = 20
const FILES_PER_SECOND = 2

export interface FacadeOptions {
  readonly authority: Authority
  readonly baseUrl: string
}

/** What a refusal of ours is called there. What somebody may not have and what is not agreed are one. */
const HEADS: Readonly<Partial<Record<SharingErrorCode, FacadeHead>>> = {
  SHARING_NOT_ENTITLED: FACADE_STATUS.notEntitled,
  SHARING_AGREEMENT_ENDED: FACADE_STATUS.notEntitled,
  SHARING_LEGAL_BASIS_MISSING: FACADE_STATUS.notEntitled,
  SHARING_LICENCE_NOT_FOUND: FACADE_STATUS.notFound,
  SHARING_QUOTA_EXHAUSTED: { status: 99, message: '当日调用次数已用完' },
  MATTER_UNKNOWN: { status: 99, message: '事项编码未登记' },
}

/** The shared service interface of GB/T 36906 in the form that is in use (`/zzgxpt/…`), over the same operations as our own routes. */
export function createFacadeRoutes(deps: Deps, options: FacadeOptions): Route[] {
  const strangers = createRateLimit({
    capacity: STRANGERS_AT_ONCE,
    refillPerSecond: STRANGERS_PER_SECOND,
    clock: deps.clock,
  })
  const files = createRateLimit({ capacity: FILES_AT_ONCE, refillPerSecond: FILES_PER_SECOND, clock: deps.clock })
  const admit = (service: FacadeService, address: string): void => {
    strangers.take(address, 0)
    if (service.takesFile) files.take(address)
  }
  const answer = async (service: FacadeService, bytes: Uint8Array, address: string): Promise<Answer> => {
    try {
      const credentials = readCredentials(bytes)
      const principal = await authenticate(options.authority, credentials)
      const caller = toFetchCaller(principal)
      const context = { deps, caller, baseUrl: options.baseUrl, matterCode: await matterOf(deps, caller) }
      return facadeAnswer(FACADE_STATUS.ok, await service.work(context, { ...credentials, data: readData(bytes) }))
    } catch (error) {
      const head = headOf(error)
      if (head === undefined)
        deps.log.error('a call of the shared service interface failed', { requestId: currentRequest()?.id, error })
      if (head?.status === FACADE_STATUS.notAuthenticated.status) strangers.charge(address, 1)
      return facadeAnswer(head ?? FACADE_STATUS.other)
    }
  }
  const calls = Object.entries(facadeServices).map(([name, service]) =>
    defineRoute({
      method: 'post',
      path: `/zzgxpt/${name}`,
      permission: 'public',
      summary: `GB/T 36906: ${service.summary}; the head carries accessId and accessToken, the answer is always 200`,
      tag: 'GB/T 36906',
      rawBody: {
        mediaTypes: ['application/json'],
        maxBytes: service.takesFile ? MAX_FILE_BODY_BYTES : SMALL_BODY_BYTES,
      },
      admit: ({ clientAddress }) => admit(service, clientAddress),
      answers: { 200: { description: 'Head and data', contentType: 'application/json' } },
      problems: ['RATE_LIMITED'],
      handle: ({ bytes, clientAddress }) => answer(service, bytes ?? new Uint8Array(0), clientAddress),
    }),
  )
  return [...calls, downloadRoute(deps)]
}

/** The file behind an address that `downloadUrl` gave; whoever has the address has it, for a quarter of an hour. */
const downloadRoute = (deps: Deps): Route =>
  defineRoute({
    method: 'get',
    path: '/zzgxpt/download',
    permission: 'public',
    summary: 'GB/T 36906: the file behind an address that was given before',
    tag: 'GB/T 36906',
    query: z.object({ id: z.string().min(1).max(64) }),
    answers: { 200: { description: 'The copy', contentType: 'application/pdf' } },
    problems: ['SHARING_LICENCE_NOT_FOUND'],
    handle: async ({ query }) => ({
      status: 200,
      bytes: await findDownload(deps, query.id),
      contentType: 'application/pdf',
      headers: { 'Content-Disposition': 'attachment; filename="licence-copy.pdf"' },
    }),
  })

const matterOf = async ({ database }: Deps, { departmentCode, id }: FetchCaller): Promise<string | undefined> =>
  (await findMatterOfClient(database, departmentCode, id))?.matterCode

/** Undefined for what is an outage or a defect. */
function headOf(error: unknown): FacadeHead | undefined {
  if (error instanceof FacadeRefusal) return error.head
  if (error instanceof LicenceFormatError) return { status: 99, message: '参数错误：certIdentifier' }
  if (error instanceof SharingError) return HEADS[error.code] ?? { status: 99, message: error.code }
  return copyHeadOf(error)
}

/** Why the register makes no copy, by its own codes. */
function copyHeadOf(error: unknown): FacadeHead | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  if (code === 'COPY_EXPIRY_REFUSED') return { status: 99, message: '参数错误：expiryTime' }
  if (code === 'COPY_ORIGINAL_NOT_IN_FORCE') return { status: 99, message: '证照不在有效状态，不能生成加注件' }
  if (code === 'LICENCE_COLLECTED') return { status: 99, message: '采集的证照由原系统制发，不能生成加注件' }
  return code === 'COPY_FIELDS_REFUSED' || code === 'COPY_WORDS_REFUSED'
    ? { status: 99, message: '不能生成加注件' }
    : undefined
}
