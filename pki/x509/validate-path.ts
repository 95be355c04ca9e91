import { PkiError } from '../errors.ts'
import { type Crl, parseCrl } from '../revocation/crl.ts'
import { defaultPathLimits, findIssuers, type PathLimits } from './build-path.ts'
import { type Certificate, parseCertificate } from './certificate.ts'
import { checkPath, type PathFault, type PathReason, type PathRules } from './check-path.ts'
import { checkRevocation, findRevocationFault, type RevocationStatus } from './check-revocation.ts'
import type { Purpose } from './purpose.ts'
import { verifyCertificateSignature } from './verify-signature.ts'

export type { PathReason } from './check-path.ts'

type Encoded<T> = Uint8Array | T

/** Certificates and lists come as DER or already parsed. What is not to be parsed among intermediates and lists is left out. */
export interface PathRequest {
  readonly leaf: Encoded<Certificate>
  readonly intermediates: readonly Encoded<Certificate>[]
  /** trusted; a fault in the form of one throws */
  readonly anchors: readonly Encoded<Certificate>[]
  /** left out: revocation is not checked; given: every certificate but the anchor needs a good status */
  readonly crls?: readonly Encoded<Crl>[]
  /** the time as of which the path is to hold */
  readonly at: Date
  /** default `any` */
  readonly purpose?: Purpose
  /** default `current` */
  readonly algorithms?: PathRules['algorithms']
  readonly limits?: PathLimits
}

/** A judgement, never an exception: whether a path holds, and if none does, why the one that came furthest does not. */
export interface PathResult {
  readonly valid: boolean
  readonly reason: PathReason | null
  readonly detail: string
  /** leaf first, anchor last; when no anchor was reached, the longest path found */
  readonly path: readonly Certificate[]
  /** place in `path` of the certificate at fault, 0 the leaf */
  readonly faultIndex: number | null
  /** what the lists said, by place in `path` (the anchor has none); empty when revocation was not checked */
  readonly revocation: readonly RevocationStatus[]
}

interface Search {
  readonly request: PathRequest
  readonly intermediates: readonly Certificate[]
  readonly anchors: readonly Certificate[]
  readonly crls: readonly Crl[] | undefined
  readonly limits: PathLimits
  signatureChecks: number
  best: PathResult
}

/**
 * Builds and validates a certification path (RFC 5280 §6): several candidate issuers at each step, within limits. Name constraints,
 * policy processing, indirect and delta CRLs are not processed: where they would restrict, the path is refused.
 */
export async function validatePath(request: PathRequest): Promise<PathResult> {
  const leaf = parseOr(request.leaf, parseCertificate)
  if (leaf instanceof PkiError) return failure([], { reason: 'CERTIFICATE_MALFORMED', index: 0, detail: leaf.message })
  const search: Search = {
    request,
    intermediates: parseAll(request.intermediates, parseCertificate),
    anchors: request.anchors.map((anchor) => (anchor instanceof Uint8Array ? parseCertificate(anchor) : anchor)),
    crls: request.crls === undefined ? undefined : parseAll(request.crls, parseCrl),
    limits: request.limits ?? defaultPathLimits,
    signatureChecks: 0,
    best: failure([leaf], { reason: 'NO_CERTIFICATE_CHAIN_FOUND', index: 0, detail: 'no trusted issuer was found' }),
  }
  return (await extend(search, [leaf])) ?? search.best
}

/** Depth first: anchors before intermediates. Returns the first path that holds; the best of those that do not is kept. */
async function extend(search: Search, path: readonly Certificate[]): Promise<PathResult | null> {
  for (const anchor of findIssuers(path, search.anchors)) {
    const signed = await isSignedBy(search, path, anchor)
    if (signed === null) return null
    if (!signed) continue
    const result = await judge(search, [...path, anchor])
    if (result.valid) return result
    keepBetter(search, result)
  }
  if (path.length + 2 > search.limits.maxLength) return null
  for (const issuer of findIssuers(path, search.intermediates)) {
    const signed = await isSignedBy(search, path, issuer)
    if (signed === null) return null
    if (!signed) continue
    const found = await extend(search, [...path, issuer])
    if (found !== null) return found
  }
  return null
}

/** `null` when the search has used up its signature checks. */
async function isSignedBy(search: Search, path: readonly Certificate[], issuer: Certificate): Promise<boolean | null> {
  if (++search.signatureChecks > search.limits.maxSignatureChecks) {
    const detail = `more than ${search.limits.maxSignatureChecks} signature checks`
    if (search.best.path.length <= path.length)
      search.best = failure(path, { reason: 'PATH_LIMIT_EXCEEDED', index: 0, detail })
    return null
  }
  const index = path.length - 1
  const signed = await verifyCertificateSignature(path[index]!, issuer)
  if (!signed)
    keepBetter(search, failure(path, { reason: 'SIGNATURE_INVALID', index, detail: "not signed by the issuer's key" }))
  return signed
}

async function judge({ request, crls }: Search, path: readonly Certificate[]): Promise<PathResult> {
  const fault = checkPath(path, {
    at: request.at,
    purpose: request.purpose ?? 'any',
    algorithms: request.algorithms ?? 'current',
  })
  const revocation = crls === undefined ? [] : await checkRevocation(path, crls, request.at)
  const revoked = findRevocationFault(revocation)
  // Being revoked outweighs being expired: it says more about the signature.
  const told = revoked?.reason === 'REVOKED' ? revoked : (fault ?? revoked)
  return told === null
    ? { valid: true, reason: null, detail: '', path, faultIndex: null, revocation }
    : { ...failure(path, told), revocation }
}

function failure(path: readonly Certificate[], { reason, index, detail }: PathFault): PathResult {
  return { valid: false, reason, detail, path, faultIndex: index, revocation: [] }
}

/** A path that reached an anchor says more than one that did not; among equals the first stays, its issuers fitting best. */
function keepBetter(search: Search, result: PathResult): void {
  const rank = ({ reason }: PathResult): number =>
    reason === 'NO_CERTIFICATE_CHAIN_FOUND' ? 0 : reason === 'SIGNATURE_INVALID' ? 1 : 2
  if (rank(result) > rank(search.best)) search.best = result
}

function parseOr<T>(value: Encoded<T>, parse: (der: Uint8Array) => T): T | PkiError {
  if (!(value instanceof Uint8Array)) return value
  try {
    return parse(value)
  } catch (error) {
    if (error instanceof PkiError) return error
    throw error
  }
}

function parseAll<T>(values: readonly Encoded<T>[], parse: (der: Uint8Array) => T): T[] {
  return values.flatMap((value) => {
    const parsed = parseOr(value, parse)
    return parsed instanceof PkiError ? [] : [parsed]
  })
}
