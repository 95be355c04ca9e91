// Does a time stamp prove anything? Its token, its authority's path, the trust list (EN 319 102-1 §5.4).
import { isCompromised, serviceStateAt, type TrustIndex } from '../../licence-format/index.ts'
import { type DigestAlgorithm, PkiError, primitives, tsp, type x509 } from '../../pki/index.ts'
import { finding } from '../messages.ts'
import { validateProvenPath } from '../past-path.ts'
import { CLOCK_TOLERANCE_MS } from '../policy.ts'
import type { Proofs } from '../proofs.ts'
import type { Finding, Indication, SubIndication } from '../report.ts'
import type { FreshnessRule } from '../revocation-data.ts'
import type { DocumentData, Trust } from '../trust.ts'
import { type Integrity, nameOf, type SignedDigests } from './integrity.ts'
import { explainPath } from './path.ts'
import { MOST_JUDGED } from './stamp-limits.ts'

/** A time stamp, judged. It weighs nothing by itself: what is not proven is simply not proven. */
export interface JudgedStamp {
  readonly indication: Indication
  readonly subIndication: SubIndication | null
  readonly finding: Finding
  /** What it is over existed then at the latest; null of one that proves nothing. */
  readonly provenAt: Date | null
  /** What holds it did not exist before; null of one that proves nothing. */
  readonly madeAfter: Date | null
  /** Whether the document itself holds all that shows it valid. */
  readonly isSelfContained: boolean
}

/** What is asked of a stamp, beside its own token. */
export interface StampContext {
  readonly trust: Trust
  readonly data: DocumentData
  readonly proofs: Proofs
  /** When the token itself is proven to have existed; the validation time when nothing proves more. */
  readonly existedAt: Date
  readonly rule: FreshnessRule
  readonly budget: StampBudget
  /** Whether the authority may stamp, beside its path: on a licence it must stand in the trust list. */
  isListed(authority: x509.Certificate, genTime: Date, existedAt: Date): boolean
}

/** Time stamps of one document that may still be judged: each costs paths, and anyone can add more. */
export interface StampBudget {
  left: number
}

export const createStampBudget = (): StampBudget => ({ left: MOST_JUDGED })

/** Judges the tokens over a signature's value, the earliest valid one first. */
export async function judgeSignatureStamps(integrity: Integrity, context: StampContext): Promise<JudgedStamp[]> {
  const judged: JudgedStamp[] = []
  for (const token of integrity.tokens) {
    const value = integrity.signatureValue!
    const digestOf = (algorithm: DigestAlgorithm) => primitives.digest(algorithm, value)
    judged.push(context.budget.left-- > 0 ? await judgeToken(token, digestOf, context) : tooMany())
  }
  const time = ({ provenAt }: JudgedStamp) => provenAt?.getTime() ?? Number.POSITIVE_INFINITY
  return judged.sort((a, b) => time(a) - time(b))
}

/** What the stamps say that a signature signs together with the content: it was made after the latest that is valid. */
export interface ContentStamps {
  readonly madeAfter: Date | null
  readonly findings: readonly Finding[]
}

/** Judges the tokens over the content (EN 319 102-1 §5.5.4, content-time-stamp). They are told and weigh nothing by themselves. */
export async function judgeContentStamps(
  { contentTokens }: Integrity,
  { digest }: SignedDigests,
  context: StampContext,
): Promise<ContentStamps> {
  let madeAfter: Date | null = null
  const findings: Finding[] = []
  for (const token of contentTokens) {
    const judged = context.budget.left-- > 0 ? await judgeToken(token, digest, context) : tooMany()
    const time = judged.madeAfter
    findings.push(time ? finding('time-stamp', 'info', 'CONTENT_TIME_STAMP_VALID', { time }) : judged.finding)
    if (time && (!madeAfter || time > madeAfter)) madeAfter = time
  }
  return { madeAfter, findings }
}

async function judgeToken(
  token: tsp.TimeStampToken | null,
  digestOf: (algorithm: DigestAlgorithm) => Promise<Uint8Array>,
  context: StampContext,
): Promise<JudgedStamp> {
  if (token === null) return refuse('MALFORMED')
  const { algorithm } = token.messageImprint
  const digest = algorithm ? await digestOf(algorithm) : new Uint8Array()
  const certificates = context.data.certificates.map(({ value }) => value)
  const verified = await verifyOrNull(token, { digest, certificates })
  if (verified === null) return refuse('SIGNATURE_ALGORITHM_UNKNOWN')
  const { reason, certificate, signer } = verified
  if (reason !== null || !certificate || !signer?.signatureScheme) return refuse(reason ?? 'SIGNATURE_INVALID')
  const weaknessAt: Integrity['weaknessAt'] = (at, terms) => tsp.findTokenWeakness(token, signer, at, terms)
  return judgeVerified(token, certificate, weaknessAt, context)
}

/** Not every browser and every build of OpenSSL offers SM2. */
async function verifyOrNull(
  token: tsp.TimeStampToken,
  stamped: tsp.StampedData,
): Promise<tsp.TokenVerification | null> {
  try {
    return await tsp.verifyToken(token, stamped)
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}

/** Judges a document time stamp whose CMS fits the document. */
export async function judgeDocumentStamp(integrity: Integrity, context: StampContext): Promise<JudgedStamp> {
  const { stamp, signer, weaknessAt } = integrity
  if (context.budget.left-- <= 0) return tooMany()
  if (stamp === null || signer === null) return refuse('MALFORMED')
  if (stamp.fault !== null) return refuse(stamp.fault)
  return judgeVerified(stamp.token, signer, weaknessAt, context)
}

async function judgeVerified(
  token: tsp.TimeStampToken,
  authority: x509.Certificate,
  weaknessAt: Integrity['weaknessAt'],
  context: StampContext,
): Promise<JudgedStamp> {
  const { trust, existedAt } = context
  const { genTime } = token
  if (genTime.getTime() > trust.at.getTime() + CLOCK_TOLERANCE_MS)
    return undecided('SIG_CONSTRAINTS_FAILURE', finding('time-stamp', 'info', 'TIME_STAMP_FROM_LATER'))
  const proven = tsp.findProvenTime(token)
  if (proven === null) return untrusted('SIG_CONSTRAINTS_FAILURE', `an accuracy of ${token.accuracyMs} ms`)
  const weakness = weaknessAt(existedAt, trust.policy.algorithms)
  if (weakness !== null) return untrusted('CRYPTO_CONSTRAINTS_FAILURE_NO_POE', weakness)
  const question = {
    leaf: authority,
    data: context.data,
    purpose: 'time-stamp',
    provenAt: genTime,
    existedAt,
    proofs: context.proofs,
    rule: context.rule,
  } as const
  const path = await validateProvenPath(trust, question)
  const { subIndication } = explainPath(path, trust.at)
  if (subIndication !== null) return untrusted(subIndication, path.late?.detail ?? path.result.detail)
  if (!context.isListed(authority, genTime, existedAt)) {
    const found = finding('time-stamp', 'info', 'TIME_STAMP_NOT_LISTED', { authority: nameOf(authority) })
    return undecided('CHAIN_CONSTRAINTS_FAILURE', found)
  }
  const inside = await validateProvenPath(trust, { ...question, asksOutside: false })
  return {
    indication: 'TOTAL-PASSED',
    subIndication: null,
    finding: finding('time-stamp', 'passed', 'TIME_STAMP_VALID', { time: genTime, authority: nameOf(authority) }),
    provenAt: proven.provenAt < trust.at ? proven.provenAt : trust.at,
    madeAfter: proven.madeAfter < trust.at ? proven.madeAfter : trust.at,
    isSelfContained: inside.result.valid && inside.late === null,
  }
}

/** By the trust list: in use at the time the stamp names; after a compromise only what is proven to be older. */
export function isListedStamp(authority: x509.Certificate, genTime: Date, existedAt: Date, index: TrustIndex): boolean {
  const listed = index.findCertificate('time-stamp', authority.raw)
  return (
    listed !== undefined &&
    serviceStateAt(listed.service, genTime) === 'granted' &&
    !isCompromised(listed.service, existedAt)
  )
}

function refuse(reason: tsp.TokenReason | 'MALFORMED'): JudgedStamp {
  const found = finding('time-stamp', 'info', 'TIME_STAMP_WRONG', { detail: reason.toLowerCase().replaceAll('_', ' ') })
  const failed = (subIndication: SubIndication): JudgedStamp => ({
    ...undecided(subIndication, found),
    indication: 'TOTAL-FAILED',
  })
  switch (reason) {
    case 'IMPRINT_MISMATCH':
    case 'MESSAGE_DIGEST_MISMATCH':
      return failed('HASH_FAILURE')
    case 'SIGNATURE_INVALID':
      return failed('SIG_CRYPTO_FAILURE')
    case 'SIGNER_CERTIFICATE_NOT_FOUND':
    case 'SIGNING_CERTIFICATE_MISMATCH':
      return undecided('NO_SIGNING_CERTIFICATE_FOUND', found)
    case 'SIGNING_CERTIFICATE_MISSING':
      return undecided('SIG_CONSTRAINTS_FAILURE', found)
    case 'NOT_A_TIME_STAMP_CERTIFICATE':
      return undecided('CHAIN_CONSTRAINTS_FAILURE', found)
    case 'DIGEST_ALGORITHM_UNKNOWN':
    case 'SIGNATURE_ALGORITHM_UNKNOWN':
    case 'IMPRINT_ALGORITHM_UNKNOWN':
      return undecided('GENERIC', found)
    default:
      return failed('FORMAT_FAILURE')
  }
}

const tooMany = (): JudgedStamp => untrusted('GENERIC', 'the document holds more time stamps than are looked at')

const untrusted = (subIndication: SubIndication, detail: string): JudgedStamp =>
  undecided(subIndication, finding('time-stamp', 'info', 'TIME_STAMP_NOT_TRUSTED', { detail }))

function undecided(subIndication: SubIndication, found: Finding): JudgedStamp {
  return {
    indication: 'INDETERMINATE',
    subIndication,
    finding: found,
    provenAt: null,
    madeAfter: null,
    isSelfContained: false,
  }
}
