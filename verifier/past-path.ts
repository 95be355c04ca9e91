// Past certificate validation (EN 319 102-1 §5.6.2.1, §5.6.2.2): was everything above a signature good when it is proven to have existed,
// and was it proven before the keys that vouch for it ended?
import { asn1, type x509 } from '../pki/index.ts'
import type { Proofs } from './proofs.ts'
import { findLateProof, type LateProof } from './slide-time.ts'
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

/**
 * Validates a path as of a proven time (EN 319 102-1 §5.6.2.1). Where keys in it or beside it ended too early, others are tried: paths without
 * the certificate whose end was in the way, what time stamps prove alone, answers beside those that are too late. Whatever is found so
 * is asked of everything at hand once more: a revocation that was told once is not forgotten when fewer are asked.
 */
export async function validateProvenPath(trust: Trust, question: ProvenPathQuestion): Promise<ProvenPath> {
  const everything = { asksOutside: true, ...question }
  const told = createToldRevocations()
  const first = slideOver(await trust.validatePastPath(everything), everything, trust, told)
  if (first.late === null) return first
  const again = (less: Partial<Asked>) => judgeAgain(trust, { ...everything, ...less }, everything, told)
  const tried = [first, ...(await tryOthers(first, everything.data, withoutTheEnded, again))]
  if (!tried.some(holds)) tried.push(await again({ asksOutside: false, data: provenData(everything, trust.at) }))
  if (!tried.some(holds)) tried.push(...(await tryOthers(first, everything.data, withoutTheLate, again)))
  return tried.find(holds) ?? tried.find(({ result }) => result.reason === 'REVOKED') ?? first
}

type Asked = ProvenPathQuestion & { readonly asksOutside: boolean }

/** Other paths tried, where keys in the first had ended too early. */
const MOST_OTHERS = 4

const holds = ({ result, late }: ProvenPath): boolean => result.valid && late === null

/** Tries again without what was in the way, as long as there is something to do without. */
async function tryOthers(
  first: ProvenPath,
  data: DocumentData,
  without: (data: DocumentData, tried: ProvenPath) => DocumentData | null,
  again: (less: Partial<Asked>) => Promise<ProvenPath>,
): Promise<ProvenPath[]> {
  const tried: ProvenPath[] = []
  let last = first
  let less = without(data, first)
  while (less !== null && last.late !== null && tried.length < MOST_OTHERS) {
    last = await again({ data: less })
    tried.push(last)
    less = without(less, last)
  }
  return tried
}

/** Data without the certificate whose end was in the way; null where there is none to do without. */
function withoutTheEnded(data: DocumentData, { result: { path }, late }: ProvenPath): DocumentData | null {
  if (late === null) return null
  // An anchor's end is avoided by another certificate under it.
  const inTheWay = path[Math.min(late.index, path.length - 2)]!
  if (inTheWay === path[0]) return null
  const certificates = data.certificates.filter(({ value }) => !asn1.equalBytes(value.raw, inTheWay.raw))
  return certificates.length === data.certificates.length ? null : { ...data, certificates }
}

/** Data without the answers that are too late; null where there are none to do without. */
function withoutTheLate(data: DocumentData, { late }: ProvenPath): DocumentData | null {
  const isInTime = ({ value }: { readonly value: { readonly raw: Uint8Array } }) =>
    late?.answers.some((der) => asn1.equalBytes(der, value.raw)) !== true
  const { crls, ocsps } = data
  const others = { ...data, crls: crls.filter(isInTime), ocsps: ocsps.filter(isInTime) }
  return others.crls.length + others.ocsps.length === crls.length + ocsps.length ? null : others
}

/** A path by less than everything, and what everything says of it and of those who signed the answers about it. */
async function judgeAgain(trust: Trust, less: Asked, everything: Asked, told: ToldRevocations): Promise<ProvenPath> {
  const found = await trust.validatePastPath(less)
  if (!found.valid) return { result: found, late: null }
  const asked = told.learn(await trust.validatePastPath({ ...everything, along: found.path }))
  if (!asked.valid) return { result: asked, late: null }
  for (const signer of signersBeside(found)) {
    const { valid, detail } = told.learn(await trust.validatePastPath({ ...everything, along: signer.path }))
    const reason = 'REVOCATION_UNKNOWN'
    if (!valid) return { result: { ...found, valid, reason, detail, faultIndex: 0 }, late: null }
  }
  return slideOver(told.recall(found), everything, trust, told)
}

/** Signers of answers about a path, and of answers about these, that are not of the path and whose status was asked. */
function signersBeside({ revocation }: Pick<x509.PathResult, 'revocation'>): x509.AnswerSigner[] {
  return revocation
    .flatMap(({ answer }) => answer?.madeOf ?? [])
    .filter(({ signer }) => signer.revocation.length > 0)
    .flatMap(({ signer }) => [signer, ...signersBeside(signer)])
}

function slideOver(
  result: x509.PathResult,
  question: Asked,
  { at, policy: { algorithms } }: Trust,
  told: ToldRevocations,
): ProvenPath {
  const { existedAt, proofs } = question
  const late = result.valid
    ? (findStaleAnswer(result, question, at) ?? findLateProof(result, { existedAt, proofs, told, at, algorithms }))
    : null
  return { result, late }
}

/**
 * Of an expired certificate nobody tells anything new. So a list from outside that is current now though older than what is proven serves
 * only while its certificate lives.
 */
function findStaleAnswer({ path, revocation }: x509.PathResult, { provenAt, rule }: Asked, at: Date): LateProof | null {
  if (rule !== 'after-signature') return null
  const proven = Math.floor(provenAt.getTime() / 1000) * 1000
  const index = revocation.findIndex(
    ({ answer }, i) => answer !== undefined && isOver(path[i]!, at) && answer.thisUpdate.getTime() < proven,
  )
  const detail = 'nothing proven says that it was good then'
  return index < 0 ? null : { reason: 'REVOCATION_STALE', index, detail, answers: [] }
}

const isOver = ({ notAfter }: x509.Certificate, at: Date): boolean => at.getTime() >= notAfter.getTime() + 1000

function provenData({ data, proofs }: ProvenPathQuestion, at: Date): DocumentData {
  const isProven = ({ value }: { readonly value: { readonly raw: Uint8Array } }) => proofs.dataExistedAt(value.raw) < at
  return { ...data, crls: data.crls.filter(isProven), ocsps: data.ocsps.filter(isProven) }
}
