import { x509 } from '../pki/index.ts'
import type { RouteSet } from '../platform/http/index.ts'
import { migrate, packagePath } from '../platform/index.ts'
import type { Dependencies } from './dependencies.ts'
import { isSm2, type OfferedProfile, type OwnName, offeredProfiles, purposeOf } from './domain/authority.ts'
import type { CertificateState, RevocationReason } from './domain/certificate.ts'
import { isStale } from './domain/crl-schedule.ts'
import { PkiServiceError } from './errors.ts'
import { createFigures } from './figures.ts'
import { createPkiRoutes } from './http/routes.ts'
import { createOcspAnswers } from './operations/answer-ocsp.ts'
import {
  type Certified,
  type CertifyCsrRequest,
  type CertifyRequest,
  certify,
  certifyRequest,
} from './operations/certify.ts'
import { createKeyUses } from './operations/count-key-uses.ts'
import {
  type Authority,
  authoritiesIn,
  chainOf,
  getMade,
  isLiving,
  isPublisher,
  type OwnCertificates,
} from './operations/own-certificates.ts'
import { refreshCrls as refreshCrlsOf } from './operations/publish-crl.ts'
import { createOcspResponding } from './operations/respond-ocsp.ts'
import { createStampResponding } from './operations/respond-stamp.ts'
import { retireKeys } from './operations/retire-keys.ts'
import { revokeCertificate } from './operations/revoke-certificate.ts'
import { createListSigner, type ListSigner } from './operations/sign-list.ts'
import { createTimeStamper } from './operations/stamp-time.ts'
import { startPki } from './operations/start-pki.ts'
import { warnOfEnds } from './operations/warn-of-ends.ts'
import { findCertificate, listAuthorities, listShards } from './store/certificates.ts'
import { findLatestCrl } from './store/crls.ts'
import { type CrossCertificate, listCrossCertificates } from './store/cross-certificates.ts'

export type { Certified, CertifyCsrRequest, CertifyRequest } from './operations/certify.ts'
export type { ListSigner } from './operations/sign-list.ts'

export interface PkiServiceDeps extends Dependencies {
  /** Production mode refuses a demonstration root. */
  readonly production?: boolean
  /** Documents carry SM2 signatures as well: `anchors`, `caCertificates` and `crls` then give the SM2 chain with the others. */
  readonly sm2InDocuments?: boolean
}

/** As `eseal.SesTrust` takes it. */
export interface Sm2Trust {
  readonly anchors: Uint8Array[]
  readonly intermediates: Uint8Array[]
  readonly crls: Uint8Array[]
}

/** What the register says of a certificate. */
export interface CertificateStatus {
  readonly state: CertificateState
  readonly revokedAt: Date | null
  readonly reason: RevocationReason | null
}

export interface PkiService {
  /**
   * Migrates the schema, opens the imported PKI or makes the demonstration one where it is not complete, and publishes a CRL of every
   * authority whose key is here. May be broken off and repeated, also by two processes at once. Throws `PKI_TEST_ROOT_IN_PRODUCTION` and
   * `PKI_ROOT_MISSING`.
   */
  start(): Promise<void>
  /**
   * Certifies the key (SubjectPublicKeyInfo, DER) of a seal or of a statement signer; TEST is added to the common
   * name. The same profile and key again give the same certificate, until its authority is revoked. Throws `PKI_SUBJECT_INVALID` and others.
   */
  certify(request: CertifyRequest): Promise<Certified>
  /**
   * The same for a key that is held elsewhere, by a request (PKCS #10) that proves it. Throws `PKI_REQUEST_REFUSED` and what `certify` throws.
   */
  certifyRequest(request: CertifyCsrRequest): Promise<Certified>
  /** Revokes by serial number (lower-case hexadecimal); the CRL with it is published before this resolves. */
  revokeCertificate(serialNumber: string, reason: RevocationReason, revokedAt: Date): Promise<void>
  /** What the register says of a serial number; undefined when it was never given. */
  certificateStatus(serialNumber: string): Promise<CertificateStatus | undefined>
  readonly listSigner: ListSigner
  /**
   * Stamps SHA-256 digests: a TimeStampToken (RFC 3161, DER) for each, in order, all of one moment. The key's uses are counted by the
   * hour. Throws `PKI_CLOCK_UNRELIABLE` while the clock has jumped or is behind the last stamp.
   */
  timeStamp(imprints: readonly Uint8Array[]): Promise<Uint8Array[]>
  /** Octets of the longest token that `timeStamp` gives. */
  maxTimeStampLength(): Promise<number>
  /** The certificate that stamps are made with, its CA, the root, DER. */
  timeStampChain(): Uint8Array[]
  /**
   * What the responders say of each certificate (DER) of this PKI: one OCSPResponse each, in order, with thisUpdate not before
   * `notBefore` (whole seconds). Throws `PKI_CERTIFICATE_NOT_FOUND` for one that was not issued here.
   */
  revocationAnswers(certificates: readonly Uint8Array[], notBefore: Date): Promise<Uint8Array[]>
  /** Whether `certify` can give certificates of this profile: those of the SM2 chain need a demonstration PKI and a key store that knows SM2. */
  offers(profile: OfferedProfile): boolean
  /** The trust anchors, DER: one, or two while roots change. The SM2 root is not among them, see `sm2Trust`. */
  anchors(): Uint8Array[]
  /** What China's seals of this PKI are verified with: the SM2 root, the CAs below it and their latest lists, DER; empty where there is none. */
  sm2Trust(): Promise<Sm2Trust>
  /** Certificates of the authorities, root first, DER; without the SM2 chain. */
  caCertificates(): Uint8Array[]
  /** What other cities gave our roots, as imported, the living ones, DER: paths to their roots lead through them. */
  crossCertificates(): Uint8Array[]
  /** Every certificate that this service holds the key of, by its name, DER. */
  certificates(): ReadonlyMap<OwnName, Uint8Array>
  /** The latest CRL of every authority, DER; without the SM2 chain. */
  crls(): Promise<Uint8Array[]>
  /** Publishes what is due at `now`; the caller runs it on a timer, once an hour is enough. */
  refreshCrls(now?: Date): Promise<void>
  /** Makes OCSP answers anew before they age, and at once what was revoked elsewhere; to be run every few seconds. */
  refreshAnswers(now?: Date): Promise<void>
  /** Rejects with what is wrong when a CRL or an OCSP answer is missing or past its nextUpdate, or nobody can stamp. */
  checkReady(): Promise<void>
  /**
   * Signers whose keys have been used for their time give way to a next generation, and a month later their keys are destroyed; the
   * caller runs it on a timer, before `refreshCrls`.
   */
  rotateSigners(): Promise<void>
  /** Puts on record what is counted in memory; the last thing before the database is closed. */
  close(): Promise<void>
  /** `/pki/ca/{name}.cer`, `/pki/crl/{name}.crl`; no permission needed. */
  readonly routes: RouteSet
}

/** Builds the service; nothing happens before `start`. */
export function createPkiService(deps: PkiServiceDeps): PkiService {
  let made: OwnCertificates | undefined
  let cross: readonly CrossCertificate[] = []
  const own = (): OwnCertificates => {
    if (made === undefined) throw new PkiServiceError('PKI_NOT_STARTED', 'the PKI service has not been started')
    return made
  }
  const open = async (): Promise<OwnCertificates> => startPki(deps, { production: deps.production === true })
  const refreshCrls = async (now = deps.clock.now()): Promise<void> => {
    for (const authority of authoritiesIn(own())) {
      if (isPublisher(authority, now)) await refreshCrlsOf(deps, authority, now)
    }
  }
  const crossCertificates = (): Uint8Array[] => {
    const now = deps.clock.now()
    return cross
      .filter(({ notBefore, notAfter }) => now >= notBefore && now < notAfter)
      .map(({ certificate }) => certificate)
  }
  const isGiven = ({ ownName }: Authority): boolean => deps.sm2InDocuments === true || !isSm2(ownName)
  const latestCrls = async (authorities: readonly Authority[]): Promise<Uint8Array[]> => {
    const latest = await Promise.all(authorities.map(({ ownName }) => findLatestCrl(deps.database, ownName)))
    return latest.flatMap((crl) => (crl === undefined ? [] : [crl.crl]))
  }
  const reopen = async (): Promise<void> => {
    const opened = await open()
    await answers.load(opened)
    cross = await listCrossCertificates(deps.database)
    made = opened
  }
  // A ceremony's import is another process's: what it revoked issues nothing here any more, though no rotation came yet.
  const ownForIssuing = async (): Promise<OwnCertificates> => {
    const known = await listAuthorities(deps.database)
    const revoked = new Set(known.filter(({ state }) => state === 'revoked').map(({ ownName }) => ownName))
    const isBehind = authoritiesIn(own()).some(({ ownName, state }) => state === 'active' && revoked.has(ownName))
    if (isBehind) {
      await reopen()
      await refreshCrls()
    }
    return own()
  }
  const uses = createKeyUses(deps.database)
  const stamper = createTimeStamper(deps, own, uses)
  const answers = createOcspAnswers(deps, uses)
  const figures = createFigures(deps)
  const refreshAnswers = async (now = deps.clock.now()): Promise<void> => {
    figures.tellClock(stamper.isClockReliable())
    await answers.refresh(now)
    figures.tellOldestAnswer(answers.oldest(), now)
  }
  return {
    async start() {
      await migrate(deps.database, { schema: 'pki', folder: packagePath('pki-service', 'store', 'migrations') })
      await reopen()
      await refreshCrls()
      await refreshAnswers()
    },
    certify: async (request) => certify(deps, await ownForIssuing(), request),
    certifyRequest: async (request) => certifyRequest(deps, await ownForIssuing(), request),
    async revokeCertificate(serialNumber, reason, revokedAt) {
      await revokeCertificate(deps, own(), answers, { serialNumber, reason, revokedAt })
      // One of our own gives way at once to its next generation.
      if ([...own().values()].some((one) => one.serialNumber === serialNumber)) await reopen()
    },
    async certificateStatus(serialNumber) {
      const record = await findCertificate(deps.database, serialNumber)
      return record && { state: record.state, revokedAt: record.revokedAt, reason: record.revocationReason }
    },
    listSigner: createListSigner(deps, own, crossCertificates),
    revocationAnswers: async (certificates, notBefore) =>
      answers.evidence(certificates.map(x509.parseCertificate), notBefore),
    refreshAnswers,
    async timeStamp(imprints) {
      const made = await stamper.stamp(imprints.map((messageImprint) => ({ messageImprint })))
      figures.tellStamps('granted', undefined, made.length)
      return made
    },
    maxTimeStampLength: () => stamper.maxTokenLength(),
    timeStampChain: () => [
      getMade(own(), 'time-stamp-signer').certificate,
      ...chainOf(own(), getMade(own(), 'time-stamp-signer').issuer),
    ],
    anchors: () =>
      authoritiesIn(own())
        .filter((one) => one.profile === 'root' && isGiven(one) && isLiving(one, deps.clock.now()))
        .map(({ certificate }) => certificate),
    offers(profile) {
      const { issuer } = offeredProfiles[profile]
      return authoritiesIn(own()).some(({ ownName }) => purposeOf(ownName) === issuer)
    },
    async sm2Trust() {
      const authorities = authoritiesIn(own()).filter(({ ownName }) => isSm2(ownName))
      const pick = (isRoot: boolean) =>
        authorities.filter(({ profile }) => (profile === 'root') === isRoot).map(({ certificate }) => certificate)
      return { anchors: pick(true), intermediates: pick(false), crls: await latestCrls(authorities) }
    },
    caCertificates: () =>
      authoritiesIn(own())
        .filter(isGiven)
        .map(({ certificate }) => certificate),
    crossCertificates,
    certificates: () => new Map([...own()].map(([name, { certificate }]) => [name, certificate])),
    crls: () => latestCrls(authoritiesIn(own()).filter(isGiven)),
    refreshCrls,
    async rotateSigners() {
      await reopen()
      await retireKeys(deps, own())
      await warnOfEnds(deps, own(), deps.clock.now())
    },
    close: () => uses.flush(),
    async checkReady() {
      const now = deps.clock.now()
      for (const { ownName, ...one } of authoritiesIn(own())) {
        if (!isLiving(one, now)) continue
        for (const shard of await listShards(deps.database, ownName)) {
          const crl = await findLatestCrl(deps.database, ownName, shard)
          if (crl === undefined || isStale(crl, now)) throw new Error(`a CRL of ${ownName} is stale`)
        }
      }
      const silent = answers.findStale(now)
      if (silent !== undefined) throw new Error(`the OCSP answers of ${silent} are stale`)
      // A clock that jumped is left out: it hinders stamps alone, and all else here serves as before.
      if (!isLiving(getMade(own(), 'time-stamp-signer'), now)) throw new Error('the time-stamp signer has ended')
      await stamper.maxTokenLength()
    },
    routes: createPkiRoutes({
      respondOcsp: createOcspResponding(deps, answers, figures),
      respondStamp: createStampResponding(stamper, figures),
      certificateOf: (name) => own().get(name)?.certificate,
      crossCertificateOf: (name) => cross.find((one) => one.name === name)?.certificate,
      crlOf: (name, shard) => findLatestCrl(deps.database, name, shard),
      clock: deps.clock,
    }),
  }
}
