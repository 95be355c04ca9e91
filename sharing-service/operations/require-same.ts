import { SharingError } from '../errors.ts'

/** A key stands for one request. Throws IDEMPOTENCY_KEY_REUSED. */
export function requireSame(
  known: { readonly requestDigest: Uint8Array },
  asked: { readonly requestDigest: Uint8Array },
): void {
  if (!Buffer.from(known.requestDigest).equals(asked.requestDigest))
    throw new SharingError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another body')
}
