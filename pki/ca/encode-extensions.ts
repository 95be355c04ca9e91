import {
  asciiBytes,
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
