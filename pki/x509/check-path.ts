import { findAlgorithmFault, findScheme } from '../algorithms.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { parsePublicKey } from '../public-key.ts'
import { type Certificate, isSelfIssued } from './certificate.ts'
import { findPurposeFault, type Purpose } from './purpose.ts'

/** Why a path does not hold. A closed list, so that a verifier can map each to a sub-indication of EN 319 102-1. */
export type PathReason =
  | 'NO_CERTIFICATE_CHAIN_FOUND'
  | 'CERTIFICATE_MALFORMED'
  | 'PATH_LIMIT_EXCEEDED'
  | 'SIGNATURE_INVALID'
  | 'NOT_YET_VALID'
  | 'EXPIRED'
  | 'NOT_A_CA'
  | 'PATH_LENGTH_EXCEEDED'
  | 'KEY_USAGE'
  | 'EXTENDED_KEY_USAGE'
  | 'CRITICAL_EXTENSION_UNKNOWN'
  | 'NAME_CONSTRAINTS_UNSUPPORTED'
  | 'ALGORITHM_UNACCEPTABLE'
  | 'REVOKED'
  | 'REVOCATION_UNKNOWN'
  | 'REVOCATION_STALE'

/** A fault with the certificate it lies in: its place in the path, 0 the leaf. */
export interface PathFault {
  readonly reason: PathReason
  readonly index: number
  readonly detail: string
}

export interface PathRules {
  readonly at: Date
  readonly purpose: Purpose
  /** `current`: the table of `algorithms.ts` counts; `any`: RFC 5280 alone */
  readonly algorithms: 'current' | 'any'
}

const processed: ReadonlySet<string> = new Set([
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
  OID.subjectAltName,
  OID.issuerAltName,
  OID.cRLDistributionPoints,
  OID.freshestCRL,
  OID.privateKeyUsagePeriod,
  // Without an initial policy set or an explicit-policy demand, policies restrict nothing (RFC 5280 §6.1.1 c–f).
  OID.certificatePolicies,
])

/**
 * Everything of RFC 5280 §6.1 that needs no signature and no revocation data, over a finished path (leaf first, anchor last):
 * validity, basicConstraints, path length, key usage, critical extensions, purpose, algorithms. The anchor's own dates and rights count
 * as well. Returns the first fault, the anchor's first.
 */
export function checkPath(path: readonly Certificate[], rules: PathRules): PathFault | null {
  for (let index = path.length - 1; index >= 0; index--) {
    const found = checkOne(path, index, rules)
    if (found !== null) return { ...found, index }
  }
  const purposeFault = findPurposeFault(path[0]!, rules.purpose)
  return purposeFault === null
    ? null
    : { reason: purposeFault, index: 0, detail: `the certificate is not for purpose ${rules.purpose}` }
}

type Fault = Omit<PathFault, 'index'>

function checkOne(path: readonly Certificate[], index: number, { at, algorithms }: PathRules): Fault | null {
  const certificate = path[index]!
  return (
    checkValidity(certificate, at) ??
    (index > 0 ? checkAuthority(path, index) : null) ??
    checkExtensions(certificate) ??
    (algorithms === 'current' ? checkAlgorithm(certificate, path[index + 1], at) : null)
  )
}

function checkValidity({ notBefore, notAfter }: Certificate, at: Date): Fault | null {
  if (at < notBefore) return { reason: 'NOT_YET_VALID', detail: `valid from ${notBefore.toISOString()}` }
  // notAfter is the last second of validity, all of it (RFC 5280 §4.1.2.5).
  return at.getTime() >= notAfter.getTime() + 1000
    ? { reason: 'EXPIRED', detail: `valid until ${notAfter.toISOString()}` }
    : null
}

/** RFC 5280 §6.1.4 (k) to (n). Self-issued certificates below do not count towards the path length, the leaf never does. */
function checkAuthority(path: readonly Certificate[], index: number): Fault | null {
  const { basicConstraints, keyUsage, version, subject } = path[index]!
  if (version !== 3 || basicConstraints?.cA !== true)
    return { reason: 'NOT_A_CA', detail: 'basicConstraints do not say cA' }
  if (keyUsage !== undefined && !keyUsage.has('keyCertSign'))
    return { reason: 'KEY_USAGE', detail: 'keyUsage lacks keyCertSign' }
  if (subject.attributes.length === 0)
    return { reason: 'NOT_A_CA', detail: 'a CA with an empty name (RFC 5280 §4.1.2.6)' }
  const below = path.slice(1, index).filter((certificate) => !isSelfIssued(certificate)).length
  const allowed = basicConstraints.pathLenConstraint
  return allowed !== undefined && below > allowed
    ? { reason: 'PATH_LENGTH_EXCEEDED', detail: `pathLenConstraint ${allowed}, ${below} CAs below` }
    : null
}

function checkExtensions(certificate: Certificate): Fault | null {
  if (certificate.nameConstraints !== undefined) {
    return { reason: 'NAME_CONSTRAINTS_UNSUPPORTED', detail: 'nameConstraints are not processed' }
  }
  const unknown = [...certificate.extensions.values()].find(({ critical, oid }) => critical && !processed.has(oid))
  return unknown === undefined
    ? null
    : { reason: 'CRITICAL_EXTENSION_UNKNOWN', detail: `critical extension ${unknown.oid}` }
}

/** The issuer's key strength and the digest of the signature; of the anchor, whose signature nobody relies on, the key alone. */
function checkAlgorithm(certificate: Certificate, issuer: Certificate | undefined, at: Date): Fault | null {
  try {
    const scheme = findScheme(certificate.signatureAlgorithm)
    const own = findAlgorithmFault(
      { kind: 'ecdsa', digest: 'SHA-256' },
      parsePublicKey(certificate.subjectPublicKeyInfo),
      at,
    )
    const signed =
      issuer === undefined || scheme === undefined
        ? null
        : findAlgorithmFault(scheme, parsePublicKey(issuer.subjectPublicKeyInfo), at)
    const detail = own ?? signed
    return detail === null ? null : { reason: 'ALGORITHM_UNACCEPTABLE', detail }
  } catch (error) {
    if (error instanceof PkiError) return { reason: 'ALGORITHM_UNACCEPTABLE', detail: error.message }
    throw error
  }
}
