import { primitives } from '#primitives'
import type { DigestAlgorithm } from '../algorithms.ts'
import { findDigest, parseAlgorithmIdentifier } from '../algorithms.ts'
import {
  type DerElement,
  encodeContext,
  encodeElement,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  malformed,
  parseDer,
  readOctetString,
  readOid,
  readSequence,
  readSet,
  readTime,
  sortSetOf,
  TAG,
} from '../asn1/index.ts'
import { OID } from '../oids.ts'
import type { Certificate } from '../x509/certificate.ts'
import { parseName } from '../x509/name.ts'

/** Attribute (RFC 5652 §5.3): its values as raw DER. */
export interface Attribute {
  readonly type: string
  readonly values: readonly Uint8Array[]
}

/** Parses the attributes under an IMPLICIT tag; throws `DER_MALFORMED`. Repetitions are left for the caller to judge. */
export function parseAttributes(element: DerElement, what: string): Attribute[] {
  return element.children.map((item) => {
    const [type, values] = readSequence(item, what, 2, 2)
    return { type: readOid(type, what), values: readSet(values, what).map((value) => value.raw) }
  })
}

/** Attributes as the DER SET OF that is digested and signed (RFC 5652 §5.4), whatever order they came in. */
export function attributesToSign(element: DerElement): Uint8Array {
  return encodeElement(TAG.set, ...sortSetOf(element.children.map((item) => item.raw)))
}

/** Attributes as a SET in the order in which they came. */
export function attributesAsReceived(element: DerElement): Uint8Array {
  return encodeElement(TAG.set, element.content)
}

/** The attribute's one value; throws `DER_MALFORMED` when it occurs more than once or has not exactly one value. */
export function findSingleValue(attributes: readonly Attribute[], type: string): DerElement | undefined {
  const found = attributes.filter((attribute) => attribute.type === type)
  if (found.length === 0) return undefined
  if (found.length > 1 || found[0]!.values.length !== 1)
    throw malformed(0, `attribute ${type}: expected once, with one value`)
  return parseDer(found[0]!.values[0]!)
}

/**
 * The three attributes of a PAdES B-B signature (EN 319 142-1 §6.3) and of a time-stamp token (RFC 3161 §2.4.2), in the order of a SET OF.
 * No signing-time: the PDF's /M takes it, and a token has its genTime.
 */
export function encodeBasicAttributes(
  certificate: Certificate,
  contentType: string,
  messageDigest: Uint8Array,
): Uint8Array[] {
  const attribute = (type: string, value: Uint8Array): Uint8Array => encodeSequence(encodeOid(type), encodeSetOf(value))
  return sortSetOf([
    attribute(OID.contentType, encodeOid(contentType)),
    attribute(OID.messageDigest, encodeOctetString(messageDigest)),
    attribute(OID.signingCertificateV2, encodeSigningCertificateV2(certificate)),
  ])
}

/** SigningCertificateV2 (RFC 5035 §3): SHA-256, which is the DEFAULT and so left out, with issuerSerial. */
function encodeSigningCertificateV2(certificate: Certificate): Uint8Array {
  const issuerSerial = encodeSequence(
    encodeSequence(encodeContext(4, certificate.issuer.raw)),
    encodeElement(TAG.integer, certificate.serialNumber),
  )
  const digest = encodeOctetString(primitives.digestSync('SHA-256', certificate.raw))
  return encodeSequence(encodeSequence(encodeSequence(digest, issuerSerial)))
}

/** The first ESSCertID or ESSCertIDv2: the one that names the signer. */
export interface SigningCertificateReference {
  readonly version: 1 | 2
  /** `undefined` when the digest is not one of ours */
  readonly digestAlgorithm: DigestAlgorithm | undefined
  readonly certificateDigest: Uint8Array
  readonly issuerSerial: { readonly issuerMatchKey: string | undefined; readonly serialNumber: Uint8Array } | undefined
}

/** Reads signing-certificate-v2, or v1 (RFC 2634 §5.4) when there is no v2; throws `DER_MALFORMED`. */
export function findSigningCertificate(attributes: readonly Attribute[]): SigningCertificateReference | undefined {
  const v2 = findSingleValue(attributes, OID.signingCertificateV2)
  const value = v2 ?? findSingleValue(attributes, OID.signingCertificate)
  if (value === undefined) return undefined
  const [certificates] = readSequence(value, 'SigningCertificate', 1, 2)
  const fields = [...readSequence(readSequence(certificates, 'ESSCertIDs', 1)[0], 'ESSCertID', 1, 3)]
  const hasAlgorithm = v2 !== undefined && fields[0]!.tag === TAG.sequence
  const algorithm = hasAlgorithm ? findDigest(parseAlgorithmIdentifier(fields.shift(), 'hashAlgorithm')) : undefined
  const certificateDigest = readOctetString(fields.shift(), 'certHash')
  const issuerSerial = fields.shift()
  if (fields.length > 0) throw malformed(value.start, 'ESSCertID: unexpected fields')
  return {
    version: v2 === undefined ? 1 : 2,
    digestAlgorithm: hasAlgorithm ? algorithm : v2 === undefined ? 'SHA-1' : 'SHA-256',
    certificateDigest,
    issuerSerial: issuerSerial === undefined ? undefined : parseIssuerSerial(issuerSerial),
  }
}

function parseIssuerSerial(element: DerElement): { issuerMatchKey: string | undefined; serialNumber: Uint8Array } {
  const [issuer, serial] = readSequence(element, 'IssuerSerial', 2, 2)
  const directory = readSequence(issuer, 'IssuerSerial').find((name) => name.tag === 0xa4)
  return {
    issuerMatchKey: directory === undefined ? undefined : parseName(directory.children[0], 'IssuerSerial').matchKey,
    serialNumber: serial!.content,
  }
}

/** The signer's claimed time, if the attribute is there. */
export function findSigningTime(attributes: readonly Attribute[]): Date | undefined {
  const value = findSingleValue(attributes, OID.signingTime)
  return value === undefined ? undefined : readTime(value, 'signingTime')
}
