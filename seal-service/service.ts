import type { RouteSet } from '../platform/http/index.ts'
import { migrate, type Principal, packagePath } from '../platform/index.ts'
import type { Dependencies, Workshop } from './dependencies.ts'
import type { EsealLayout } from './domain/eseal.ts'
import { toDeadlines } from './domain/life-deadlines.ts'
import { type DepartmentKeys, joinByDepartment } from './domain/public-keys.ts'
import type { Seal, StatementKey } from './domain/seal.ts'
import type { Caller } from './domain/seal-policy.ts'
import { SealError } from './errors.ts'
import { createDocumentRoutes } from './http/document-routes.ts'
import { createLedgerRoutes } from './http/ledger-routes.ts'
import { createLifeRoutes } from './http/life-routes.ts'
import { createOesRoutes } from './http/oes-routes.ts'
import { createRecordRoutes, createSupervisionRoutes, createWebhookRoutes } from './http/outward-routes.ts'
import { createPictureRoutes } from './http/picture-routes.ts'
import { createSealRoutes } from './http/routes.ts'
import { createUseRoutes } from './http/use-routes.ts'
import { endOfScheme } from './operations/archive-stamp.ts'
import { type AugmentedDocument, type AugmentRequest, augmentDocuments } from './operations/augment-documents.ts'
import { changeSealState, type OperatorAction } from './operations/change-seal-state.ts'
import { type DepartmentOrder, equipDepartments } from './operations/equip-departments.ts'
import { changeGrant } from './operations/grant-seal.ts'
import { type BroughtCertificates, importCertificate, type TakenCertificate } from './operations/import-certificate.ts'
import { createLedgerDesk, type LedgerDesk } from './operations/ledger/ledger-desk.ts'
import { dateSeals } from './operations/life/date-seals.ts'
import { createLifeDesk, type LifeDesk } from './operations/life/life-desk.ts'
import { findSealInSight } from './operations/life/life-facts.ts'
import { type DemoDepartment, makeDemoSeals } from './operations/make-demo-seals.ts'
import { makeEseals } from './operations/make-eseals.ts'
import { makeSeal, type SealOrder } from './operations/make-seal.ts'
import { renewStatementKey } from './operations/make-statement-key.ts'
import { createOesDesk, type OesDesk } from './operations/oes/oes-desk.ts'
import { createOpenSeals, createOpenSm2Seals } from './operations/open-seals.ts'
import { createOutsideTrust, type OutsideTrust } from './operations/outside-trust.ts'
import { createFilingDesk } from './operations/outward/file-seals.ts'
import { createOutwardDesk, type OutwardDesk } from './operations/outward/outward-desk.ts'
import { watchRefusals } from './operations/outward/watch-refusals.ts'
import { createPictureDesk } from './operations/pictures/picture-desk.ts'
import { type RenewalOrder, renewSeal } from './operations/renew-seal.ts'
import { type CertificateOrder, type HandedRequest, requestCertificate } from './operations/request-certificate.ts'
import { type SealedDocument, type SealRequest, sealDocuments } from './operations/seal-documents.ts'
import { type StatementRequest, type StatementResult, signStatements } from './operations/sign-statements.ts'
import { distrustAuthority, trustAuthority } from './operations/trust-authority.ts'
import { createDocumentDesk, type DocumentDesk } from './operations/use/document-desk.ts'
import { createUseDesk, type UseDesk } from './operations/use/use-desk.ts'
import { departmentsApart } from './ports/departments.ts'
import { nobodyKnown } from './ports/people.ts'
import { findEseal } from './store/eseals.ts'
import { listCertificatesInUse, type SealCertificate } from './store/seal-certificates.ts'
import type { SealGrant } from './store/seal-grants.ts'
import { findMaking, findSeal, listMadeSeals, listSealsOfDepartment } from './store/seals.ts'
import { listStatementKeys } from './store/statement-keys.ts'

export interface SealServiceDeps extends Omit<Dependencies, 'maxDocumentBytes' | 'batchReadingMs'> {
  /** 32 MiB when left out. */
  readonly maxDocumentBytes?: number
  /** 20 seconds when left out. */
  readonly batchReadingMs?: number
}

export interface SealService {
  /** Migrates the schema and reads which authorities outside are trusted. */
  start(): Promise<void>
  /**
   * Signs the QR statements of at most 200 licences of the caller's department. A repeat (identifier and data digest)
   * returns the stored text. One refusal refuses the group, with all refusals as `faults` (`SealError`).
   */
  signStatements(caller: Caller, requests: readonly StatementRequest[]): Promise<StatementResult[]>
  /**
   * Seals at most 200 documents (PAdES, DocMDP P=1; P=2 with prepared fields for a joint issue), each at its place with its
   * centre there, up to the level asked for as far as evidence can be had. A repeat (identifier and unsigned digest) returns
   * the same bytes up to level B-T. One refusal refuses the group, with all as `faults` (`SealError`).
   */
  sealDocuments(caller: Caller, requests: readonly SealRequest[]): Promise<SealedDocument[]>
  /** Until when the algorithms of an archive time stamp count, by the table of `pki`; the epoch for what is not in it. */
  endOfScheme(scheme: string): Date
  /** Raises at most 200 sealed documents to their target level, or renews their archive time stamps; touches no earlier byte. */
  augmentDocuments(requests: readonly AugmentRequest[]): Promise<AugmentedDocument[]>
  /**
   * Lets another department's minting carry this seal on a type of licence (joint issue), or ends that. Idempotent.
   * Throws `SEAL_NOT_FOUND`, `SEAL_NOT_ALLOWED_ON_TYPE`.
   */
  grantSeal(grant: SealGrant, callerId: string): Promise<void>
  endGrant(grant: SealGrant, callerId: string): Promise<void>
  /** Approves and makes one seal. Idempotent by department and name. */
  makeSeal(order: SealOrder): Promise<Seal>
  /** One official seal and one statement key for each department; types are brought up to date. Idempotent. */
  equipDepartments(departments: readonly DepartmentOrder[], callerId: string): Promise<Seal[]>
  /** The same for the departments of the demonstration. */
  makeDemoSeals(departments: readonly DemoDepartment[]): Promise<Seal[]>
  /** Suspends, restores or revokes; throws `SEAL_NOT_FOUND`, `SEAL_TRANSITION_FORBIDDEN`. */
  changeSealState(change: {
    readonly sealId: string
    readonly action: OperatorAction
    readonly reason: string
    readonly callerId: string
  }): Promise<Seal>
  seals(departmentCode: string): Promise<Seal[]>
  /** The certificates in use of a department's seals. */
  certificates(departmentCode: string): Promise<SealCertificate[]>
  /**
   * A request (PKCS #10) for the certificate of a seal from an authority outside, the first or the next. A repeat hands out the same.
   * Throws `SEAL_NOT_FOUND`, `SEAL_NOT_MADE`, `SEAL_REVOKED`, `SEAL_REQUEST_REFUSED`.
   */
  requestCertificate(order: CertificateOrder): Promise<HandedRequest>
  /**
   * Takes what the authority answered into use, once it is checked against request and trusted authorities. A repeat changes nothing.
   * Throws `SEAL_CERTIFICATE_UNREADABLE`, `SEAL_CERTIFICATE_REFUSED` with every fault, `SEAL_REVOKED`.
   */
  importCertificate(brought: BroughtCertificates): Promise<TakenCertificate>
  /**
   * A new key and certificate of the house's own authority for a seal. Throws `SEAL_NOT_FOUND`, `SEAL_TRANSITION_FORBIDDEN`,
   * `SEAL_REQUEST_REFUSED` for one that is certified outside.
   */
  renewSeal(order: RenewalOrder): Promise<Seal>
  /** A new statement key in the place of the department's present one. */
  renewStatementKey(
    department: { readonly code: string; readonly name: string },
    callerId: string,
  ): Promise<StatementKey>
  /** Trusts an authority outside (certificate, DER), or ends that; false when it is so already. Throws `SEAL_AUTHORITY_REFUSED`. */
  trustAuthority(certificate: Uint8Array, callerId: string): Promise<boolean>
  distrustAuthority(certificate: Uint8Array, callerId: string): Promise<boolean>
  /** The authorities outside that are trusted, and their current lists about the seals in use; to be refreshed every few seconds. */
  readonly outside: OutsideTrust
  /** Where people take part in the life of seals. */
  readonly life: LifeDesk
  /** The picture at true size; throws `SEAL_NOT_FOUND`, `SEAL_NOT_MADE`. */
  sealPictureSvg(sealId: string): Promise<string>
  /**
   * The seal as China's standards know it, signed by its maker: SESeal of GM/T 0031-2025 (V5) or GB/T 38540-2020 (V4), DER. Whatever
   * state the seal is in. Throws `SEAL_NOT_FOUND`, `SEAL_ESEAL_ABSENT`.
   */
  eseal(sealId: string, layout: EsealLayout): Promise<Uint8Array>
  /** Certificates of seals and statement keys with their states, for the trust list. */
  publicKeys(): Promise<DepartmentKeys[]>
  /** Who may use which seal, second persons, receipts. */
  readonly uses: UseDesk
  /** Official documents that are no licence, and the seals of persons. */
  readonly documents: DocumentDesk
  /** Filings, events for others, supervision, pages of the audit. */
  readonly outward: OutwardDesk
  /** The calls of document systems. */
  readonly oes: OesDesk
  /** The record of uses: its chain, who used what, and what a compromise puts in doubt. */
  readonly ledger: LedgerDesk
  /** `GET /api/seals`, `GET /api/seals/{sealId}/picture.svg`: permission `seals:read`. */
  readonly routes: RouteSet
}

const defaultMaxDocumentBytes = 32 * 1024 * 1024
/** Ten documents that ask for all they may; thousands of usual ones. */
const defaultBatchReadingMs = 20_000

/** Builds the service; nothing happens before `start`. */
export function createSealService(deps: SealServiceDeps): SealService {
  const publisher = createFilingDesk({ ...deps, makerName: deps.sealMaker?.organisation ?? '' })
  const shop: Workshop = {
    maxDocumentBytes: defaultMaxDocumentBytes,
    batchReadingMs: defaultBatchReadingMs,
    ...deps,
    openSeals: createOpenSeals(deps.database, deps.keyStore),
    openSm2Seals: createOpenSm2Seals(deps.database, deps.keyStore),
    outside: createOutsideTrust(deps),
    publisher,
    departments: deps.departments ?? departmentsApart,
    people: deps.people ?? nobodyKnown,
    deadlines: toDeadlines(deps.deadlines),
  }
  const findInSight = (principal: Principal, sealId: string) => findSealInSight(shop, principal, sealId)
  const seals = (departmentCode: string) => listSealsOfDepartment(shop.database, departmentCode)
  const sealPictureSvg = async (sealId: string): Promise<string> => {
    const making = await findMaking(shop.database, sealId)
    if (making !== undefined) return making.pictureSvg
    if ((await findSeal(shop.database, sealId)) === undefined) {
      throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
    }
    throw new SealError('SEAL_NOT_MADE', `seal ${sealId} is approved but not yet made`)
  }
  const eseal = async (sealId: string, layout: EsealLayout): Promise<Uint8Array> => {
    const record = await findEseal(shop.database, sealId, layout)
    if (record !== undefined) return record.eseal
    if ((await findSeal(shop.database, sealId)) === undefined)
      throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
    throw new SealError('SEAL_ESEAL_ABSENT', `no SESeal was made of seal ${sealId}`)
  }
  const withEseals = async (made: Seal[], callerId: string): Promise<Seal[]> => {
    for (const seal of made) await makeEseals(shop, seal, callerId)
    return made
  }
  const uses = createUseDesk(shop)
  const life = createLifeDesk(shop)
  const outward = createOutwardDesk(shop, publisher)
  const oes = createOesDesk(shop)
  const documents = createDocumentDesk(shop)
  const ledger = createLedgerDesk(shop)
  const { problems, routes } = createSealRoutes({ sealPictureSvg, eseal, findInSight })
  return {
    async start() {
      await migrate(shop.database, { schema: 'seal', folder: packagePath('seal-service', 'store', 'migrations') })
      await dateSeals(shop)
      await shop.outside.load()
    },
    signStatements: (caller, requests) =>
      watchRefusals(shop, caller, requests, () => signStatements(shop, caller, requests)),
    sealDocuments: (caller, requests) =>
      watchRefusals(shop, caller, requests, () => sealDocuments(shop, caller, requests)),
    endOfScheme,
    augmentDocuments: (requests) => augmentDocuments(shop, requests),
    grantSeal: (grant, callerId) => changeGrant(shop, 'grant', grant, callerId),
    endGrant: (grant, callerId) => changeGrant(shop, 'end-grant', grant, callerId),
    makeSeal: async (order) => (await withEseals([await makeSeal(shop, order)], order.callerId))[0]!,
    equipDepartments: async (departments, callerId) =>
      withEseals(await equipDepartments(shop, departments, callerId), callerId),
    makeDemoSeals: async (departments) => withEseals(await makeDemoSeals(shop, departments), 'system:demonstration'),
    changeSealState: (change) => changeSealState(shop, change),
    seals,
    certificates: (departmentCode) => listCertificatesInUse(shop.database, departmentCode),
    requestCertificate: (order) => requestCertificate(shop, order),
    async importCertificate(brought) {
      const taken = await importCertificate(shop, brought)
      await withEseals([taken.seal], brought.callerId)
      return taken
    },
    renewSeal: async (order) => (await withEseals([await renewSeal(shop, order)], order.callerId))[0]!,
    renewStatementKey: (department, callerId) => renewStatementKey(shop, department, callerId),
    trustAuthority: (certificate, callerId) => trustAuthority(shop, certificate, callerId),
    distrustAuthority: (certificate, callerId) => distrustAuthority(shop, certificate, callerId),
    outside: shop.outside,
    sealPictureSvg,
    eseal,
    async publicKeys() {
      const [histories, statementKeys] = await Promise.all([
        listMadeSeals(shop.database, shop.sm2Beside === true),
        listStatementKeys(shop.database),
      ])
      return joinByDepartment(histories, statementKeys, shop.clock.now())
    },
    uses,
    life,
    outward,
    oes,
    documents,
    ledger,
    routes: {
      problems,
      routes: [
        ...routes,
        ...createLifeRoutes(life),
        ...createUseRoutes(uses),
        ...createPictureRoutes(createPictureDesk(shop)),
        ...createWebhookRoutes(outward),
        ...createSupervisionRoutes(outward),
        ...createRecordRoutes(outward),
        ...createOesRoutes(oes),
        ...createDocumentRoutes(documents),
        ...createLedgerRoutes(ledger),
      ],
    },
  }
}
