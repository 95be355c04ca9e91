import { parseDer, readTime } from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import type { Crl, RevokedCertificate } from '../revocation/crl.ts'
import type { OcspResponse, SingleResponse } from '../revocation/ocsp.ts'
import type { CrlFault } from '../revocation/verify-crl.ts'
import { findSingle, type OcspFault, type OcspQuestion, verifyResponse } from '../revocation/verify-ocsp.ts'
import { askCrls, type CrlSources, isLater } from './ask-crls.ts'
import type { Certificate } from './certificate.ts'
import type { PathFault } from './check-path.ts'

/** The list or the OCSP response that decided, with the span for which it speaks. */
export type RevocationAnswer = { readonly thisUpdate: Date; readonly nextUpdate: Date | undefined } & (
  | {
      readonly kind: 'crl'
      readonly crl: Crl
      /** the delta list that brought it up to date: the span is its span */
      readonly delta: Crl | undefined
    }
  | { readonly kind: 'ocsp'; readonly response: OcspResponse; readonly single: SingleResponse }
)

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

/** Lists and responses to ask. */
export interface RevocationSources extends CrlSources, Pick<OcspQuestion, 'algorithms'> {
  readonly ocsps: readonly OcspResponse[]
  /** among these a responder's certificate may be, if the response does not bring it */
  readonly candidates: readonly Certificate[]
  /** Counts the checks of a response about certificates of an issuer; false when that is one too many. */
  mayCheck(response: OcspResponse, issuer: Certificate): boolean
}

/**
 * Asks lists (RFC 5280 §6.3) and responses (RFC 6960 §3.2) about every certificate but the anchor. Any answer that counts and revokes the
 * certificate decides, whatever others say.
 */
export async function checkRevocation(
  path: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus[]> {
  const statuses: RevocationStatus[] = []
  for (let index = 0; index < path.length - 1; index++)
    statuses.push(await checkOne(path[index]!, path.slice(index + 1), sources))
  return statuses
}

async function checkOne(
  certificate: Certificate,
  above: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus> {
  const byOcsp = await askOcsps(certificate, above, sources)
  if (byOcsp.status === 'revoked') return byOcsp
  const byCrl = await askCrls(certificate, above, sources)
  // A revocation later than the time judged is told too, whoever knows of it.
  const isKnownToLists =
    byCrl.entry !== undefined && (byOcsp.entry === undefined || beginOf(byCrl.entry) < beginOf(byOcsp.entry))
  const told = byCrl.status === 'revoked' || byOcsp.status === 'unknown' || isKnownToLists ? byCrl : byOcsp
  const faults = [...byOcsp.faults, ...byCrl.faults]
  if (told.status === 'revoked' || !(faults.includes('LIMIT_EXCEEDED') || sources.isExhausted()))
    return { ...told, faults }
  // What was not looked at might have said otherwise.
  return { ...told, status: 'unknown', answer: undefined, faults: [...faults, 'LIMIT_EXCEEDED'] }
}

/** From when on a revocation says that nothing counts any more. */
const beginOf = ({ revocationDate, invalidityDate }: NonNullable<RevocationStatus['entry']>): Date =>
  invalidityDate !== undefined && invalidityDate < revocationDate ? invalidityDate : revocationDate

async function askOcsps(
  certificate: Certificate,
  above: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus> {
  const issuer = above[0]!
  const faults: OcspFault[] = []
  let good: Pick<RevocationStatus, 'answer' | 'entry'> = { answer: undefined, entry: undefined }
  const named = sources.ocsps
    .filter(({ single }) => single.some(({ certId }) => certId.serialNumberHex === certificate.serialNumberHex))
    .sort((a, b) => b.producedAt.getTime() - a.producedAt.getTime())
  for (const response of named) {
    if (!sources.mayCheck(response, issuer)) {
      faults.push('LIMIT_EXCEEDED')
      break
    }
    const fault = await verifyResponse(response, toQuestion(certificate, above, sources))
    if (fault !== null) {
      if (fault !== 'NO_ANSWER') faults.push(fault)
      continue
    }
    const single = (await findSingle(response, { certificate, issuer }))!
    const { thisUpdate, nextUpdate } = single
    const answer: RevocationAnswer = { kind: 'ocsp', response, single, thisUpdate, nextUpdate }
    const entry =
      single.status === 'revoked'
        ? { revocationDate: single.revocationDate!, reason: single.reason!, invalidityDate: invalidityDateOf(single) }
        : undefined
    if (entry !== undefined && !isLater(entry.revocationDate, sources))
      return { status: 'revoked', answer, entry, faults }
    const isNewer = good.answer === undefined || thisUpdate > good.answer.thisUpdate
    const tellsMore = entry !== undefined && good.entry === undefined
    if (single.status !== 'unknown' && (tellsMore || (isNewer && (entry !== undefined || good.entry === undefined))))
      good = { answer, entry }
  }
  return { status: good.answer === undefined ? 'unknown' : 'good', ...good, faults }
}

/** As a list tells it (RFC 6960 §4.4.5); what is none tells nothing. */
function invalidityDateOf({ extensions }: SingleResponse): Date | undefined {
  const extension = extensions.get(OID.invalidityDate)
  try {
    return extension && readTime(parseDer(extension.value), 'invalidityDate')
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}

function toQuestion(certificate: Certificate, above: readonly Certificate[], sources: RevocationSources): OcspQuestion {
  const { at, madeWithin, algorithms, candidates } = sources
  return {
    issuer: above[0]!,
    certificate,
    at,
    candidates,
    ...(algorithms === undefined ? {} : { algorithms }),
    ...(madeWithin === undefined ? {} : { madeWithin }),
    // A delegate's status comes from lists alone: responses about responders could go in circles.
    async checkDelegate(delegate) {
      const { status, entry, faults } = await askCrls(delegate, above, sources)
      if (entry === undefined && (faults.includes('LIMIT_EXCEEDED') || sources.isExhausted())) return 'unknown'
      // Whoever has the key of a delegate revoked since may date an answer as they like: only what is known about it counts, not when.
      return entry === undefined ? status : 'revoked'
    },
  }
}

/** The first fault in the statuses, from the anchor's side down. */
export function findRevocationFault(statuses: readonly RevocationStatus[]): PathFault | null {
  for (let index = statuses.length - 1; index >= 0; index--) {
    const { status, entry, faults } = statuses[index]!
    if (status === 'revoked') {
      return { reason: 'REVOKED', index, detail: `revoked at ${entry!.revocationDate.toISOString()}, ${entry!.reason}` }
    }
    if (status === 'good') continue
    const why = faults.length > 0 ? ` (${[...new Set(faults)].join(', ')})` : ''
    return faults.includes('STALE') || faults.includes('NO_NEXT_UPDATE')
      ? { reason: 'REVOCATION_STALE', index, detail: `the revocation data are out of date${why}` }
      : { reason: 'REVOCATION_UNKNOWN', index, detail: `no revocation data answer${why}` }
  }
  return null
}
