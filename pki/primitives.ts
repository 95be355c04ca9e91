import type { DigestAlgorithm, SignatureScheme } from './algorithms.ts'
import { ecdsaToRaw, ecdsaWidth } from './ecdsa-signature.ts'
import { PkiError } from './errors.ts'
import { type NamedCurve, parsePublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signing-key.ts'
import { isSm2SignatureInRange } from './sm2.ts'

/** What is asked of a cryptographic library, and of the platform for speed. Node's and the browser's answer alike; one contract suite runs on both. */
export interface Primitives {
  digest(algorithm: DigestAlgorithm, data: Uint8Array): Promise<Uint8Array>
  /** Digest of parts as if they stood behind each other, without joining them where the platform can do without. */
  digestParts(algorithm: DigestAlgorithm, parts: readonly Uint8Array[]): Promise<Uint8Array>
  /** Node only; the browser's throws `TypeError`. */
  digestSync(algorithm: DigestAlgorithm, data: Uint8Array): Uint8Array
  /** Whether two public byte strings are equal. Not constant in time: never for secrets. */
  sameBytes(a: Uint8Array, b: Uint8Array): boolean
  /** Bytes as the key of a map: a character for each byte, no two bytes the same. Which characters is each implementation's own. */
  mapKey(bytes: Uint8Array): string
  /**
   * Whether `signature` over `data` is right. `false` as well for a key or signature that is malformed, of another kind than the
   * algorithm, or out of range: never an exception for hostile bytes. ECDSA and SM2 signatures are strict DER.
   * Throws `ALGORITHM_UNSUPPORTED` for SM2 where `offersSm2` says no: what cannot be checked is not called wrong.
   */
  verify(
    algorithm: SignatureAlgorithm | SignatureScheme,
    publicKeySpki: Uint8Array,
    data: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>
  /** Whether SM2 and SM3 gave the standards' known answers here. Tested once, at the first use. */
  offersSm2(): Promise<boolean>
}

/** What both implementations are left to verify once form and kind are checked. `raw` is r ‖ s. */
export type CheckedSignature =
  | { readonly kind: 'ecdsa'; readonly curve: NamedCurve; readonly raw: Uint8Array }
  | { readonly kind: 'rsa-pkcs1' | 'rsa-pss'; readonly saltLength: number }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'sm2'; readonly id: string; readonly raw: Uint8Array }

/** What a scheme of SM2 meets where the self-test failed. */
export const sm2NotOffered = (): PkiError =>
  new PkiError('ALGORITHM_UNSUPPORTED', 'SM2: the cryptographic library failed the self-test')

/** Checks key and signature against the scheme; `null` when they do not fit and the answer is `false`. */
export function checkSignature(
  scheme: SignatureScheme,
  spki: Uint8Array,
  signature: Uint8Array,
): CheckedSignature | null {
  // Verified apart from these, by the house itself.
  if (scheme.kind === 'dsa') return null
  try {
    const key = parsePublicKey(spki)
    if (scheme.kind === 'ecdsa') {
      if (key.kind !== 'ec') return null
      return { kind: 'ecdsa', curve: key.curve, raw: ecdsaToRaw(signature, ecdsaWidth(key.bits)) }
    }
    if (scheme.kind === 'sm2') {
      if (key.kind !== 'sm2') return null
      const raw = ecdsaToRaw(signature, ecdsaWidth(key.bits))
      return isSm2SignatureInRange(raw) ? { kind: 'sm2', id: scheme.id, raw } : null
    }
    if (scheme.kind === 'ed25519') return key.kind === 'ed25519' && signature.length === 64 ? { kind: 'ed25519' } : null
    if (key.kind !== 'rsa' || signature.length !== Math.ceil(key.bits / 8)) return null
    if (scheme.kind === 'rsa-pkcs1') return key.rsassaPssOnly ? null : { kind: 'rsa-pkcs1', saltLength: 0 }
    return { kind: 'rsa-pss', saltLength: scheme.saltLength }
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}
