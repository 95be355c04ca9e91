// ES256 in its two written forms: DER SEQUENCE{r,s} (our keys, our verification) and r‖s of 64 bytes (JOSE, COSE).
import { ecdsaFromRaw, ecdsaToRaw, PkiError, primitives } from '../pki/index.ts'
import { LicenceFormatError } from './errors.ts'

export const ES256_LENGTH = 64

/** r‖s from the DER a signing key gives (RFC 7518 §3.4). Throws SIGNING_KEY_UNSUITABLE for another curve's. */
export function toRawSignature(der: Uint8Array): Uint8Array {
  try {
    return ecdsaToRaw(der, ES256_LENGTH / 2)
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause
    throw new LicenceFormatError('SIGNING_KEY_UNSUITABLE', 'expected an ECDSA signature over P-256', { cause })
  }
}

/** Whether r‖s over `data` is right for the P-256 key (SubjectPublicKeyInfo, DER). */
export async function verifyEs256(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== ES256_LENGTH) return false
  return primitives.verify('ecdsa-with-SHA256', publicKey, data, ecdsaFromRaw(signature))
}
