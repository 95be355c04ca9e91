/** One fault of an input, found by its JSON Pointer (RFC 6901). `detail` is for people; two languages where a page shows it. */
export interface Fault {
  readonly pointer: string
  readonly code: string
  readonly detail: string | { readonly zh: string; readonly en: string }
}

export interface TrustServiceErrorOptions {
  readonly cause?: unknown
  /** Every fault at once, for refusals of an input. */
  readonly faults?: readonly Fault[]
  /** When to try again, for throttled and unavailable. */
  readonly retryAfterSeconds?: number
}

/**
 * Base of the coded errors of every room above the ground. `code` is the stable contract; `message` is for people, may change,
 * and never holds a secret or personal data.
 */
export class TrustServiceError<Code extends string = string> extends Error {
  readonly code: Code
  readonly faults: readonly Fault[] | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: Code, message: string, options: TrustServiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.faults = options.faults
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

export type PlatformErrorCode =
  | 'CONFIG_INVALID'
  | 'DATABASE_UNAVAILABLE'
  | 'DATABASE_OUTCOME_UNKNOWN'
  | 'DATABASE_NEWER'
  | 'MIGRATION_CHANGED'
  | 'DATA_FOLDER_IN_USE'
  | 'BLOB_NOT_FOUND'
  | 'BLOB_DAMAGED'
  | 'BLOB_STORE_FULL'
  | 'REQUEST_INVALID'
  | 'REQUEST_BODY_NOT_JSON'
  | 'REQUEST_BODY_TOO_LARGE'
  | 'REQUEST_MEDIA_TYPE_UNSUPPORTED'
  | 'REQUEST_MALFORMED'
  | 'REQUEST_TOO_SLOW'
  | 'IDEMPOTENCY_KEY_MISSING'
  | 'IDEMPOTENCY_KEY_INVALID'
  | 'AUTHENTICATION_REQUIRED'
  | 'PERMISSION_DENIED'
  | 'STEP_UP_REQUIRED'
  | 'CROSS_SITE_REQUEST'
  | 'RATE_LIMITED'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'SERVICE_BUSY'
  | 'UPSTREAM_UNAVAILABLE'
  | 'SERVICE_STOPPING'
  | 'INTERNAL_ERROR'

export class PlatformError extends TrustServiceError<PlatformErrorCode> {}
