import type { Text } from './language.ts'

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

const ours: Text = {
  zh: '服务器内部出错，不是您的问题。请稍后再试。',
  en: 'The server failed; this is not your fault. Please try again later.',
}

/** One sentence for people, in both languages. What the server adds (`detail`) is shown beside it, never instead. */
export function explainProblem(problem: Problem): Text {
  return sentences[problem.status] ?? (problem.status >= 500 ? ours : (sentences[400] as Text))
}

/** Any thrown value as a problem, so that a page has one way to show what went wrong. */
export function problemOf(error: unknown): Problem {
  return error instanceof ApiProblem ? error.problem : { status: 500 }
}
