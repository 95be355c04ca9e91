import {
  asciiBytes,
  encodeBoolean,
  encodeContext,
  encodeContextPrimitive,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
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

export function encodeCaIssuers(url: string): Uint8Array {
  return encodeExtension(
    OID.authorityInfoAccess,
    false,
    encodeSequence(encodeSequence(encodeOid(OID.caIssuers), uri(url))),
  )
}
