import { canonicalJson } from '../../licence-format/index.ts'
import { LicenceError } from '../errors.ts'

/** A key stands for one request: what is on record under it must say the same. @throws LicenceError IDEMPOTENCY_KEY_REUSED */
export function requireSame(known: object, asked: object): void {
  if (!Buffer.from(canonicalJson(known)).equals(canonicalJson(asked)))
    throw new LicenceError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another request')
}
