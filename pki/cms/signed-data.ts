import { type AlgorithmIdentifier, parseAlgorithmIdentifier } from '../algorithms.ts'
import {
  berToDer,
  contextTag,
  type DerElement,
  type DerLimits,
  expectTag,
  isSetOf,
  malformed,
  parseDer,
  readExplicit,
  readIntegerBytes,
  readOctetString,
  readOid,
  readSequence,
  readSet,
  readSmallInteger,
  TAG,
  toHex,
} from '../asn1/index.ts'
import { withCode } from '../errors.ts'
import { OID } from '../oids.ts'
import { type Name, parseName } from '../x509/name.ts'
import { type Attribute, attributesAsReceived, attributesToSign, parseAttributes } from './signed-attributes.ts'

export type SignerIdentifier =
  | { readonly kind: 'issuerAndSerialNumber'; readonly issuer: Name; readonly serialNumberHex: string }
  | { readonly kind: 'subjectKeyIdentifier'; readonly keyIdentifier: Uint8Array }

/** SignerInfo (RFC 5652 §5.3). */
export interface SignerInfo {
  readonly version: number
  readonly sid: SignerIdentifier
  readonly digestAlgorithm: AlgorithmIdentifier
  /** `undefined` when there are none; then the content itself is signed */
  readonly signedAttributes: readonly Attribute[] | undefined
  /** the attributes as DER SET OF: the bytes the signature is over */
  readonly signedAttributesToVerify: Uint8Array | undefined
  /** the same in the order in which they came, where that is another: some signers sign that (node-forge) */
  readonly signedAttributesUnsorted: Uint8Array | undefined
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  /** e.g. the signature time stamp; not protected by this signature */
  readonly unsignedAttributes: readonly Attribute[]
}

/** SignedData (RFC 5652 §5.1). Byte fields are views of the DER that was read. */
export interface SignedData {
  readonly version: number
  readonly digestAlgorithms: readonly AlgorithmIdentifier[]
  readonly eContentType: string
  /** `undefined` when the content is detached */
  readonly eContent: Uint8Array | undefined
  /** X.509 certificates, DER; other kinds are left out */
  readonly certificates: readonly Uint8Array[]
  /** CRLs, DER */
  readonly crls: readonly Uint8Array[]
  /** RevocationInfo of other formats (e.g. OCSP responses, RFC 5940), raw */
  readonly otherRevocationInfo: readonly Uint8Array[]
  readonly signerInfos: readonly SignerInfo[]
  /** octets of the input after the CMS: the zeros that fill a PDF's /Contents */
  readonly paddingLength: number
}

export interface CmsReading {
  /** takes BER framing too (indefinite lengths, constructed strings): foreign documents only */
  readonly allowBer?: boolean
  /** takes zero octets after the CMS, as in a PDF's /Contents */
  readonly allowZeroPadding?: boolean
  /** takes the content type that GB/T 35275 gives SignedData as well */
  readonly allowGm?: boolean
}

const cmsLimits: DerLimits = { maxSize: 16 * 1024 * 1024, maxDepth: 40, maxElements: 500_000 }
const MAX_SIGNERS = 64
const MAX_CERTIFICATES = 256

/** Parses a ContentInfo with SignedData; throws `CMS_MALFORMED` or `DER_LIMIT_EXCEEDED`. Verifies nothing. */
export function parseSignedData(bytes: Uint8Array, reading: CmsReading = {}): SignedData {
  return withCode('CMS_MALFORMED', 'ContentInfo', () => {
    const length =
      reading.allowBer === true ? undefined : reading.allowZeroPadding === true ? definiteLength(bytes) : bytes.length
    const rewritten = length === undefined ? berToDer(bytes, cmsLimits) : { der: bytes.subarray(0, length), length }
    const padding = bytes.subarray(rewritten.length)
    if (padding.length > 0 && (reading.allowZeroPadding !== true || padding.some((byte) => byte !== 0))) {
      throw malformed(rewritten.length, `${padding.length} octets after the element`)
    }
    const [contentType, content] = readSequence(parseDer(rewritten.der, cmsLimits), 'ContentInfo', 2, 2)
    const type = readOid(contentType, 'contentType')
    if (type !== OID.signedData && !(reading.allowGm === true && type === OID.gmSignedData))
      throw malformed(0, `expected SignedData, got content of type ${type}`)
    return { ...parseFields(readExplicit(content!, 0, 'content')), paddingLength: padding.length }
  })
}

/** Length of the first element by its header; the strict reader judges the rest. */
function definiteLength(bytes: Uint8Array): number {
  const first = bytes[1] ?? 0
  const octets = first < 0x80 ? 0 : first & 0x7f
  if (octets > 4) throw malformed(0, 'length of more than four octets')
  let length = first < 0x80 ? first : 0
  for (let i = 0; i < octets; i++) length = length * 256 + (bytes[2 + i] ?? 0)
  return Math.min(bytes.length, 2 + octets + length)
}

function parseFields(element: DerElement): Omit<SignedData, 'paddingLength'> {
  const fields = [...readSequence(element, 'SignedData', 4, 6)]
  const version = readSmallInteger(fields.shift(), 'version')
  const digestAlgorithms = readSet(fields.shift(), 'digestAlgorithms').map((item) =>
    parseAlgorithmIdentifier(item, 'digestAlgorithms'),
  )
  const [contentType, content] = readSequence(fields.shift(), 'encapContentInfo', 1, 2)
  const certificates = fields[0]?.tag === contextTag(0, true) ? fields.shift()!.children : []
  const revocation = fields[0]?.tag === contextTag(1, true) ? fields.shift()!.children : []
  const signerInfos = readSet(fields.shift(), 'signerInfos', 0, MAX_SIGNERS)
  if (fields.length > 0) throw malformed(fields[0]!.start, 'SignedData: unexpected field')
  if (certificates.length > MAX_CERTIFICATES)
    throw malformed(element.start, `more than ${MAX_CERTIFICATES} certificates`)
  return {
    version,
    digestAlgorithms,
    eContentType: readOid(contentType, 'eContentType'),
    eContent: content === undefined ? undefined : parseContent(readExplicit(content, 0, 'eContent')),
    certificates: certificates.filter((item) => item.tag === TAG.sequence).map((item) => item.raw),
    crls: revocation.filter((item) => item.tag === TAG.sequence).map((item) => item.raw),
    otherRevocationInfo: revocation.filter((item) => item.tag !== TAG.sequence).map((item) => item.raw),
    signerInfos: signerInfos.map(parseSignerInfo),
  }
}

/** OCTET STRING; in PKCS #7 of old any type, whose content octets are what is digested (RFC 5652 §5.2.1). */
function parseContent(element: DerElement): Uint8Array {
  return element.tag === TAG.octetString ? readOctetString(element, 'eContent') : element.content
}

function parseSignerInfo(element: DerElement): SignerInfo {
  const fields = [...readSequence(element, 'SignerInfo', 5, 7)]
  const version = readSmallInteger(fields.shift(), 'SignerInfo version')
  const sid = parseSid(fields.shift()!)
  const digestAlgorithm = parseAlgorithmIdentifier(fields.shift(), 'digestAlgorithm')
  const signed = fields[0]?.tag === contextTag(0, true) ? fields.shift() : undefined
  const received = signed === undefined ? undefined : attributesAsReceived(signed)
  const isSorted = signed === undefined || isSetOf(signed.children.map((item) => item.raw))
  const signatureAlgorithm = parseAlgorithmIdentifier(fields.shift(), 'signatureAlgorithm')
  const signature = readOctetString(fields.shift(), 'signature')
  const unsigned = fields.length > 0 ? expectTag(fields.shift(), contextTag(1, true), 'unsignedAttrs') : undefined
  if (fields.length > 0) throw malformed(element.start, 'SignerInfo: unexpected field')
  return {
    version,
    sid,
    digestAlgorithm,
    signedAttributes: signed === undefined ? undefined : parseAttributes(signed, 'signedAttrs'),
    signedAttributesToVerify: isSorted ? received : attributesToSign(signed),
    signedAttributesUnsorted: isSorted ? undefined : received,
    signatureAlgorithm,
    signature,
    unsignedAttributes: unsigned === undefined ? [] : parseAttributes(unsigned, 'unsignedAttrs'),
  }
}

function parseSid(element: DerElement): SignerIdentifier {
  if (element.tag === contextTag(0, false)) return { kind: 'subjectKeyIdentifier', keyIdentifier: element.content }
  const [issuer, serial] = readSequence(element, 'IssuerAndSerialNumber', 2, 2)
  return {
    kind: 'issuerAndSerialNumber',
    issuer: parseName(issuer, 'issuer'),
    serialNumberHex: toHex(readIntegerBytes(serial, 'serialNumber')),
  }
}
