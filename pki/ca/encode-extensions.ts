import {
  asciiBytes,
  contextTag,
  encodeBoolean,
  encodeContext,
  encodeContextPrimitive,
  encodeElement,
  encodeGeneralizedTime,
  encodeInteger,
  encodeNamedBits,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodePrintableString,
  encodeSequence,
  parseDer,
  TAG,
} from '../asn1/index.ts'
import { OID } from '../oids.ts'
import { type KeyUsage, keyUsageNames } from '../x509/extensions.ts'

/** Extension with `critical` left out when false, as DER demands. */
export function encodeExtension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(oid), ...(critical ? [encodeBoolean(true)] : []), encodeOctetString(value))
}

export function encodeBasicConstraints(pathLenConstraint: number | undefined): Uint8Array {
  const length = pathLenConstraint === undefined ? [] : [encodeInteger(pathLenConstraint)]
  return encodeExtension(OID.basicConstraints, true, encodeSequence(encodeBoolean(true), ...length))
}

export function encodeKeyUsage(usages: readonly KeyUsage[]): Uint8Array {
  return encodeExtension(OID.keyUsage, true, encodeNamedBits(usages.map((usage) => keyUsageNames.indexOf(usage))))
}

export function encodeExtKeyUsage(usages: readonly string[]): Uint8Array {
  return encodeExtension(OID.extKeyUsage, true, encodeSequence(...usages.map(encodeOid)))
}

export function encodeSubjectKeyIdentifier(keyIdentifier: Uint8Array): Uint8Array {
  return encodeExtension(OID.subjectKeyIdentifier, false, encodeOctetString(keyIdentifier))
}

export function encodeAuthorityKeyIdentifier(keyIdentifier: Uint8Array): Uint8Array {
  return encodeExtension(OID.authorityKeyIdentifier, false, encodeSequence(encodeContextPrimitive(0, keyIdentifier)))
}

const uri = (url: string): Uint8Array => encodeContextPrimitive(6, asciiBytes(url))

export function encodeCrlDistributionPoint(url: string): Uint8Array {
  const point = encodeSequence(encodeContext(0, encodeContext(0, uri(url))))
  return encodeExtension(OID.cRLDistributionPoints, false, encodeSequence(point))
}

/** Where to ask about a certificate and where its issuer's is to be had (RFC 5280 §4.2.2.1): OCSP first, as EN 319 412-2 §4.4.1 lists them. */
export function encodeAuthorityInfoAccess(access: {
  readonly ocspUrl?: string
  readonly caIssuersUrl?: string
}): Uint8Array {
  const description = (method: string, url: string | undefined): Uint8Array[] =>
    url === undefined ? [] : [encodeSequence(encodeOid(method), uri(url))]
  return encodeExtension(
    OID.authorityInfoAccess,
    false,
    encodeSequence(...description(OID.ocsp, access.ocspUrl), ...description(OID.caIssuers, access.caIssuersUrl)),
  )
}

/** A policy by its OID, with the address of its statement (RFC 5280 §4.2.1.4). */
export interface PolicyInformation {
  readonly policy: string
  readonly cpsUrl?: string
}

export function encodeCertificatePolicies(policies: readonly PolicyInformation[]): Uint8Array {
  const information = policies.map(({ policy, cpsUrl }) =>
    encodeSequence(
      encodeOid(policy),
      ...(cpsUrl === undefined ? [] : [encodeSequence(encodeSequence(encodeOid(OID.cps), encodeIa5String(cpsUrl)))]),
    ),
  )
  return encodeExtension(OID.certificatePolicies, false, encodeSequence(...information))
}

const encodeIa5String = (text: string): Uint8Array => encodeElement(TAG.ia5String, asciiBytes(text))

export const encodeOcspNoCheck = (): Uint8Array => encodeExtension(OID.ocspNoCheck, false, encodeNull())

/** The time in which the key signs, where that is shorter than the certificate's life (X.509 §9.2.2.5). */
export function encodePrivateKeyUsagePeriod(notBefore: Date, notAfter: Date): Uint8Array {
  const time = (number: number, at: Date): Uint8Array =>
    encodeContextPrimitive(number, parseDer(encodeGeneralizedTime(at)).content)
  return encodeExtension(OID.privateKeyUsagePeriod, false, encodeSequence(time(0, notBefore), time(1, notAfter)))
}

export const encodeOrganizationCode = (code: string): Uint8Array =>
  encodeExtension(OID.organizationCode, false, encodePrintableString(code))

/** A name that limits or stands for others: a domain, a mail domain, a host, an address with its mask, or the start of a Name. */
export type ConstraintName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  /** address and mask, 8 or 32 octets */
  | { readonly kind: 'ip'; readonly value: Uint8Array }
  /** Name, DER */
  | { readonly kind: 'directory'; readonly value: Uint8Array }

/** Within which names a CA may certify (RFC 5280 §4.2.1.10). */
export interface NameConstraints {
  readonly permitted?: readonly ConstraintName[]
  readonly excluded?: readonly ConstraintName[]
}

const nameTags = { email: 1, dns: 2, uri: 6 } as const

function encodeConstraintName(name: ConstraintName): Uint8Array {
  if (name.kind === 'directory') return encodeContext(4, name.value)
  if (name.kind === 'ip') return encodeContextPrimitive(7, name.value)
  return encodeContextPrimitive(nameTags[name.kind], asciiBytes(name.value))
}

export function encodeNameConstraints({ permitted = [], excluded = [] }: NameConstraints): Uint8Array {
  const subtrees = (number: number, names: readonly ConstraintName[]): Uint8Array[] =>
    names.length === 0
      ? []
      : [encodeContext(number, ...names.map((name) => encodeSequence(encodeConstraintName(name))))]
  return encodeExtension(OID.nameConstraints, true, encodeSequence(...subtrees(0, permitted), ...subtrees(1, excluded)))
}

/** After how many further certificates a policy must be named, or none may be mapped (RFC 5280 §4.2.1.11). */
export interface PolicyConstraints {
  readonly requireExplicitPolicy?: number
  readonly inhibitPolicyMapping?: number
}

export function encodePolicyConstraints(constraints: PolicyConstraints): Uint8Array {
  const skip = (number: number, certificates: number | undefined): Uint8Array[] =>
    certificates === undefined ? [] : [encodeInteger(certificates, contextTag(number, false))]
  const { requireExplicitPolicy, inhibitPolicyMapping } = constraints
  return encodeExtension(
    OID.policyConstraints,
    true,
    encodeSequence(...skip(0, requireExplicitPolicy), ...skip(1, inhibitPolicyMapping)),
  )
}

/** Policies of the issuer's domain and those of the subject's that count as the same (RFC 5280 §4.2.1.5). */
export type PolicyMapping = readonly [issuerDomainPolicy: string, subjectDomainPolicy: string]

export const encodePolicyMappings = (mappings: readonly PolicyMapping[]): Uint8Array =>
  encodeExtension(
    OID.policyMappings,
    true,
    encodeSequence(...mappings.map((pair) => encodeSequence(...pair.map(encodeOid)))),
  )

export const encodeInhibitAnyPolicy = (certificates: number): Uint8Array =>
  encodeExtension(OID.inhibitAnyPolicy, true, encodeInteger(certificates))
