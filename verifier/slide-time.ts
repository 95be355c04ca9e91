// Time sliding (EN 319 102-1 §5.6.2.2): from the end of a key on, only what is proven to be older counts of what it signed. That holds for
// certificates and for all that answers about them are made of: lists, deltas, responses, the certificates that signed them and the answers
// about those.
import {
  type AlgorithmTerms,
  asn1,
  findAlgorithmFault,
  findScheme,
  PkiError,
  parsePublicKey,
  x509,
} from '../pki/index.ts'
import type { Proofs } from './proofs.ts'
import type { ToldRevocations } from './told-revocations.ts'

/** Something proven only after what vouches for it had ended. */
export interface LateProof {
  readonly reason: 'EXPIRED' | 'REVOKED' | 'REVOCATION_STALE' | 'ALGORITHM_UNACCEPTABLE'
  /** Place in the path of the certificate whose key had ended, or whose signature's algorithm had; or about which the answer came too late. */
  readonly index: number
  readonly detail: string
  /** Lists and responses that are too late, DER: others may say the same. */
  readonly answers: readonly Uint8Array[]
}

export interface SlideQuestion {
  /** When what the path's first certificate signed is proven to have existed. */
  readonly existedAt: Date
  readonly proofs: Proofs
  /** also by data that the path was not asked of */
  readonly told: ToldRevocations
  /** the validation time */
  readonly at: Date
  readonly algorithms: AlgorithmTerms | undefined
}

type Signed = x509.AnswerPart['signed'] | x509.Certificate

/** A signed thing, and the certificates by which it is believed. */
interface Vouched {
  readonly signed: Signed
  /** the signer's first, the anchor's last */
  readonly by: readonly x509.Certificate[]
  /** place in the path of the certificate that it is, or speaks of */
  readonly index: number
  /** an answer, or a part of one, in the answer itself or beside it */
  readonly answer: x509.RevocationAnswer | null
}

interface End {
  readonly time: number
  readonly reason: 'EXPIRED' | 'REVOKED'
  readonly of: x509.Certificate
}

/** What of a path that holds, or of the answers about it, is proven too late; `null` where nothing is. */
export function findLateProof(result: x509.PathResult, question: SlideQuestion): LateProof | null {
  const { path } = result
  const { existedAt, at, told, algorithms } = question
  told.learn(result)
  const vouched = gatherVouched(result)
  const endOf = (by: readonly x509.Certificate[]) => firstEnd(by, told, at)
  const proven = createKnown((one: Vouched) => provenAt(one, question.proofs))
  const isLate = (one: Vouched): boolean => {
    const end = endOf(one.by)
    return end !== null && proven(one) > end.time
  }
  const late = vouched.find(isLate)
  const end = late ? endOf(late.by) : endOf(path)
  if (late || (end && existedAt.getTime() > end.time)) {
    const answers = vouched.filter((one) => one.answer !== null && isLate(one))
    return { ...explainEnd(end!, late, path), answers: answers.map(({ answer }) => derOf(answer!)) }
  }
  const weak = vouched.find((one) => isWeak(one, at, algorithms) && isWeak(one, new Date(proven(one)), algorithms))
  if (!weak) return null
  const detail = weaknessOf(weak, new Date(proven(weak)), algorithms)!
  const answers = weak.answer === null ? [] : [derOf(weak.answer)]
  return { reason: 'ALGORITHM_UNACCEPTABLE', index: weak.index, detail, answers }
}

function explainEnd(
  end: End,
  late: Vouched | undefined,
  path: readonly x509.Certificate[],
): Omit<LateProof, 'answers'> {
  const index = path.findIndex(({ raw }) => asn1.equalBytes(raw, end.of.raw))
  const detail = `proven only after ${new Date(end.time).toISOString()}`
  // A key beside the path is no fault of what the path signed: it is only not known to be good.
  if (index < 0) return { reason: 'REVOCATION_STALE', index: late!.index, detail }
  return { reason: end.reason, index, detail }
}

const derOf = (answer: x509.RevocationAnswer): Uint8Array =>
  answer.kind === 'crl' ? answer.crl.raw : answer.response.raw

/** All that a path rests on, from the anchor down, each thing once. */
function gatherVouched({ path, revocation }: x509.PathResult): readonly Vouched[] {
  const vouched: Vouched[] = []
  const seen = new Set<Signed>()
  const add = (one: Vouched): void => {
    if (seen.has(one.signed)) return
    seen.add(one.signed)
    vouched.push(one)
  }
  const walk = (
    certificates: readonly x509.Certificate[],
    statuses: readonly x509.RevocationStatus[],
    beside: Pick<Vouched, 'index' | 'answer'> | null,
  ): void => {
    for (let index = certificates.length - 2; index >= 0; index--) {
      const place = beside ?? { index, answer: null }
      const { answer } = statuses[index] ?? {}
      add({ signed: certificates[index]!, by: certificates.slice(index + 1), ...place })
      if (answer === undefined) continue
      const about = beside ?? { index, answer }
      for (const { signed, signer } of answer.madeOf) {
        if (seen.has(signed)) continue
        walk(signer.path, signer.revocation, about)
        add({ signed, by: signer.path, ...about })
      }
    }
  }
  walk(path, revocation, null)
  return vouched
}

/** From invalidityDate on a key is known or suspected to be another's (RFC 5280 §5.3.2), however late that was told. */
const beginOf = (entry: NonNullable<x509.RevocationStatus['entry']>): number => x509.beginOfRevocation(entry).getTime()

/** The first end of a key among those by which something is believed, as far as it is known and past. */
function firstEnd(by: readonly x509.Certificate[], told: ToldRevocations, at: Date): End | null {
  let first: End | null = null
  for (const of of by) {
    const expires = of.notAfter.getTime() + 999
    const entry = told.find(of)
    const revoked = entry ? beginOf(entry) - 1 : Number.POSITIVE_INFINITY
    const time = Math.min(revoked, expires)
    const isPast = revoked <= expires || expires < at.getTime()
    if (isPast && (first === null || time <= first.time))
      first = { time, reason: revoked <= expires ? 'REVOKED' : 'EXPIRED', of }
  }
  return first
}

/** A responder's certificate is as old as the response that it was sent with. */
function provenAt({ signed, answer }: Vouched, proofs: Proofs): number {
  const own = proofs.dataExistedAt(signed.raw).getTime()
  if (answer?.kind !== 'ocsp' || answer.response === signed) return own
  const { certificates, raw } = answer.response
  const isSent = certificates.some((der) => asn1.equalBytes(der, signed.raw))
  return isSent ? Math.min(own, proofs.dataExistedAt(raw).getTime()) : own
}

/** Whether the algorithm or the signer's key counted no more at a time (EN 319 102-1 §5.2.8). */
const isWeak = (one: Vouched, at: Date, terms: AlgorithmTerms | undefined): boolean =>
  weaknessOf(one, at, terms) !== null

function weaknessOf({ signed, by }: Vouched, at: Date, terms: AlgorithmTerms | undefined): string | null {
  const scheme = findScheme(signed.signatureAlgorithm)
  if (scheme === undefined) return `signed by an unknown algorithm ${signed.signatureAlgorithm.oid}`
  try {
    return findAlgorithmFault(scheme, parsePublicKey(by[0]!.subjectPublicKeyInfo), at, terms)
  } catch (error) {
    if (error instanceof PkiError) return error.message
    throw error
  }
}

/** A function that is asked about each thing once. */
function createKnown<K extends object, V>(find: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => {
    const value = known.get(key) ?? find(key)
    known.set(key, value)
    return value
  }
}
