import {
  contextTag,
  type DerElement,
  malformed,
  parseDer,
  readBitString,
  readBoolean,
  readExplicit,
  readIntegerBytes,
  readOctetString,
  readOid,
  readSequence,
  readSmallInteger,
  TAG,
} from '../asn1/index.ts'
import { OID } from '../oids.ts'
import { comparable, type GeneralName, parseGeneralName } from './general-name.ts'
import { parseRelativeName } from './name.ts'
import { parseReasons, type ReasonMask } from './reasons.ts'

export type { GeneralName } from './general-name.ts'

/** One extension as it stands: `value` is the content of extnValue. */
export interface Extension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Uint8Array
}

/** RFC 5280 §4.2.1.3, in the order of their bits. `contentCommitment` is the newer name of nonRepudiation. */
export const keyUsageNames = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const
export type KeyUsage = (typeof keyUsageNames)[number]

export interface DistributionPoint {
  /** addresses in `fullName` */
  readonly urls: readonly string[]
  /** every name in `fullName`, as comparable text; `undefined` when the point has no name of that form */
  readonly names: readonly string[] | undefined
  /** key of the RDN by which the point is named relative to the issuer of its list */
  readonly relativeName: string | undefined
  /** the reasons the point covers; all when it does not say */
  readonly reasons: ReasonMask | undefined
  readonly crlIssuer: readonly GeneralName[] | undefined
}

/** The extensions this room reads, as values. An extension that is absent is `undefined`. */
export interface KnownExtensions {
  readonly basicConstraints: { readonly cA: boolean; readonly pathLenConstraint: number | undefined } | undefined
  readonly keyUsage: ReadonlySet<KeyUsage> | undefined
  /** dotted OIDs */
  readonly extKeyUsage: readonly string[] | undefined
  readonly subjectKeyIdentifier: Uint8Array | undefined
  readonly authorityKeyIdentifier:
    | { readonly keyIdentifier: Uint8Array | undefined; readonly serialNumber: Uint8Array | undefined }
    | undefined
  readonly subjectAltName: readonly GeneralName[] | undefined
  readonly cRLDistributionPoints: readonly DistributionPoint[] | undefined
  readonly authorityInfoAccess: readonly { readonly method: string; readonly location: GeneralName }[] | undefined
}

/** Parses Extensions (certificate, CRL or CRL entry): each at most once (RFC 5280 §4.2). Throws `DER_MALFORMED`. */
export function parseExtensions(element: DerElement, what: string): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>()
  for (const item of readSequence(element, what, 1)) {
    const fields = readSequence(item, what, 2, 3)
    const oid = readOid(fields[0], what)
    // An explicit FALSE is not DER, but common in certificates of the nineties to tens; it leaves nothing unclear.
    const critical = fields.length === 3 ? readBoolean(fields[1], `${what}: critical`) : false
    if (found.has(oid)) throw malformed(item.start, `${what}: ${oid} occurs twice`)
    found.set(oid, { oid, critical, value: readOctetString(fields.at(-1), `${what}: ${oid}`) })
  }
  return found
}

/** Parses the values of the extensions this room knows; throws `DER_MALFORMED`. */
export function parseKnownExtensions(extensions: ReadonlyMap<string, Extension>): KnownExtensions {
  const value = <T>(oid: string, parse: (element: DerElement) => T): T | undefined => {
    const extension = extensions.get(oid)
    return extension === undefined ? undefined : parse(parseDer(extension.value))
  }
  return {
    basicConstraints: value(OID.basicConstraints, parseBasicConstraints),
    keyUsage: value(OID.keyUsage, parseKeyUsage),
    extKeyUsage: value(OID.extKeyUsage, (element) =>
      readSequence(element, 'extKeyUsage', 1).map((oid) => readOid(oid, 'extKeyUsage')),
    ),
    subjectKeyIdentifier: value(OID.subjectKeyIdentifier, (element) =>
      readOctetString(element, 'subjectKeyIdentifier'),
    ),
    authorityKeyIdentifier: value(OID.authorityKeyIdentifier, parseAuthorityKeyIdentifier),
    // An empty one breaks RFC 5280 §4.2.1.6, but CAs have written it, and it names nobody.
    subjectAltName: value(OID.subjectAltName, (element) =>
      readSequence(element, 'subjectAltName').map(parseGeneralName),
    ),
    cRLDistributionPoints: value(OID.cRLDistributionPoints, (element) =>
      readSequence(element, 'cRLDistributionPoints', 1).map(parseDistributionPoint),
    ),
    authorityInfoAccess: value(OID.authorityInfoAccess, (element) =>
      readSequence(element, 'authorityInfoAccess', 1).map((access) => {
        const [method, location] = readSequence(access, 'accessDescription', 2, 2)
        return { method: readOid(method, 'accessMethod'), location: parseGeneralName(location!) }
      }),
    ),
  }
}

function parseBasicConstraints(element: DerElement): NonNullable<KnownExtensions['basicConstraints']> {
  const fields = [...readSequence(element, 'basicConstraints', 0, 2)]
  const cA = fields[0]?.tag === TAG.boolean ? readBoolean(fields.shift(), 'cA') : false
  const pathLenConstraint = fields.length > 0 ? readSmallInteger(fields.shift(), 'pathLenConstraint') : undefined
  if (fields.length > 0) throw malformed(element.start, 'basicConstraints: unexpected fields')
  return { cA, pathLenConstraint }
}

function parseKeyUsage(element: DerElement): ReadonlySet<KeyUsage> {
  const { bytes } = readBitString(element, 'keyUsage')
  if (bytes.length > 2) throw malformed(element.start, 'keyUsage: more bits than there are usages')
  return new Set(keyUsageNames.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0))
}

function parseAuthorityKeyIdentifier(element: DerElement): NonNullable<KnownExtensions['authorityKeyIdentifier']> {
  let keyIdentifier: Uint8Array | undefined
  let serialNumber: Uint8Array | undefined
  for (const field of readSequence(element, 'authorityKeyIdentifier', 0, 3)) {
    if (field.tag === contextTag(0, false)) keyIdentifier = field.content
    else if (field.tag === contextTag(2, false))
      serialNumber = readIntegerBytes(field, 'authorityCertSerialNumber', field.tag)
    else if (field.tag !== contextTag(1, true)) throw malformed(field.start, 'authorityKeyIdentifier: unexpected field')
  }
  return { keyIdentifier, serialNumber }
}

/** Parses DistributionPoint (RFC 5280 §4.2.1.13). */
function parseDistributionPoint(element: DerElement): DistributionPoint {
  let point: PointName = { urls: [], names: undefined, relativeName: undefined }
  let reasons: ReasonMask | undefined
  let crlIssuer: GeneralName[] | undefined
  let last = -1
  for (const field of readSequence(element, 'DistributionPoint', 0, 3)) {
    const number = field.tag & 0x1f
    if (number <= last) throw malformed(field.start, 'DistributionPoint: order of fields')
    last = number
    if (field.tag === contextTag(0, true)) point = parsePointName(readExplicit(field, 0, 'distributionPoint'))
    else if (field.tag === contextTag(1, false)) reasons = parseReasons(field)
    else if (field.tag === contextTag(2, true)) crlIssuer = field.children.map(parseGeneralName)
    else throw malformed(field.start, 'DistributionPoint: unexpected field')
  }
  return { ...point, reasons, crlIssuer }
}

export type PointName = Pick<DistributionPoint, 'urls' | 'names' | 'relativeName'>

/** DistributionPointName: all names of fullName and those of them that are addresses, or the name relative to the issuer. */
export function parsePointName(element: DerElement): PointName {
  if (element.tag === contextTag(1, true))
    return { urls: [], names: undefined, relativeName: parseRelativeName(element, 'nameRelativeToCRLIssuer') }
  if (element.tag !== contextTag(0, true)) throw malformed(element.start, 'DistributionPointName: unexpected choice')
  const names = element.children.map(parseGeneralName)
  return {
    urls: names.flatMap((name) => (name.kind === 'uri' ? [name.value] : [])),
    names: names.map(comparable),
    relativeName: undefined,
  }
}
