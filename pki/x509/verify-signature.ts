import { primitives } from '#primitives'
import { type AlgorithmTerms, findAlgorithmFault } from '../algorithm-terms.ts'
import { type AlgorithmIdentifier, findScheme } from '../algorithms.ts'
import { PkiError } from '../errors.ts'
import { parsePublicKey } from '../public-key.ts'
import type { Certificate } from './certificate.ts'

/** What a signature is over, by whatever algorithm it says: certificates, lists and OCSP answers alike. */
export interface Signed {
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly tbs: Uint8Array
  readonly signature: Uint8Array
}

/** Whether `signer`'s key made a signature; `false` as well for algorithms that are unknown, or not offered by the library here. */
export async function verifySigned(signed: Signed, signer: Certificate): Promise<boolean> {
  const scheme = findScheme(signed.signatureAlgorithm)
  if (scheme === undefined) return false
  try {
    return await primitives.verify(scheme, signer.subjectPublicKeyInfo, signed.tbs, signed.signature)
  } catch (error) {
    if (error instanceof PkiError) return false
    throw error
  }
}

/** Whether `issuer`'s key made the signature of `certificate`. Names, dates and rights are not looked at. */
export function verifyCertificateSignature(certificate: Certificate, issuer: Certificate): Promise<boolean> {
  return verifySigned(certificate, issuer)
}

/** Why a signature by `signer`'s key does not count at a time by a table of terms, or `null` when it does. */
export function findWeakness(
  algorithm: AlgorithmIdentifier,
  signer: Certificate,
  at: Date,
  terms: AlgorithmTerms,
): string | null {
  const scheme = findScheme(algorithm)
  if (scheme === undefined) return `unknown algorithm ${algorithm.oid}`
  try {
    return findAlgorithmFault(scheme, parsePublicKey(signer.subjectPublicKeyInfo), at, terms)
  } catch (error) {
    if (error instanceof PkiError) return error.message
    throw error
  }
}
