import { equalBytes, parseDer, readTime, toHex } from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { type Crl, findRevocation, type RevokedCertificate } from '../revocation/crl.ts'
import {
  type CrlFault,
  findFormFault,
  findProfileFault,
  findTimeFault,
  type MadeWithin,
} from '../revocation/verify-crl.ts'
import type { Certificate } from './certificate.ts'
import type { RevocationAnswer, RevocationStatus } from './check-revocation.ts'
import { coveredReasons } from './crl-coverage.ts'
import { ALL_REASONS, type ReasonMask } from './reasons.ts'

/** Lists to ask, and how to find out whether a certificate may sign them. */
export interface CrlSources {
  readonly at: Date
  readonly madeWithin?: MadeWithin
  /** `profile`: lists must follow the profile of RFC 5280 §5 */
  readonly conformance: 'path' | 'profile'
  readonly crls: readonly Crl[]
  /** whether this certificate's key made the list and may, each pair once */
  verify(crl: Crl, signer: Certificate): Promise<CrlFault | null>
  /** whether this issuer's key signed a certificate, each pair once */
  isSignedBy(certificate: Certificate, issuer: Certificate): Promise<boolean>
  /**
   * Certificates of a name whose own path leads to the anchor of the path in question (RFC 5280 §6.3.3 f): CAs that changed their key or
   * sign lists by one of its own, and issuers of indirect lists.
   */
  findCrlSigners(name: string, anchor: Certificate): Promise<readonly Certificate[]>
  /** Whether a limit kept any of them from being looked at. */
  isExhausted(): boolean
}

/** A complete list, verified, with the newest delta list that brings it up to date. */
interface CurrentCrl {
  readonly crl: Crl
  readonly delta: Crl | undefined
}

/**
 * The status of a certificate by the lists that speak about it (RFC 5280 §6.3.3), the newest first. Good when the lists that count speak for
 * every reason and none revokes it; any that revokes decides, but for a hold that a newer list of the same scope no longer has. Anybody can add
 * lists to a document that nobody signed: none is left out for their number, and where the limit of checks ends it, nothing is known.
 * `above`: the certificates above it in its path, its issuer first, the anchor last.
 */
export async function askCrls(
  certificate: Certificate,
  above: readonly Certificate[],
  sources: CrlSources,
): Promise<RevocationStatus> {
  const faults: CrlFault[] = []
  let good: { readonly answer: RevocationAnswer; readonly entry: RevocationStatus['entry'] } | undefined
  let reasons: ReasonMask = 0
  const answered = new Set<string>()
  for (const { crl, covered } of findCovering(certificate, sources.crls)) {
    const current = await bringUpToDate(crl, above, sources)
    if (typeof current === 'string') {
      faults.push(current)
      continue
    }
    const entry = findEntry(current, certificate)
    const newest = current.delta ?? crl
    const answer: RevocationAnswer = {
      kind: 'crl',
      crl,
      delta: current.delta,
      thisUpdate: newest.thisUpdate,
      nextUpdate: newest.nextUpdate,
    }
    const isLifted = entry?.reason === 'certificateHold' && answered.has(scopeKey(crl))
    if (entry !== undefined && !isLifted && !isLater(entry.revocationDate, sources))
      return { status: 'revoked', answer, entry, faults }
    if (entry === undefined && !keepsExpired(newest, certificate)) {
      faults.push('AFTER_EXPIRY')
      continue
    }
    answered.add(scopeKey(crl))
    reasons |= covered
    const known = isLifted ? undefined : entry
    // A revocation later than the time judged is told, whichever list knows of it.
    if (good === undefined || (good.entry === undefined && known !== undefined)) good = { answer, entry: known }
  }
  if (good !== undefined && reasons === ALL_REASONS) return { status: 'good', ...good, faults }
  if (good !== undefined) faults.push('REASONS_MISSING')
  return { status: 'unknown', answer: undefined, entry: undefined, faults }
}

/** Whether a revocation is none yet at the time judged; only where answers made later are asked about the past. */
export const isLater = (revocationDate: Date, { at, madeWithin }: Pick<CrlSources, 'at' | 'madeWithin'>): boolean =>
  madeWithin !== undefined && revocationDate > at

/** Complete lists about a certificate, those first that claim to be the newest. */
function findCovering(
  certificate: Certificate,
  crls: readonly Crl[],
): readonly { readonly crl: Crl; readonly covered: ReasonMask }[] {
  return crls
    .filter((crl) => crl.deltaBase === undefined)
    .flatMap((crl) => {
      const covered = coveredReasonsOrNone(crl, certificate)
      return covered === 0 ? [] : [{ crl, covered }]
    })
    .sort((a, b) => b.crl.thisUpdate.getTime() - a.crl.thisUpdate.getTime())
}

function coveredReasonsOrNone(crl: Crl, certificate: Certificate): ReasonMask {
  try {
    return coveredReasons(crl, certificate)
  } catch (error) {
    if (error instanceof PkiError) return 0
    throw error
  }
}

/** A list that counts, or why it does not. One out of date counts together with a delta list that is not (RFC 5280 §5.2.4, §6.3.3 a). */
async function bringUpToDate(
  crl: Crl,
  above: readonly Certificate[],
  sources: CrlSources,
): Promise<CurrentCrl | CrlFault> {
  const form = findFormFault(crl) ?? (sources.conformance === 'profile' ? findProfileFault(crl) : null)
  if (form !== null) return form
  const time = findTimeFault(crl, sources.at, sources.madeWithin)
  const deltas = findDeltas(crl, sources)
  if (time !== null && (time !== 'STALE' || deltas.length === 0)) return time
  const signer = await findSigner(crl, above, sources)
  if (typeof signer === 'string') return signer
  for (const delta of deltas) {
    const fault = await sources.verify(delta, signer)
    if (fault === null) return { crl, delta }
    if (fault === 'LIMIT_EXCEEDED') return fault
  }
  return time === null ? { crl, delta: undefined } : time
}

/** Delta lists that can be joined with a complete one (RFC 5280 §5.2.4, §6.3.3 c) and are fresh, the newest first. */
function findDeltas(crl: Crl, { crls, at, madeWithin }: CrlSources): readonly Crl[] {
  const { cRLNumber, issuer, authorityKeyIdentifier: key } = crl
  if (cRLNumber === undefined) return []
  return crls
    .filter(
      (delta) =>
        delta.deltaBase !== undefined &&
        delta.cRLNumber !== undefined &&
        delta.deltaBase <= cRLNumber &&
        delta.cRLNumber >= cRLNumber &&
        delta.issuer.matchKey === issuer.matchKey &&
        scopeKey(delta) === scopeKey(crl) &&
        (key === undefined || delta.authorityKeyIdentifier === undefined
          ? key === delta.authorityKeyIdentifier
          : equalBytes(key, delta.authorityKeyIdentifier)) &&
        findFormFault(delta) === null &&
        findTimeFault(delta, at, madeWithin) === null,
    )
    .sort((a, b) => (b.cRLNumber! > a.cRLNumber! ? 1 : -1))
}

/** Issuer and issuingDistributionPoint, as text: lists with the same speak about the same certificates. */
const scopeKey = ({ issuer, scope }: Crl): string =>
  `${issuer.matchKey}\n${scope === undefined ? '' : toHex(scope.raw)}`

/** The certificate that signed a list: one above in the path, else another of the same name that leads to the same anchor. */
async function findSigner(
  crl: Crl,
  above: readonly Certificate[],
  sources: CrlSources,
): Promise<Certificate | CrlFault> {
  let fault: CrlFault | undefined
  for (const signer of above) {
    if (signer.subject.matchKey !== crl.issuer.matchKey) continue
    const own = await sources.verify(crl, signer)
    if (own === null) return signer
    fault ??= own
  }
  for (const signer of await sources.findCrlSigners(crl.issuer.matchKey, above.at(-1)!)) {
    if (!(await maySignFor(signer, above, sources))) continue
    const own = await sources.verify(crl, signer)
    if (own === null) return signer
    fault ??= own
  }
  return fault ?? 'ISSUER_MISMATCH'
}

/**
 * RFC 5280 would take any certificate of the list issuer's name below the same anchor. But names are free: any CA there could make one, and
 * so lists on certificates that are none of its business. Another key of the CA, and the issuer of an indirect list, must be certified by
 * a key of the path in question.
 */
async function maySignFor(signer: Certificate, above: readonly Certificate[], sources: CrlSources): Promise<boolean> {
  for (const issuer of above) {
    if (signer.issuer.matchKey !== issuer.subject.matchKey) continue
    if (await sources.isSignedBy(signer, issuer)) return true
  }
  return false
}

/** RFC 5280 §6.3.3 (i) to (k). */
function findEntry({ crl, delta }: CurrentCrl, certificate: Certificate): RevokedCertificate | undefined {
  const changed = delta && findRevocation(delta, certificate)
  const entry = changed ?? findRevocation(crl, certificate)
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
