import { PkiError } from '../errors.ts'
import { type Crl, parseCrl } from '../revocation/crl.ts'
import { type OcspResponse, parseResponse } from '../revocation/ocsp.ts'
import type { MadeWithin } from '../revocation/verify-crl.ts'
import { defaultPathLimits, type PathLimits, toCandidates } from './build-path.ts'
import { type Certificate, parseCertificate } from './certificate.ts'
import type { PathReason, PathRules } from './check-path.ts'
import type { RevocationStatus } from './check-revocation.ts'
import { MAX_COMPARISONS_IN_ALL } from './name-constraints.ts'
import type { PolicyInputs } from './process-policies.ts'
import type { Purpose } from './purpose.ts'
import { failure, judgeAlong, NO_CHAIN, RANK, type Search, searchPath } from './search-path.ts'
import { createSignatureCache, type SignatureCache } from './signature-cache.ts'

export type { PathReason } from './check-path.ts'

type Encoded<T> = Uint8Array | T

/**
 * Certificates and lists come as DER or already parsed. What is not to be parsed among intermediates and lists is left out. The inputs of
 * policy processing are those of RFC 5280 §6.1.1 (c) to (f); left out, any policy or none will do.
 */
export interface PathRequest extends PolicyInputs {
  readonly leaf: Encoded<Certificate>
  readonly intermediates: readonly Encoded<Certificate>[]
  /** trusted; a fault in the form of one throws */
  readonly anchors: readonly Encoded<Certificate>[]
  /** neither these nor `ocsps` given: revocation is not checked */
  readonly crls?: readonly Encoded<Crl>[]
  /** as `crls`: what of either is given is asked; every certificate but the anchor needs a good status from one of them */
  readonly ocsps?: readonly Encoded<OcspResponse>[]
  /** lists and responses too old to call anything good, whatever they say of themselves: what they revoke counts all the same */
  readonly runOut?: {
    readonly crls: readonly Encoded<Crl>[]
    readonly ocsps: readonly Encoded<OcspResponse>[]
  }
  /**
   * Whether a list or response came with what is judged, where anybody may have put it: such are asked after those that the judge gathered, out
   * of a limit of their own, and when that ends only what they vouch for is unknown. Left out: none did
   */
  readonly isBrought?: (data: Crl | OcspResponse) => boolean
  /**
   * Left out: lists and responses call good while fresh at `at`. Given: those do that were made in this span, whatever their nextUpdate,
   * and a revocation dated after `at` is none as of `at`: for judging the past by what was gathered since. What revokes counts for ever,
   * unless it was made later.
   */
  readonly madeWithin?: MadeWithin
  /** a path that another call found: it alone is judged, and no other sought */
  readonly along?: readonly Certificate[]
  /** the time as of which the path is to hold */
  readonly at: Date
  /** default `any` */
  readonly purpose?: Purpose
  /** default `current` */
  readonly algorithms?: PathRules['algorithms']
  /** default `path` */
  readonly conformance?: PathRules['conformance']
  readonly limits?: Partial<PathLimits>
  /** signatures known from earlier calls; worth having when certificates and lists come parsed */
  readonly signatures?: SignatureCache
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
  /** what lists and responses said, by place in `path` (the anchor has none); empty when revocation was not checked */
  readonly revocation: readonly RevocationStatus[]
}

/**
 * Builds and validates a certification path (RFC 5280 §6, policies as RFC 9618 has them): several candidate issuers at each step,
 * cross-certificates, loops, within limits. A leaf that is itself an anchor is trusted as such, if its own dates and purpose fit.
 */
export async function validatePath(request: PathRequest): Promise<PathResult> {
  const leaf = parseOr(request.leaf, parseCertificate)
  if (leaf instanceof PkiError) return failure([], { reason: 'CERTIFICATE_MALFORMED', index: 0, detail: leaf.message })
  const intermediates = parseAll(request.intermediates, parseCertificate)
  const current = { crls: parseAll(request.crls ?? [], parseCrl), ocsps: parseAll(request.ocsps ?? [], parseResponse) }
  const old = {
    crls: withoutThese(current.crls, parseAll(request.runOut?.crls ?? [], parseCrl)),
    ocsps: withoutThese(current.ocsps, parseAll(request.runOut?.ocsps ?? [], parseResponse)),
  }
  const search: Search = {
    request,
    intermediates,
    issuers: toCandidates(intermediates),
    anchors: toCandidates(
      request.anchors.map((anchor) => (anchor instanceof Uint8Array ? parseCertificate(anchor) : anchor)),
    ),
    crls: [...current.crls, ...old.crls],
    ocsps: [...current.ocsps, ...old.ocsps],
    runOut: new Set([...old.crls, ...old.ocsps]),
    limits: { ...defaultPathLimits, ...request.limits },
    signatures: request.signatures ?? createSignatureCache(),
    judging: [],
    crlSigners: new Map(),
    delegates: new Map(),
    spent: { steps: 0, signatureChecks: 0, revocationChecks: 0, broughtChecks: 0, pairs: new WeakMap() },
    budget: { comparisons: MAX_COMPARISONS_IN_ALL },
    best: { result: failure([leaf], NO_CHAIN), rank: RANK.unanchored },
  }
  return request.along === undefined ? searchPath(search, leaf) : judgeAlong(search, request.along)
}

const withoutThese = <T>(these: readonly T[], values: readonly T[]): T[] =>
  values.filter((value) => !these.includes(value))

function parseOr<T>(value: Encoded<T>, parse: (der: Uint8Array) => T): T | PkiError {
  if (!(value instanceof Uint8Array)) return value
  try {
    return parse(value)
  } catch (error) {
    if (error instanceof PkiError) return error
    throw error
  }
}

export function parseAll<T>(values: readonly Encoded<T>[], parse: (der: Uint8Array) => T): T[] {
  return values.flatMap((value) => {
    const parsed = parseOr(value, parse)
    return parsed instanceof PkiError ? [] : [parsed]
  })
}
