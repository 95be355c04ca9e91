import {
  type Crl,
  type CrlFault,
  coversCertificate,
  findRevocation,
  type RevokedCertificate,
} from '../revocation/crl.ts'
import type { OcspResponse, SingleResponse } from '../revocation/ocsp.ts'
import { findSingle, type OcspFault, type OcspQuestion, verifyResponse } from '../revocation/verify-ocsp.ts'
import type { Certificate } from './certificate.ts'
import type { PathFault } from './check-path.ts'

/** The list or the OCSP response that decided, with the span for which it speaks. */
export type RevocationAnswer =
  | { readonly kind: 'crl'; readonly crl: Crl; readonly thisUpdate: Date; readonly nextUpdate: Date | undefined }
  | {
      readonly kind: 'ocsp'
      readonly response: OcspResponse
      readonly single: SingleResponse
      readonly thisUpdate: Date
      readonly nextUpdate: Date | undefined
    }

/** What lists and responders said about one certificate of a path. */
export interface RevocationStatus {
  readonly status: 'good' | 'revoked' | 'unknown'
  /** by which it is known; `undefined` when it is not */
  readonly answer: RevocationAnswer | undefined
  /** of a revoked certificate, and of one revoked only later than the time it is judged at */
  readonly entry: Pick<RevokedCertificate, 'revocationDate' | 'reason' | 'invalidityDate'> | undefined
  /** why lists and responses that might have answered did not count */
  readonly faults: readonly (CrlFault | OcspFault)[]
}

/** Lists and responses tried for one certificate at most: each costs signature checks. */
const MAX_CRLS = 16
const MAX_OCSPS = 16

/** Lists to ask, and how to find out whether another certificate of the issuer's name may sign them. */
export interface RevocationSources extends Pick<OcspQuestion, 'at' | 'madeWithin' | 'algorithms'> {
  readonly crls: readonly Crl[]
  readonly ocsps: readonly OcspResponse[]
  /** among these a responder's certificate may be, if the response does not bring it */
  readonly candidates: readonly Certificate[]
  /** `verifyCrl` at the time of the judgement, each pair once */
  verify(crl: Crl, signer: Certificate): Promise<CrlFault | null>
  /** certificates of the same name but another key whose own path leads to an anchor: CAs that changed their key, or sign lists by one of its own */
  findCrlSigners(name: string): Promise<readonly Certificate[]>
}

/**
 * Asks lists (RFC 5280 §6.3) and responses (RFC 6960 §3.2) about every certificate but the anchor. A list must be signed by the key that
 * issued the certificate, or by another trusted key of the same name. Any answer that counts and revokes the certificate decides,
 * whatever others say.
 */
export async function checkRevocation(
  path: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus[]> {
  const statuses: RevocationStatus[] = []
  for (let index = 0; index < path.length - 1; index++) {
    const above = path.slice(index + 1)
    const issuers = above.filter((other) => other.subject.matchKey === above[0]!.subject.matchKey)
    statuses.push(await checkOne(path[index]!, issuers, sources))
  }
  return statuses
}

async function checkOne(
  certificate: Certificate,
  issuers: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus> {
  const byOcsp = await askOcsps(certificate, issuers, sources)
  if (byOcsp.status === 'revoked') return byOcsp
  const byCrl = await askCrls(certificate, issuers, sources)
  const told = byCrl.status === 'revoked' || byOcsp.status === 'unknown' ? byCrl : byOcsp
  return { ...told, faults: [...byOcsp.faults, ...byCrl.faults] }
}

const isNewer = (a: RevocationAnswer, b: RevocationAnswer | undefined): boolean =>
  b === undefined || a.thisUpdate > b.thisUpdate

/** Whether a revocation is none yet at the time judged; only where answers made later are asked about the past. */
const isLater = (revocationDate: Date, { at, madeWithin }: RevocationSources): boolean =>
  madeWithin !== undefined && revocationDate > at

async function askOcsps(
  certificate: Certificate,
  issuers: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus> {
  const { at, madeWithin, algorithms = 'current', candidates } = sources
  const issuer = issuers[0]!
  const faults: OcspFault[] = []
  let good: Pick<RevocationStatus, 'answer' | 'entry'> = { answer: undefined, entry: undefined }
  const named = sources.ocsps
    .flatMap((response) =>
      response.single.some(({ certId }) => certId.serialNumberHex === certificate.serialNumberHex) ? [response] : [],
    )
    .sort((a, b) => b.producedAt.getTime() - a.producedAt.getTime())
  for (const response of named.slice(0, MAX_OCSPS)) {
    const fault = await verifyResponse(response, {
      issuer,
      certificate,
      at,
      algorithms,
      candidates,
      ...(madeWithin === undefined ? {} : { madeWithin }),
      // A delegate's status comes from lists alone: responses about responders could go in circles.
      checkDelegate: async (delegate) => (await askCrls(delegate, issuers, sources)).status,
    })
    if (fault === 'NO_ANSWER') continue
    if (fault !== null) {
      faults.push(fault)
      continue
    }
    const single = (await findSingle(response, { certificate, issuer }))!
    const answer: RevocationAnswer = { kind: 'ocsp', response, single, ...pickSpan(single) }
    const entry =
      single.status === 'revoked'
        ? { revocationDate: single.revocationDate!, reason: single.reason!, invalidityDate: undefined }
        : undefined
    if (entry !== undefined && !isLater(entry.revocationDate, sources))
      return { status: 'revoked', answer, entry, faults }
    if (single.status !== 'unknown' && isNewer(answer, good.answer)) good = { answer, entry }
  }
  return { status: good.answer === undefined ? 'unknown' : 'good', ...good, faults }
}

const pickSpan = ({ thisUpdate, nextUpdate }: Pick<RevocationAnswer, 'thisUpdate' | 'nextUpdate'>) => ({
  thisUpdate,
  nextUpdate,
})

async function askCrls(
  certificate: Certificate,
  issuers: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus> {
  const faults: (CrlFault | 'AFTER_EXPIRY')[] = []
  let good: Pick<RevocationStatus, 'answer' | 'entry'> = { answer: undefined, entry: undefined }
  // The newest first, so that a flood of old lists cannot keep it out.
  const covering = sources.crls
    .filter((crl) => coversCertificate(crl, certificate))
    .sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime())
  for (const crl of covering.slice(0, MAX_CRLS)) {
    let fault = await verifyByAny(crl, issuers, sources)
    if (fault === 'ISSUER_MISMATCH' || fault === 'SIGNATURE_INVALID' || fault === 'ISSUER_MAY_NOT_SIGN_CRLS') {
      const others = await sources.findCrlSigners(certificate.issuer.matchKey)
      fault = (await verifyByAny(crl, others, sources)) === null ? null : fault
    }
    if (fault !== null) {
      faults.push(fault)
      continue
    }
    const found = findRevocation(crl, certificate)
    const entry = found?.reason === 'removeFromCRL' ? undefined : found
    const answer: RevocationAnswer = { kind: 'crl', crl, ...pickSpan(crl) }
    if (entry !== undefined && !isLater(entry.revocationDate, sources))
      return { status: 'revoked', answer, entry, faults }
    if (entry === undefined && mayHaveForgotten(crl, certificate, sources)) faults.push('AFTER_EXPIRY')
    else if (isNewer(answer, good.answer)) good = { answer, entry }
  }
  return { status: good.answer === undefined ? 'unknown' : 'good', ...good, faults }
}

/** A list made after a certificate expired need not name it any more (RFC 5280 §3.3), so its silence says nothing about the past. */
function mayHaveForgotten(crl: Crl, { notAfter }: Certificate, { madeWithin }: RevocationSources): boolean {
  return madeWithin !== undefined && crl.thisUpdate.getTime() >= notAfter.getTime() + 1000
}

/** `null` when one of the signers made the list; otherwise the fault the first of them gave. */
async function verifyByAny(
  crl: Crl,
  signers: readonly Certificate[],
  sources: RevocationSources,
): Promise<CrlFault | null> {
  let first: CrlFault | undefined
  for (const signer of signers) {
    const fault = await sources.verify(crl, signer)
    if (fault === null) return null
    first ??= fault
  }
  return first ?? 'ISSUER_MISMATCH'
}

/** The first fault in the statuses, from the anchor's side down. */
export function findRevocationFault(statuses: readonly RevocationStatus[]): PathFault | null {
  for (let index = statuses.length - 1; index >= 0; index--) {
    const { status, entry, faults } = statuses[index]!
    if (status === 'revoked') {
      return { reason: 'REVOKED', index, detail: `revoked at ${entry!.revocationDate.toISOString()}, ${entry!.reason}` }
    }
    if (status === 'good') continue
    const isStale = faults.includes('STALE') || faults.includes('NO_NEXT_UPDATE')
    return isStale
      ? { reason: 'REVOCATION_STALE', index, detail: 'the revocation data are out of date' }
      : {
          reason: 'REVOCATION_UNKNOWN',
          index,
          detail: `no revocation data answer${faults.length > 0 ? ` (${faults.join(', ')})` : ''}`,
        }
  }
  return null
}
