import type { Crl } from '../revocation/crl.ts'
import type { OcspResponse, SingleResponse } from '../revocation/ocsp.ts'
import { isEarlier, isForGood, type RevocationEntry } from '../revocation/revocation-entry.ts'
import type { CrlFault } from '../revocation/verify-crl.ts'
import type { OcspFault, OcspQuestion } from '../revocation/verify-ocsp.ts'
import type { AnswerPart } from './answer-part.ts'
import { askCrls, type CrlSources, isCertain } from './ask-crls.ts'
import { askOcsps } from './ask-ocsps.ts'
import type { Certificate } from './certificate.ts'
import type { PathFault } from './check-path.ts'
import { endsKey, findOthersOfKey } from './same-key.ts'
import type { SignatureCache } from './signature-cache.ts'

/** The list or the OCSP response that decided, with the span for which it speaks. */
export type RevocationAnswer = {
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
  /** everything without which it would say nothing, and who signed that */
  readonly madeOf: readonly AnswerPart[]
} & (
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
  readonly entry: RevocationEntry | undefined
  /** why lists and responses that might have answered did not count */
  readonly faults: readonly (CrlFault | OcspFault)[]
}

/** What lists, or responses, say of a certificate, and whether the one that revokes has run out. */
export interface SourceStatus extends RevocationStatus {
  readonly isRunOut: boolean
}

/** Lists and responses to ask. */
export interface RevocationSources extends CrlSources, Pick<OcspQuestion, 'algorithms'> {
  readonly signatures: SignatureCache
  readonly ocsps: readonly OcspResponse[]
  /** among these a responder's certificate may be, if the response does not bring it */
  readonly candidates: readonly Certificate[]
  /** Counts the checks of a response about certificates of an issuer; false when that is one too many. */
  mayCheck(response: OcspResponse, issuer: Certificate): boolean
  /** Counts the checks of a delegate that a response names; false when that is one too many. */
  mayCheckDelegate(delegate: Certificate, issuer: Certificate, response: OcspResponse): boolean
  /** The same object for the same octets: what many responses bring along is checked and counted once. */
  sameDelegate(delegate: Certificate): Certificate
}

/**
 * Asks lists (RFC 5280 §6.3) and responses (RFC 6960 §3.2) about every certificate but the anchor. Any answer that revokes the certificate
 * for good decides, however old, whatever others say: freshness is asked of "good" alone. A hold decides until it is lifted.
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

/** The status of a certificate, by what is known of its key too. */
async function checkOne(
  certificate: Certificate,
  above: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus> {
  let known = await askBoth(certificate, above, sources)
  for (const other of findOthersOfKey(certificate, sources)) {
    const isSigned = await sources.isSignedBy(other, above[0]!)
    if (isSigned === 'LIMIT_EXCEEDED') known = withoutAnswer(known)
    if (isSigned === true) known = withEndOfKey(known, await askBoth(other, above, sources))
  }
  return isCertain(known, sources) ? known : withoutAnswer(known)
}

/** What is known of a certificate, with the end of its key that is told of another certificate. */
function withEndOfKey(known: RevocationStatus, ofOther: RevocationStatus): RevocationStatus {
  const { status, entry, faults } = ofOther
  if (status !== 'revoked' && faults.includes('LIMIT_EXCEEDED')) return withoutAnswer(known)
  if (entry === undefined || !endsKey(entry)) return known
  if (known.entry !== undefined && !isEarlier(entry, known.entry)) return known
  return status === 'revoked' ? { ...ofOther, faults: known.faults } : { ...known, entry }
}

// What was not looked at might have said otherwise, but of a revocation.
const withoutAnswer = (known: RevocationStatus): RevocationStatus =>
  known.status === 'revoked'
    ? known
    : { ...known, status: 'unknown', answer: undefined, faults: [...known.faults, 'LIMIT_EXCEEDED'] }

async function askBoth(
  certificate: Certificate,
  above: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus> {
  const byOcsp = await askOcsps(certificate, above, sources)
  const isOver = byOcsp.status === 'revoked' && isForGood(byOcsp.entry!)
  const byCrl = isOver ? undefined : await askCrls(certificate, above, sources)
  const { status, answer, entry } = byCrl === undefined ? byOcsp : join(byOcsp, byCrl)
  const faults = [...byOcsp.faults, ...(byCrl?.faults ?? [])]
  const known = { status, answer, entry, faults }
  return isCertain(known, sources) ? known : withoutAnswer(known)
}

function join(byOcsp: SourceStatus, byCrl: SourceStatus): SourceStatus {
  const revoked = [byCrl, byOcsp].filter(({ status }) => status === 'revoked')
  const isLifted = (held: SourceStatus): boolean => mayLift(held === byCrl ? byOcsp : byCrl, held)
  const deciding = revoked.find(({ entry }) => isForGood(entry!)) ?? revoked.find((held) => !isLifted(held))
  if (deciding !== undefined) return deciding
  const good = [byOcsp, byCrl].filter(({ status }) => status === 'good')
  // A revocation later than the time judged is told too, whoever knows of it.
  const later = [byOcsp, byCrl].filter(({ status, entry }) => status !== 'revoked' && entry !== undefined)
  const [first, second] = later
  const told = second !== undefined && isEarlier(second.entry!, first!.entry!) ? second : first
  const answering = good.includes(told!) ? told! : (good[0] ?? byCrl)
  return { ...answering, entry: told?.entry }
}

/** Whether a hold is over: responses and lists lift one another's only when these have run out, and by newer words. */
const mayLift = ({ status, answer }: SourceStatus, held: SourceStatus): boolean =>
  !isForGood(held.entry!) && held.isRunOut && status === 'good' && answer!.thisUpdate > held.answer!.thisUpdate

/** The first fault in the statuses, from the anchor's side down. */
export function findRevocationFault(statuses: readonly RevocationStatus[]): PathFault | null {
  for (let index = statuses.length - 1; index >= 0; index--) {
    const { status, entry, faults } = statuses[index]!
    if (status === 'revoked') {
      return { reason: 'REVOKED', index, detail: `revoked at ${entry!.revocationDate.toISOString()}, ${entry!.reason}` }
    }
    if (status === 'good') continue
    if (faults.includes('LIMIT_EXCEEDED'))
      return { reason: 'PATH_LIMIT_EXCEEDED', index, detail: 'more revocation data than are looked at speak of it' }
    const why = faults.length > 0 ? ` (${[...new Set(faults)].join(', ')})` : ''
    return faults.includes('STALE') || faults.includes('NO_NEXT_UPDATE')
      ? { reason: 'REVOCATION_STALE', index, detail: `the revocation data are out of date${why}` }
      : { reason: 'REVOCATION_UNKNOWN', index, detail: `no revocation data answer${why}` }
  }
  return null
}
