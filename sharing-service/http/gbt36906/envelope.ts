// The envelope of the shared service interface (GB/T 36906): a head with who calls, data; whatever happens, status 200 and a head that
// says how it went. The numbers are those of implementations in use.
import { type Answer, type Authority, parseJson, parseMember } from '../../../platform/http/index.ts'
import { PlatformError, type Principal } from '../../../platform/index.ts'

export const FACADE_STATUS = {
  ok: { status: 0, message: '成功' },
  notFound: { status: 10, message: '未找到匹配的证照信息' },
  notAuthenticated: { status: 11, message: '身份验证不通过' },
  other: { status: 99, message: '其他异常' },
  notEntitled: { status: 100, message: '无权访问该证照类型' },
  holderCodeWrong: { status: 103, message: '持证主体代码类型代码不合规' },
} as const

export interface FacadeHead {
  readonly status: number
  readonly message: string
}

/** A call that ends with a status of the interface. */
export class FacadeRefusal extends Error {
  readonly head: FacadeHead
  constructor(head: FacadeHead, message = head.message) {
    super(message)
    this.name = 'FacadeRefusal'
    this.head = { status: head.status, message }
  }
}

/** Who a call says it is of; nothing of it is believed yet. */
export interface FacadeCredentials {
  readonly accessId: string
  readonly accessToken: string
}

/** What a call says. */
export interface FacadeCall extends FacadeCredentials {
  readonly data: Readonly<Record<string, unknown>>
}

/** More than this holds a file, and is not parsed before it is known whose it is. */
export const SMALL_BODY_BYTES = 64 * 1024

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Who calls; of a large body nothing but the head is read. Throws FacadeRefusal for whatever is no envelope. */
export function readCredentials(bytes: Uint8Array): FacadeCredentials {
  const head = bytes.length > SMALL_BODY_BYTES ? refusing(() => parseMember(bytes, 'head')) : memberOf(bytes, 'head')
  if (!isRecord(head)) throw new FacadeRefusal(FACADE_STATUS.notAuthenticated)
  const { accessId, accessToken } = head
  if (typeof accessId !== 'string' || typeof accessToken !== 'string' || accessId === '' || accessToken === '')
    throw new FacadeRefusal(FACADE_STATUS.notAuthenticated)
  return { accessId, accessToken }
}

/** What the call is about. Throws FacadeRefusal. */
export function readData(bytes: Uint8Array): FacadeCall['data'] {
  const data = memberOf(bytes, 'data')
  return isRecord(data) ? data : {}
}

function memberOf(bytes: Uint8Array, name: 'head' | 'data'): unknown {
  const body = refusing(() => parseJson(bytes))
  return isRecord(body) ? body[name] : undefined
}

function refusing(parse: () => unknown): unknown {
  try {
    return parse()
  } catch (error) {
    if (error instanceof PlatformError) throw new FacadeRefusal(FACADE_STATUS.other, '报文不是 JSON')
    throw error
  }
}

/** The machine that the head names, if it may fetch. Throws FacadeRefusal, in one word for everything that is wrong. */
export async function authenticate(
  authority: Authority,
  { accessId, accessToken }: FacadeCredentials,
): Promise<Principal> {
  const headers = { authorization: `Bearer ${accessToken}` }
  const principal = await authority.authenticate({ method: 'POST', headers }).catch((error: unknown) => {
    if (isRefusal(error)) return undefined
    throw error
  })
  if (principal?.kind !== 'machine' || principal.id !== accessId || !authority.isPermitted(principal, 'licences:fetch'))
    throw new FacadeRefusal(FACADE_STATUS.notAuthenticated)
  return principal
}

/** The directory refuses by coded errors of its own; what has no code is an outage. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  ['API_KEY_REFUSED', 'ACCESS_TOKEN_REFUSED'].includes((error as { code?: string }).code ?? '')

/** The same octets in UTF-8, GB 18030 and ASCII: whoever reads in the wrong character set reads it right. */
function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export const facadeAnswer = (head: FacadeHead, data: unknown = {}): Answer => ({
  status: 200,
  bytes: toAsciiJson({ head, data }),
  contentType: 'application/json;charset=utf-8',
})
