import { createHash } from 'node:crypto'
import { PlatformError } from '../errors.ts'

export interface IdempotencyKey {
  readonly key: string
  /** SHA-256 over method, route and body: the same key with another digest is another request. */
  readonly requestDigest: Uint8Array
}

/** 1 to 128 visible ASCII characters, in the quotes of a structured field string (draft-ietf-httpapi-idempotency-key-header-07) or bare. */
const BARE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/
const QUOTED = /^"([\x20\x21\x23-\x5b\x5d-\x7e]{1,128})"$/

/** Reads the header. Throws IDEMPOTENCY_KEY_MISSING, IDEMPOTENCY_KEY_INVALID. */
export function readIdempotencyKey(
  header: string | undefined,
  request: { readonly method: string; readonly route: string; readonly body: Uint8Array },
): IdempotencyKey {
  if (header === undefined)
    throw new PlatformError('IDEMPOTENCY_KEY_MISSING', 'this call needs the header Idempotency-Key')
  const key = QUOTED.exec(header)?.[1] ?? BARE.exec(header)?.[0]
  if (key === undefined) {
    throw new PlatformError(
      'IDEMPOTENCY_KEY_INVALID',
      'Idempotency-Key is 1 to 128 visible ASCII characters, quoted or not',
    )
  }
  const digest = createHash('sha256').update(`${request.method} ${request.route}\n`).update(request.body).digest()
  return { key, requestDigest: new Uint8Array(digest) }
}
