import { equalBytes } from '../asn1/index.ts'
import type { Certificate } from './certificate.ts'

/** Bounds of the search; hostile sets of certificates can make the number of paths explode. */
export interface PathLimits {
  /** certificates in a path, leaf and anchor included */
  readonly maxLength: number
  /** signatures of certificates checked in all, each pair of signed and signer once; and as many of lists and responses, twice where some were brought along */
  readonly maxSignatureChecks: number
  /** steps of the search: issuers tried and finished paths judged */
  readonly maxSteps: number
}

export const defaultPathLimits: PathLimits = { maxLength: 20, maxSignatureChecks: 200, maxSteps: 2000 }

/** Whether this may be the path's next certificate as far as the certificate itself tells. */
function isFit({ basicConstraints, keyUsage, notBefore, notAfter }: Certificate, at: Date): boolean {
  return (
    basicConstraints?.cA === true &&
    keyUsage?.has('keyCertSign') !== false &&
    at >= notBefore &&
    at.getTime() < notAfter.getTime() + 1000
  )
}

/**
 * The likeliest first. A key identifier that differs still may lead on (RFC 5280 makes it a hint), and an issuer that cannot hold is worth
 * a try when nothing else does, since the reason is told.
 */
function rank(issuer: Certificate, certificate: Certificate, at: Date): number {
  const wanted = certificate.authorityKeyIdentifier?.keyIdentifier
  const actual = issuer.subjectKeyIdentifier
  const known = wanted === undefined || actual === undefined ? 1 : equalBytes(wanted, actual) ? 0 : 2
  return known + (isFit(issuer, at) ? 0 : 3)
}

/** Certificates among which issuers are looked for, ranked once for each certificate whatever path it stands in. */
export interface Candidates {
  readonly bySubject: ReadonlyMap<string, readonly Certificate[]>
  readonly ranked: Map<Certificate, readonly Certificate[]>
}

/** Candidates by the name they are of. */
export function toCandidates(certificates: readonly Certificate[]): Candidates {
  const bySubject = new Map<string, Certificate[]>()
  for (const certificate of certificates) {
    const named = bySubject.get(certificate.subject.matchKey)
    if (named === undefined) bySubject.set(certificate.subject.matchKey, [certificate])
    else named.push(certificate)
  }
  return { bySubject, ranked: new Map() }
}

/** Certificates that may have issued the last of `path`, the likeliest first; none that is in the path already (same name and key). */
export function findIssuers(path: readonly Certificate[], candidates: Candidates, at: Date): Certificate[] {
  const last = path[path.length - 1]!
  let ranked = candidates.ranked.get(last)
  if (ranked === undefined) {
    ranked = (candidates.bySubject.get(last.issuer.matchKey) ?? [])
      .map((candidate) => ({ candidate, rank: rank(candidate, last, at) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ candidate }) => candidate)
    candidates.ranked.set(last, ranked)
  }
  return ranked.filter((candidate) => !path.some((known) => isSameEntity(known, candidate)))
}

function isSameEntity(a: Certificate, b: Certificate): boolean {
  return a.subject.matchKey === b.subject.matchKey && equalBytes(a.subjectPublicKeyInfo, b.subjectPublicKeyInfo)
}
