import { primitives } from '#primitives'
import { type AlgorithmIdentifier, findAlgorithmFault, findScheme } from '../algorithms.ts'
import { PkiError } from '../errors.ts'
import { parsePublicKey } from '../public-key.ts'
import type { Certificate } from './certificate.ts'

/** Whether `issuer`'s key made the signature of `certificate`. Names, dates and rights are not looked at. */
export async function verifyCertificateSignature(certificate: Certificate, issuer: Certificate): Promise<boolean> {
  const scheme = findScheme(certificate.signatureAlgorithm)
  if (scheme === undefined) return false
  return primitives.verify(scheme, issuer.subjectPublicKeyInfo, certificate.tbs, certificate.signature)
}

/** Why a signature by `signer`'s key does not count at a time by the table of `algorithms.ts`, or `null` when it does. */
export function findWeakness(algorithm: AlgorithmIdentifier, signer: Certificate, at: Date): string | null {
  const scheme = findScheme(algorithm)
  if (scheme === undefined) return `unknown algorithm ${algorithm.oid}`
  try {
    return findAlgorithmFault(scheme, parsePublicKey(signer.subjectPublicKeyInfo), at)
  } catch (error) {
    if (error instanceof PkiError) return error.message
    throw error
  }
}
