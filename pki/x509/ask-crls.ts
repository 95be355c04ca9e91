import { equalBytes, parseDer, readTime } from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { type Crl, findRevocation, mayList, type RevokedCertificate } from '../revocation/crl.ts'
import type { OcspResponse } from '../revocation/ocsp.ts'
import { isEarlier, isForGood } from '../revocation/revocation-entry.ts'
import {
  type CrlFault,
  findFormFault,
  findProfileFault,
  findTimeFault,
  type MadeWithin,
} from '../revocation/verify-crl.ts'
import type { AnswerPart, AnswerSigner } from './answer-part.ts'
import type { Certificate } from './certificate.ts'
import type { RevocationAnswer, SourceStatus } from './check-revocation.ts'
import { coveredReasons } from './crl-coverage.ts'
import { findSigner } from './crl-signers.ts'
import { ALL_REASONS, type ReasonMask } from './reasons.ts'

/** Lists to ask, and how to find out whether a certificate may sign them. */
export interface CrlSources {
  readonly at: Date
  readonly madeWithin?: MadeWithin
  /** `profile`: lists must follow the profile of RFC 5280 §5 */
  readonly conformance: 'path' | 'profile'
  readonly crls: readonly Crl[]
  /** lists and responses of which only what they revoke counts */
  readonly runOut: ReadonlySet<Crl | OcspResponse>
  /** whether this certificate's key made the list and may, each pair once */
  verify(crl: Crl, signer: Certificate): Promise<CrlFault | null>
  /** whether this issuer's key signed a certificate, each pair once */
  isSignedBy(certificate: Certificate, issuer: Certificate): Promise<boolean | 'LIMIT_EXCEEDED'>
  /** Certificates of a name that say that they may sign lists: CAs that changed their key or sign lists by one of its own, and issuers of indirect lists. */
  crlSignersNamed(name: string): readonly Certificate[]
  /** Such a certificate with its path, `above` (its issuer first), where that holds (RFC 5280 §6.3.3 f). */
  judgeCrlSigner(candidate: Certificate, above: readonly Certificate[]): Promise<AnswerSigner | null>
  /** Whether this came with what is judged, where anybody may have put it. */
  isBrought(data: Crl | OcspResponse): boolean
  /** Whether a limit kept any of the other lists and responses from being looked at. */
  isExhausted(): boolean
}

/**
 * Whether nothing that was left out might have said otherwise. Of what was brought along that is what would revoke: the rest can only vouch, and
 * is not needed where something else does.
 */
export const isCertain = (
  { status, faults }: Pick<SourceStatus, 'status' | 'faults'>,
  { isExhausted }: Pick<CrlSources, 'isExhausted'>,
): boolean => status === 'revoked' || !(isExhausted() || faults.includes('LIMIT_EXCEEDED'))

/** A complete list, verified, with the newest delta list that brings it up to date. */
interface CurrentCrl {
  readonly crl: Crl
  readonly delta: Crl | undefined
  readonly signer: AnswerSigner
}

/** A list, complete or delta, that may speak about a certificate, and the reasons it covers. */
interface Covering {
  readonly crl: Crl
  readonly covered: ReasonMask
}

/** What a verified list has about a certificate. */
interface Listed {
  readonly crl: Crl
  readonly signer: AnswerSigner
  readonly entry: RevokedCertificate
}

/**
 * The status of a certificate by the lists that speak about it (RFC 5280 §6.3.3). Any that revokes it decides, also one that has run out:
 * only "good" has to be of its time. A hold counts until a newer list of the same scope no longer has it; that of a list that has run out,
 * until newer lists are good for every reason. A delta list that revokes is believed whether it can be joined with a complete one or not
 * (what RFC 5280 §5.2.4 forbids is to conclude from such a pair that a certificate is good). Good when the lists that count speak for every reason. Anybody can add lists to a document
 * that nobody signed: none is left out for their number, and where the limit of checks ends it, nothing is known.
 * `above`: the certificates above it in its path, its issuer first, the anchor last.
 */
export async function askCrls(
  certificate: Certificate,
  above: readonly Certificate[],
  sources: CrlSources,
): Promise<SourceStatus> {
  const covering = findCovering(certificate, sources)
  const faults = new Set<CrlFault>()
  const revoked = (word: Listed): SourceStatus => ({
    status: 'revoked',
    answer: toAnswer({ ...word, delta: undefined }),
    entry: word.entry,
    faults: [...faults],
    isRunOut: isRunOut(word.crl, sources),
  })
  const listed = await findListed(certificate, above, covering, sources, faults)
  const ended = firstOf(listed.filter(({ entry }) => isForGood(entry) && !isLater(entry.revocationDate, sources)))
  if (ended !== undefined) return revoked(ended)
  const { silent, telling, reasons } = await findCurrent(certificate, above, covering, sources, faults)
  const newest = [...telling, ...silent].reduce<CurrentCrl | undefined>(newerOf, undefined)
  const isGood = newest !== undefined && reasons === ALL_REASONS
  const isLifted = ({ crl, entry }: Listed): boolean =>
    !isForGood(entry) &&
    (silent.some((current) => mayLift(current, crl) && isAfter(current, crl)) ||
      (isGood && isRunOut(crl, sources) && isAfter(newest, crl)))
  const unlifted = listed.filter((word) => !isLifted(word))
  const held = unlifted.find(({ entry }) => !isLater(entry.revocationDate, sources))
  if (held !== undefined) return revoked(held)
  const entry = firstOf(unlifted)?.entry
  if (isGood) {
    const answering = entry === undefined ? newest : (telling[0] ?? newest)
    const all = [...telling, ...silent]
    // What lifts a hold may be any of them.
    const needed = unlifted.length < listed.length ? all : selectNeeded(answering, all, certificate)
    const answer = toAnswer(answering, needed)
    return { status: 'good', answer, entry, faults: [...faults], isRunOut: false }
  }
  if (newest !== undefined) faults.add('REASONS_MISSING')
  return { status: 'unknown', answer: undefined, entry, faults: [...faults], isRunOut: false }
}

/** Whether a revocation is none yet at the time judged; only where answers made later are asked about the past. */
export const isLater = (revocationDate: Date, { at, madeWithin }: Pick<CrlSources, 'at' | 'madeWithin'>): boolean =>
  madeWithin !== undefined && revocationDate > at

/** What lists have about a certificate, whether they have run out or not: those of which the signature and the form hold. */
async function findListed(
  certificate: Certificate,
  above: readonly Certificate[],
  covering: readonly Covering[],
  sources: CrlSources,
  faults: Set<CrlFault>,
): Promise<Listed[]> {
  const found: Listed[] = []
  for (const { crl } of covering) {
    // What nobody signed may have the number a million times: it is read only when the signature holds.
    if (!mayList(crl, certificate) || !mayRevoke(crl, sources)) continue
    const signer = await findSigner(crl, above, sources)
    if (typeof signer === 'string') {
      faults.add(signer)
      continue
    }
    const entry = findRevocation(crl, certificate)
    if (entry !== undefined && entry.reason !== 'removeFromCRL') found.push({ crl, signer, entry })
  }
  return found.sort((a, b) => newestFirst(a.crl, b.crl))
}

/** Lists that count as of the time judged: those without the certificate, those that have it revoked later, and the reasons of both. */
async function findCurrent(
  certificate: Certificate,
  above: readonly Certificate[],
  covering: readonly Covering[],
  sources: CrlSources,
  faults: Set<CrlFault>,
) {
  const silent: CurrentCrl[] = []
  const telling: CurrentCrl[] = []
  let reasons: ReasonMask = 0
  for (const { crl, covered } of covering) {
    if (crl.deltaBase !== undefined) continue
    // A newer one of the same scope says the same.
    if (!mayList(crl, certificate) && silent.some((newer) => saysTheSame(newer, crl))) continue
    const current = await bringUpToDate(crl, above, sources)
    if (typeof current === 'string') {
      // A list without the certificate can only vouch for it.
      if (current !== 'LIMIT_EXCEEDED') faults.add(current)
      continue
    }
    const entry = findEntry(current, certificate)
    if (entry === undefined && !keepsExpired(newestOf(current), certificate)) {
      faults.add('AFTER_EXPIRY')
      continue
    }
    if (entry !== undefined && !isLater(entry.revocationDate, sources)) continue
    if (entry === undefined) silent.push(current)
    else telling.push(current)
    reasons |= covered
  }
  const byAge = (a: CurrentCrl, b: CurrentCrl): number => newestFirst(a.crl, b.crl)
  return { silent: silent.sort(byAge), telling: telling.sort(byAge), reasons }
}

/** The entry that begins first. */
const firstOf = (words: readonly Listed[]): Listed | undefined =>
  words.reduce<Listed | undefined>(
    (first, word) => (first && !isEarlier(word.entry, first.entry) ? first : word),
    undefined,
  )

const newestOf = ({ crl, delta }: CurrentCrl): Crl => delta ?? crl

const newerOf = (a: CurrentCrl | undefined, b: CurrentCrl): CurrentCrl =>
  a !== undefined && newestOf(a).thisUpdate >= newestOf(b).thisUpdate ? a : b

/** Whether what a list and its delta say is newer than a list, or the delta joined with that very list. */
function isAfter(current: CurrentCrl, held: Crl): boolean {
  const newest = newestOf(current)
  if (newest === held) return false
  const ahead = newest.thisUpdate.getTime() - held.thisUpdate.getTime()
  const isOfSameTime = ahead === 0 && newest.cRLNumber !== undefined && held.cRLNumber !== undefined
  return ahead > 0 || current.crl === held || (isOfSameTime && newest.cRLNumber! > held.cRLNumber!)
}

/** Of two lists without a certificate the newer is enough, whatever delta list brought it up to date. */
const saysTheSame = ({ crl }: CurrentCrl, older: Crl): boolean =>
  crl.thisUpdate >= older.thisUpdate && isOfSameScope(crl, older)

const mayLift = ({ crl }: CurrentCrl, held: Crl): boolean => isOfSameScope(crl, held)

/** Lists that together with one speak for every reason. */
function selectNeeded(first: CurrentCrl, others: readonly CurrentCrl[], certificate: Certificate): CurrentCrl[] {
  const needed = [first]
  let reasons = coveredReasonsOrNone(first.crl, certificate)
  for (const other of others) {
    const covered = reasons | coveredReasonsOrNone(other.crl, certificate)
    if (covered === reasons) continue
    needed.push(other)
    reasons = covered
  }
  return needed
}

function toAnswer({ crl, delta, signer }: CurrentCrl, needed: readonly CurrentCrl[] = []): RevocationAnswer {
  const { thisUpdate, nextUpdate } = delta ?? crl
  const madeOf = [{ crl, delta, signer }, ...needed.filter((other) => other.crl !== crl)].flatMap(toParts)
  return { kind: 'crl', crl, delta, thisUpdate, nextUpdate, madeOf }
}

const toParts = ({ crl, delta, signer }: CurrentCrl): AnswerPart[] =>
  [crl, ...(delta ? [delta] : [])].map((signed) => ({ signed, signer }))

/** Lists about a certificate: before those that were brought along the others, of either those first that claim to be the newest. */
function findCovering(certificate: Certificate, { crls, isBrought }: CrlSources): readonly Covering[] {
  const covering = crls
    .flatMap((crl) => {
      const covered = coveredReasonsOrNone(crl, certificate)
      return covered === 0 ? [] : [{ crl, covered }]
    })
    .sort((a, b) => newestFirst(a.crl, b.crl))
  return [...covering.filter(({ crl }) => !isBrought(crl)), ...covering.filter(({ crl }) => isBrought(crl))]
}

const newestFirst = (a: Crl, b: Crl): number => b.thisUpdate.getTime() - a.thisUpdate.getTime()

function coveredReasonsOrNone(crl: Crl, certificate: Certificate): ReasonMask {
  try {
    return coveredReasons(crl, certificate)
  } catch (error) {
    if (error instanceof PkiError) return 0
    throw error
  }
}

const findListFault = (crl: Crl, { conformance }: CrlSources): CrlFault | null =>
  findFormFault(crl) ?? (conformance === 'profile' ? findProfileFault(crl) : null)

const timeFaultOf = (crl: Crl, { at, madeWithin, runOut }: CrlSources): CrlFault | null =>
  findTimeFault(crl, at, madeWithin) ?? (runOut.has(crl) ? 'STALE' : null)

/** Whether a list is too old to call anything good. */
const isRunOut = (crl: Crl, sources: CrlSources): boolean => timeFaultOf(crl, sources) !== null

/** Whether it may revoke: its form is known and it is not from the future. */
const mayRevoke = (crl: Crl, sources: CrlSources): boolean =>
  findListFault(crl, sources) === null && timeFaultOf(crl, sources) !== 'NOT_YET_ISSUED'

/** A list that counts, or why it does not. One out of date counts together with a delta list that is not (RFC 5280 §5.2.4, §6.3.3 a). */
async function bringUpToDate(
  crl: Crl,
  above: readonly Certificate[],
  sources: CrlSources,
): Promise<CurrentCrl | CrlFault> {
  const form = findListFault(crl, sources)
  if (form !== null) return form
  const time = timeFaultOf(crl, sources)
  if (time !== null && (time !== 'STALE' || crl.cRLNumber === undefined || !hasDeltas(sources))) return time
  // Before any other list is compared with it: what nobody signed costs no more than that.
  const signer = await findSigner(crl, above, sources)
  if (typeof signer === 'string') return signer
  for (const delta of findDeltas(crl, sources)) {
    const fault = await sources.verify(delta, signer.path[0]!)
    if (fault === null) return { crl, delta, signer }
    if (fault === 'LIMIT_EXCEEDED') return fault
  }
  return time === null ? { crl, delta: undefined, signer } : time
}

/** Delta lists that can be joined with a complete one (RFC 5280 §5.2.4, §6.3.3 c) and are fresh, the newest first. */
function findDeltas(crl: Crl, sources: CrlSources): readonly Crl[] {
  const { cRLNumber, authorityKeyIdentifier: key } = crl
  if (cRLNumber === undefined) return []
  return sources.crls
    .filter(
      (delta) =>
        delta.deltaBase !== undefined &&
        delta.cRLNumber !== undefined &&
        delta.deltaBase <= cRLNumber &&
        delta.cRLNumber >= cRLNumber &&
        isOfSameScope(delta, crl) &&
        (key === undefined || delta.authorityKeyIdentifier === undefined
          ? key === delta.authorityKeyIdentifier
          : equalBytes(key, delta.authorityKeyIdentifier)) &&
        findFormFault(delta) === null &&
        timeFaultOf(delta, sources) === null,
    )
    .sort((a, b) => (b.cRLNumber! > a.cRLNumber! ? 1 : -1))
}

const hasDeltas = ({ crls }: CrlSources): boolean => crls.some(({ deltaBase }) => deltaBase !== undefined)

/** Lists of the same issuer and issuingDistributionPoint speak about the same certificates. */
function isOfSameScope(a: Crl, b: Crl): boolean {
  if (a.issuer.matchKey !== b.issuer.matchKey) return false
  return a.scope === undefined || b.scope === undefined ? a.scope === b.scope : equalBytes(a.scope.raw, b.scope.raw)
}

/** RFC 5280 §6.3.3 (i) to (k); a delta takes back nothing but a hold (§5.3.1). */
function findEntry({ crl, delta }: CurrentCrl, certificate: Certificate): RevokedCertificate | undefined {
  const listed = findRevocation(crl, certificate)
  if (listed !== undefined && isForGood(listed)) return listed
  const entry = (delta && findRevocation(delta, certificate)) ?? listed
  return entry?.reason === 'removeFromCRL' ? undefined : entry
}

/** Lists leave out certificates that have expired, unless they say since when they keep them (X.509, expiredCertsOnCRL). */
function keepsExpired(crl: Crl, { notAfter }: Certificate): boolean {
  if (crl.thisUpdate.getTime() < notAfter.getTime() + 1000) return true
  const kept = crl.extensions.get(OID.expiredCertsOnCRL)
  try {
    return kept !== undefined && readTime(parseDer(kept.value), 'expiredCertsOnCRL') <= notAfter
  } catch (error) {
    if (error instanceof PkiError) return false
    throw error
  }
}
