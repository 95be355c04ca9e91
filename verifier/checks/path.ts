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
  const { provenAt, madeAfter, data, proofs } = times
  const rule = trust.policy.revocationFreshness ?? 'after-signature'
  if (provenAt === null) {
    const certificates = data.certificates.map(({ value }) => value.raw)
    const inside = rule === 'current-at-signature' ? data : undefined
    const result = await trust.validatePath(signer.raw, certificates, purpose, inside)
    return explainPath({ result, late: null }, trust.at, { madeAfter })
  }
  const question = { leaf: signer, data, purpose, provenAt, existedAt: provenAt, proofs, rule }
  return explainPath(await validateProvenPath(trust, question), trust.at, { madeAfter, isProven: true })
}

interface Circumstances {
  readonly madeAfter?: Date | null
  readonly isProven?: boolean
}

/** Puts a path into the words of the standard. `madeAfter`: proven for what was signed with it. */
export function explainPath(path: ProvenPath, at: Date, circumstances: Circumstances = {}): PathAnswer {
  return { ...explain(path, at, circumstances), isLate: path.late !== null }
}

type Explained = Omit<PathAnswer, 'isLate'>

function explain(
  { result, late }: ProvenPath,
  at: Date,
  { madeAfter = null, isProven = false }: Circumstances,
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
      return undecided('OUT_OF_BOUNDS_NO_POE', finding('path', 'undecided', 'CERTIFICATE_OUT_OF_BOUNDS'))
    case 'REVOKED': {
      if (index > 0) return undecided('REVOKED_CA_NO_POE', finding('path', 'failed', 'CA_REVOKED'))
      const revokedAt = revocation[0]?.entry?.revocationDate
      if (madeAfter && revokedAt && madeAfter >= revokedAt)
        return failed('REVOKED', finding('path', 'failed', 'SIGNED_AFTER_REVOCATION'))
      return undecided('REVOKED_NO_POE', finding('path', 'failed', 'CERTIFICATE_REVOKED'))
    }
    case 'REVOCATION_UNKNOWN':
    case 'REVOCATION_STALE': {
      // Nobody answers for an expired certificate any more (EN 319 102-1 §5.2.6.4): later is too late.
      const hasEnded = isProven && isExpired(path[index]!, at)
      if (hasEnded) return undecided('OUT_OF_BOUNDS_NO_POE', finding('path', 'undecided', 'REVOCATION_UNKNOWN_THEN'))
      return undecided('TRY_LATER', finding('path', 'undecided', 'REVOCATION_UNKNOWN'))
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
