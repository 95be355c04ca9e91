import { findScheme } from '../algorithms.ts'
import { PkiError } from '../errors.ts'
import { type Crl, type CrlFault, type MadeWithin, parseCrl, verifyCrl } from '../revocation/crl.ts'
import { type OcspResponse, parseResponse } from '../revocation/ocsp.ts'
import { defaultPathLimits, findIssuers, type PathLimits } from './build-path.ts'
import { type Certificate, parseCertificate } from './certificate.ts'
import { checkPath, type PathFault, type PathReason, type PathRules } from './check-path.ts'
import {
  checkRevocation,
  findRevocationFault,
  type RevocationSources,
  type RevocationStatus,
} from './check-revocation.ts'
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
  /** neither these nor `ocsps` given: revocation is not checked */
  readonly crls?: readonly Encoded<Crl>[]
  /** as `crls`: what of either is given is asked; every certificate but the anchor needs a good status from one of them */
  readonly ocsps?: readonly Encoded<OcspResponse>[]
  /**
   * Left out: lists and responses count while fresh at `at`. Given: those count that were made in this span, whatever their nextUpdate,
   * and a revocation dated after `at` is none as of `at`: for judging the past by what was gathered since.
   */
  readonly madeWithin?: MadeWithin
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
  readonly crls: readonly Crl[]
  readonly ocsps: readonly OcspResponse[]
  readonly limits: PathLimits
  /** trusted signers of lists by name, found once; `null` while such a signer is itself judged */
  readonly crlSigners: Map<string, Promise<readonly Certificate[]>> | null
  readonly verifiedCrls: Map<Crl, Map<Certificate, Promise<CrlFault | null>>>
  signatureChecks: number
  best: PathResult
  bestRank: number
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
    crls: parseAll(request.crls ?? [], parseCrl),
    ocsps: parseAll(request.ocsps ?? [], parseResponse),
    limits: request.limits ?? defaultPathLimits,
    crlSigners: new Map(),
    verifiedCrls: new Map(),
    signatureChecks: 0,
    best: failure([leaf], NO_CHAIN),
    bestRank: RANK.unanchored,
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
    keepBetter(search, RANK.anchored, result)
  }
  keepBetter(search, RANK.unanchored, failure(path, NO_CHAIN))
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
    keepBetter(search, RANK.anchored, failure(path, { reason: 'PATH_LIMIT_EXCEEDED', index: 0, detail }))
    return null
  }
  const index = path.length - 1
  const { signatureAlgorithm } = path[index]!
  if (findScheme(signatureAlgorithm) === undefined) {
    const detail = `signed by an unknown algorithm ${signatureAlgorithm.oid}`
    keepBetter(search, RANK.unsigned, failure(path, { reason: 'ALGORITHM_UNACCEPTABLE', index, detail }))
    return false
  }
  const signed = await verifyCertificateSignature(path[index]!, issuer)
  if (!signed)
    keepBetter(
      search,
      RANK.unsigned,
      failure(path, { reason: 'SIGNATURE_INVALID', index, detail: "not signed by the issuer's key" }),
    )
  return signed
}

async function judge(search: Search, path: readonly Certificate[]): Promise<PathResult> {
  const { request } = search
  const asksRevocation = request.crls !== undefined || request.ocsps !== undefined
  const fault = checkPath(path, {
    at: request.at,
    purpose: request.purpose ?? 'any',
    algorithms: request.algorithms ?? 'current',
  })
  const revocation = asksRevocation ? await checkRevocation(path, toSources(search)) : []
  const revoked = findRevocationFault(revocation)
  // Being revoked outweighs being expired: it says more about the signature.
  const told = revoked?.reason === 'REVOKED' ? revoked : (fault ?? revoked)
  return told === null
    ? { valid: true, reason: null, detail: '', path, faultIndex: null, revocation }
    : { ...failure(path, told), revocation }
}

function toSources(search: Search): RevocationSources {
  const { at, madeWithin, algorithms } = search.request
  return {
    crls: search.crls,
    ocsps: search.ocsps,
    candidates: search.intermediates,
    at,
    ...(madeWithin === undefined ? {} : { madeWithin }),
    ...(algorithms === undefined ? {} : { algorithms }),
    findCrlSigners: (name) => findCrlSigners(search, name),
    verify(crl, signer) {
      const bySigner = search.verifiedCrls.get(crl) ?? new Map<Certificate, Promise<CrlFault | null>>()
      search.verifiedCrls.set(crl, bySigner)
      const answer = bySigner.get(signer) ?? verifyCrl(crl, signer, at, madeWithin)
      bySigner.set(signer, answer)
      return answer
    },
  }
}

const MAX_CRL_SIGNERS = 4

/**
 * Certificates of a name that may sign lists and are themselves trusted now (RFC 5280 §6.3.3 f). While one is judged no further signers
 * are looked for, which ends the recursion: lists about a signer must come from its direct issuer.
 */
async function findCrlSigners(search: Search, name: string): Promise<readonly Certificate[]> {
  if (search.crlSigners === null) return []
  const known = search.crlSigners.get(name)
  if (known !== undefined) return known
  const found = selectTrusted({ ...search, crlSigners: null, request: { ...search.request, purpose: 'any' } }, name)
  search.crlSigners.set(name, found)
  return found
}

async function selectTrusted(search: Search, name: string): Promise<readonly Certificate[]> {
  const named = search.intermediates.filter(
    ({ subject, keyUsage }) => subject.matchKey === name && keyUsage?.has('cRLSign') !== false,
  )
  const trusted: Certificate[] = []
  for (const candidate of named.slice(0, MAX_CRL_SIGNERS)) {
    const result = await extend({ ...search, signatureChecks: 0 }, [candidate])
    if (result !== null) trusted.push(candidate)
  }
  return trusted
}

const NO_CHAIN: PathFault = { reason: 'NO_CERTIFICATE_CHAIN_FOUND', index: 0, detail: 'no trusted issuer was found' }

function failure(path: readonly Certificate[], { reason, index, detail }: PathFault): PathResult {
  return { valid: false, reason, detail, path, faultIndex: index, revocation: [] }
}

/** How far a failed path came: nowhere, to an issuer whose key did not sign, to an anchor. */
const RANK = { unanchored: 0, unsigned: 1, anchored: 2 } as const

/** The furthest is told; among equals the first, whose issuers fit best, but of paths that lead nowhere the longest. */
function keepBetter(search: Search, rank: number, result: PathResult): void {
  const isLonger = rank === RANK.unanchored && result.path.length > search.best.path.length
  if (rank < search.bestRank || (rank === search.bestRank && !isLonger)) return
  search.best = result
  search.bestRank = rank
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
