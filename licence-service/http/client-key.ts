import type { IdempotencyKey } from '../../platform/http/index.ts'
import { PlatformError } from '../../platform/index.ts'
import { isOwnKey } from '../domain/own-key.ts'

/**
 * The caller's key, of a route that takes it in the table in which the service's own stand.
 * @throws PlatformError IDEMPOTENCY_KEY_INVALID
 */
export function clientKey(idempotency: IdempotencyKey | undefined): string {
  const { key } = idempotency!
  if (isOwnKey(key))
    throw new PlatformError('IDEMPOTENCY_KEY_INVALID', 'keys that begin so are the service’s own: choose another')
  return key
}
