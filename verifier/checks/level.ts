// Which baseline level of EN 319 142-1 was verified, and is it enough?
import type { PdfSignature } from '../../pades/read/index.ts'
import type { x509 } from '../../pki/index.ts'
import type { DocumentReader } from '../document-data.ts'
import { finding } from '../messages.ts'
import { validateProvenPath } from '../past-path.ts'
import type { ValidationPolicy } from '../policy.ts'
import type { Proofs } from '../proofs.ts'
import type { Finding, SignatureReport } from '../report.ts'
import type { DocumentData, Trust } from '../trust.ts'
import type { Integrity } from './integrity.ts'
import type { PathAnswer } from './path.ts'
import type { JudgedStamp } from './time-stamp.ts'

type Level = SignatureReport['level']

export interface LevelQuestion {
  readonly signature: PdfSignature
  readonly integrity: Integrity
  /** over the signature's value, the earliest valid one first */
  readonly stamps: readonly JudgedStamp[]
  /** valid document time stamps over the signature, the earliest first */
  readonly covering: readonly { readonly stamp: PdfSignature; readonly judged: JudgedStamp }[]
  readonly path: PathAnswer
  readonly purpose: 'seal' | 'document'
  readonly provenAt: Date | null
  readonly document: DocumentReader
  readonly proofs: Proofs
  readonly trust: Trust
}

/**
 * B-T: a valid stamp over the signature, or over the document with it. B-LT: certificates and revocation data inside are enough for signer
 * and stamp. B-LTA: they lie under a valid document time stamp (EN 319 142-1 §6).
 */
export async function findLevel(question: LevelQuestion): Promise<Level> {
  const { integrity, stamps, covering, path, provenAt, document } = question
  if (integrity.level !== 'B-B' || provenAt === null) return integrity.level
  const proving = [...stamps, ...covering.map(({ judged }) => judged)].filter((stamp) => stamp.provenAt !== null)
  if (proving.length === 0) return 'B-B'
  const isContained = proving.some(({ isSelfContained }) => isSelfContained)
  if (path.subIndication !== null || !isContained || !(await isEnough(document.data, question))) return 'B-T'
  // A stamp that alone makes B-T cannot cover the data that came after it.
  for (const { stamp } of covering) if (await isEnough(document.dataUnder(stamp), question)) return 'B-LTA'
  return 'B-LT'
}

async function isEnough(
  data: DocumentData,
  { integrity, purpose, provenAt, proofs, trust }: LevelQuestion,
): Promise<boolean> {
  const { result, late } = await validateProvenPath(trust, {
    leaf: integrity.signer as x509.Certificate,
    data,
    purpose,
    provenAt: provenAt!,
    existedAt: provenAt!,
    proofs,
    rule: trust.policy.revocationFreshness ?? 'after-signature',
    asksOutside: false,
  })
  return result.valid && late === null && result.revocation.length > 0
}

const RANK: Readonly<Record<Level, number>> = { 'not-pades': 0, 'B-B': 0, 'B-T': 1, 'B-LT': 2, 'B-LTA': 3 }

/** Whether the policy asks for more than was reached. */
export function checkLevel(level: Level, { minimumLevel }: ValidationPolicy): Finding | null {
  if (!minimumLevel || RANK[level] >= RANK[minimumLevel]) return null
  return finding('level', 'undecided', 'LEVEL_TOO_LOW', { level, wanted: minimumLevel })
}
