import {
  type Crl,
  type CrlFault,
  coversCertificate,
  findRevocation,
  type RevokedCertificate,
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

/** Lists to ask, and how to find out whether another certificate of the issuer's name may sign them. */
export interface RevocationSources {
  readonly crls: readonly Crl[]
  /** `verifyCrl` at the time of the judgement, each pair once */
  verify(crl: Crl, signer: Certificate): Promise<CrlFault | null>
  /** certificates of the same name but another key whose own path leads to an anchor: CAs that changed their key, or sign lists by one of its own */
  findCrlSigners(name: string): Promise<readonly Certificate[]>
}

/**
 * Asks the lists about every certificate but the anchor (RFC 5280 §6.3). A list must be signed by the key that issued the certificate,
 * or by another trusted key of the same name. Any list that counts and names the certificate revokes it, whatever others say.
 */
export async function checkRevocation(
  path: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus[]> {
  const statuses: RevocationStatus[] = []
  for (let index = 0; index < path.length - 1; index++) {
    const above = path.slice(index + 1)
    const issuers = above.filter((other) => other.subject.matchKey === above[0]!.subject.matchKey)
    statuses.push(await checkOne(path[index]!, issuers, sources))
  }
  return statuses
}

async function checkOne(
  certificate: Certificate,
  issuers: readonly Certificate[],
  sources: RevocationSources,
): Promise<RevocationStatus> {
  const faults: CrlFault[] = []
  let good: Crl | undefined
  // The newest first, so that a flood of old lists cannot keep it out.
  const covering = sources.crls
    .filter((crl) => coversCertificate(crl, certificate))
    .sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime())
  for (const crl of covering.slice(0, MAX_CRLS)) {
    let fault = await verifyByAny(crl, issuers, sources)
    if (fault === 'ISSUER_MISMATCH' || fault === 'SIGNATURE_INVALID' || fault === 'ISSUER_MAY_NOT_SIGN_CRLS') {
      const others = await sources.findCrlSigners(certificate.issuer.matchKey)
      fault = (await verifyByAny(crl, others, sources)) === null ? null : fault
    }
    const entry = fault === null ? findRevocation(crl, certificate) : undefined
    if (fault !== null) faults.push(fault)
    else if (entry !== undefined && entry.reason !== 'removeFromCRL') return { status: 'revoked', crl, entry, faults }
    else good ??= crl
  }
  return { status: good === undefined ? 'unknown' : 'good', crl: good, entry: undefined, faults }
}

/** `null` when one of the signers made the list; otherwise the fault the first of them gave. */
async function verifyByAny(
  crl: Crl,
  signers: readonly Certificate[],
  sources: RevocationSources,
): Promise<CrlFault | null> {
  let first: CrlFault | undefined
  for (const signer of signers) {
    const fault = await sources.verify(crl, signer)
    if (fault === null) return null
    first ??= fault
  }
  return first ?? 'ISSUER_MISMATCH'
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
