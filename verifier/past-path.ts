// Past certificate validation (EN 319 102-1 §5.6.2.1, §5.6.2.2): was everything above a signature good when it is proven to have existed,
// and was it proven before the keys that vouch for it ended?
import {
  type AlgorithmTerms,
  asn1,
  findAlgorithmFault,
  findDigestFault,
  findScheme,
  OID,
  type ocsp,
  PkiError,
  parsePublicKey,
  x509,
} from '../pki/index.ts'
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
  const all = await judgeOthers(trust, { ...question, asksOutside })
  if (all.late === null) return all
  const data = provenData(question, trust.at)
  const proven = await judge(trust, { ...question, asksOutside: false, data }, all.result)
  return proven.result.valid && proven.late === null ? proven : all
}

/** Other paths tried, where keys in the first had ended too early. */
const MOST_OTHERS = 4

/** The first path that holds in time; else the first that holds. The certificate whose end was in the way is done without. */
async function judgeOthers(trust: Trust, question: ProvenPathQuestion & { asksOutside: boolean }): Promise<ProvenPath> {
  const first = await judge(trust, question)
  let { data } = question
  let tried = first
  for (let count = 0; count < MOST_OTHERS && tried.late && tried.result.valid; count++) {
    const { path } = tried.result
    // An anchor's end is avoided by another certificate under it.
    const inTheWay = path[Math.min(tried.late.index, path.length - 2)]!
    if (inTheWay === path[0]) break
    const certificates = data.certificates.filter(({ value }) => !asn1.equalBytes(value.raw, inTheWay.raw))
    if (certificates.length === data.certificates.length) break
    data = { ...data, certificates }
    tried = await judge(trust, { ...question, data })
    if (tried.result.valid && tried.late === null) return tried
  }
  return first
}

/** `known`: what all the data at hand said; a revocation that was told once is not forgotten when fewer are asked. */
async function judge(
  trust: Trust,
  question: ProvenPathQuestion & { asksOutside: boolean },
  known?: x509.PathResult,
): Promise<ProvenPath> {
  const result = remember(await trust.validatePastPath(question), known)
  const late = result.valid
    ? (findStaleAnswer(result, question, trust.at) ??
      findLateProof(result, question, trust.at) ??
      findWeakness(result, question.proofs, trust.policy.algorithms))
    : null
  return { result, late }
}

/** A result with the later revocations of its certificates that another one knows of. */
function remember(result: x509.PathResult, known: x509.PathResult | undefined): x509.PathResult {
  if (!known) return result
  const revocation = result.revocation.map((status, index) => {
    const same = known.path.findIndex(({ raw }) => asn1.equalBytes(raw, result.path[index]!.raw))
    const entry = known.revocation[same]?.entry ?? status.entry
    return { ...status, entry }
  })
  return { ...result, revocation }
}

/**
 * Of an expired certificate nobody tells anything new. So a list from outside that is current now though older than what is proven serves
 * only while its certificate lives, and a response counts only where it is proven to be older than its responder's end.
 */
function findStaleAnswer(
  { path, revocation }: x509.PathResult,
  { provenAt, rule, proofs }: ProvenPathQuestion,
  at: Date,
): LateProof | null {
  const proven = Math.floor(provenAt.getTime() / 1000) * 1000
  const index = revocation.findIndex(({ answer }, i) => {
    if (!answer || !isOver(path[i]!, at)) return false
    if (rule === 'after-signature' && answer.thisUpdate.getTime() < proven) return true
    if (answer.kind === 'crl') return false
    const existedAt = proofs.dataExistedAt(answer.response.raw)
    return respondersIn(answer.response).some((responder) => isOver(responder, existedAt))
  })
  return index < 0 ? null : { reason: 'REVOCATION_STALE', index, detail: 'nothing proven says that it was good then' }
}

const isOver = ({ notAfter }: x509.Certificate, at: Date): boolean => at.getTime() >= notAfter.getTime() + 1000

/** Responders that a response brings along. What is added to it unsigned can only make it count less. */
function respondersIn({ certificates }: ocsp.OcspResponse): x509.Certificate[] {
  return certificates.flatMap((der) => {
    try {
      const certificate = x509.parseCertificate(der)
      return certificate.extKeyUsage?.includes(OID.ocspSigning) ? [certificate] : []
    } catch (error) {
      if (error instanceof PkiError) return []
      throw error
    }
  })
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
  return null
}

/** When a key ended, as far as that is known and past. */
function endOf(
  { notAfter }: x509.Certificate,
  status: x509.RevocationStatus | undefined,
  at: Date,
): { time: number; reason: 'EXPIRED' | 'REVOKED' } | null {
  const expires = notAfter.getTime() + 999
  const revoked = status?.entry ? x509.beginOfRevocation(status.entry).getTime() - 1 : Number.POSITIVE_INFINITY
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
  { path, revocation }: x509.PathResult,
  proofs: Proofs,
  terms: AlgorithmTerms | undefined,
): LateProof | null {
  for (let index = path.length - 2; index >= 0; index--) {
    const issuer = path[index + 1]!
    const { answer } = revocation[index] ?? {}
    const signed = answer ? (answer.kind === 'crl' ? answer.crl : answer.response) : null
    const weaknessOf = (one: Signed, signer: x509.Certificate | null) =>
      findWeaknessOf(one, signer, proofs.dataExistedAt(one.raw), terms)
    const detail = weaknessOf(path[index]!, issuer) ?? (signed && weaknessOf(signed, null))
    if (detail !== null) return { reason: 'ALGORITHM_UNACCEPTABLE', index, detail }
  }
  return null
}

type Signed = Pick<x509.Certificate, 'raw' | 'signatureAlgorithm'>

/** `issuer` null: a delegate may have signed, whose key was judged with the answer; the digest alone is looked at. */
function findWeaknessOf(
  { signatureAlgorithm }: Signed,
  issuer: x509.Certificate | null,
  existedAt: Date,
  terms: AlgorithmTerms | undefined,
): string | null {
  const scheme = findScheme(signatureAlgorithm)
  if (scheme === undefined) return `signed by an unknown algorithm ${signatureAlgorithm.oid}`
  try {
    return issuer
      ? findAlgorithmFault(scheme, parsePublicKey(issuer.subjectPublicKeyInfo), existedAt, terms)
      : findDigestFault(scheme.digest, existedAt, terms)
  } catch (error) {
    if (error instanceof PkiError) return error.message
    throw error
  }
}
