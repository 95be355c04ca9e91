// Does the signer's certificate lead to a trusted root, and was nothing on the way revoked? (EN 319 102-1 §5.2.6)
import type { x509 } from '../../pki/index.ts'
import { finding } from '../messages.ts'
import type { Finding, SubIndication } from '../report.ts'
import type { Trust } from '../trust.ts'
import { nameOf } from './integrity.ts'

export interface PathAnswer {
  readonly subIndication: SubIndication | null
  readonly finding: Finding
}

/** Validates the path of a signer to the policy's anchors, with revocation unless the policy leaves it out. */
export async function checkPath(
  signer: x509.Certificate,
  certificates: readonly Uint8Array[],
  purpose: 'seal' | 'document',
  trust: Trust,
): Promise<PathAnswer> {
  const result = await trust.validatePath(signer.raw, certificates, purpose)
  if (result.valid) {
    return {
      subIndication: null,
      finding: finding('path', 'passed', 'PATH_VALID', { anchor: nameOf(result.path.at(-1)!) }),
    }
  }
  return explainPath(result)
}

function explainPath({ reason, detail, faultIndex }: x509.PathResult): PathAnswer {
  switch (reason!) {
    case 'NO_CERTIFICATE_CHAIN_FOUND':
    case 'SIGNATURE_INVALID':
      return undecided('NO_CERTIFICATE_CHAIN_FOUND', finding('path', 'undecided', 'NO_CERTIFICATE_CHAIN_FOUND'))
    case 'NOT_YET_VALID':
    case 'EXPIRED':
      return undecided('OUT_OF_BOUNDS_NO_POE', finding('path', 'undecided', 'CERTIFICATE_OUT_OF_BOUNDS'))
    case 'REVOKED':
      return faultIndex === 0
        ? undecided('REVOKED_NO_POE', finding('path', 'failed', 'CERTIFICATE_REVOKED'))
        : undecided('REVOKED_CA_NO_POE', finding('path', 'failed', 'CA_REVOKED'))
    case 'REVOCATION_UNKNOWN':
    case 'REVOCATION_STALE':
      return undecided('TRY_LATER', finding('path', 'undecided', 'REVOCATION_UNKNOWN'))
    case 'ALGORITHM_UNACCEPTABLE':
      return undecided('CRYPTO_CONSTRAINTS_FAILURE_NO_POE', finding('path', 'undecided', 'ALGORITHM_WEAK', { detail }))
    case 'KEY_USAGE':
    case 'EXTENDED_KEY_USAGE':
      return undecided('CHAIN_CONSTRAINTS_FAILURE', finding('path', 'failed', 'CHAIN_FAULT', { detail }))
    default:
      return undecided('CERTIFICATE_CHAIN_GENERAL_FAILURE', finding('path', 'undecided', 'CHAIN_FAULT', { detail }))
  }
}

function undecided(subIndication: SubIndication, found: Finding): PathAnswer {
  return { subIndication, finding: found }
}
