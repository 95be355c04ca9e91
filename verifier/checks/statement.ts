// Is the QR statement genuine: of the only form, from the official address, signed by the issuer's key while it was in use?
import {
  isCompromised,
  isStatementHolder,
  type LicenceData,
  LicenceFormatError,
  type ListedService,
  type ParsedStatement,
  parseIdentifier,
  parseStatement,
  type StatementClaims,
  serviceStateAt,
  statementHolder,
  type TrustedEntity,
  type TrustIndex,
  verifyStatement,
} from '../../licence-format/index.ts'
import { asn1, PkiError, x509 } from '../../pki/index.ts'
import { finding } from '../messages.ts'
import { CLOCK_TOLERANCE_MS } from '../policy.ts'
import type { Finding, Text } from '../report.ts'
import { isSameCopy } from './copy.ts'
import { type AskRevocation, isStolenBy, type Revocation } from './key-revocation.ts'

/** Reads a statement, or says in its own words what is wrong with the text. */
export function readStatement(text: string): ParsedStatement | Finding {
  try {
    return parseStatement(text)
  } catch (error) {
    if (!(error instanceof LicenceFormatError)) throw error
    return explainRefusal(error)
  }
}

function explainRefusal({ code, message }: LicenceFormatError): Finding {
  if (code === 'CBOR_TRUNCATED') return finding('statement', 'failed', 'STATEMENT_TRUNCATED')
  if (code === 'STATEMENT_NOT_ASCII') return finding('statement', 'failed', 'STATEMENT_LOOK_ALIKE')
  const isForeign = ['STATEMENT_SCHEME_WRONG', 'STATEMENT_ADDRESS_MALFORMED', 'STATEMENT_TOO_LONG'].includes(code)
  return finding('statement', 'failed', isForeign ? 'STATEMENT_NOT_OURS' : 'STATEMENT_ALTERED', { detail: message })
}

/** What outweighs a compromised key. */
export interface StatementProof {
  /** The register confirms the data digest. */
  readonly confirmed: boolean
  /** When a time stamp proves the statement to have existed, in a sealed document; else null. */
  readonly provenAt: Date | null
}

/**
 * Judges a statement by the trust list: host, key, key's owner, key's time, signature; and by what lists at hand say of the key's certificate.
 * All that fails is told, the signature first.
 */
export async function checkStatement(
  statement: ParsedStatement,
  index: TrustIndex,
  at: Date,
  proof: StatementProof,
  askRevocation: AskRevocation,
): Promise<Finding[]> {
  const { issuerCode } = parseIdentifier(statement.claims.identifier)
  const issuer = index.findEntity(issuerCode)
  const host = issuer ? checkHost(statement, issuer) : []
  const listed = index.findStatementKey(statement.keyId)
  if (!listed) return [finding('statement', 'failed', 'STATEMENT_KEY_UNKNOWN'), ...host]
  const certificate = certificateOf(listed)
  if (!certificate) return [finding('statement', 'failed', 'STATEMENT_KEY_UNKNOWN'), ...host]
  if (!(await verifyStatement(statement, certificate.subjectPublicKeyInfo)))
    return [finding('statement', 'failed', 'STATEMENT_FORGED'), ...host]
  const department = listed.entity.name
  const owner =
    listed.entity.code === issuerCode
      ? []
      : [finding('statement', 'failed', 'STATEMENT_KEY_OF_OTHER_DEPARTMENT', { department })]
  const { notBefore, notAfter } = certificate
  const revoked = await askRevocation(certificate)
  const faults = [...owner, ...checkKeyTime(statement, listed, { notBefore, notAfter, revoked }, at, proof), ...host]
  return faults.length > 0 ? faults : [finding('statement', 'passed', 'STATEMENT_GENUINE', { department })]
}

/** The host is not under the signature: a genuine statement may be glued to another address. */
function checkHost(statement: ParsedStatement, issuer: TrustedEntity): Finding[] {
  const official = (issuer.addresses && URL.parse(issuer.addresses.statements)?.host) ?? null
  if (statement.host === official) return []
  const { host } = statement
  return official !== null && looksLike(host, official)
    ? [finding('statement', 'failed', 'STATEMENT_HOST_LOOK_ALIKE', { host, official })]
    : [finding('statement', 'failed', 'STATEMENT_HOST_FOREIGN', { host })]
}

/** Characters that people take for one another, and what an imitation puts before, behind or between the parts of a name. */
const CONFUSABLE: readonly (readonly [RegExp, string])[] = [
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/cl/g, 'd'],
  [/[1il|]/g, 'l'],
  [/0/g, 'o'],
  [/5/g, 's'],
  [/8/g, 'b'],
  [/[-.]/g, ''],
]

/** Whether a host is made to be taken for another: the same to the eye, one letter off, or with the other's name as a part. */
function looksLike(host: string, official: string): boolean {
  const [seen, real] = [host, official].map((name) =>
    CONFUSABLE.reduce((text, [pattern, as]) => text.replace(pattern, as), name.toLowerCase().replace(/:\d+$/, '')),
  ) as [string, string]
  // A name in another script stands in a QR code as xn--…, which says nothing to the eye but is shown as its letters.
  return seen.includes(real) || /(^|\.)xn--/.test(host.toLowerCase()) || isOneOff(seen, real)
}

/** One character more, less, other, or two neighbours exchanged. */
function isOneOff(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false
  let start = 0
  while (start < one.length && one[start] === other[start]) start++
  let end = 0
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end++
  const [a, b] = [one.slice(start, one.length - end), other.slice(start, other.length - end)]
  return (a.length <= 1 && b.length <= 1) || (a.length === 2 && a[0] === b[1] && a[1] === b[0])
}

type KeyCertificate = Pick<x509.Certificate, 'notBefore' | 'notAfter'> & { readonly revoked: Revocation | null }

/** A statement carries no time stamp of its own, so its time counts, and a compromised key proves nothing that was not proven before. */
function checkKeyTime(
  { claims }: ParsedStatement,
  { service }: ListedService,
  { notBefore, notAfter, revoked }: KeyCertificate,
  at: Date,
  { confirmed, provenAt }: StatementProof,
): Finding[] {
  const isStolen = isCompromised(service, provenAt) || (revoked !== null && isStolenBy(revoked, provenAt))
  if (isStolen && !confirmed) return [finding('statement', 'undecided', 'STATEMENT_KEY_COMPROMISED')]
  if (claims.issuedAt.getTime() > at.getTime() + CLOCK_TOLERANCE_MS)
    return [finding('statement', 'failed', 'STATEMENT_FROM_LATER')]
  const state = serviceStateAt(service, claims.issuedAt)
  if (state === undefined || claims.issuedAt < notBefore)
    return [finding('statement', 'failed', 'STATEMENT_KEY_NOT_YET')]
  const hasEnded = revoked !== null && !isStolen && claims.issuedAt >= revoked.revocationDate
  const inUse = !hasEnded && (state === 'granted' || (state === 'compromised' && confirmed))
  return inUse && claims.issuedAt <= notAfter ? [] : [finding('statement', 'failed', 'STATEMENT_KEY_EXPIRED')]
}

const certificates = new WeakMap<Uint8Array, x509.Certificate | null>()

/** Listed certificates are parsed once; one that is malformed can verify nothing. */
function certificateOf({ service }: ListedService): x509.Certificate | null {
  const known = certificates.get(service.certificate)
  if (known !== undefined) return known
  const certificate = parseOrNull(service.certificate)
  certificates.set(service.certificate, certificate)
  return certificate
}

function parseOrNull(der: Uint8Array): x509.Certificate | null {
  try {
    return x509.parseCertificate(der)
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}

/** Whether statement and licence data of one document say the same. */
export function compareStatement({ claims }: ParsedStatement, data: LicenceData, dataDigest: Uint8Array): Finding[] {
  if (claims.identifier !== data.identifier) {
    const { holder, number } = claims
    return [finding('statement', 'failed', 'STATEMENT_OF_OTHER_LICENCE', { holder, number })]
  }
  const differences: Text[] = []
  const compare = (same: boolean, zh: string, en: string) => {
    if (!same) differences.push({ zh, en })
  }
  compare(asn1.equalBytes(claims.dataDigest, dataDigest), '数据摘要', 'data digest')
  compare(isStatementHolder(claims.holder, statementHolder(data)), '持证主体', 'holder')
  compare(claims.number === data.number, '证照编号', 'number')
  compare(claims.validFrom === data.validFrom && claims.validUntil === data.validUntil, '有效期', 'validity')
  compare(isSameCopy(claims.copy, data.copy), '加注件', 'copy')
  return differences.map((what) => finding('statement', 'failed', 'STATEMENT_DISAGREES', { what }))
}

/**
 * What lies in a sealed document is older than every stamp over its seals: a statement that calls itself younger was dated forward, to a
 * time at which its issuer was entitled or its key in use. `provenAts`: of the seals that are stamped.
 */
export function compareTimes({ issuedAt }: StatementClaims, provenAts: readonly Date[]): Finding[] {
  const isYounger = provenAts.some((provenAt) => issuedAt.getTime() > provenAt.getTime() + CLOCK_TOLERANCE_MS)
  const what = { zh: '签署时间晚于印章的时间戳', en: 'time of issue, which lies after the time stamp of the seal' }
  return isYounger ? [finding('statement', 'failed', 'STATEMENT_DISAGREES', { what })] : []
}

/** What a scanned code is compared with. */
export interface ScannedAgainst {
  /** Text of the statement inside the document. */
  readonly embedded: string | null
  readonly data: LicenceData
  readonly dataDigest: Uint8Array
  readonly index: TrustIndex | null
  readonly at: Date
  /** The register confirms the data digest. */
  readonly confirmed: boolean
  readonly askRevocation: AskRevocation
}

/**
 * Whether a code scanned from the sheet in hand is that of this very document: a genuine code of another licence is not. What the document's
 * stamp proves, it proves of the statement inside, not of another text.
 */
export async function checkScanned(text: string, against: ScannedAgainst): Promise<Finding[]> {
  const { embedded, data, dataDigest, index, at, confirmed, askRevocation } = against
  const read = readStatement(text)
  if ('code' in read) return [read]
  const same = finding('statement', 'passed', 'SCANNED_CODE_IS_OF_DOCUMENT')
  if (embedded !== null && text.toUpperCase() === embedded.toUpperCase()) return [same]
  const differences = [...compareStatement(read, data, dataDigest), ...compareWithEmbedded(read.claims, embedded)]
  const signed = index
    ? await checkStatement(read, index, at, { confirmed, provenAt: null }, askRevocation)
    : [finding('statement', 'undecided', 'STATEMENT_NOT_CHECKED')]
  const faults = [...differences, ...signed.filter(({ outcome }) => outcome !== 'passed')]
  return faults.length > 0 ? faults : [same]
}

/** What the data do not say, and a code signed anew for the same licence repeats all the same. */
function compareWithEmbedded(scanned: StatementClaims, embedded: string | null): Finding[] {
  const read = embedded === null ? null : readStatement(embedded)
  if (read === null || 'code' in read) return []
  const { statusList, statusPlace, issuedAt } = read.claims
  const differences: Text[] = []
  if (scanned.statusList !== statusList || scanned.statusPlace !== statusPlace)
    differences.push({ zh: '状态位', en: 'place on the status list' })
  if (scanned.issuedAt.getTime() !== issuedAt.getTime()) differences.push({ zh: '签署时间', en: 'time of issue' })
  return differences.map((what) => finding('statement', 'failed', 'STATEMENT_DISAGREES', { what }))
}
