import { language, type Text } from './language.ts'
import { licenceProblemWords } from './licence-problem-words.ts'
import { refusalWords } from './refusal-words.ts'

/** One field at fault; `detail` is bilingual when it comes from a licence's own rules. */
export interface FieldFault {
  readonly pointer: string
  readonly code?: string
  readonly detail?: string | Text
}

/** What the API answers when it refuses (RFC 9457), reduced to what the pages use. */
export interface Problem {
  readonly status: number
  readonly code?: string
  readonly title?: string
  readonly detail?: string
  readonly instance?: string
  readonly retryAfter?: number
  readonly errors?: readonly FieldFault[]
}

/** A refused or failed call. `status` 0: no answer came at all. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly problem: Problem
  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail ?? problem.title ?? `status ${problem.status}`, options)
    this.problem = problem
  }
}

const isText = (value: unknown): value is Text =>
  typeof value === 'object' && value !== null && 'zh' in value && 'en' in value

function toFault(value: unknown): FieldFault | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { pointer, code, detail } = value as Record<string, unknown>
  if (typeof pointer !== 'string') return undefined
  return {
    pointer,
    ...(typeof code === 'string' && { code }),
    ...(typeof detail === 'string' || isText(detail) ? { detail } : {}),
  }
}

/** Reads a problem document; whatever is not one (a proxy's HTML page, nothing) becomes a problem of its status alone. */
export function toProblem(status: number, body: unknown, retryAfter?: string | null): Problem {
  const own = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const text = (name: string) => (typeof own[name] === 'string' ? { [name]: own[name] } : {})
  const seconds = typeof own['retryAfter'] === 'number' ? own['retryAfter'] : Number(retryAfter ?? Number.NaN)
  const faults = Array.isArray(own['errors']) ? own['errors'].map(toFault).filter((fault) => fault !== undefined) : []
  return {
    status,
    ...text('code'),
    ...text('title'),
    ...text('detail'),
    ...text('instance'),
    ...(Number.isFinite(seconds) && { retryAfter: seconds }),
    ...(faults.length > 0 && { errors: faults }),
  }
}

const sentences: Readonly<Record<number, Text>> = {
  0: {
    zh: '没有连上服务器。请检查网络后再试；已填写的内容都还在。',
    en: 'The server could not be reached. Check the connection and try again; what you typed is kept.',
  },
  400: { zh: '服务器没有看懂这个请求。', en: 'The server did not understand this request.' },
  401: { zh: '登录已过期，请重新登录。', en: 'Your login has ended. Please log in again.' },
  403: { zh: '您的账号没有做这件事的权限。', en: 'Your account may not do this.' },
  404: { zh: '没有找到。', en: 'Not found.' },
  409: { zh: '现在的状态不允许这样做。', en: 'The present state does not allow this.' },
  413: { zh: '文件太大，服务器不接收。', en: 'The file is too large for the server.' },
  415: { zh: '服务器不接收这种文件。', en: 'The server does not take this kind of file.' },
  422: { zh: '有内容需要改正。', en: 'Some entries need correcting.' },
  429: { zh: '请求太频繁，请稍后再试。', en: 'Too many requests. Please wait a little.' },
  503: { zh: '服务暂时不可用，请稍后再试。', en: 'The service is unavailable for the moment. Please try again soon.' },
}

/** Refusals that deserve better words than their status gives. */
const byCode: Readonly<Record<string, Text>> = {
  ...licenceProblemWords,
  DEVICE_CHECK_FAILED: {
    zh: '查验没有完成，可能是设备内存不足。请再试一次。',
    en: 'The check did not finish; the device may be short of memory. Please try again.',
  },
  LOGIN_THROTTLED: { zh: '登录尝试太多，请稍后再试。', en: 'Too many attempts to log in. Please wait a little.' },
  LICENCE_TRANSITION_REFUSED: {
    zh: '证照现在的状态不允许这样做，请刷新页面看看最新状态。',
    en: 'The licence’s present state does not allow this. Reload the page to see it.',
  },
  LICENCE_EFFECTIVE_TIME_REFUSED: {
    zh: '生效时间不能早于上一次变更，也不能晚于 366 天以后。',
    en: 'The effective time may be neither before the last change nor more than 366 days ahead.',
  },
  LICENCE_HOLDER_DIFFERS: {
    zh: '换证不能换持证人。换了持证人，要签发一份新证照。',
    en: 'A replacement keeps its holder. Another holder needs a new licence.',
  },
  LICENCE_REPLACEMENT_UNDER_WAY: { zh: '这份证照正在换证。', en: 'This licence is being replaced already.' },
  LICENCE_TYPE_NOT_ASSIGNED: { zh: '贵部门不能签发这种证照。', en: 'Your department may not issue this type.' },
  LICENCE_ISSUANCE_INTERRUPTED: {
    zh: '签发没有完成，请再试一次；不会重复签发。',
    en: 'Issuing was not finished. Try again; it is never issued twice.',
  },
  LICENCE_ERASED: { zh: '这份证照的个人信息已经清除。', en: 'The personal data of this licence were erased.' },
  SEAL_CERTIFICATE_AWAITED: {
    zh: '印章还在等待外部机构的证书，暂不能签发。',
    en: 'The seal still waits for its certificate from outside; nothing can be issued yet.',
  },
  SEAL_CERTIFICATE_EXPIRED: {
    zh: '印章的证书已经到期，请先换发证书。',
    en: 'The certificate of the seal has expired; it must be renewed first.',
  },
  SEAL_SUSPENDED: { zh: '印章已停用，不能签发。', en: 'The seal is suspended; nothing can be issued.' },
  SEAL_REVOKED: { zh: '印章已撤销，不能签发。', en: 'The seal is revoked; nothing can be issued.' },
  SEAL_ROLE_MISSING: { zh: '您的账号没有用印权限。', en: 'Your account may not use the seal.' },
  DOCUMENT_TOO_LARGE: {
    zh: '做出的文件太大，请换小一些的图片。',
    en: 'The document becomes too large. Use smaller pictures.',
  },
}

const ours: Text = {
  zh: '服务器内部出错，不是您的问题。请稍后再试。',
  en: 'The server failed; this is not your fault. Please try again later.',
}

/**
 * One sentence for people, in both languages: by the code, else by the status. What the server adds (`detail`, in English) is shown
 * beside it, never instead.
 */
export function explainProblem({ code = '', status, title }: Problem): Text {
  const known = byCode[code]
  if (known) return known
  const general = sentences[status] ?? (status >= 500 ? ours : (sentences[400] as Text))
  const zh = refusalWords[code]
  return zh === undefined ? general : { zh, en: title === undefined ? general.en : `${title}.` }
}

/** Whether a code is told in words of its own, not those of its status. */
export const hasWords = (code: string): boolean => code in byCode || code in refusalWords

/** A refusal that a page shows within a list: the sentence of its code in Chinese, the server's own words in English. */
export const refusalText = ({ code, detail }: { readonly code: string; readonly detail: string }): string =>
  language.value === 'zh' ? explainProblem({ status: 422, code }).zh : detail

/** Any thrown value as a problem, so that a page has one way to show what went wrong. */
export function problemOf(error: unknown): Problem {
  return error instanceof ApiProblem ? error.problem : { status: 500 }
}
