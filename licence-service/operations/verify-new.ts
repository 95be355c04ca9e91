import { createHash } from 'node:crypto'
import { type Evidence, type ValidationPolicy, type VerificationReport, verifyDocument } from '../../verifier/index.ts'
import { LicenceError } from '../errors.ts'
import type { RenderedLicence, VerifiedLicence } from './complete-licences.ts'
import type { Deps } from './deps.ts'
import type { PreparedLicence } from './prepare-licences.ts'
import { publishTrustList, readTrustList } from './publish-trust-list.ts'

export type SealedLicence = RenderedLicence & { readonly sealedPdf: Uint8Array }

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
  const policy: ValidationPolicy = { trustAnchors: deps.trust.anchors(), status: 'skipped' }
  let evidence = await gatherEvidence(deps)
  let isFresh = false
  for (const one of sealed) {
    const { licence } = one
    const sealedDigest = beginsWith(one.sealedPdf, one.pdf) ? sealedDigestOf(one) : undefined
    if (sealedDigest === undefined) {
      const message = 'the sealed document is not the one that was sent with a seal appended'
      refused.push({ licence, error: new LicenceError('LICENCE_REJECTED', message) })
      continue
    }
    let report = await judge(deps, one, sealedDigest, evidence, policy)
    if (report.verdict !== 'accepted' && !isFresh) {
      // A key made since the last publication is not in the list yet.
      await publishTrustList(deps)
      evidence = await gatherEvidence(deps)
      isFresh = true
      report = await judge(deps, one, sealedDigest, evidence, policy)
    }
    if (report.verdict === 'accepted' && report.licence?.identifier === licence.identifier)
      verified.push({ ...one, sealedDigest })
    else if (lacksEvidence(report)) undecided.push({ licence, error: toError('LICENCE_ISSUANCE_INTERRUPTED', report) })
    else refused.push({ licence, error: toError('LICENCE_REJECTED', report) })
  }
  return { verified, refused, undecided }
}

async function gatherEvidence(deps: Deps): Promise<Evidence> {
  const [crls, trustList] = await Promise.all([deps.trust.crls(), readTrustList(deps)])
  return { crls, trustList, statusLists: new Map(), live: null }
}

/** The register's future answer is part of the evidence: what it will say of the document must be what a verifier finds in it. */
async function judge(
  deps: Deps,
  { licence, sealedPdf }: SealedLicence,
  sealedDigest: string,
  evidence: Evidence,
  policy: ValidationPolicy,
): Promise<VerificationReport> {
  const now = deps.clock.now()
  const { identifier, dataDigest } = licence
  const live = { identifier, status: 'in force', asOf: now.toISOString(), dataDigest, sealedDigest } as const
  return verifyDocument({ name: `${identifier}.pdf`, bytes: sealedPdf }, { ...evidence, live }, policy, now)
}

const BYTE_RANGE = /\/ByteRange\s*\[\s*0\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]/

/** SHA-256 of the bytes the seal signs, read from what the seal service appended; whether it is right, the verifier says. */
function sealedDigestOf({ pdf, sealedPdf }: SealedLicence): string | undefined {
  const match = BYTE_RANGE.exec(Buffer.from(sealedPdf.subarray(pdf.length)).toString('latin1'))
  if (!match) return undefined
  const [before, from, after] = match.slice(1).map(Number) as [number, number, number]
  const hash = createHash('sha256')
    .update(sealedPdf.subarray(0, before))
    .update(sealedPdf.subarray(from, from + after))
  return hash.digest('hex')
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
