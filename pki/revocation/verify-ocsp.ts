import { primitives } from '#primitives'
import { type AlgorithmRule, termsOf } from '../algorithm-terms.ts'
import { findScheme } from '../algorithms.ts'
import { equalBytes, parseDer, readTime } from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { subjectPublicKeyBits } from '../public-key.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { createSignatureCache, type SignatureCache } from '../x509/signature-cache.ts'
import { findWeakness, verifySigned } from '../x509/verify-signature.ts'
import type { OcspResponse, ResponderId, SingleResponse } from './ocsp.ts'
import type { MadeWithin } from './verify-crl.ts'
import { findSingles, type OcspWord, weighSingles } from './weigh-singles.ts'

/** Why a response does not count for a certificate at a time; `null` from `verifyResponse` when it does. */
export type OcspFault =
  /** no single response names the certificate */
  | 'NO_ANSWER'
  | 'NOT_YET_ISSUED'
  | 'STALE'
  /** it speaks of a time after it was made, or ends before it begins */
  | 'TIMES_WRONG'
  /** made after the certificate expired, by a responder that does not say that it remembers expired ones */
  | 'AFTER_EXPIRY'
  | 'CRITICAL_EXTENSION_UNKNOWN'
  /** no certificate at hand is the responder that the response names */
  | 'RESPONDER_UNKNOWN'
  /** neither the issuer itself nor a delegate that it issued for this */
  | 'RESPONDER_UNAUTHORISED'
  | 'RESPONDER_EXPIRED'
  | 'RESPONDER_REVOKED'
  | 'RESPONDER_STATUS_UNKNOWN'
  | 'ALGORITHM_UNACCEPTABLE'
  | 'SIGNATURE_INVALID'
  /** more candidates for its signer, or more responses, than are looked at */
  | 'LIMIT_EXCEEDED'

export interface OcspQuestion {
  /** the certificate that issued `certificate`: its key, not its name, decides */
  readonly issuer: Certificate
  readonly certificate: Certificate
  readonly at: Date
  /** more certificates among which a delegate may be; those in the response are looked at anyway */
  readonly candidates?: readonly Certificate[]
  /** for judging the past by answers gathered since; left out: an answer counts while fresh at `at` */
  readonly madeWithin?: MadeWithin
  /** default `current`; `any`: RFC 6960 alone */
  readonly algorithms?: AlgorithmRule
  /**
   * The status of a delegate without id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1). Left out: it is not asked, which the RFC leaves to
   * local policy.
   */
  readonly checkDelegate?: (delegate: Certificate) => Promise<'good' | 'revoked' | 'unknown'>
  /** Counts the check of a delegate's own certificate; false when that is one too many. Left out: none is. */
  readonly mayCheckDelegate?: (delegate: Certificate, response: OcspResponse) => boolean
  /** The same object for the same octets: many responses bring one certificate along. Left out: each counts by itself. */
  readonly sameDelegate?: (delegate: Certificate) => Certificate
  /** which signatures are known, or counted; default: those that this room has seen */
  readonly signatures?: SignatureCache
}

/**
 * Verifies that a response answers for a certificate (RFC 6960 §3.2): it names the certificate, is of its time, and is signed by the
 * issuer itself or by a delegate that the issuer's key certified for OCSP signing (§4.2.2.2). One that revokes has no end: only "good" has
 * to be fresh. `null`: it counts, and `findSingle` tells what it says, which may be `revoked` or `unknown`.
 */
export async function verifyResponse(response: OcspResponse, question: OcspQuestion): Promise<OcspFault | null> {
  const found = await findResponder(response, question)
  return typeof found === 'string' ? found : null
}

/** The certificate whose key signed a response that counts: the issuer's or a delegate's; else why it does not count. */
export async function findResponder(response: OcspResponse, question: OcspQuestion): Promise<Certificate | OcspFault> {
  const { word, fault } = await readWord(response, question)
  if (word === undefined) return 'NO_ANSWER'
  const own = fault ?? findTimeFault(response, word.single, question)
  return own ?? (await findSigner(response, word.single, question))
}

/**
 * The single response about a certificate; of several one that revokes, for good rather than for a time and with the earliest of their
 * dates, else the newest.
 */
export async function findSingle(
  response: OcspResponse,
  question: Pick<OcspQuestion, 'certificate' | 'issuer'>,
): Promise<SingleResponse | undefined> {
  return (await findWord(response, question))?.single
}

/** What a response says about a certificate, all its single responses weighed; `undefined`: nothing. Verifies nothing. */
export async function findWord(
  response: OcspResponse,
  question: Pick<OcspQuestion, 'certificate' | 'issuer'>,
): Promise<OcspWord | undefined> {
  return (await readWord(response, question)).word
}

/** What cannot be made sense of spoils what is good beside it, not what revokes. */
async function readWord(
  response: OcspResponse,
  { certificate, issuer }: Pick<OcspQuestion, 'certificate' | 'issuer'>,
): Promise<{ readonly word: OcspWord | undefined; readonly fault: OcspFault | null }> {
  const singles = await findSingles(response, certificate, issuer)
  const faults = singles.map((single) => findFormFault(response, single))
  const sound = weighSingles(singles.filter((_, index) => faults[index] === null))
  const fault = faults.find((found) => found !== null)
  if (fault === undefined || sound?.entry !== undefined) return { word: sound, fault: null }
  return { word: weighSingles(singles), fault }
}

const findFormFault = (response: OcspResponse, single: SingleResponse): OcspFault | null =>
  findExtensionFault(response, single) ?? (hasWrongTimes(response.producedAt, single) ? 'TIMES_WRONG' : null)

const processedOfResponse: ReadonlySet<string> = new Set([OID.ocspNonce])
const processedOfSingle: ReadonlySet<string> = new Set([OID.ocspArchiveCutoff])

function findExtensionFault(response: OcspResponse, single: SingleResponse): OcspFault | null {
  const isUnknown = (processed: ReadonlySet<string>, { extensions }: Pick<OcspResponse, 'extensions'>): boolean =>
    [...extensions.values()].some(({ critical, oid }) => critical && !processed.has(oid))
  return isUnknown(processedOfResponse, response) || isUnknown(processedOfSingle, single)
    ? 'CRITICAL_EXTENSION_UNKNOWN'
    : null
}

/** Clocks of responder and judge may differ by so much: an answer from a moment ahead knows more, not less. */
const SKEW_MS = 5 * 60_000
/** An answer without nextUpdate says that newer ones are always to be had; so an old one is not the one to go by. */
const MAX_AGE_WITHOUT_NEXT_UPDATE_MS = 3_600_000

function findTimeFault({ producedAt }: OcspResponse, single: SingleResponse, question: OcspQuestion): OcspFault | null {
  const { status, thisUpdate, extensions } = single
  const { certificate, at, madeWithin } = question
  const made = thisUpdate.getTime()
  const expired = certificate.notAfter.getTime()
  // Whoever still calls it revoked has not forgotten it.
  if (status !== 'revoked' && made >= expired + 1000 && !remembers(extensions, expired)) return 'AFTER_EXPIRY'
  const latest = madeWithin === undefined ? at.getTime() + SKEW_MS : madeWithin.until.getTime()
  const latestProduced = madeWithin === undefined ? latest : latest + SKEW_MS
  if (made > latest || producedAt.getTime() > latestProduced) return 'NOT_YET_ISSUED'
  return status !== 'revoked' && isOutOfDate(single, question) ? 'STALE' : null
}

/** RFC 6960 §2.4: the status is known to be correct at thisUpdate, so before it is signed, and newer information comes after that. */
const hasWrongTimes = (producedAt: Date, { thisUpdate, nextUpdate }: SingleResponse): boolean =>
  thisUpdate.getTime() > producedAt.getTime() + SKEW_MS || (nextUpdate !== undefined && nextUpdate < thisUpdate)

/** Whether what a single response says has run out; nothing good is known by it any more. */
export function isOutOfDate(
  { thisUpdate, nextUpdate }: Pick<SingleResponse, 'thisUpdate' | 'nextUpdate'>,
  { at, madeWithin }: Pick<OcspQuestion, 'at' | 'madeWithin'>,
): boolean {
  const made = thisUpdate.getTime()
  if (madeWithin !== undefined) return made < madeWithin.from.getTime()
  return at.getTime() >= (nextUpdate?.getTime() ?? made + MAX_AGE_WITHOUT_NEXT_UPDATE_MS)
}

/** What lies beyond expiry may have been forgotten, unless the responder says since when it forgets nothing (RFC 6960 §4.4.4). */
function remembers(extensions: SingleResponse['extensions'], expired: number): boolean {
  const cutoff = extensions.get(OID.ocspArchiveCutoff)
  try {
    return cutoff !== undefined && readTime(parseDer(cutoff.value), 'archiveCutoff').getTime() <= expired
  } catch (error) {
    if (error instanceof PkiError) return false
    throw error
  }
}

/** Delegates tried at most: each costs two signature checks. */
const MAX_DELEGATES = 8

async function findSigner(
  response: OcspResponse,
  single: SingleResponse,
  question: OcspQuestion,
): Promise<Certificate | OcspFault> {
  const { issuer, candidates = [] } = question
  let fault: OcspFault = 'RESPONDER_UNKNOWN'
  if (await isResponder(response.responderId, issuer)) {
    const own = await findSignatureFault(response, issuer, question)
    if (own === null) return issuer
    fault = own
  }
  const tried: Certificate[] = []
  for (const named of [...parseSent(response), ...candidates]) {
    if (!(await isResponder(response.responderId, named))) continue
    const delegate = question.sameDelegate?.(named) ?? named
    if (tried.some(({ raw }) => equalBytes(raw, delegate.raw))) continue
    // Anybody can send certificates along: those that the issuer did not sign are no delegates, and nothing is left out with them.
    if (isDelegate(delegate, issuer) && question.mayCheckDelegate?.(delegate, response) === false)
      return 'LIMIT_EXCEEDED'
    if (!isDelegate(delegate, issuer) || !(await isSignedBy(delegate, issuer, question))) {
      fault = 'RESPONDER_UNAUTHORISED'
      continue
    }
    if (tried.push(delegate) > MAX_DELEGATES) return 'LIMIT_EXCEEDED'
    const own = await findDelegateFault(response, single, delegate, question)
    if (own === null) return delegate
    fault = own
  }
  return fault
}

async function findDelegateFault(
  response: OcspResponse,
  single: SingleResponse,
  delegate: Certificate,
  question: OcspQuestion,
): Promise<OcspFault | null> {
  const { issuer, checkDelegate } = question
  if (!isOfDelegatesTime(response, single, delegate, question)) return 'RESPONDER_EXPIRED'
  const fault = await findSignatureFault(response, delegate, question)
  if (fault !== null) return fault
  if (isWeak(delegate, issuer, question)) return 'ALGORITHM_UNACCEPTABLE'
  if (delegate.extensions.has(OID.ocspNoCheck) || checkDelegate === undefined) return null
  const status = await checkDelegate(delegate)
  if (status === 'good') return null
  return status === 'revoked' ? 'RESPONDER_REVOKED' : 'RESPONDER_STATUS_UNKNOWN'
}

/**
 * Whether a delegate's certificate held when it is asked about: now, or, of the past and of what revokes for ever, at every time that the
 * answer claims. Only its thisUpdate may lie before the certificate began: that of an answer made from a list is the list's.
 */
function isOfDelegatesTime(
  { producedAt }: OcspResponse,
  { status, thisUpdate }: SingleResponse,
  { notBefore, notAfter }: Certificate,
  { at, madeWithin }: OcspQuestion,
): boolean {
  const holds = (first: Date, last: Date): boolean => first >= notBefore && last.getTime() < notAfter.getTime() + 1000
  const heldThen = holds(producedAt, thisUpdate > producedAt ? thisUpdate : producedAt)
  if (madeWithin !== undefined) return heldThen
  return holds(at, at) || (status === 'revoked' && heldThen)
}

const processedOfDelegate: ReadonlySet<string> = new Set([
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
  OID.subjectAltName,
  OID.issuerAltName,
  OID.cRLDistributionPoints,
  OID.authorityInfoAccess,
  OID.certificatePolicies,
  OID.ocspNoCheck,
])

/** Everything of RFC 6960 §4.2.2.2 that needs no signature: issued by this issuer, for OCSP signing by name, for signatures. */
function isDelegate(delegate: Certificate, issuer: Certificate): boolean {
  return (
    delegate.issuer.matchKey === issuer.subject.matchKey &&
    delegate.extKeyUsage?.includes(OID.ocspSigning) === true &&
    (delegate.keyUsage === undefined ||
      delegate.keyUsage.has('digitalSignature') ||
      delegate.keyUsage.has('contentCommitment')) &&
    ![...delegate.extensions.values()].some(({ critical, oid }) => critical && !processedOfDelegate.has(oid))
  )
}

async function isResponder(id: ResponderId, certificate: Certificate): Promise<boolean> {
  if (id.kind === 'name') return id.name.matchKey === certificate.subject.matchKey
  let hash = keyHashes.get(certificate)
  if (hash === undefined) keyHashes.set(certificate, (hash = await hashKey(certificate)))
  return hash !== null && equalBytes(hash, id.keyHash)
}

/** Hundreds of answers may ask the same hundreds of certificates. */
const keyHashes = new WeakMap<Certificate, Uint8Array | null>()

async function hashKey({ subjectPublicKeyInfo }: Certificate): Promise<Uint8Array | null> {
  try {
    return await primitives.digest('SHA-1', subjectPublicKeyBits(subjectPublicKeyInfo))
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}

/** A document with many signatures asks about the same answers again and again; by whom they are signed does not change. */
const checked = createSignatureCache()

const isSignedBy = (
  signed: OcspResponse | Certificate,
  signer: Certificate,
  { signatures = checked }: OcspQuestion,
): Promise<boolean> => signatures.ask(signed, signer, () => verifySigned(signed, signer))

async function findSignatureFault(
  response: OcspResponse,
  signer: Certificate,
  question: OcspQuestion,
): Promise<OcspFault | null> {
  const isUnknown = findScheme(response.signatureAlgorithm) === undefined
  if (isUnknown || isWeak(response, signer, question)) return 'ALGORITHM_UNACCEPTABLE'
  return (await isSignedBy(response, signer, question)) ? null : 'SIGNATURE_INVALID'
}

const isWeak = (
  { signatureAlgorithm }: Pick<OcspResponse, 'signatureAlgorithm'>,
  signer: Certificate,
  { algorithms = 'current', at }: OcspQuestion,
): boolean => {
  const terms = termsOf(algorithms)
  return terms !== null && findWeakness(signatureAlgorithm, signer, at, terms) !== null
}

/** Certificates sent along beyond this number are not looked at. */
const MAX_SENT = 16

const sentWith = new WeakMap<OcspResponse, readonly Certificate[]>()

function parseSent(response: OcspResponse): readonly Certificate[] {
  const known = sentWith.get(response)
  if (known) return known
  const sent = response.certificates.slice(0, MAX_SENT).flatMap((der) => {
    try {
      return [parseCertificate(der)]
    } catch (error) {
      if (error instanceof PkiError) return []
      throw error
    }
  })
  sentWith.set(response, sent)
  return sent
}
