import type { Evidence } from '../../verifier/index.ts'
import { reachedLevel } from '../domain/level.ts'
import { LicenceError } from '../errors.ts'
import type { Judgement } from '../ports/judge.ts'
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

/** A document as it came back from the seal service, beside what was sent. */
export interface NewDocument {
  readonly identifier: string
  readonly unsealed: Uint8Array
  readonly sealed: Uint8Array
}

export type Judged =
  | { readonly ok: true; readonly report: Judgement; readonly sealedDigest: string }
  /** `mayTryAgain`: evidence was missing, which is ours to mend. */
  | { readonly ok: false; readonly mayTryAgain: boolean; readonly error: LicenceError }

/**
 * Step 6: is our PDF the beginning of what came back, and would a stranger accept it? Only the status is left out, since the register
 * does not know the licence yet. Two rooms that share no code above the formats must agree before a licence exists.
 */
export async function verifyNew(deps: Deps, sealed: readonly SealedLicence[]): Promise<Verified> {
  const judged = await judgeNew(
    deps,
    sealed.map(({ licence, pdf, sealedPdf }) => ({ identifier: licence.identifier, unsealed: pdf, sealed: sealedPdf })),
  )
  const verified: VerifiedLicence[] = []
  const refused: Failure[] = []
  const undecided: Failure[] = []
  for (const [index, one] of sealed.entries()) {
    const outcome = judged[index]!
    const { licence } = one
    if (outcome.ok)
      verified.push({ ...one, sealedDigest: outcome.sealedDigest, level: reachedLevel(outcome.report.signatures) })
    else if (outcome.mayTryAgain) undecided.push({ licence, error: outcome.error })
    else refused.push({ licence, error: outcome.error })
  }
  return { verified, refused, undecided }
}

/** The same for documents of whatever kind: an answer for each, in order. */
export async function judgeNew(deps: Deps, documents: readonly NewDocument[]): Promise<Judged[]> {
  const ours = documents.filter(({ sealed, unsealed }) => beginsWith(sealed, unsealed))
  const reports = new Map((await reportsOf(deps, ours)).map((report, index) => [ours[index]!, report]))
  return documents.map((document) => {
    const report = reports.get(document)
    if (!report) {
      const message = 'the sealed document is not the one that was sent with a seal appended'
      return { ok: false, mayTryAgain: false, error: new LicenceError('LICENCE_REJECTED', message) }
    }
    const sealedDigest = sealedDigestOf(report, document.identifier)
    if (sealedDigest) return { ok: true, report, sealedDigest }
    const mayTryAgain = lacksEvidence(report)
    return {
      ok: false,
      mayTryAgain,
      error: toError(mayTryAgain ? 'LICENCE_ISSUANCE_INTERRUPTED' : 'LICENCE_REJECTED', report),
    }
  })
}

/** What is not accepted is judged again under a list published now: a key made since the last publication is not in that one yet. */
async function reportsOf(deps: Deps, sealed: readonly NewDocument[]): Promise<Judgement[]> {
  if (sealed.length === 0) return []
  const documents = sealed.map(({ identifier, sealed: pdf }) => ({ identifier, pdf }))
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

/** Judges documents in every respect but their status; a judgement for each, in order. */
export async function judge(
  deps: Deps,
  documents: readonly { readonly identifier: string; readonly pdf: Uint8Array }[],
  evidence: Evidence,
): Promise<Judgement[]> {
  const files = documents.map(({ identifier, pdf }) => ({ name: `${identifier}.pdf`, bytes: pdf }))
  const parts: (typeof files)[] = []
  for (let at = 0; at < files.length; at += JUDGED_TOGETHER) parts.push(files.slice(at, at + JUDGED_TOGETHER))
  const now = deps.clock.now()
  const judged = await Promise.all(parts.map((part) => deps.judge(part, evidence, deps.policy(), now)))
  return judged.flat()
}

/** Judges a document that somebody else made, in every respect but its status; `too-costly` for one that takes more than any real one. */
export async function judgeForeign(deps: Deps, name: string, pdf: Uint8Array): Promise<Judgement | 'too-costly'> {
  const evidence = await gatherEvidence(deps)
  return deps.judgeForeign({ name: `${name}.pdf`, bytes: pdf }, evidence, deps.policy(), deps.clock.now())
}

/** What the register will hold of a document that was accepted in every respect and is the one we asked for. */
function sealedDigestOf({ verdict, licence, signatures }: Judgement, identifier: string): string | null {
  const seal = signatures.findLast(({ type }) => type === 'signature')
  return verdict === 'accepted' && licence?.identifier === identifier ? (seal?.signedDigest ?? null) : null
}

const beginsWith = (whole: Uint8Array, start: Uint8Array): boolean =>
  whole.length > start.length && Buffer.compare(whole.subarray(0, start.length), start) === 0

/** Whether nothing is wrong with the document: only lists or CRLs, which are ours to provide, could not answer. */
const lacksEvidence = ({ findings }: Judgement): boolean =>
  findings.every(
    ({ outcome, check, code }) =>
      outcome !== 'failed' && (outcome !== 'undecided' || check === 'trust-list' || code === 'REVOCATION_UNKNOWN'),
  )

function toError(code: 'LICENCE_REJECTED' | 'LICENCE_ISSUANCE_INTERRUPTED', report: Judgement): LicenceError {
  const codes = report.findings
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'undecided')
    .map((finding) => finding.code)
  return new LicenceError(code, `the sealed document was ${report.verdict}: ${codes.join(', ') || report.reason}`)
}
