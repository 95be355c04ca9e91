// Past certificate validation (EN 319 102-1 §5.6.2.1, §5.6.2.2): was everything above a signature good when it is proven to have existed,
// and was it proven before the keys that vouch for it ended?
import { findAlgorithmFault, findScheme, PkiError, parsePublicKey, type x509 } from '../pki/index.ts'
import type { Proofs } from './proofs.ts'
import type { DocumentData, PastPathQuestion, Trust } from './trust.ts'

export interface ProvenPathQuestion extends Omit<PastPathQuestion, 'asksOutside'> {
  /** When the signed thing itself is proven to have existed: later than `provenAt` for a time stamp, whose own time is only its word. */
  readonly existedAt: Date
  readonly proofs: Proofs
  /** Default true. */
  readonly asksOutside?: boolean
}

/** `late`: the path held, but something in it is proven only after what vouches for it had ended. */
export interface ProvenPath {
  readonly result: x509.PathResult
  readonly late: LateProof | null
}

export interface LateProof {
  readonly reason: 'EXPIRED' | 'REVOKED' | 'REVOCATION_STALE' | 'ALGORITHM_UNACCEPTABLE'
  /** Place in the path of the certificate whose key had ended, or whose signature's algorithm had. */
  readonly index: number
  readonly detail: string
}

/**
 * Validates a path as of a proven time. Where data that nobody proves would be too late, it is tried again with those alone that time
 * stamps prove.
 */
export async function validateProvenPath(trust: Trust, question: ProvenPathQuestion): Promise<ProvenPath> {
  const { asksOutside = true } = question
  const all = await judge(trust, { ...question, asksOutside })
  if (all.late === null) return all
  const proven = await judge(trust, { ...question, asksOutside: false, data: provenData(question, trust.at) })
  return proven.result.valid && proven.late === null ? proven : all
}

async function judge(trust: Trust, question: ProvenPathQuestion & { asksOutside: boolean }): Promise<ProvenPath> {
  const result = await trust.validatePastPath(question)
  const late = result.valid
    ? (findStaleAnswer(result, question, trust.at) ?? findLateProof(result, question, trust.at))
    : null
  return { result, late }
}

/**
 * A list from outside that is current now though older than what is proven serves while its certificate lives: newer ones will tell. Of an
 * expired one nobody will.
 */
function findStaleAnswer(
  { path, revocation }: x509.PathResult,
  { provenAt, rule }: ProvenPathQuestion,
  at: Date,
): LateProof | null {
  if (rule !== 'after-signature') return null
  const proven = Math.floor(provenAt.getTime() / 1000) * 1000
  const index = revocation.findIndex(
    ({ answer }, i) =>
      answer && answer.thisUpdate.getTime() < proven && path[i]!.notAfter.getTime() + 1000 <= at.getTime(),
  )
  return index < 0
    ? null
    : { reason: 'REVOCATION_STALE', index, detail: 'the revocation data are older than what is proven' }
}

function provenData({ data, proofs }: ProvenPathQuestion, at: Date): DocumentData {
  const isProven = ({ value }: { readonly value: { readonly raw: Uint8Array } }) => proofs.dataExistedAt(value.raw) < at
  return { certificates: data.certificates, crls: data.crls.filter(isProven), ocsps: data.ocsps.filter(isProven) }
}

/** Slides the time from the anchor down: from the end of a key on, only what is proven to be older counts of what it signed. */
function findLateProof(
  { path, revocation }: x509.PathResult,
  { existedAt, proofs }: ProvenPathQuestion,
  at: Date,
): LateProof | null {
  let until = at.getTime()
  for (let index = path.length - 1; index >= 0; index--) {
    const ends = endOf(path[index]!, revocation[index], at)
    if (ends && ends.time < until) {
      until = ends.time
      const vouched = index === 0 ? [] : [path[index - 1]!.raw, ...answerOf(revocation[index - 1])]
      const isLate = existedAt.getTime() > until || vouched.some((der) => proofs.dataExistedAt(der).getTime() > until)
      if (isLate) return { reason: ends.reason, index, detail: `proven only after ${new Date(until).toISOString()}` }
    }
  }
  return findWeakness(path, revocation, proofs)
}

/** When a key ended, as far as that is known and past. */
function endOf(
  { notAfter }: x509.Certificate,
  status: x509.RevocationStatus | undefined,
  at: Date,
): { time: number; reason: 'EXPIRED' | 'REVOKED' } | null {
  const expires = notAfter.getTime() + 999
  const revoked = status?.entry ? status.entry.revocationDate.getTime() - 1 : Number.POSITIVE_INFINITY
  if (revoked <= expires) return { time: revoked, reason: 'REVOKED' }
  return expires < at.getTime() ? { time: expires, reason: 'EXPIRED' } : null
}

function answerOf(status: x509.RevocationStatus | undefined): Uint8Array[] {
  const { answer } = status ?? {}
  if (!answer) return []
  return [answer.kind === 'crl' ? answer.crl.raw : answer.response.raw]
}

/** Algorithms of certificates and answers must have counted when these are proven to have existed (EN 319 102-1 §5.2.8). */
function findWeakness(
  path: readonly x509.Certificate[],
  revocation: readonly x509.RevocationStatus[],
  proofs: Proofs,
): LateProof | null {
  for (let index = path.length - 2; index >= 0; index--) {
    const issuer = path[index + 1]!
    const { answer } = revocation[index] ?? {}
    const signed = answer ? (answer.kind === 'crl' ? answer.crl : answer.response) : null
    const detail = weaknessOf(path[index]!, issuer, proofs) ?? (signed && weaknessOf(signed, null, proofs))
    if (detail !== null) return { reason: 'ALGORITHM_UNACCEPTABLE', index, detail }
  }
  return null
}

type Signed = Pick<x509.Certificate, 'raw' | 'signatureAlgorithm'>

/** `issuer` null: a delegate may have signed, whose key was judged with the answer; the digest alone is looked at. */
function weaknessOf(
  { raw, signatureAlgorithm }: Signed,
  issuer: x509.Certificate | null,
  proofs: Proofs,
): string | null {
  const scheme = findScheme(signatureAlgorithm)
  if (scheme === undefined) return `signed by an unknown algorithm ${signatureAlgorithm.oid}`
  try {
    const key = issuer ? parsePublicKey(issuer.subjectPublicKeyInfo) : ({ kind: 'ec', bits: 256 } as const)
    return findAlgorithmFault(scheme, key, proofs.dataExistedAt(raw))
  } catch (error) {
    if (error instanceof PkiError) return error.message
    throw error
  }
}
