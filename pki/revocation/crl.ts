import { primitives } from '#primitives'
import { type AlgorithmIdentifier, findScheme, parseAlgorithmIdentifier } from '../algorithms.ts'
import {
  contextTag,
  type DerElement,
  type DerLimits,
  equalBytes,
  malformed,
  parseDer,
  readBitStringOctets,
  readExplicit,
  readIntegerBytes,
  readSequence,
  readSmallInteger,
  readTime,
  TAG,
  toHex,
} from '../asn1/index.ts'
import { withCode } from '../errors.ts'
import { OID } from '../oids.ts'
import type { Certificate } from '../x509/certificate.ts'
import { type Extension, parseExtensions, parsePointName } from '../x509/extensions.ts'
import { type Name, parseName } from '../x509/name.ts'
import { parseReason, type RevocationReason } from './reason.ts'

export { type RevocationReason, revocationReasons } from './reason.ts'

export interface RevokedCertificate {
  readonly serialNumberHex: string
  readonly revocationDate: Date
  readonly reason: RevocationReason
  readonly invalidityDate: Date | undefined
}

/** What issuingDistributionPoint limits a CRL to (RFC 5280 §5.2.5). */
export interface CrlScope {
  /** names of the distribution point the list belongs to; `undefined` when it belongs to none */
  readonly pointNames: readonly string[] | undefined
  readonly onlyUserCerts: boolean
  readonly onlyCaCerts: boolean
  readonly onlyAttributeCerts: boolean
  readonly onlySomeReasons: boolean
  readonly indirect: boolean
}

/** A certificate revocation list (RFC 5280 §5.1). Byte fields are views of `raw`. */
export interface Crl {
  readonly raw: Uint8Array
  readonly tbs: Uint8Array
  readonly version: 1 | 2
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly issuer: Name
  readonly thisUpdate: Date
  /** RFC 5280 demands it; a list without it is never fresh */
  readonly nextUpdate: Date | undefined
  /** by `serialNumberHex` of the certificate */
  readonly entries: ReadonlyMap<string, RevokedCertificate>
  readonly extensions: ReadonlyMap<string, Extension>
  /** critical extensions of entries that this room does not process */
  readonly unknownCriticalEntryExtensions: readonly string[]
  readonly authorityKeyIdentifier: Uint8Array | undefined
  readonly cRLNumber: bigint | undefined
  readonly scope: CrlScope | undefined
  readonly signature: Uint8Array
}

/** Some 200,000 entries; larger CAs split their lists. */
const crlLimits: DerLimits = { maxSize: 16 * 1024 * 1024, maxDepth: 20, maxElements: 1_500_000 }

/** Parses a CRL from strict DER; throws `CRL_MALFORMED` or `DER_LIMIT_EXCEEDED`. Verifies nothing. */
export function parseCrl(der: Uint8Array): Crl {
  return withCode('CRL_MALFORMED', 'CertificateList', () => {
    const [tbs, algorithm, signature] = readSequence(parseDer(der, crlLimits), 'CertificateList', 3, 3)
    return parseTbs(
      der,
      tbs!,
      parseAlgorithmIdentifier(algorithm, 'signatureAlgorithm'),
      readBitStringOctets(signature, 'signature'),
    )
  })
}

const isTime = (element: DerElement | undefined): boolean =>
  element?.tag === TAG.utcTime || element?.tag === TAG.generalizedTime

function parseTbs(
  raw: Uint8Array,
  tbs: DerElement,
  signatureAlgorithm: AlgorithmIdentifier,
  signature: Uint8Array,
): Crl {
  const fields = [...readSequence(tbs, 'TBSCertList', 3, 7)]
  const hasVersion = fields[0]!.tag === TAG.integer
  if (hasVersion && readSmallInteger(fields.shift(), 'version') !== 1) throw malformed(tbs.start, 'version is not v2')
  if (!equalBytes(parseAlgorithmIdentifier(fields.shift(), 'signature').raw, signatureAlgorithm.raw)) {
    throw malformed(tbs.start, 'signature algorithm inside and outside differ')
  }
  const issuer = parseName(fields.shift(), 'issuer')
  const thisUpdate = readTime(fields.shift(), 'thisUpdate')
  const nextUpdate = isTime(fields[0]) ? readTime(fields.shift(), 'nextUpdate') : undefined
  const unknownCritical = new Set<string>()
  const entries =
    fields[0]?.tag === TAG.sequence ? parseEntries(fields.shift()!, hasVersion, unknownCritical) : new Map()
  const wrapped = hasVersion && fields[0]?.tag === contextTag(0, true) ? fields.shift() : undefined
  if (fields.length > 0) throw malformed(fields[0]!.start, 'TBSCertList: unexpected field')
  const extensions =
    wrapped === undefined ? new Map() : parseExtensions(readExplicit(wrapped, 0, 'crlExtensions'), 'crlExtensions')
  return {
    raw,
    tbs: tbs.raw,
    version: hasVersion ? 2 : 1,
    signatureAlgorithm,
    issuer,
    thisUpdate,
    nextUpdate,
    entries,
    extensions,
    unknownCriticalEntryExtensions: [...unknownCritical],
    signature,
    ...parseCrlExtensions(extensions),
  }
}

function parseCrlExtensions(
  extensions: ReadonlyMap<string, Extension>,
): Pick<Crl, 'authorityKeyIdentifier' | 'cRLNumber' | 'scope'> {
  const aki = extensions.get(OID.authorityKeyIdentifier)
  const number = extensions.get(OID.cRLNumber)
  const point = extensions.get(OID.issuingDistributionPoint)
  return {
    authorityKeyIdentifier:
      aki === undefined
        ? undefined
        : readSequence(parseDer(aki.value), 'authorityKeyIdentifier').find(
            (field) => field.tag === contextTag(0, false),
          )?.content,
    cRLNumber:
      number === undefined ? undefined : BigInt(`0x${toHex(readIntegerBytes(parseDer(number.value), 'cRLNumber'))}`),
    scope: point === undefined ? undefined : parseScope(parseDer(point.value)),
  }
}

function parseScope(element: DerElement): CrlScope {
  const fields = new Map(
    readSequence(element, 'issuingDistributionPoint', 0, 6).map((field) => [field.tag & 0x1f, field]),
  )
  const flag = (number: number): boolean => {
    const field = fields.get(number)
    return field?.content.some((byte) => byte !== 0) === true
  }
  const point = fields.get(0)
  return {
    pointNames: point && parsePointName(readExplicit(point, 0, 'distributionPoint')).names,
    onlyUserCerts: flag(1),
    onlyCaCerts: flag(2),
    onlySomeReasons: fields.has(3),
    indirect: flag(4),
    onlyAttributeCerts: flag(5),
  }
}

function parseEntries(list: DerElement, isV2: boolean, unknownCritical: Set<string>): Map<string, RevokedCertificate> {
  const entries = new Map<string, RevokedCertificate>()
  for (const item of readSequence(list, 'revokedCertificates')) {
    const [serial, date, wrapped] = readSequence(item, 'revokedCertificate', 2, isV2 ? 3 : 2)
    const serialNumberHex = toHex(readIntegerBytes(serial, 'userCertificate'))
    const extensions = wrapped === undefined ? undefined : parseExtensions(wrapped, 'crlEntryExtensions')
    for (const extension of extensions?.values() ?? []) {
      if (extension.critical && extension.oid !== OID.reasonCode && extension.oid !== OID.invalidityDate)
        unknownCritical.add(extension.oid)
    }
    const reason = extensions?.get(OID.reasonCode)
    const invalidity = extensions?.get(OID.invalidityDate)
    const entry: RevokedCertificate = {
      serialNumberHex,
      revocationDate: readTime(date, 'revocationDate'),
      reason: reason === undefined ? 'unspecified' : parseReason(parseDer(reason.value)),
      invalidityDate: invalidity === undefined ? undefined : readTime(parseDer(invalidity.value), 'invalidityDate'),
    }
    // A certificate listed twice stays revoked from the earlier date on.
    const known = entries.get(serialNumberHex)
    if (known === undefined || entry.revocationDate < known.revocationDate) entries.set(serialNumberHex, entry)
  }
  return entries
}

/** The span in which answers must have been made to count, both ends included, whatever their own nextUpdate says. */
export interface MadeWithin {
  readonly from: Date
  readonly until: Date
}

/** Why a CRL does not count for an issuer at a time; `null` from `verifyCrl` when it does. */
export type CrlFault =
  | 'ISSUER_MISMATCH'
  | 'NOT_YET_ISSUED'
  | 'STALE'
  | 'NO_NEXT_UPDATE'
  | 'ISSUER_MAY_NOT_SIGN_CRLS'
  | 'CRITICAL_EXTENSION_UNKNOWN'
  | 'INDIRECT'
  | 'DELTA'
  | 'SIGNATURE_INVALID'

const processed: ReadonlySet<string> = new Set([
  OID.authorityKeyIdentifier,
  OID.issuingDistributionPoint,
  OID.issuerAltName,
  OID.freshestCRL,
])

/**
 * Verifies a CRL against its issuer's certificate at a time (RFC 5280 §6.3.3 as far as complete, direct lists go): name, key identifier,
 * freshness (thisUpdate ≤ at < nextUpdate), cRLSign, critical extensions, signature. Whether the issuer itself is to be trusted is the
 * caller's question. Indirect and delta lists are refused. `madeWithin`: the list counts when thisUpdate lies in this span, instead of
 * while fresh at `at`.
 */
export async function verifyCrl(
  crl: Crl,
  issuer: Certificate,
  at: Date,
  madeWithin?: MadeWithin,
): Promise<CrlFault | null> {
  return (
    findCrlFault(crl, issuer, at, madeWithin) ?? ((await hasValidSignature(crl, issuer)) ? null : 'SIGNATURE_INVALID')
  )
}

function findCrlFault(crl: Crl, issuer: Certificate, at: Date, madeWithin?: MadeWithin): CrlFault | null {
  const { authorityKeyIdentifier: wanted } = crl
  const { subjectKeyIdentifier: actual } = issuer
  if (crl.issuer.matchKey !== issuer.subject.matchKey) return 'ISSUER_MISMATCH'
  if (wanted !== undefined && actual !== undefined && !equalBytes(wanted, actual)) return 'ISSUER_MISMATCH'
  if (crl.extensions.has(OID.deltaCRLIndicator)) return 'DELTA'
  if (crl.scope?.indirect === true) return 'INDIRECT'
  const unknown = [...crl.extensions.values()].some(({ critical, oid }) => critical && !processed.has(oid))
  if (unknown || crl.unknownCriticalEntryExtensions.length > 0) return 'CRITICAL_EXTENSION_UNKNOWN'
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.has('cRLSign')) return 'ISSUER_MAY_NOT_SIGN_CRLS'
  if (madeWithin !== undefined) {
    if (crl.thisUpdate > madeWithin.until) return 'NOT_YET_ISSUED'
    return crl.thisUpdate < madeWithin.from ? 'STALE' : null
  }
  if (at < crl.thisUpdate) return 'NOT_YET_ISSUED'
  if (crl.nextUpdate === undefined) return 'NO_NEXT_UPDATE'
  return at >= crl.nextUpdate ? 'STALE' : null
}

async function hasValidSignature(crl: Crl, issuer: Certificate): Promise<boolean> {
  const scheme = findScheme(crl.signatureAlgorithm)
  return scheme !== undefined && primitives.verify(scheme, issuer.subjectPublicKeyInfo, crl.tbs, crl.signature)
}

/** Whether a list speaks about this certificate at all (scope and distribution point, RFC 5280 §6.3.3 b). */
export function coversCertificate(crl: Crl, certificate: Certificate): boolean {
  if (crl.issuer.matchKey !== certificate.issuer.matchKey) return false
  const { scope } = crl
  if (scope === undefined) return true
  const isCa = certificate.basicConstraints?.cA === true
  if (scope.onlyAttributeCerts || scope.onlySomeReasons || (isCa ? scope.onlyUserCerts : scope.onlyCaCerts))
    return false
  if (scope.pointNames === undefined) return true
  const named = certificate.cRLDistributionPoints?.flatMap((point) => point.names) ?? []
  return scope.pointNames.some((name) => named.includes(name))
}

/** The entry about a certificate, or `undefined` when the list does not name it. The list must be verified and cover the certificate. */
export function findRevocation(crl: Crl, certificate: Certificate): RevokedCertificate | undefined {
  return crl.entries.get(certificate.serialNumberHex)
}
