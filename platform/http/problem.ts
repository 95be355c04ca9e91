import type { ServerResponse } from 'node:http'
import type { ErrorRequestHandler, Response } from 'express'
import { type Fault, PlatformError, type PlatformErrorCode } from '../errors.ts'
import type { Log } from '../log.ts'
import { currentRequest } from './request-context.ts'

/** What a code means to a client (RFC 9457). `status` 4xx shows the error's message as `detail`, 5xx never does. */
export interface ProblemType {
  readonly status: number
  readonly title: string
}

/** Every code of a room has an entry: a forgotten one does not compile. */
export type ProblemCatalogue<Code extends string = string> = { readonly [C in Code]: ProblemType }

export const platformProblems: ProblemCatalogue<PlatformErrorCode> = {
  CONFIG_INVALID: { status: 500, title: 'Configuration invalid' },
  DATABASE_UNAVAILABLE: { status: 503, title: 'Database unavailable' },
  DATABASE_OUTCOME_UNKNOWN: { status: 503, title: 'Outcome unknown: ask again with the same Idempotency-Key' },
  DATABASE_NEWER: { status: 503, title: 'Database is newer than this program' },
  MIGRATION_CHANGED: { status: 503, title: 'Applied migration was edited' },
  DATA_FOLDER_IN_USE: { status: 503, title: 'Data folder in use' },
  BLOB_NOT_FOUND: { status: 500, title: 'Stored document missing' },
  BLOB_DAMAGED: { status: 500, title: 'Stored document damaged' },
  BLOB_STORE_FULL: { status: 507, title: 'No space left for documents' },
  REQUEST_INVALID: { status: 422, title: 'Request does not fit its schema' },
  REQUEST_BODY_NOT_JSON: { status: 400, title: 'Body is not JSON' },
  REQUEST_BODY_TOO_LARGE: { status: 413, title: 'Body too large' },
  REQUEST_MEDIA_TYPE_UNSUPPORTED: { status: 415, title: 'Media type not supported' },
  REQUEST_MALFORMED: { status: 400, title: 'Malformed request' },
  REQUEST_TOO_SLOW: { status: 408, title: 'Body came too slowly' },
  IDEMPOTENCY_KEY_MISSING: { status: 400, title: 'Idempotency-Key missing' },
  IDEMPOTENCY_KEY_INVALID: { status: 400, title: 'Idempotency-Key invalid' },
  AUTHENTICATION_REQUIRED: { status: 401, title: 'Authentication required' },
  PERMISSION_DENIED: { status: 403, title: 'Permission denied' },
  STEP_UP_REQUIRED: { status: 403, title: 'Confirm with a security key' },
  CROSS_SITE_REQUEST: { status: 403, title: 'Request from another site' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed' },
  UPSTREAM_UNAVAILABLE: { status: 502, title: 'Another server does not answer' },
  SERVICE_BUSY: { status: 503, title: 'Service is busy' },
  SERVICE_STOPPING: { status: 503, title: 'Service is stopping' },
  INTERNAL_ERROR: { status: 500, title: 'Internal error' },
}

interface CodedError extends Error {
  readonly code: string
  readonly faults?: readonly Fault[] | undefined
  readonly retryAfterSeconds?: number | undefined
}

/** The shape shared by the errors of all rooms, ground rooms included. Node's own errors have codes too, but no catalogue has them. */
function isCoded(error: unknown, catalogue: ProblemCatalogue): error is CodedError {
  return (
    error instanceof Error &&
    typeof (error as { code?: unknown }).code === 'string' &&
    Object.hasOwn(catalogue, (error as CodedError).code)
  )
}

export interface Problem {
  readonly status: number
  readonly retryAfterSeconds?: number
  readonly body: Readonly<Record<string, unknown>>
}

/** What a problem holds of faults, whoever made them: the last bound on what an answer to a small request may be. */
const MOST_ERRORS = 1_000
const LONGEST_ERRORS = 64 * 1024

/** As many of the faults as an answer holds, the first ones. */
function boundedFaults(faults: readonly Fault[]): Fault[] {
  let left = LONGEST_ERRORS
  const isWithin = ({ pointer, code, detail }: Fault): boolean => {
    left -=
      pointer.length + code.length + (typeof detail === 'string' ? detail.length : detail.zh.length + detail.en.length)
    return left >= 0
  }
  const first = faults.slice(0, MOST_ERRORS)
  const end = first.findIndex((fault) => !isWithin(fault))
  return end < 0 ? first : first.slice(0, end)
}

/** The `application/problem+json` answer to an error. What the catalogue does not know is a 500 that tells nothing. */
function toProblem(error: unknown, catalogue: ProblemCatalogue, request: { id: string; baseUrl: string }): Problem {
  const coded = isCoded(error, catalogue) ? error : undefined
  const code = coded?.code ?? 'INTERNAL_ERROR'
  const { status, title } = coded ? catalogue[code]! : platformProblems.INTERNAL_ERROR
  const retryAfter = coded?.retryAfterSeconds
  return {
    status,
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
    body: {
      type: `${request.baseUrl}/problems/${code.toLowerCase().replaceAll('_', '-')}`,
      title,
      status,
      ...(coded && status < 500 ? { detail: coded.message } : {}),
      instance: `urn:uuid:${request.id}`,
      code,
      ...(coded?.faults ? { errors: boundedFaults(coded.faults) } : {}),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    },
  }
}

/** Express' own refusals of a request line or body, as coded errors; everything else as it came. */
function translateExpressError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PlatformError) return error
  const { type, status, expose } = error as { type?: unknown; status?: unknown; expose?: unknown }
  if (type === 'entity.parse.failed') return new PlatformError('REQUEST_BODY_NOT_JSON', 'the body is not JSON')
  if (type === 'entity.too.large')
    return new PlatformError('REQUEST_BODY_TOO_LARGE', 'the body is larger than this address takes')
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return new PlatformError('REQUEST_MEDIA_TYPE_UNSUPPORTED', 'the content encoding or character set is not supported')
  }
  const isRequestFault =
    typeof status === 'number' && status >= 400 && status < 500 && (expose === true || error instanceof URIError)
  return isRequestFault ? new PlatformError('REQUEST_MALFORMED', 'the request could not be read') : error
}

/** What turning errors into answers needs. */
export interface ProblemWriter {
  readonly catalogue: ProblemCatalogue
  readonly log: Log
  readonly baseUrl: string
}

/** Answers with the problem an error is, and tells its code. 5xx are logged with their cause, 4xx are not. */
export function writeProblem(
  response: ServerResponse,
  error: unknown,
  requestId: string | undefined,
  headers: Readonly<Record<string, string>>,
  { catalogue, log, baseUrl }: ProblemWriter,
): string {
  const problem = toProblem(error, catalogue, { id: requestId ?? '00000000-0000-0000-0000-000000000000', baseUrl })
  if (problem.status >= 500) log.error('request failed', { requestId, error })
  const code = String(problem.body['code'])
  if (response.headersSent) {
    response.destroy()
    return code
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (problem.retryAfterSeconds !== undefined)
    response.setHeader('Retry-After', String(Math.ceil(problem.retryAfterSeconds)))
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  response.statusCode = problem.status
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8')
  response.end(JSON.stringify(problem.body))
  return code
}

/** The one error middleware of an app, last in it. */
export function problemHandler(
  catalogue: ProblemCatalogue,
  options: { readonly log: Log; readonly baseUrl: string },
): ErrorRequestHandler {
  const writer = { ...options, catalogue: { ...platformProblems, ...catalogue } }
  return (thrown: unknown, _request, response: Response, _next) => {
    const context = currentRequest()
    const code = writeProblem(response, translateExpressError(thrown), context?.id, {}, writer)
    if (context) context.code = code
  }
}
