import { primitives } from '#primitives'
import { encodeSignatureAlgorithm } from '../algorithms.ts'
import { encodeContext, encodeInteger, encodeSequence, encodeTime, equalBytes, parseDer } from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import { parsePublicKey, subjectPublicKeyBits } from '../public-key.ts'
import type { SigningKey } from '../signing-key.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { findAttribute, type NameEntry, parseName } from '../x509/name.ts'
import { type CertificateProfile, type ProfileName, profiles } from './certificate-profile.ts'
import { encodeSubject } from './encode-csr.ts'
import {
  encodeAuthorityInfoAccess,
  encodeAuthorityKeyIdentifier,
  encodeBasicConstraints,
  encodeCertificatePolicies,
  encodeCrlDistributionPoint,
  encodeExtKeyUsage,
  encodeInhibitAnyPolicy,
  encodeKeyUsage,
  encodeNameConstraints,
  encodeOcspNoCheck,
  encodeOrganizationCode,
  encodePolicyConstraints,
  encodePolicyMappings,
  encodePrivateKeyUsagePeriod,
  encodeSubjectKeyIdentifier,
  type NameConstraints,
  type PolicyConstraints,
  type PolicyInformation,
  type PolicyMapping,
} from './encode-extensions.ts'

/** What a CA is asked to certify. Times to the second; `key` is the issuer's (for a root: the subject's own). */
export interface CertificateRequest {
  readonly profile: ProfileName
  /** Name, DER, or its entries */
  readonly subject: Uint8Array | readonly NameEntry[]
  /** SubjectPublicKeyInfo, DER */
  readonly subjectPublicKey: Uint8Array
  /** 16 to 20 random octets, taken as a positive number */
  readonly serialNumber: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  /** absent for a root only */
  readonly issuer?: { readonly certificate: Uint8Array }
  readonly key: SigningKey
  /** where the issuer's CRL, its OCSP responder and its certificate are */
  readonly crlUrl?: string
  readonly ocspUrl?: string
  readonly caIssuersUrl?: string
  readonly policies?: readonly PolicyInformation[]
  /** when the key stops to sign, where that is before `notAfter`: a TSA's key rests long before its stamps are last verified */
  readonly privateKeyUsageEnd?: Date
  /** of a CA only */
  readonly constraints?: CaConstraints
}

/** What a CA may do less than its profile says. */
export interface CaConstraints {
  readonly pathLenConstraint?: number
  readonly nameConstraints?: NameConstraints
  readonly policyMappings?: readonly PolicyMapping[]
  readonly policyConstraints?: PolicyConstraints
  readonly inhibitAnyPolicy?: number
}

const refuse = (why: string): PkiError => new PkiError('CERTIFICATE_REFUSED', why)

const DAY = 86_400_000

/** Checks a request against its profile and its issuer and encodes the TBSCertificate; throws `CERTIFICATE_REFUSED`, `NAME_REFUSED`. */
export async function prepareCertificate(request: CertificateRequest): Promise<Uint8Array> {
  const profile = profiles[request.profile]
  const issuer = request.issuer === undefined ? undefined : parseCertificate(request.issuer.certificate)
  checkKey(request.subjectPublicKey)
  checkSerialNumber(request.serialNumber)
  checkValidity(request, profile, issuer)
  checkIssuer(request, issuer)
  const subject = encodeSubject(request.subject)
  const keyIdentifier = await computeKeyIdentifier(request.subjectPublicKey)
  const extensions = [
    ...encodeUsage(profile, request),
    encodeSubjectKeyIdentifier(keyIdentifier),
    ...(issuer === undefined ? [] : [encodeAuthorityKeyIdentifier(issuer.subjectKeyIdentifier!)]),
    ...encodeAddresses(request),
    ...encodePolicies(profile, request),
    ...encodeUsagePeriod(request),
    ...(profile.hasOrganizationCode === true ? encodeCode(subject) : []),
  ]
  return encodeSequence(
    encodeContext(0, encodeInteger(2)),
    encodeInteger(request.serialNumber),
    encodeSignatureAlgorithm(request.key.signatureAlgorithm),
    issuer?.subject.raw ?? subject,
    encodeSequence(encodeTime(request.notBefore), encodeTime(request.notAfter)),
    subject,
    request.subjectPublicKey,
    encodeContext(3, encodeSequence(...extensions)),
  )
}

function encodeUsage(profile: CertificateProfile, { constraints }: CertificateRequest): Uint8Array[] {
  if (constraints !== undefined && !profile.cA) throw refuse('constraints are for a CA')
  const pathLength = Math.min(
    ...[profile.pathLenConstraint, constraints?.pathLenConstraint].filter((n) => n !== undefined),
  )
  return [
    ...(profile.cA ? [encodeBasicConstraints(Number.isFinite(pathLength) ? pathLength : undefined)] : []),
    encodeKeyUsage(profile.keyUsage),
    ...(profile.extKeyUsage.length > 0 ? [encodeExtKeyUsage(profile.extKeyUsage)] : []),
    ...(profile.ocspNoCheck === true ? [encodeOcspNoCheck()] : []),
    ...(constraints?.nameConstraints === undefined ? [] : [encodeNameConstraints(constraints.nameConstraints)]),
  ]
}

function encodeAddresses(request: CertificateRequest): Uint8Array[] {
  const hasAccess = request.ocspUrl !== undefined || request.caIssuersUrl !== undefined
  return [
    ...(request.crlUrl === undefined ? [] : [encodeCrlDistributionPoint(request.crlUrl)]),
    ...(hasAccess ? [encodeAuthorityInfoAccess(request)] : []),
  ]
}

function encodePolicies(profile: CertificateProfile, request: CertificateRequest): Uint8Array[] {
  const policies = request.policies ?? profile.policies ?? []
  const { policyMappings, policyConstraints, inhibitAnyPolicy } = request.constraints ?? {}
  return [
    ...(policies.length === 0 ? [] : [encodeCertificatePolicies(policies)]),
    ...(policyMappings === undefined ? [] : [encodePolicyMappings(policyMappings)]),
    ...(policyConstraints === undefined ? [] : [encodePolicyConstraints(policyConstraints)]),
    ...(inhibitAnyPolicy === undefined ? [] : [encodeInhibitAnyPolicy(inhibitAnyPolicy)]),
  ]
}

/** The code inside an organizationIdentifier of the Chinese register (EN 319 412-1 §5.1.4: NTRCN-…), as GB/T 20518 writes it. */
function encodeCode(subject: Uint8Array): Uint8Array[] {
  const identifier = findAttribute(parseName(parseDer(subject), 'subject'), 'organizationIdentifier')
  const code = /^NTRCN-([0-9A-Z]{18})$/.exec(identifier ?? '')?.[1]
  return code === undefined ? [] : [encodeOrganizationCode(code)]
}

function encodeUsagePeriod({ notBefore, notAfter, privateKeyUsageEnd }: CertificateRequest): Uint8Array[] {
  if (privateKeyUsageEnd === undefined) return []
  if (!(privateKeyUsageEnd > notBefore && privateKeyUsageEnd <= notAfter))
    throw refuse('the key is not to be used within the validity')
  return [encodePrivateKeyUsagePeriod(notBefore, privateKeyUsageEnd)]
}

/** Key identifier by RFC 7093 §2 method 1: the first 160 bits of SHA-256 over the key's bits. */
async function computeKeyIdentifier(spki: Uint8Array): Promise<Uint8Array> {
  return (await primitives.digest('SHA-256', subjectPublicKeyBits(spki))).slice(0, 20)
}

function checkKey(spki: Uint8Array): void {
  const key = parsePublicKey(spki)
  if (key.kind === 'ed25519') throw new PkiError('ALGORITHM_UNSUPPORTED', 'Ed25519 keys are not certified')
  if (key.kind === 'rsa' && key.bits < 2048) throw refuse(`RSA key of ${key.bits} bits: expected at least 2048`)
  if (key.kind === 'rsa' && key.rsassaPssOnly) throw refuse('RSASSA-PSS keys are not certified')
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets; 16 and more so that 120 random bits and better are inside. */
function checkSerialNumber(serialNumber: Uint8Array): void {
  const length = serialNumber.length
  if (length < 16 || length > 20 || (length === 20 && serialNumber[0]! >= 0x80)) {
    throw refuse(`serial number of ${length} octets: expected 16 to 20 that make a positive INTEGER of at most 20`)
  }
  if (serialNumber.every((byte) => byte === 0)) throw refuse('serial number is zero')
}

function checkValidity(
  { notBefore, notAfter }: CertificateRequest,
  profile: CertificateProfile,
  issuer: Certificate | undefined,
): void {
  if (!(notBefore.getTime() < notAfter.getTime())) throw refuse('notBefore is not before notAfter')
  if (notAfter.getTime() - notBefore.getTime() > profile.maxValidityDays * DAY) {
    throw refuse(`valid for more than ${profile.maxValidityDays} days`)
  }
  if (issuer !== undefined && (notBefore < issuer.notBefore || notAfter > issuer.notAfter)) {
    throw refuse('validity reaches beyond that of the issuer')
  }
}

function checkIssuer(request: CertificateRequest, issuer: Certificate | undefined): void {
  if (issuer === undefined) {
    if (request.profile !== 'root') throw refuse(`a certificate of profile ${request.profile} needs an issuer`)
    if (!equalBytes(request.key.publicKey, request.subjectPublicKey)) throw refuse('a root is signed with its own key')
    return
  }
  if (request.profile === 'root') throw refuse('a root has no issuer')
  if (!equalBytes(request.key.publicKey, issuer.subjectPublicKeyInfo)) throw refuse("the key is not the issuer's")
  const maySign = issuer.basicConstraints?.cA === true && issuer.keyUsage?.has('keyCertSign') === true
  if (!maySign || issuer.subjectKeyIdentifier === undefined) throw refuse('the issuer is no CA')
  if (profiles[request.profile].cA && issuer.basicConstraints?.pathLenConstraint === 0) {
    throw refuse('the issuer may not certify another CA (pathLenConstraint 0)')
  }
}
