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
import { createToldRevocations, type ToldRevocations } from './told-revocations.ts'
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
 * Validates a path as of a proven time (EN 319 102-1 §5.6.2.1). Where keys in it ended too early, others are tried: paths without the certificate
 * whose end was in the way, then what time stamps prove alone. Whatever is found so is asked of everything at hand once more: a
 * revocation that was told once is not forgotten when fewer are asked.
 */
export async function validateProvenPath(trust: Trust, question: ProvenPathQuestion): Promise<ProvenPath> {
  const everything = { asksOutside: true, ...question }
  const told = createToldRevocations()
  const first = slideOver(told.learn(await trust.validatePastPath(everything)), everything, trust)
  const tried = [first]
  let { data } = everything
  while (tried.at(-1)!.late !== null && tried.length <= MOST_OTHERS) {
    const others = withoutTheEnded(data.certificates, tried.at(-1)!)
    if (others === null) break
    data = { ...data, certificates: others }
    tried.push(await judgeAgain(trust, { ...everything, data }, everything, told))
  }
  if (first.late !== null && !tried.some(holds)) {
    const proven = { ...everything, asksOutside: false, data: provenData(everything, trust.at) }
    tried.push(await judgeAgain(trust, proven, everything, told))
  }
  return tried.find(holds) ?? tried.find(({ result }) => result.reason === 'REVOKED') ?? first
}

type Asked = ProvenPathQuestion & { readonly asksOutside: boolean }

/** Other paths tried, where keys in the first had ended too early. */
const MOST_OTHERS = 4

const holds = ({ result, late }: ProvenPath): boolean => result.valid && late === null

/** Certificates without the one whose end was in the way; null where there is none to do without. */
function withoutTheEnded(
  certificates: DocumentData['certificates'],
  { result: { path }, late }: ProvenPath,
): DocumentData['certificates'] | null {
  // An anchor's end is avoided by another certificate under it.
  const inTheWay = path[Math.min(late!.index, path.length - 2)]!
  if (inTheWay === path[0]) return null
  const others = certificates.filter(({ value }) => !asn1.equalBytes(value.raw, inTheWay.raw))
  return others.length === certificates.length ? null : others
}

/** A path by less than everything, and what everything says of it. */
async function judgeAgain(trust: Trust, less: Asked, everything: Asked, told: ToldRevocations): Promise<ProvenPath> {
  const found = await trust.validatePastPath(less)
  if (!found.valid) return { result: found, late: null }
  const asked = told.learn(await trust.validatePastPath({ ...everything, along: found.path }))
  return asked.valid ? slideOver(told.recall(found), everything, trust) : { result: asked, late: null }
}

function slideOver(result: x509.PathResult, question: Asked, trust: Trust): ProvenPath {
  const late = result.valid
    ? (findStaleAnswer(result, question, trust.at) ??
      findLateProof(result, question, trust.at) ??
      findWeakness(result, question.proofs, trust.policy.algorithms))
    : null
  return { result, late }
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
