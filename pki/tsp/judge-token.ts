import { type AlgorithmTerms, findAlgorithmFault, findDigestFault, termsOf } from '../algorithm-terms.ts'
import type { CmsReading } from '../cms/signed-data.ts'
import type { SignerVerification } from '../cms/verify-signed-data.ts'
import { PkiError } from '../errors.ts'
import { parsePublicKey } from '../public-key.ts'
import type { Certificate } from '../x509/certificate.ts'
import { isCurable, isOver, type PastPathRequest, type PastPathResult, validatePastPath } from '../x509/past-path.ts'
import { findProvenTime, type ProvenTime } from './proven-time.ts'
import { parseToken, type TimeStampToken } from './token.ts'
import { type StampedData, type TokenReason, verifyToken } from './verify-token.ts'

/** Under whom authorities stand, and as of when it is judged. */
export interface TokenTrust
  extends Pick<PastPathRequest, 'anchors' | 'crls' | 'ocsps' | 'at' | 'toldUntil' | 'algorithms'> {
  readonly intermediates?: PastPathRequest['intermediates']
  /** when something else proves the token itself to have existed; left out, nothing does, and the judgement counts */
  readonly existedAt?: Date
  /** how far ahead of the judgement's an authority's clock may be; default 0 */
  readonly clockToleranceMs?: number
}

/** What a token proves. `fault`: whether the token is wrong, or its authority's word does not count. */
export type TokenJudgement =
  | ({ readonly outcome: 'proven' } & ProvenTime)
  | { readonly outcome: 'failed'; readonly fault: TokenFault; readonly detail: string }
  | { readonly outcome: 'undecided'; readonly fault: TokenFault; readonly detail: string }
type TokenFault = 'token' | 'authority'

/**
 * Judges a time-stamp token by itself (RFC 3161 §2.4.2; EN 319 102-1 §5.4, §5.6.2.4): value, imprint, purpose, whether its algorithms
 * count, path of its authority as of its time. That time is the word of whoever has the authority's key: once this was revoked or has ended, the token proves nothing unless
 * something else proves that it is older.
 */
export async function judgeToken(
  der: Uint8Array,
  stamped: StampedData,
  trust: TokenTrust | undefined,
  reading: CmsReading = {},
): Promise<TokenJudgement> {
  try {
    const token = parseToken(der, reading)
    const { reason, certificate, signer } = await verifyToken(token, stamped)
    if (reason !== null) return refuse(reason)
    if (trust === undefined) return { outcome: 'undecided', fault: 'authority', detail: 'no one to trust was given' }
    const terms = termsOf(trust.algorithms ?? 'current')
    const weakness = terms && findTokenWeakness(token, signer!, trust.existedAt ?? trust.at, terms)
    if (weakness) return { outcome: 'undecided', fault: 'token', detail: weakness }
    return await judgeAuthority(token, certificate!, stamped, trust)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    return { outcome: 'failed', fault: 'token', detail: error.message }
  }
}

/**
 * Why the algorithms of a verified token do not count at a time, or `null` when they do: that of its signature with the authority's key, and
 * the digest of what is stamped, which whoever finds collisions exchanges.
 */
export function findTokenWeakness(
  { messageImprint }: TimeStampToken,
  { signatureScheme, certificate }: SignerVerification,
  at: Date,
  terms: AlgorithmTerms | undefined,
): string | null {
  const key = parsePublicKey(certificate!.subjectPublicKeyInfo)
  const { algorithm } = messageImprint
  return (
    findAlgorithmFault(signatureScheme!, key, at, terms) ?? (algorithm ? findDigestFault(algorithm, at, terms) : null)
  )
}

/** What cannot be checked is not wrong for that. */
function refuse(reason: TokenReason): TokenJudgement {
  const isUnknown = /_UNKNOWN$|_NOT_FOUND$/.test(reason)
  return { outcome: isUnknown ? 'undecided' : 'failed', fault: 'token', detail: reason }
}

async function judgeAuthority(
  token: TimeStampToken,
  authority: Certificate,
  stamped: StampedData,
  trust: TokenTrust,
): Promise<TokenJudgement> {
  const { genTime, certificates } = token
  const { at, existedAt, clockToleranceMs = 0, intermediates = [], ...known } = trust
  if (genTime.getTime() > at.getTime() + clockToleranceMs)
    return { outcome: 'failed', fault: 'token', detail: 'from after the judgement' }
  const proven = findProvenTime(token)
  if (proven === null) return { outcome: 'undecided', fault: 'token', detail: 'it does not know its own time' }
  const path = await validatePastPath({
    ...known,
    leaf: authority,
    intermediates: [...intermediates, ...(stamped.certificates ?? []), ...certificates],
    asOf: genTime,
    at,
    purpose: 'time-stamp',
  })
  const refused = (outcome: 'failed' | 'undecided', detail: string): TokenJudgement => ({
    outcome,
    fault: 'authority',
    detail,
  })
  if (!path.valid) return refused(isCurable(path) ? 'undecided' : 'failed', `${path.reason}, ${path.detail}`)
  const end = findEnd(path, at, existedAt)
  if (end !== null) return refused('undecided', end)
  return { outcome: 'proven', ...proven, provenAt: earlierOf(proven.provenAt, genTime > at ? genTime : at) }
}

const earlierOf = (a: Date, b: Date): Date => (a < b ? a : b)

/** Why the token might be of somebody who has the key since. A revocation that is known counts, whenever it is from. */
function findEnd({ path, revokedFrom }: PastPathResult, at: Date, existedAt: Date | undefined): string | null {
  if (revokedFrom !== null && (existedAt === undefined || revokedFrom <= existedAt))
    return `its authority was revoked as of ${revokedFrom.toISOString()}, and nothing proves it to be older`
  return path.some((certificate) => isOver(certificate, existedAt ?? at))
    ? 'the certificate of its authority has ended, and nothing proves it to be older'
    : null
}
