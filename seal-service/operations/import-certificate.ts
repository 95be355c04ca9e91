import { createHash } from 'node:crypto'
import { asn1, ca, PkiError, x509 } from '../../pki/index.ts'
import type { Fault } from '../../platform/index.ts'
import type { Workshop } from '../dependencies.ts'
import { checkReady } from '../domain/life-policy.ts'
import { findNameFaults, refuseUncertifiable } from '../domain/outside-certificate.ts'
import { keyGeneration, type Seal } from '../domain/seal.ts'
import { SealError } from '../errors.ts'
import { namesRevocationAddress } from '../ports/http-revocation-source.ts'
import type { RevocationAnswer } from '../ports/revocation-source.ts'
import { hasApplication } from '../store/applications.ts'
import { holdAuthority } from '../store/authorities.ts'
import {
  type CertificateRequest,
  findRequestsByKey,
  findSealCertificate,
  insertSealCertificate,
  recordInUse,
} from '../store/seal-certificates.ts'
import { findMaking, findSeal, lockSeal } from '../store/seals.ts'
import { readLifeFacts } from './life/life-facts.ts'
import { putInUse } from './life/put-in-use.ts'
import { takeStep } from './life/take-step.ts'
import { readAnchors } from './trust-authority.ts'

/** What an authority outside answered to a request. */
export interface BroughtCertificates {
  /** The seal's certificate and those between it and the authority that is trusted, in any order, DER. */
  readonly certificates: readonly Uint8Array[]
  /** The seal that they are for, where whoever brings them speaks of one alone. */
  readonly sealId?: string
  /** Who brings them, for the record. */
  readonly callerId: string
}

/** What is worth knowing of a certificate that was taken. */
export interface CertificateRemark {
  readonly severity: 'error' | 'warning' | 'notice'
  readonly text: string
}

export interface TakenCertificate {
  readonly seal: Seal
  /** False for a certificate that was brought before. */
  readonly isNew: boolean
  readonly certificate: Uint8Array
  readonly notAfter: Date
  readonly remarks: readonly CertificateRemark[]
}

const MOST_CERTIFICATES = 20
/** They stand in every document: real ones take 1 to 4 KiB. */
const LONGEST_CERTIFICATE = 16 * 1024
const ATTEMPTS = 5

/**
 * Takes a certificate from an authority outside into use, the first of a seal or the next. It must be for a key that was asked for, name
 * whom the request named, be good for sealing now, say where its revocation is told, and lead to an authority that is trusted (RFC 5280
 * §6). A repeat changes nothing. Throws `SEAL_CERTIFICATE_UNREADABLE`, `SEAL_CERTIFICATE_REFUSED` with every fault, `SEAL_REVOKED`, `SEAL_RENEWAL_REFUSED`, and
 * what the key store throws for a key that is gone.
 */
export async function importCertificate(shop: Workshop, brought: BroughtCertificates): Promise<TakenCertificate> {
  const certificates = parseAll(brought.certificates)
  const { certificate, request } = await findAsked(shop, certificates)
  if (brought.sealId !== undefined && brought.sealId !== request.sealId)
    throw refused([fault('/publicKey', 'KEY_UNKNOWN', `for none of these keys seal ${brought.sealId} asked`)])
  const remarks = lint(certificate)
  const told = { certificate: certificate.raw, notAfter: certificate.notAfter }
  if ((await findSealCertificate(shop.database, certificate.raw)) !== undefined)
    return { ...told, seal: await putOwnInUse(shop, request.sealId, brought.callerId), isNew: false, remarks }
  const { publicKey } = await shop.keyStore.get(request.keyName)
  if (!asn1.equalBytes(publicKey, certificate.subjectPublicKeyInfo))
    throw refused([fault('/publicKey', 'KEY_UNKNOWN', `the key ${request.keyName} is another one now`)])
  const { path, unknown } = await judge(shop, certificate, request, certificates)
  // An authority that is trusted without being a root is not put into documents: nobody there could tell whether it is revoked.
  const chain = path.slice(1).filter((one, at) => at < path.length - 2 || isSelfIssued(one))
  const { isNew } = await take(shop, { path, chain }, request, brought.callerId)
  const seal = await putOwnInUse(shop, request.sealId, brought.callerId)
  await shop.outside.refresh()
  return { ...told, seal, isNew, remarks: [...remarks, ...unknown] }
}

const isSelfIssued = ({ issuer, subject }: x509.Certificate): boolean => issuer.matchKey === subject.matchKey

const fault = (pointer: string, code: string, detail: string): Fault => ({ pointer, code, detail })

const refused = (faults: readonly Fault[]): SealError =>
  new SealError('SEAL_CERTIFICATE_REFUSED', 'this certificate cannot be used for a seal here', { faults })

function parseAll(ders: readonly Uint8Array[]): x509.Certificate[] {
  if (ders.length === 0 || ders.length > MOST_CERTIFICATES) {
    throw new SealError(
      'SEAL_CERTIFICATE_UNREADABLE',
      `expected 1 to ${MOST_CERTIFICATES} certificates, got ${ders.length}`,
    )
  }
  return ders.map((der, at) => {
    const place = `certificate ${at + 1} of ${ders.length}`
    if (der.length > LONGEST_CERTIFICATE)
      throw new SealError('SEAL_CERTIFICATE_UNREADABLE', `${place} is longer than ${LONGEST_CERTIFICATE} octets`)
    try {
      return x509.parseCertificate(der)
    } catch (cause) {
      if (!(cause instanceof PkiError)) throw cause
      throw new SealError('SEAL_CERTIFICATE_UNREADABLE', `${place} cannot be read`, { cause })
    }
  })
}

/** The one certificate among them for a key of which one was asked for; the others stand above it. */
async function findAsked(
  { database }: Workshop,
  certificates: readonly x509.Certificate[],
): Promise<{ certificate: x509.Certificate; request: CertificateRequest }> {
  const keys = certificates.map(({ subjectPublicKeyInfo }) => subjectPublicKeyInfo)
  const requests = await findRequestsByKey(database, keys)
  const asked = certificates.flatMap((certificate) => {
    const request = requests.find(({ publicKey }) => asn1.equalBytes(publicKey, certificate.subjectPublicKeyInfo))
    return request === undefined ? [] : [{ certificate, request }]
  })
  if (asked.length === 0) throw refused([fault('/publicKey', 'KEY_UNKNOWN', 'of none of these keys one was asked for')])
  const isOne = asked.every(({ certificate }) => asn1.equalBytes(certificate.raw, asked[0]!.certificate.raw))
  if (!isOne) throw refused([fault('/publicKey', 'SEVERAL', 'bring the certificates of one seal at a time')])
  return asked[0]!
}

const lint = (certificate: x509.Certificate): CertificateRemark[] =>
  ca
    .lint(certificate.tbs, { profile: 'legal-person' })
    .map(({ severity, code, where, clause }) => ({ severity, text: `${code}: ${where} (${clause})` }))

interface Judged {
  /** The certificate first, the trusted authority last. */
  readonly path: readonly x509.Certificate[]
  /** Said where nobody told whether a certificate of it is revoked. */
  readonly unknown: readonly CertificateRemark[]
}

/** Everything that must hold before it is used; every fault at once. */
async function judge(
  shop: Workshop,
  certificate: x509.Certificate,
  request: CertificateRequest,
  certificates: readonly x509.Certificate[],
): Promise<Judged> {
  const anchors = await readAnchors(shop)
  const question = {
    leaf: certificate,
    intermediates: certificates.filter((one) => one !== certificate),
    anchors,
    at: shop.clock.now(),
    purpose: 'seal' as const,
  }
  const { valid, reason, detail, path } = await x509.validatePath(question)
  const faults = [
    ...findNameFaults(ca.parseCsr(request.csr).subject, certificate.subject),
    ...(await findAgeFaults(shop, certificate, request)),
    ...(valid ? [] : [fault('/path', reason!, detail)]),
    ...(valid ? path.slice(0, -1) : [certificate])
      .filter((one) => !namesRevocationAddress(one))
      .map(({ subject }) =>
        fault('/revocation', 'ADDRESS_MISSING', `${subject.text} names neither a list nor a responder by http`),
      ),
  ]
  if (faults.length > 0) throw refused(faults)
  const answers = await askRevocation(shop, path)
  if (answers instanceof Error)
    return { path, unknown: [{ severity: 'warning', text: `revocation is not known: ${answers.message}` }] }
  const ofKind = (kind: RevocationAnswer['kind']) =>
    answers.filter((answer) => answer.kind === kind).map(({ der }) => der)
  // As of now: what was asked for a moment ago was made since.
  const at = shop.clock.now()
  const now = await x509.validatePath({ ...question, at, crls: ofKind('crl'), ocsps: ofKind('ocsp') })
  if (now.reason === 'REVOKED') throw refused([fault('/path', now.reason, now.detail)])
  return {
    path,
    unknown: now.valid ? [] : [{ severity: 'warning', text: `revocation is not known: ${now.reason} ${now.detail}` }],
  }
}

/** What was asked for and answered before must not come back over something newer. */
async function findAgeFaults(
  { database }: Workshop,
  { notBefore }: x509.Certificate,
  { sealId, keyName }: CertificateRequest,
): Promise<Fault[]> {
  const making = await findMaking(database, sealId)
  if (making === undefined) return []
  if (keyGeneration(keyName) < keyGeneration(making.keyName))
    return [fault('/publicKey', 'KEY_SUPERSEDED', `the seal has a newer key, ${making.keyName}`)]
  const current = x509.parseCertificate(making.certificate)
  const isOlder = keyName === making.keyName && notBefore < current.notBefore
  return isOlder ? [fault('/notBefore', 'OLDER', 'the certificate in use was made later')] : []
}

async function askRevocation(
  { revocation }: Workshop,
  path: readonly x509.Certificate[],
): Promise<readonly RevocationAnswer[] | Error> {
  if (revocation === undefined) return new Error('no source of revocation data is configured')
  const ders = path.map(({ raw }) => raw)
  try {
    return await revocation.answers(ders.slice(0, -1), new Date(0), ders)
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

/**
 * Certificate, use and event in one transaction; of two at once the second finds the first one's, and is judged against it. Trust in the
 * authority that ended meanwhile ends it too.
 */
async function take(
  shop: Workshop,
  { path, chain }: { readonly path: readonly x509.Certificate[]; readonly chain: readonly x509.Certificate[] },
  request: CertificateRequest,
  callerId: string,
): Promise<{ isNew: boolean }> {
  const { sealId, keyName } = request
  const [certificate, authority] = [path[0]!, path.at(-1)!]
  const { raw, serialNumberHex, issuer } = certificate
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const seal = await putOwnInUse(shop, sealId, callerId)
    if ((await findSealCertificate(shop.database, raw)) !== undefined) return { isNew: false }
    const faults = await findAgeFaults(shop, certificate, request)
    if (faults.length > 0) throw refused(faults)
    const at = shop.clock.now()
    const number = (seal.certificateNumber ?? 0) + 1
    const record = {
      ...{ sealId, number, source: 'outside' as const, keyName, certificate: raw, callerId, at },
      chain: chain.map((one) => one.raw),
    }
    const digest = createHash('sha256').update(raw).digest('hex')
    const isFirst = await shop.database.transaction(async (tx) => {
      if (!(await holdAuthority(tx, authority.raw)))
        throw refused([fault('/path', 'NO_CERTIFICATE_CHAIN_FOUND', 'trust in its authority has ended')])
      const current = await lockSeal(tx, sealId)
      if (current!.state !== seal.state) return false
      refuseUncertifiable(current!)
      if (!(await insertSealCertificate(tx, record))) return false
      await recordInUse(tx, record, certificate.notAfter)
      const action = current!.certificateNumber === null ? ('make' as const) : ('renew' as const)
      if (action === 'renew') checkReady(action, await readLifeFacts(tx, current!))
      const reason = `certificate ${serialNumberHex} of ${issuer.text}, sha256 ${digest}`
      await takeStep(tx, current!, { action, reason, caller: { id: callerId }, at })
      return true
    })
    if (isFirst) return { isNew: true }
  }
  throw new Error(`the seal ${sealId} changes all the time`)
}

/** A seal that nobody applied for is the operator's own: it is in use with its certificate. */
async function putOwnInUse(shop: Workshop, sealId: string, callerId: string): Promise<Seal> {
  const seal = await readSeal(shop, sealId)
  return (await hasApplication(shop.database, sealId)) ? seal : putInUse(shop, seal, callerId)
}

async function readSeal({ database }: Workshop, sealId: string): Promise<Seal> {
  const seal = await findSeal(database, sealId)
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  return seal
}
