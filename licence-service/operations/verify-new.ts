import type { Evidence, VerificationReport } from '../../verifier/index.ts'
import { reachedLevel } from '../domain/level.ts'
import { LicenceError } from '../errors.ts'
import type { SealedLicence, VerifiedLicence } from './complete-licences.ts'
import type { Deps } from './deps.ts'
import type { PreparedLicence } from './prepare-licences.ts'
import { publishTrustList, readTrustList } from './publish-trust-list.ts'

interface Failure {
  readonly licence: PreparedLicence
  readonly error: Error
}

export interface Verified {
  readonly verified: readonly VerifiedLicence[]
  /** Documents that must never be published. */
  readonly refused: readonly Failure[]
  /** Documents on which evidence was missing: ours to mend, then to try again. */
  readonly undecided: readonly Failure[]
}

/**
 * Step 6: is our PDF the beginning of what came back, and would a stranger accept it? Only the status is left out, since the register
 * does not know the licence yet. Two rooms that share no code above the formats must agree before a licence exists.
 */
export async function verifyNew(deps: Deps, sealed: readonly SealedLicence[]): Promise<Verified> {
  const verified: VerifiedLicence[] = []
  const refused: Failure[] = []
  const undecided: Failure[] = []
  const ours = sealed.filter((one) => beginsWith(one.sealedPdf, one.pdf))
  for (const { licence } of sealed.filter((one) => !ours.includes(one))) {
    const message = 'the sealed document is not the one that was sent with a seal appended'
    refused.push({ licence, error: new LicenceError('LICENCE_REJECTED', message) })
  }
  const reports = await judgeNew(deps, ours)
  for (const [index, one] of ours.entries()) {
    const { licence } = one
    const report = reports[index]!
    const sealedDigest = sealedDigestOf(report, licence.identifier)
    if (sealedDigest) verified.push({ ...one, sealedDigest, level: reachedLevel(report.signatures) })
    else if (lacksEvidence(report)) undecided.push({ licence, error: toError('LICENCE_ISSUANCE_INTERRUPTED', report) })
    else refused.push({ licence, error: toError('LICENCE_REJECTED', report) })
  }
  return { verified, refused, undecided }
}

/** What is not accepted is judged again under a list published now: a key made since the last publication is not in that one yet. */
async function judgeNew(deps: Deps, sealed: readonly SealedLicence[]): Promise<VerificationReport[]> {
  if (sealed.length === 0) return []
  const documents = sealed.map(({ licence, sealedPdf }) => ({ identifier: licence.identifier, pdf: sealedPdf }))
  const reports = await judge(deps, documents, await gatherEvidence(deps))
  const isRefused = (index: number) => reports[index]!.verdict !== 'accepted'
  const again = documents.filter((_document, index) => isRefused(index))
  if (again.length === 0) return reports
  await publishTrustList(deps)
  const second = await judge(deps, again, await gatherEvidence(deps))
  return reports.map((report, index) => (isRefused(index) ? second.shift()! : report))
}

/** What a new document is judged by: our own lists. */
export async function gatherEvidence(deps: Deps): Promise<Evidence> {
  const [crls, trustList] = await Promise.all([deps.trust.crls(), readTrustList(deps)])
  return { crls, trustList, statusLists: new Map(), live: null }
}

/** Documents that go to a judge at once: few enough that several judges share a group. */
const JUDGED_TOGETHER = 25

/** Judges documents in every respect but their status; a report for each, in order. */
export async function judge(
  deps: Deps,
  documents: readonly { readonly identifier: string; readonly pdf: Uint8Array }[],
  evidence: Evidence,
): Promise<VerificationReport[]> {
  const files = documents.map(({ identifier, pdf }) => ({ name: `${identifier}.pdf`, bytes: pdf }))
  const parts: (typeof files)[] = []
  for (let at = 0; at < files.length; at += JUDGED_TOGETHER) parts.push(files.slice(at, at + JUDGED_TOGETHER))
  const now = deps.clock.now()
  const reports = await Promise.all(parts.map((part) => deps.judge(part, evidence, deps.policy(), now)))
  return reports.flat()
}

/** What the register will hold of a document that was accepted in every respect and is the one we asked for. */
function sealedDigestOf({ verdict, licence, signatures }: VerificationReport, identifier: string): string | null {
  const seal = signatures.findLast(({ type }) => type === 'signature')
  return verdict === 'accepted' && licence?.identifier === identifier ? (seal?.signedDigest ?? null) : null
}

const beginsWith = (whole: Uint8Array, start: Uint8Array): boolean =>
  whole.length > start.length && Buffer.compare(whole.subarray(0, start.length), start) === 0

/** Whether nothing is wrong with the document: only lists or CRLs, which are ours to provide, could not answer. */
const lacksEvidence = ({ findings }: VerificationReport): boolean =>
  findings.every(
    ({ outcome, check, code }) =>
      outcome !== 'failed' && (outcome !== 'undecided' || check === 'trust-list' || code === 'REVOCATION_UNKNOWN'),
  )

function toError(code: 'LICENCE_REJECTED' | 'LICENCE_ISSUANCE_INTERRUPTED', report: VerificationReport): LicenceError {
  const codes = report.findings
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'undecided')
    .map((finding) => finding.code)
  return new LicenceError(code, `the sealed document was ${report.verdict}: ${codes.join(', ') || report.reason}`)
}
