import { primitives } from '#primitives'
import { findScheme } from '../algorithms.ts'
import type { Certificate } from './certificate.ts'

/** Whether `issuer`'s key made the signature of `certificate`. Names, dates and rights are not looked at. */
export async function verifyCertificateSignature(certificate: Certificate, issuer: Certificate): Promise<boolean> {
  const scheme = findScheme(certificate.signatureAlgorithm)
  if (scheme === undefined) return false
  return primitives.verify(scheme, issuer.subjectPublicKeyInfo, certificate.tbs, certificate.signature)
}
