import { type AlgorithmRule, findKeyFault, termsOf } from '../algorithm-terms.ts'
import { isDsaKey } from '../dsa.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { parsePublicKey } from '../public-key.ts'
import { type Certificate, isSelfIssued } from './certificate.ts'
import { type ComparisonBudget, findConstraintFault, nameConstraintsOf } from './name-constraints.ts'
import { findPolicyFault, type PolicyInputs } from './process-policies.ts'
import { findProfileFault } from './profile.ts'
import { findPurposeFault, type Purpose } from './purpose.ts'
import { findWeakness } from './verify-signature.ts'

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
  | 'NAME_CONSTRAINTS'
  | 'POLICY'
  /** the certificates do not follow RFC 5280 §4; only where that is asked for */
  | 'PROFILE'
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

export interface PathRules extends PolicyInputs {
  readonly at: Date
  readonly purpose: Purpose
  /** `any`: RFC 5280 alone */
  readonly algorithms: AlgorithmRule
  /** `path`: what path processing needs (§6); `profile`: certificates must follow the profile of §4 besides */
  readonly conformance: 'path' | 'profile'
  readonly budget: ComparisonBudget
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
  OID.nameConstraints,
  OID.certificatePolicies,
  OID.policyMappings,
  OID.policyConstraints,
  OID.inhibitAnyPolicy,
  OID.ocspNoCheck,
])

/**
 * Everything of RFC 5280 §6.1 that needs no signature and no revocation data, over a finished path (leaf first, anchor last):
 * validity, basicConstraints, path length, key usage, critical extensions, name constraints, policies, purpose, algorithms. The anchor's
 * own dates, rights and constraints count as well (RFC 5937). Returns the first fault, the anchor's first.
 */
export function checkPath(path: readonly Certificate[], rules: PathRules): PathFault | null {
  for (let index = path.length - 1; index >= 0; index--) {
    const found = withMalformed(() => checkOne(path, index, rules))
    if (found !== null) return { ...found, index }
  }
  const policy = withMalformed(() => checkPolicies(path, rules))
  if (policy !== null) return { ...policy, index: 0 }
  const purposeFault = findPurposeFault(path[0]!, rules.purpose)
  return purposeFault === null
    ? null
    : { reason: purposeFault, index: 0, detail: `the certificate is not for purpose ${rules.purpose}` }
}

function withMalformed(check: () => Fault | null): Fault | null {
  try {
    return check()
  } catch (error) {
    if (error instanceof PkiError) return { reason: 'CERTIFICATE_MALFORMED', detail: error.message }
    throw error
  }
}

function checkPolicies(path: readonly Certificate[], rules: PathRules): Fault | null {
  const detail = findPolicyFault(path, rules)
  return detail === null ? null : { reason: 'POLICY', detail }
}

type Fault = Omit<PathFault, 'index'>

function checkOne(path: readonly Certificate[], index: number, rules: PathRules): Fault | null {
  const certificate = path[index]!
  return (
    checkValidity(certificate, rules.at) ??
    (index > 0 ? checkAuthority(path, index) : null) ??
    checkExtensions(certificate) ??
    checkNames(path, index, rules.budget) ??
    checkAlgorithm(certificate, path[index + 1], rules) ??
    (rules.conformance === 'profile' ? checkProfile(path, index) : null)
  )
}

function checkProfile(path: readonly Certificate[], index: number): Fault | null {
  const detail = findProfileFault(path, index)
  return detail === null ? null : { reason: 'PROFILE', detail }
}

/** RFC 5280 §6.1.3 (b), (c): each certificate under the constraints of every one above it; self-issued ones only as the leaf. */
function checkNames(path: readonly Certificate[], index: number, budget: ComparisonBudget): Fault | null {
  const certificate = path[index]!
  const constraints = nameConstraintsOf(certificate)
  if (constraints !== undefined && index === 0 && certificate.basicConstraints?.cA !== true)
    return { reason: 'NAME_CONSTRAINTS', detail: 'nameConstraints in a certificate that is no CA (RFC 5280 §4.2.1.10)' }
  if (index > 0 && isSelfIssued(certificate)) return null
  for (const issuer of path.slice(index + 1)) {
    const above = nameConstraintsOf(issuer)
    const detail = above === undefined ? null : findConstraintFault(certificate, above, budget)
    if (detail !== null) return { reason: 'NAME_CONSTRAINTS', detail }
  }
  return null
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
  const unknown = [...certificate.extensions.values()].find(({ critical, oid }) => critical && !processed.has(oid))
  return unknown === undefined
    ? null
    : { reason: 'CRITICAL_EXTENSION_UNKNOWN', detail: `critical extension ${unknown.oid}` }
}

/** Moduli below this are factored at home: no rule about algorithms is needed to refuse them. */
const MIN_RSA_BITS = 1024

/** The issuer's key strength and the digest of the signature; of the anchor, whose signature nobody relies on, the key alone. */
function checkAlgorithm(
  certificate: Certificate,
  issuer: Certificate | undefined,
  { algorithms, at }: PathRules,
): Fault | null {
  try {
    if (algorithms === 'any' && isDsaKey(certificate.subjectPublicKeyInfo)) return null
    const key = parsePublicKey(certificate.subjectPublicKeyInfo)
    if (key.kind === 'rsa' && key.bits < MIN_RSA_BITS)
      return { reason: 'ALGORITHM_UNACCEPTABLE', detail: `RSA of ${key.bits} bits never counts` }
    const terms = termsOf(algorithms)
    if (terms === null) return null
    const own = findKeyFault(key, at, terms)
    const signed = issuer === undefined ? null : findWeakness(certificate.signatureAlgorithm, issuer, at, terms)
    const detail = own ?? signed
    return detail === null ? null : { reason: 'ALGORITHM_UNACCEPTABLE', detail }
  } catch (error) {
    if (error instanceof PkiError) return { reason: 'ALGORITHM_UNACCEPTABLE', detail: error.message }
    throw error
  }
}
