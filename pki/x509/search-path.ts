import { primitives } from '#primitives'
import { termsOf } from '../algorithm-terms.ts'
import { findScheme } from '../algorithms.ts'
import { equalBytes } from '../asn1/index.ts'
import { inheritParameters, inheritsParameters } from '../dsa.ts'
import type { Crl } from '../revocation/crl.ts'
import type { OcspResponse } from '../revocation/ocsp.ts'
import { type CrlFault, findSignerFault } from '../revocation/verify-crl.ts'
import type { AnswerSigner } from './answer-part.ts'
import { type Candidates, findIssuers, type PathLimits } from './build-path.ts'
import type { Certificate } from './certificate.ts'
import { checkPath, type PathFault } from './check-path.ts'
import { checkRevocation, findRevocationFault, type RevocationSources } from './check-revocation.ts'
import { comparable } from './general-name.ts'
import type { ComparisonBudget } from './name-constraints.ts'
import type { SignatureCache } from './signature-cache.ts'
import type { PathRequest, PathResult } from './validate-path.ts'
import { findWeakness, verifySigned } from './verify-signature.ts'

interface KnownSigner {
  readonly above: readonly Certificate[]
  readonly found: Promise<AnswerSigner | null>
}

/** One search for a path. What is spent is shared with the searches for signers of lists that it starts. */
export interface Search {
  readonly request: PathRequest
  readonly intermediates: readonly Certificate[]
  readonly issuers: Candidates
  readonly anchors: Candidates
  readonly crls: readonly Crl[]
  readonly ocsps: readonly OcspResponse[]
  /** those of both of which only what they revoke counts */
  readonly runOut: ReadonlySet<Crl | OcspResponse>
  readonly limits: PathLimits
  readonly signatures: SignatureCache
  /** signers of lists whose own paths are being judged, the outermost first */
  readonly judging: readonly Certificate[]
  /** signers of lists beside the paths, with what is above them */
  readonly crlSigners: Map<Certificate, KnownSigner[]>
  /** responders' certificates, by their octets */
  readonly delegates: Map<string, Certificate>
  readonly spent: {
    steps: number
    signatureChecks: number
    /** Apart from those of the search: junk among the certificates must not keep lists from being read. */
    revocationChecks: number
    /** Of what was brought along, apart again: it takes nothing from what the judge gathered. */
    broughtChecks: number
    /** Whether what was counted already was within its limit, by signer; known answers count too, so that the limit is the same whatever was seen before. */
    readonly pairs: WeakMap<Certificate, WeakMap<Certificate | Crl | OcspResponse, boolean>>
  }
  readonly budget: ComparisonBudget
  readonly best: { result: PathResult; rank: number }
}

/** The first path that holds; else of those that do not the one that came furthest. */
export async function searchPath(search: Search, leaf: Certificate): Promise<PathResult> {
  for (const anchor of search.anchors.bySubject.get(leaf.subject.matchKey) ?? []) {
    if (!equalBytes(anchor.raw, leaf.raw)) continue
    const result = await judge(search, [leaf])
    if (result.valid) return result
    keepBetter(search, rankOf(result), result)
  }
  return (await extend(search, [leaf])) ?? search.best.result
}

/** What everything at hand says of one path, as of one that is found: its signatures hold and it ends at an anchor. */
export async function judgeAlong(search: Search, path: readonly Certificate[]): Promise<PathResult> {
  const last = path.at(-1)!
  const anchors = search.anchors.bySubject.get(last.subject.matchKey) ?? []
  if (!anchors.some((anchor) => equalBytes(anchor.raw, last.raw))) return failure(path, NO_CHAIN)
  for (let length = 1; length < path.length; length++)
    if (!(await isSignedBy(search, path.slice(0, length), path[length]!))) return search.best.result
  return judge(search, path)
}

/** Depth first: anchors before intermediates. Returns the first path that holds; the best of those that do not is kept. */
async function extend(search: Search, path: readonly Certificate[]): Promise<PathResult | null> {
  const { at } = search.request
  for (const anchor of findIssuers(path, search.anchors, at)) {
    if (!spendStep(search, path)) return null
    if (!(await isSignedBy(search, path, anchor))) continue
    const result = await judge(search, [...path, anchor])
    if (result.valid) return result
    keepBetter(search, rankOf(result), result)
  }
  keepBetter(search, RANK.unanchored, failure(path, NO_CHAIN))
  if (path.length + 2 > search.limits.maxLength) return null
  for (const issuer of findIssuers(path, search.issuers, at)) {
    if (!spendStep(search, path)) return null
    if (!(await isSignedBy(search, path, issuer))) continue
    const found = await extend(search, [...path, issuer])
    if (found !== null) return found
  }
  return null
}

function spendStep(search: Search, path: readonly Certificate[]): boolean {
  if (++search.spent.steps <= search.limits.maxSteps) return true
  exceed(search, path, `more than ${search.limits.maxSteps} steps`)
  return false
}

function exceed(search: Search, path: readonly Certificate[], detail: string): void {
  keepBetter(search, RANK.exceeded, failure(path, { reason: 'PATH_LIMIT_EXCEEDED', index: 0, detail }))
}

async function isSignedBy(search: Search, path: readonly Certificate[], issuer: Certificate): Promise<boolean> {
  const index = path.length - 1
  const certificate = path[index]!
  // Such a key can be used only once the path above it is known.
  if (inheritsParameters(issuer.subjectPublicKeyInfo)) return true
  if (findScheme(certificate.signatureAlgorithm) === undefined) {
    const detail = `signed by an unknown algorithm ${certificate.signatureAlgorithm.oid}`
    keepBetter(search, RANK.unsigned, failure(path, { reason: 'ALGORITHM_UNACCEPTABLE', index, detail }))
    return false
  }
  if (!spendSignatureCheck(search, certificate, issuer)) {
    exceed(search, path, `more than ${search.limits.maxSignatureChecks} signature checks`)
    return false
  }
  const signed = await search.signatures.ask(certificate, issuer, () => verifySigned(certificate, issuer))
  if (!signed) {
    const detail = "not signed by the issuer's key"
    keepBetter(search, RANK.unsigned, failure(path, { reason: 'SIGNATURE_INVALID', index, detail }))
  }
  return signed
}

const spendSignatureCheck = (search: Search, signed: Certificate, signer: Certificate): boolean =>
  spend(search, 'signatureChecks', signed, signer)

const spendRevocationCheck = (
  search: Search,
  signed: Certificate | Crl | OcspResponse,
  signer: Certificate,
  isBrought: boolean,
): boolean => spend(search, isBrought ? 'broughtChecks' : 'revocationChecks', signed, signer)

/** Counts a pair once, and whether that was within the limit. */
function spend(
  { spent, limits }: Search,
  from: 'signatureChecks' | 'revocationChecks' | 'broughtChecks',
  signed: Certificate | Crl | OcspResponse,
  signer: Certificate,
): boolean {
  let counted = spent.pairs.get(signer)
  if (counted === undefined) spent.pairs.set(signer, (counted = new WeakMap()))
  const known = counted.get(signed)
  if (known !== undefined) return known
  const isWithin = ++spent[from] <= limits.maxSignatureChecks
  counted.set(signed, isWithin)
  return isWithin
}

async function judge(search: Search, found: readonly Certificate[]): Promise<PathResult> {
  const { request, budget } = search
  const path = await completeKeys(found)
  if (path === null) {
    const detail = 'not signed by the key of its issuer with the parameters that it inherits'
    return failure(found, { reason: 'SIGNATURE_INVALID', index: 0, detail })
  }
  const fault = checkPath(path, {
    ...request,
    purpose: request.purpose ?? 'any',
    algorithms: request.algorithms ?? 'current',
    conformance: request.conformance ?? 'path',
    budget,
  })
  // Being revoked outweighs being expired: it says more about the signature. Beside other faults it is of no interest.
  const asksRevocation =
    (request.crls !== undefined || request.ocsps !== undefined) && (fault === null || fault.reason === 'EXPIRED')
  const revocation = asksRevocation ? await checkRevocation(path, toSources(search)) : []
  const revoked = findRevocationFault(revocation)
  const told = revoked?.reason === 'REVOKED' ? revoked : (fault ?? revoked)
  return told === null
    ? { valid: true, reason: null, detail: '', path, faultIndex: null, revocation }
    : { ...failure(path, told), revocation }
}

/**
 * A path in which keys that inherit their parameters have them (RFC 5280 §6.1.4 d, e), the signatures by such keys verified; `null` when one
 * of those does not hold or there is nothing to inherit.
 */
async function completeKeys(path: readonly Certificate[]): Promise<readonly Certificate[] | null> {
  if (!path.some(({ subjectPublicKeyInfo }) => inheritsParameters(subjectPublicKeyInfo))) return path
  const completed = [...path]
  for (let index = path.length - 2; index >= 0; index--) {
    const certificate = path[index]!
    const issuer = completed[index + 1]!
    if (issuer !== path[index + 1] && !(await verifySigned(certificate, issuer))) return null
    if (!inheritsParameters(certificate.subjectPublicKeyInfo)) continue
    const subjectPublicKeyInfo = inheritParameters(certificate.subjectPublicKeyInfo, issuer.subjectPublicKeyInfo)
    if (subjectPublicKeyInfo === null) return null
    completed[index] = { ...certificate, subjectPublicKeyInfo }
  }
  return inheritsParameters(path.at(-1)!.subjectPublicKeyInfo) ? null : completed
}

function toSources(search: Search): RevocationSources {
  const { at, madeWithin, algorithms = 'current', conformance = 'path', isBrought } = search.request
  return {
    isBrought: (data) => isBrought?.(data) === true,
    crls: search.crls,
    ocsps: search.ocsps,
    runOut: search.runOut,
    signatures: search.signatures,
    candidates: search.intermediates,
    at,
    algorithms,
    conformance,
    ...(madeWithin === undefined ? {} : { madeWithin }),
    crlSignersNamed: (name) => crlSignersNamed(search, name),
    judgeCrlSigner: (candidate, above) => judgeCrlSigner(search, candidate, above),
    isExhausted: () => isExhausted(search),
    mayCheck: (response, issuer) => spendRevocationCheck(search, response, issuer, isBrought?.(response) === true),
    sameDelegate(delegate) {
      const name = primitives.mapKey(delegate.raw)
      const same = search.delegates.get(name)
      if (same === undefined) search.delegates.set(name, delegate)
      return same ?? delegate
    },
    mayCheckDelegate: (delegate, issuer, response) =>
      spendRevocationCheck(search, delegate, issuer, isBrought?.(response) === true),
    async isSignedBy(certificate, issuer): Promise<boolean | 'LIMIT_EXCEEDED'> {
      // Certificates beside a path come with what is judged.
      if (!spendRevocationCheck(search, certificate, issuer, isBrought !== undefined)) return 'LIMIT_EXCEEDED'
      return search.signatures.ask(certificate, issuer, () => verifySigned(certificate, issuer))
    },
    async verify(crl, signer): Promise<CrlFault | null> {
      if (!spendRevocationCheck(search, crl, signer, isBrought?.(crl) === true)) return 'LIMIT_EXCEEDED'
      const fault = await search.signatures.ask(crl, signer, () => findSignerFault(crl, signer))
      const terms = termsOf(algorithms)
      const isWeak = terms !== null && findWeakness(crl.signatureAlgorithm, signer, at, terms) !== null
      return fault ?? (isWeak ? 'ALGORITHM_UNACCEPTABLE' : null)
    },
  }
}

/** Whether anything was left out since there was too much: of what is then not known, nothing may be concluded. */
const isExhausted = ({ spent, limits }: Search): boolean =>
  spent.steps > limits.maxSteps ||
  spent.signatureChecks > limits.maxSignatureChecks ||
  spent.revocationChecks > limits.maxSignatureChecks

/** A list's signer may itself stand on a list of another signer, and so on; nobody needs more. */
const MAX_JUDGING = 3

/**
 * Certificates at hand of a name that may sign lists. One that is itself being judged as such vouches for itself only where its certificate says
 * so: where its issuer named it as the signer of the lists it stands on.
 */
function crlSignersNamed({ issuers, judging }: Search, name: string): readonly Certificate[] {
  const self = judging.filter((signer) => signer.subject.matchKey === name && isOnItsOwnList(signer))
  if (judging.length >= MAX_JUDGING) return self
  const others = issuers.bySubject.get(name) ?? []
  return [...self, ...others.filter((one) => maySignLists(one) && !judging.includes(one))]
}

/** Whether a certificate that the first of `above` issued may sign lists (RFC 5280 §6.3.3 f): its own path, revocation included, holds. */
async function judgeCrlSigner(
  search: Search,
  candidate: Certificate,
  above: readonly Certificate[],
): Promise<AnswerSigner | null> {
  if (search.judging.includes(candidate)) return { path: [candidate], revocation: [] }
  if (search.judging.length > 0) return judgeSigner(search, candidate, above)
  const before = search.crlSigners.get(candidate) ?? []
  const isSame = (known: KnownSigner): boolean =>
    known.above.length === above.length && known.above.every((one, index) => one === above[index])
  const known = before.find(isSame) ?? { above, found: judgeSigner(search, candidate, above) }
  if (!before.includes(known)) search.crlSigners.set(candidate, [...before, known])
  return known.found
}

const isOnItsOwnList = ({ subject, cRLDistributionPoints = [] }: Certificate): boolean =>
  cRLDistributionPoints.some(({ crlIssuer }) =>
    crlIssuer?.some((issuer) => comparable(issuer) === `directory:${subject.matchKey}`),
  )

/** Without keyUsage every use is open (RFC 5280 §4.2.1.3), but lists are signed by CAs, or by who is allowed to by name. */
const maySignLists = ({ keyUsage, basicConstraints }: Certificate): boolean =>
  keyUsage === undefined ? basicConstraints?.cA === true : keyUsage.has('cRLSign')

async function judgeSigner(
  search: Search,
  candidate: Certificate,
  above: readonly Certificate[],
): Promise<AnswerSigner | null> {
  const { at, crls, ocsps, madeWithin, algorithms, conformance, isBrought } = search.request
  const request: PathRequest = {
    leaf: candidate,
    intermediates: [],
    anchors: [],
    at,
    ...(crls === undefined ? {} : { crls }),
    ...(ocsps === undefined ? {} : { ocsps }),
    ...(madeWithin === undefined ? {} : { madeWithin }),
    ...(algorithms === undefined ? {} : { algorithms }),
    ...(conformance === undefined ? {} : { conformance }),
    ...(isBrought === undefined ? {} : { isBrought }),
  }
  const result = await judge({ ...search, request, judging: [...search.judging, candidate] }, [candidate, ...above])
  return result.valid ? result : null
}

export const NO_CHAIN: PathFault = {
  reason: 'NO_CERTIFICATE_CHAIN_FOUND',
  index: 0,
  detail: 'no trusted issuer was found',
}

/** The result of a path that does not hold. */
export function failure(path: readonly Certificate[], { reason, index, detail }: PathFault): PathResult {
  return { valid: false, reason, detail, path, faultIndex: index, revocation: [] }
}

/**
 * How far a failed path came: nowhere, to an issuer whose key did not sign, to an anchor, there with something revoked on the way, which nobody
 * hides by another path; or the search was given up.
 */
export const RANK = { unanchored: 0, unsigned: 1, anchored: 2, revoked: 3, exceeded: 4 } as const

const rankOf = ({ reason }: PathResult): number => (reason === 'REVOKED' ? RANK.revoked : RANK.anchored)

/** The furthest is told; among equals the first, whose issuers fit best, but of paths that lead nowhere the longest. */
function keepBetter(search: Search, rank: number, result: PathResult): void {
  const { best } = search
  const isLonger = rank === RANK.unanchored && result.path.length > best.result.path.length
  if (rank < best.rank || (rank === best.rank && !isLonger)) return
  best.result = result
  best.rank = rank
}
