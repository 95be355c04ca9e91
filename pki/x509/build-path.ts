import { equalBytes } from '../asn1/index.ts'
import type { Certificate } from './certificate.ts'

/** Bounds of the search; hostile sets of certificates can make the number of paths explode. */
export interface PathLimits {
  /** certificates in a path, leaf and anchor included */
  readonly maxLength: number
  /** signature checks of all paths together */
  readonly maxSignatureChecks: number
}

export const defaultPathLimits: PathLimits = { maxLength: 12, maxSignatureChecks: 120 }

/** Whether the names and key identifiers allow `issuer` to have issued `certificate`. */
function mayHaveIssued(issuer: Certificate, certificate: Certificate): boolean {
  return issuer.subject.matchKey === certificate.issuer.matchKey
}

/** A key identifier that fits is tried first; one that differs still may lead on (RFC 5280 makes it a hint), so it is tried last. */
function identifierRank(issuer: Certificate, certificate: Certificate): number {
  const wanted = certificate.authorityKeyIdentifier?.keyIdentifier
  const actual = issuer.subjectKeyIdentifier
  if (wanted === undefined || actual === undefined) return 1
  return equalBytes(wanted, actual) ? 0 : 2
}

/** Certificates that may have issued the last of `path`, the likeliest first; none that is in the path already (same name and key). */
export function findIssuers(path: readonly Certificate[], candidates: readonly Certificate[]): Certificate[] {
  const last = path[path.length - 1]!
  return candidates
    .filter((candidate) => mayHaveIssued(candidate, last) && !path.some((known) => isSameEntity(known, candidate)))
    .sort((a, b) => identifierRank(a, last) - identifierRank(b, last))
}

function isSameEntity(a: Certificate, b: Certificate): boolean {
  return a.subject.matchKey === b.subject.matchKey && equalBytes(a.subjectPublicKeyInfo, b.subjectPublicKeyInfo)
}
