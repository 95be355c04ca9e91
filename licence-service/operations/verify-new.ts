import { type Evidence, type VerificationReport, verifyDocument } from '../../verifier/index.ts'
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
  if (sealed.length === 0) return { verified, refused, undecided }
  let evidence = await gatherEvidence(deps)
  let isFresh = false
  for (const one of sealed) {
    const { licence } = one
    if (!beginsWith(one.sealedPdf, one.pdf)) {
      const message = 'the sealed document is not the one that was sent with a seal appended'
      refused.push({ licence, error: new LicenceError('LICENCE_REJECTED', message) })
      continue
    }
    let report = await judge(deps, licence.identifier, one.sealedPdf, evidence)
    if (report.verdict !== 'accepted' && !isFresh) {
      // A key made since the last publication is not in the list yet.
      await publishTrustList(deps)
      evidence = await gatherEvidence(deps)
      isFresh = true
      report = await judge(deps, licence.identifier, one.sealedPdf, evidence)
    }
    const sealedDigest = sealedDigestOf(report, licence.identifier)
    if (sealedDigest) verified.push({ ...one, sealedDigest, level: reachedLevel(report.signatures) })
    else if (lacksEvidence(report)) undecided.push({ licence, error: toError('LICENCE_ISSUANCE_INTERRUPTED', report) })
    else refused.push({ licence, error: toError('LICENCE_REJECTED', report) })
  }
  return { verified, refused, undecided }
}

/** What a new document is judged by: our own lists. */
export async function gatherEvidence(deps: Deps): Promise<Evidence> {
  const [crls, trustList] = await Promise.all([deps.trust.crls(), readTrustList(deps)])
  return { crls, trustList, statusLists: new Map(), live: null }
}

/** Judges a document in every respect but its status. */
export const judge = (
  deps: Deps,
  identifier: string,
  pdf: Uint8Array,
  evidence: Evidence,
): Promise<VerificationReport> =>
  verifyDocument({ name: `${identifier}.pdf`, bytes: pdf }, evidence, deps.policy(), deps.clock.now())

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
