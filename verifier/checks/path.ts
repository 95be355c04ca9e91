// Does the signer's certificate lead to a trusted root, and was nothing on the way revoked? Now, or as of the time that is proven
// (EN 319 102-1 §5.2.6, §5.5.4, §5.6.2.4).
import type { x509 } from '../../pki/index.ts'
import { finding } from '../messages.ts'
import { type ProvenPath, validateProvenPath } from '../past-path.ts'
import type { Proofs } from '../proofs.ts'
import type { Finding, Indication, SubIndication } from '../report.ts'
import type { DocumentData, Trust } from '../trust.ts'
import { nameOf } from './integrity.ts'

export interface PathAnswer {
  readonly indication: Indication
  readonly subIndication: SubIndication | null
  readonly finding: Finding
  /** What happened to the certificate since; weighs nothing. */
  readonly notes: readonly Finding[]
  /** The path held, but what vouches for it is proven too late. */
  readonly isLate: boolean
}

/** What time stamps say about a signature. */
export interface SignerTimes {
  /** It existed then at the latest; null where nothing proves it, and the validation time counts. */
  readonly provenAt: Date | null
  /** It did not exist before; null where nothing proves it. */
  readonly madeAfter: Date | null
  readonly data: DocumentData
  readonly proofs: Proofs
}

/** Validates the path of a signer to the policy's anchors, with revocation unless the policy leaves it out. */
export async function checkPath(
  signer: x509.Certificate,
  purpose: 'seal' | 'document',
  times: SignerTimes,
  trust: Trust,
): Promise<PathAnswer> {
  const { provenAt, data, proofs } = times
  const rule = trust.policy.revocationFreshness ?? 'after-signature'
  if (provenAt === null) {
    const certificates = data.certificates.map(({ value }) => value.raw)
    const inside = { data, mayVouch: rule === 'current-at-signature' }
    const result = await trust.validatePath(signer.raw, certificates, purpose, inside)
    return explainPath({ result, late: null }, trust.at, await circumstancesOf(result, signer, purpose, times, trust))
  }
  const question = { leaf: signer, data, purpose, provenAt, existedAt: provenAt, proofs, rule }
  const path = await validateProvenPath(trust, question)
  return explainPath(path, trust.at, await circumstancesOf(path.result, signer, purpose, times, trust))
}

/** What decides between sub-indications, looked for only where it does. */
async function circumstancesOf(
  { reason, path, faultIndex }: x509.PathResult,
  signer: x509.Certificate,
  purpose: 'seal' | 'document',
  { provenAt, madeAfter, data }: SignerTimes,
  trust: Trust,
): Promise<Circumstances> {
  const isUnanswered = reason === 'REVOCATION_UNKNOWN' && !isSpokenOf(path[faultIndex ?? 0]!, data, trust)
  const isNotRevoked = reason === 'EXPIRED' && faultIndex === 0 && (await isKnownGood(signer, purpose, data, trust))
  return { madeAfter, isProven: provenAt !== null, isUnanswered, isNotRevoked }
}

/** Whether any list or response at hand, fresh or not, may speak about a certificate. */
function isSpokenOf(certificate: x509.Certificate, data: DocumentData, { reader, evidence }: Trust): boolean {
  const crls = [...data.crls, ...reader.crls(evidence.crls, 'outside')]
  const ocsps = [...data.ocsps, ...reader.ocsps(evidence.ocsps ?? [], 'outside')]
  return (
    crls.some(({ value }) => value.issuer.matchKey === certificate.issuer.matchKey) ||
    ocsps.some(({ value }) => value.single.some(({ certId }) => certId.serialNumberHex === certificate.serialNumberHex))
  )
}

/** Whether what was said while a certificate lived calls it good, and nothing says that it was revoked (EN 319 102-1 §5.2.6). */
async function isKnownGood(
  signer: x509.Certificate,
  purpose: 'seal' | 'document',
  data: DocumentData,
  trust: Trust,
): Promise<boolean> {
  const provenAt = signer.notBefore
  const question = { leaf: signer, data, purpose, provenAt, rule: 'after-signature', asksOutside: true } as const
  const { valid, revocation } = await trust.validatePastPath(question)
  return valid && revocation[0]?.status === 'good' && revocation[0].entry === undefined
}

interface Circumstances {
  readonly madeAfter?: Date | null
  readonly isProven?: boolean
  /** nobody at hand says anything of the certificate */
  readonly isUnanswered?: boolean
  /** the signer ended unrevoked */
  readonly isNotRevoked?: boolean
}

/** Puts a path into the words of the standard. `madeAfter`: proven for what was signed with it. */
export function explainPath(path: ProvenPath, at: Date, circumstances: Circumstances = {}): PathAnswer {
  return { ...explain(path, at, circumstances), isLate: path.late !== null }
}

type Explained = Omit<PathAnswer, 'isLate'>

function explain(
  { result, late }: ProvenPath,
  at: Date,
  { madeAfter = null, isProven = false, isUnanswered = false, isNotRevoked = false }: Circumstances,
): Explained {
  const { reason, detail, faultIndex, path, revocation } = result
  const index = late?.index ?? faultIndex ?? 0
  switch (late?.reason ?? reason) {
    case null: {
      const anchor = nameOf(path.at(-1)!)
      const notes = whatHappenedSince(path[0]!, revocation[0], at)
      return { ...passed(finding('path', 'passed', 'PATH_VALID', { anchor })), notes }
    }
    case 'NO_CERTIFICATE_CHAIN_FOUND':
    case 'SIGNATURE_INVALID':
      return undecided('NO_CERTIFICATE_CHAIN_FOUND', finding('path', 'undecided', 'NO_CERTIFICATE_CHAIN_FOUND'))
    case 'NOT_YET_VALID':
      // Proven to exist before its certificate did (EN 319 102-1 §5.5.4, NOT_YET_VALID).
      if (isProven && index === 0)
        return failed('NOT_YET_VALID', finding('path', 'failed', 'SIGNED_BEFORE_CERTIFICATE'))
      return undecided('OUT_OF_BOUNDS_NO_POE', finding('path', 'undecided', 'CERTIFICATE_OUT_OF_BOUNDS'))
    case 'EXPIRED':
      if (index === 0 && madeAfter && isExpired(path[0]!, madeAfter))
        return failed('EXPIRED', finding('path', 'failed', 'SIGNED_AFTER_EXPIRY'))
      return undecided(
        isNotRevoked && !late ? 'OUT_OF_BOUNDS_NOT_REVOKED' : 'OUT_OF_BOUNDS_NO_POE',
        finding('path', 'undecided', 'CERTIFICATE_OUT_OF_BOUNDS'),
      )
    case 'REVOKED': {
      if (index > 0) return undecided('REVOKED_CA_NO_POE', finding('path', 'failed', 'CA_REVOKED'))
      const { revocationDate: revokedAt, reason: why } = revocation[0]?.entry ?? {}
      if (madeAfter && revokedAt && madeAfter >= revokedAt)
        return failed('REVOKED', finding('path', 'failed', 'SIGNED_AFTER_REVOCATION'))
      // Who is on hold may come back (§5.2.6.4).
      const said = why === 'certificateHold' ? 'TRY_LATER' : 'REVOKED_NO_POE'
      return undecided(said, finding('path', 'failed', 'CERTIFICATE_REVOKED'))
    }
    case 'REVOCATION_UNKNOWN':
    case 'REVOCATION_STALE': {
      // Nobody answers for an expired certificate any more (EN 319 102-1 §5.2.6.4): later is too late.
      const hasEnded = isProven && isExpired(path[index]!, at)
      if (hasEnded) return undecided('OUT_OF_BOUNDS_NO_POE', finding('path', 'undecided', 'REVOCATION_UNKNOWN_THEN'))
      // Data that are too old may be followed by younger ones; where there are none at all, the path simply does not hold (§5.2.6.4).
      const said = isUnanswered ? 'CERTIFICATE_CHAIN_GENERAL_FAILURE' : 'TRY_LATER'
      return undecided(said, finding('path', 'undecided', 'REVOCATION_UNKNOWN'))
    }
    case 'ALGORITHM_UNACCEPTABLE': {
      const found = finding('path', 'undecided', 'ALGORITHM_WEAK', { detail: late?.detail ?? detail })
      return undecided('CRYPTO_CONSTRAINTS_FAILURE_NO_POE', found)
    }
    case 'KEY_USAGE':
    case 'EXTENDED_KEY_USAGE':
      return undecided('CHAIN_CONSTRAINTS_FAILURE', finding('path', 'failed', 'CHAIN_FAULT', { detail }))
    default:
      return undecided('CERTIFICATE_CHAIN_GENERAL_FAILURE', finding('path', 'undecided', 'CHAIN_FAULT', { detail }))
  }
}

const isExpired = ({ notAfter }: x509.Certificate, at: Date): boolean => at.getTime() >= notAfter.getTime() + 1000

function whatHappenedSince(signer: x509.Certificate, status: x509.RevocationStatus | undefined, at: Date): Finding[] {
  if (status?.entry) return [finding('path', 'info', 'CERTIFICATE_REVOKED_SINCE')]
  return isExpired(signer, at) ? [finding('path', 'info', 'CERTIFICATE_EXPIRED_SINCE')] : []
}

function passed(found: Finding): Explained {
  return { indication: 'TOTAL-PASSED', subIndication: null, finding: found, notes: [] }
}

function undecided(subIndication: SubIndication, found: Finding): Explained {
  return { indication: 'INDETERMINATE', subIndication, finding: found, notes: [] }
}

function failed(subIndication: SubIndication, found: Finding): Explained {
  return { indication: 'TOTAL-FAILED', subIndication, finding: found, notes: [] }
}
