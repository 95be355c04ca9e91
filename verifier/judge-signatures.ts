// Judges every signature and time stamp of one document: first each by itself, then the document time stamps from the newest down, since
// each proves what lies under it, then the signatures as of the times that are proven (EN 319 102-1 §5.5, §5.6).
import type { EmbeddedEvidence, PdfSignature, SignedPdf } from '../pades/read/index.ts'
import { asn1 } from '../pki/index.ts'
import { blockOf, blocksOf, type Part } from './building-blocks.ts'
import { checkCoverage, checkLaterChanges, reportChanges } from './checks/coverage.ts'
import { checkIntegrity, digestsOf, type Integrity, nameOf, type SignedDigests } from './checks/integrity.ts'
import { checkLevel, findLevel } from './checks/level.ts'
import { checkPath, type PathAnswer } from './checks/path.ts'
import { findOrderFault } from './checks/stamp-order.ts'
import {
  createStampBudget,
  isListedStamp,
  type JudgedStamp,
  judgeContentStamps,
  judgeDocumentStamp,
  judgeSignatureStamps,
  type StampBudget,
  type StampContext,
} from './checks/time-stamp.ts'
import { worstIndication } from './conclude.ts'
import { createDocumentReader, type DocumentReader } from './document-data.ts'
import type { BuildingBlock } from './indications.ts'
import { finding } from './messages.ts'
import { CLOCK_TOLERANCE_MS, type PolicyDemands, requires } from './policy.ts'
import { createProofs, type Proofs } from './proofs.ts'
import type { Finding, SignatureReport, SubIndication } from './report.ts'
import { shown } from './shown.ts'
import type { Trust } from './trust.ts'

export interface JudgedSignature {
  readonly signature: PdfSignature
  readonly integrity: Integrity
  readonly digests: SignedDigests
  readonly report: SignatureReport
  readonly findings: readonly Finding[]
  /** When it is proven to have existed; null where nothing proves it. */
  readonly provenAt: Date | null
}

interface Checked {
  readonly signature: PdfSignature
  readonly digests: SignedDigests
  readonly integrity: Integrity
}

/** What all signatures of the document share. */
interface Context {
  readonly trust: Trust
  readonly document: DocumentReader
  readonly proofs: Proofs
  readonly isLicence: boolean
  readonly isListed: StampContext['isListed']
  readonly budget: StampBudget
  readonly stamps: ReadonlyMap<PdfSignature, JudgedStamp>
}

/** Judges all, in the order in which they were made. */
export async function judgeSignatures(pdf: SignedPdf, isLicence: boolean, trust: Trust): Promise<JudgedSignature[]> {
  const checked: Checked[] = []
  for (const signature of pdf.signatures) {
    const digests = digestsOf(signature)
    checked.push({ signature, digests, integrity: await checkIntegrity(signature, digests) })
  }
  const cmsData = checked.map(({ signature, integrity }) => ({ signature, data: cmsDataOf(integrity) }))
  const document = createDocumentReader(pdf, cmsData, trust.reader)
  const proofs = createProofs(document, trust.at)
  const asksList = isLicence && requires(trust.policy, 'trustList')
  const { index } = asksList ? await trust.trustList() : { index: null }
  // Without a list that may be used nothing is accepted anyhow; what the seal itself is worth is then told by its path alone.
  const isListed: StampContext['isListed'] = (authority, genTime, existedAt) =>
    index === null || isListedStamp(authority, genTime, existedAt, index)
  const shared = { trust, document, proofs, isListed, budget: createStampBudget() }
  const stamps = await judgeDocumentStamps(checked, shared)
  const context = { ...shared, isLicence, stamps, budget: createStampBudget() }
  const judged: JudgedSignature[] = []
  for (const one of checked) judged.push(await judgeOne(one, context))
  return judged
}

function cmsDataOf({ certificates, crls, ocsps, tokens, contentTokens }: Integrity): EmbeddedEvidence {
  const inside = [...tokens, ...contentTokens].flatMap((token) => token?.signedData ?? [])
  return {
    certificates: [...certificates, ...inside.flatMap((signedData) => signedData.certificates)],
    crls: [...crls, ...inside.flatMap((signedData) => signedData.crls)],
    ocsps,
  }
}

/** The newest first: a valid one proves that those under it existed, with the data they need. */
async function judgeDocumentStamps(
  checked: readonly Checked[],
  { trust, document, proofs, isListed, budget }: Omit<Context, 'stamps' | 'isLicence'>,
): Promise<Map<PdfSignature, JudgedStamp>> {
  const stamps = new Map<PdfSignature, JudgedStamp>()
  for (const { signature, integrity } of checked.toReversed()) {
    if (signature.type !== 'document-time-stamp' || integrity.integrity !== 'intact') continue
    const judged = await judgeDocumentStamp(integrity, {
      trust,
      data: document.data,
      proofs,
      existedAt: proofs.signatureExistedAt(signature) ?? trust.at,
      // What shows it valid is gathered before it is made: it must be current then.
      rule: 'current-at-signature',
      budget,
      isListed,
    })
    stamps.set(signature, judged)
    const { provenAt, madeAfter } = judged
    if (provenAt && madeAfter) proofs.add(signature, { provenAt, madeAfter })
  }
  return stamps
}

interface Answer {
  readonly parts: readonly Part[]
  /** the last building block that was made */
  readonly reached: BuildingBlock
  readonly findings: readonly Finding[]
  readonly level: SignatureReport['level']
  readonly provenAt: Date | null
}

async function judgeOne(checked: Checked, context: Context): Promise<JudgedSignature> {
  const { signature, integrity, digests } = checked
  const later = checkLaterChanges(signature)
  const answer = await answerFor(checked, context)
  const parts: Part[] = [
    ...answer.parts,
    ...(later.outcome === 'passed' ? [] : [undecided('SAV', 'SIG_CONSTRAINTS_FAILURE')]),
  ]
  const findings = [...checkCoverage(signature), ...answer.findings, later]
  return {
    signature,
    integrity,
    digests,
    provenAt: answer.provenAt,
    findings: findings.map((found) => ({ ...found, field: shown(signature.field) })),
    report: {
      field: shown(signature.field),
      type: signature.type,
      integrity: integrity.integrity,
      byteRange: signature.byteRange,
      coversWholeFile: signature.coversWholeFile,
      laterChanges: signature.laterChanges,
      changes: reportChanges(signature),
      revisionEnd: signature.byteRange === 'ok' ? signature.signedLength : null,
      level: answer.level,
      ...worstIndication(parts),
      signedBy: integrity.signer && nameOf(integrity.signer),
      bestSignatureTime: (answer.provenAt ?? context.trust.at).toISOString(),
      claimedSigningTime: integrity.claimedSigningTime?.toISOString() ?? null,
      signedDigest: signature.byteRange === 'ok' ? asn1.toHex(await digests.digest('SHA-256')) : null,
      bbb: blocksOf(parts, answer.reached, answer.provenAt !== null),
    },
  }
}

async function answerFor(checked: Checked, context: Context): Promise<Answer> {
  const { integrity, signature } = checked
  if (integrity.integrity !== 'intact' || !integrity.signer) {
    const block = blockOf(integrity.subIndication, 'CV')
    return {
      parts: [partOf(block, integrity)],
      reached: block,
      findings: [integrity.finding],
      level: integrity.level,
      provenAt: null,
    }
  }
  const stamp = context.stamps.get(signature)
  return stamp ? answerForStamp(integrity, stamp) : answerForSeal(checked, context)
}

function answerForStamp(integrity: Integrity, stamp: JudgedStamp): Answer {
  const { level, finding: intact } = integrity
  const parts = [partOf(blockOf(stamp.subIndication, 'XCV'), stamp)]
  return { parts, reached: 'SAV', findings: [intact, stamp.finding], level, provenAt: stamp.provenAt }
}

async function answerForSeal({ signature, integrity, digests }: Checked, context: Context): Promise<Answer> {
  const { trust, document, proofs } = context
  const stampContext: StampContext = {
    trust,
    data: document.data,
    proofs,
    existedAt: proofs.signatureExistedAt(signature) ?? trust.at,
    rule: trust.policy.revocationFreshness ?? 'after-signature',
    budget: context.budget,
    isListed: context.isListed,
  }
  const stamps = await judgeSignatureStamps(integrity, stampContext)
  const content = await judgeContentStamps(integrity, digests, stampContext)
  const provenAt = earliest(stamps[0]?.provenAt ?? null, proofs.signatureExistedAt(signature))
  const madeAfter = latest(content.madeAfter, proofs.signatureMadeAfter(signature))
  const times = { provenAt, madeAfter, data: document.data, proofs }
  const purpose = context.isLicence ? 'seal' : 'document'
  const path = await checkPath(integrity.signer!, purpose, times, trust)
  const covering = proofs.stampsOver(signature).map(({ stamp }) => ({ stamp, judged: context.stamps.get(stamp)! }))
  const question = { signature, integrity, stamps, covering, path, purpose, provenAt, document, trust, proofs } as const
  const level = await findLevel(question)
  const tooLow = checkLevel(level, trust.policy)
  const named = checkSignaturePolicy(integrity, trust.policy)
  const disorder = findOrderFault(stamps, covering, provenAt, madeAfter)
  const { algorithms } = trust.policy
  const weakness = integrity.weaknessAt(provenAt ?? trust.at, algorithms)
  const wasWeakWhenMade = madeAfter !== null && integrity.weaknessAt(madeAfter, algorithms) !== null
  return {
    parts: [
      ...(named?.outcome === 'undecided' ? [undecided('VCI', 'SIGNATURE_POLICY_NOT_AVAILABLE')] : []),
      ...(weakness === null
        ? []
        : [undecided('SAV', wasWeakWhenMade ? 'CRYPTO_CONSTRAINTS_FAILURE' : 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE')]),
      partOf(path.isLate ? 'VTS' : 'XCV', path),
      ...(disorder ? [undecided('SAV', 'TIMESTAMP_ORDER_FAILURE')] : []),
      ...(tooLow ? [undecided('SAV', 'SIG_CONSTRAINTS_FAILURE')] : []),
    ],
    reached: 'SAV',
    findings: [
      weakness === null ? integrity.finding : finding('integrity', 'undecided', 'ALGORITHM_WEAK', { detail: weakness }),
      ...stamps.map((stamp) => stamp.finding),
      ...content.findings,
      ...pathFindings(path),
      ...(document.data.isWhole ? [] : [finding('path', 'info', 'EVIDENCE_UNREAD')]),
      ...[disorder, tooLow, named, findClaimFault(integrity, provenAt, trust.at)].filter((found) => found !== null),
    ],
    level,
    provenAt,
  }
}

/** A signature policy that it names: nobody has one to follow. */
function checkSignaturePolicy({ signaturePolicy }: Integrity, { signaturePolicies }: PolicyDemands): Finding | null {
  if (signaturePolicy === null) return null
  const outcome = signaturePolicies === 'required' ? 'undecided' : 'info'
  return finding('integrity', outcome, 'SIGNATURE_POLICY_NAMED', { oid: signaturePolicy })
}

const partOf = (block: BuildingBlock, { indication, subIndication }: Omit<Part, 'block'>): Part => ({
  block,
  indication,
  subIndication,
})
const undecided = (block: BuildingBlock, subIndication: SubIndication): Part => ({
  block,
  indication: 'INDETERMINATE',
  subIndication,
})

const pathFindings = (path: PathAnswer): Finding[] => [path.finding, ...path.notes]

function earliest(a: Date | null, b: Date | null): Date | null {
  if (!a || !b) return a ?? b
  return a < b ? a : b
}

function latest(a: Date | null, b: Date | null): Date | null {
  if (!a || !b) return a ?? b
  return a > b ? a : b
}

/** Only the signer says when; a stamp shows that the word is wrong, which changes nothing that is proven. */
function findClaimFault({ claimedSigningTime }: Integrity, provenAt: Date | null, at: Date): Finding | null {
  if (!claimedSigningTime || claimedSigningTime.getTime() <= (provenAt ?? at).getTime() + CLOCK_TOLERANCE_MS)
    return null
  return finding('time-stamp', 'info', provenAt ? 'CLAIMED_TIME_LATER' : 'CLAIMED_TIME_FROM_LATER')
}
