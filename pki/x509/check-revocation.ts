import {
  type Crl,
  type CrlFault,
  coversCertificate,
  findRevocation,
  type RevokedCertificate,
  verifyCrl,
} from '../revocation/crl.ts'
import type { Certificate } from './certificate.ts'
import type { PathFault } from './check-path.ts'

/** What the lists said about one certificate of a path. */
export interface RevocationStatus {
  readonly status: 'good' | 'revoked' | 'unknown'
  /** the list that decided */
  readonly crl: Crl | undefined
  readonly entry: RevokedCertificate | undefined
  /** why lists that might have answered did not count */
  readonly faults: readonly CrlFault[]
}

/** Lists tried for one certificate at most: each costs a signature check. */
const MAX_CRLS = 16

/**
 * Asks the lists about every certificate but the anchor (RFC 5280 §6.3). A list must be signed by the key that issued the certificate.
 * Any list that counts and names the certificate revokes it, whatever others say.
 */
export async function checkRevocation(
  path: readonly Certificate[],
  crls: readonly Crl[],
  at: Date,
): Promise<RevocationStatus[]> {
  const statuses: RevocationStatus[] = []
  for (let index = 0; index < path.length - 1; index++) {
    statuses.push(await checkOne(path[index]!, path[index + 1]!, crls, at))
  }
  return statuses
}

async function checkOne(
  certificate: Certificate,
  issuer: Certificate,
  crls: readonly Crl[],
  at: Date,
): Promise<RevocationStatus> {
  const faults: CrlFault[] = []
  let good: Crl | undefined
  // The newest first, so that a flood of old lists cannot keep it out.
  const covering = crls
    .filter((crl) => coversCertificate(crl, certificate))
    .sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime())
  for (const crl of covering.slice(0, MAX_CRLS)) {
    const fault = await verifyCrl(crl, issuer, at)
    const entry = fault === null ? findRevocation(crl, certificate) : undefined
    if (fault !== null) faults.push(fault)
    else if (entry !== undefined && entry.reason !== 'removeFromCRL') return { status: 'revoked', crl, entry, faults }
    else good ??= crl
  }
  return { status: good === undefined ? 'unknown' : 'good', crl: good, entry: undefined, faults }
}

/** The first fault in the statuses, from the anchor's side down. */
export function findRevocationFault(statuses: readonly RevocationStatus[]): PathFault | null {
  for (let index = statuses.length - 1; index >= 0; index--) {
    const { status, entry, faults } = statuses[index]!
    if (status === 'revoked') {
      return { reason: 'REVOKED', index, detail: `revoked at ${entry!.revocationDate.toISOString()}, ${entry!.reason}` }
    }
    if (status === 'good') continue
    const isStale = faults.includes('STALE') || faults.includes('NO_NEXT_UPDATE')
    return isStale
      ? { reason: 'REVOCATION_STALE', index, detail: 'the revocation list is out of date' }
      : {
          reason: 'REVOCATION_UNKNOWN',
          index,
          detail: `no revocation list answers${faults.length > 0 ? ` (${faults.join(', ')})` : ''}`,
        }
  }
  return null
}
