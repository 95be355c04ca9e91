// How the rooms are joined when all run in one process. The compiler checks that each port fits what is put behind it.
import { readFile } from 'node:fs/promises'
import { createDirectory, type Directory } from '../directory/index.ts'
import { createOutwardKey } from '../key-store/index.ts'
import { isCreditCode } from '../licence-format/index.ts'
import { createLicenceService, type LicenceService, type SealFacts } from '../licence-service/index.ts'
import { createPkiService, type PkiService } from '../pki-service/index.ts'
import type { Metrics } from '../platform/http/index.ts'
import type { Clock, Database, FilingConfig, Ids, Log, OidcConfig, TokenConfig } from '../platform/index.ts'
import { createGuardedAsk, openDatabase, privateAddresses, type S3Config } from '../platform/index.ts'
import {
  createHttpRevocationSource,
  createHttpTimestamper,
  createSealService,
  type SealMaker,
  type SealService,
} from '../seal-service/index.ts'
import { createSharingService, type SharingService } from '../sharing-service/index.ts'
import { glyphOutline } from '../templates/fonts/index.ts'
import { createFonts, type FontSet } from '../templates/index.ts'
import type { Receipts } from '../verifier/bundle/index.ts'
import type { Judge } from '../verifier/http/index.ts'
import { anchorsByPurpose, type TrustRoots } from '../verifier/index.ts'
import { openBlobs } from './blobs.ts'
import { readCertificateFiles } from './commands/certificate-files.ts'
import { databaseLocationOf } from './database.ts'
import { holderLoginOf } from './holders.ts'
import { createJudgePool, foreignJudgeBy } from './judge-pool.ts'
import { closeKeyStores, type KeyStores, openKeyStores } from './key-stores.ts'
import { createLedgerFolder, ledgerFolderOf } from './ledger-folder.ts'
import { createMintPool } from './mint-pool.ts'
import { operatorServices, revocationOf, revokerOf, timestamperOf } from './pki-ports.ts'
import { createHouseReceipts, createLedgerSigner, createUseReceiptSigner } from './receipts.ts'
import { auditSourceOf, esealTrustOf, openStatusSystem } from './seal-outside.ts'
import { peopleOf } from './seal-people.ts'
import { documentJudgeOf } from './sharing-ports.ts'
import type { TrustMaterial } from './trust-folder.ts'

export interface HouseOptions {
  /** Keys, documents and the embedded database. */
  readonly dataDir: string
  /** PostgreSQL; without it the embedded engine in the data folder, or in memory where `inMemory` says so. */
  readonly databaseUrl?: string
  readonly inMemory?: boolean
  /** Where its opening has begun already; it is closed with the house. */
  readonly database?: Promise<Database>
  /** The same of the stores of keys. */
  readonly keyStores?: Promise<KeyStores>
  readonly passphrase: string
  /** Where some keys live in a token. */
  readonly token?: TokenConfig
  readonly baseUrl: string
  readonly isProduction: boolean
  /** An OpenID provider by which people log in; left out: by password alone. */
  readonly oidc?: OidcConfig
  readonly passwordLogin?: boolean
  /** By which holders log in, and how well they must be identified there. */
  readonly holderOidc?: OidcConfig
  readonly holderAssuranceLeast?: number
  /** Minutes without use after which a session ends. */
  readonly sessionIdleMinutes?: number
  /** Days that logins stay on record, at least 180. */
  readonly logsKeptDays?: number
  /** Days that it stays on record which department fetched what. */
  readonly sharingAccessKeptDays?: number
  /** An SM2 signature (GB/T 35275) beside each seal of a document; off unless said. */
  readonly sm2Seals?: boolean
  /** Where seals are filed; left out: with the house itself. */
  readonly filing?: FilingConfig
  /** A store that speaks S3, for the files of seals and licences; left out: folders beside the data. */
  readonly blobsS3?: S3Config
  /** A time-stamping authority outside; left out: the house's own. */
  readonly tsaUrl?: string
  /** A file with roots (PEM or DER) that may stand above its time stamps, and above nothing else. */
  readonly tsaRoots?: string
  /** Within how many days a seal should leave a state, by its name. */
  readonly sealDeadlines?: Readonly<Record<string, number>>
  /** Who runs the house, by unified social credit code, where its list CA does not say. */
  readonly operatorCode?: string
  /** The name that belongs to the code; left out: the organisation that the list CA names. */
  readonly operatorName?: string
  /** Threads that draw and judge licences beside this one; 0 or left out: this one does. */
  readonly workers?: number
  /** Whether this process only works batches off, and how many chunks at once; left out: a server, one. */
  readonly batchWork?: { readonly isWorker: boolean; readonly atOnce: number }
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly metrics?: Metrics
}

/** Makes the SESeals of the made-up city; its code has valid check characters. An imported PKI has no SM2 chain to certify it. */
const demonstrationSealMaker: SealMaker = { organisation: '云汀市印章制作中心', organisationCode: '11330199MB3301394C' }
/** The faces that seals are cut in; regulations ask for 宋体, and Arial for numbers. */
const faceOfSealType = { song: 'serif-regular', 'song-bold': 'serif-bold', sans: 'sans-regular' } as const

/** Every service, started, and what is needed to serve or to stop them. */
export interface House {
  readonly database: Database
  readonly directory: Directory
  readonly pki: PkiService
  readonly seals: SealService
  readonly licences: LicenceService
  readonly sharing: SharingService
  /** The house's own roots above everything; authorities outside above seals or time stamps alone. */
  roots(): TrustRoots
  /** The current revocation lists below them, DER. */
  crls(): Promise<Uint8Array[]>
  /** What a verifier needs offline, as of now. */
  trustMaterial(): Promise<TrustMaterial>
  /** Judges uploads in threads of their own; undefined where there are none. */
  readonly judge: Judge | undefined
  /** Signs receipts of verifications; undefined where the PKI certifies no key for them. */
  readonly receipts: Receipts | undefined
  readonly fonts: FontSet
  /** Opens the fonts beforehand, so that the first licence waits for nothing. */
  warm(): Promise<void>
  close(): Promise<void>
}

/** The certificates that the trust list names: the departments' seals and statement keys, and the operator's signers and stampers. */
async function trustedServices(pki: PkiService, seals: SealService): ReturnType<SealFacts['services']> {
  return [...(await seals.publicKeys()), { departmentCode: null, services: operatorServices(pki) }]
}

/** What is not linked now is linked at the next start. */
async function closeLedger({ ledger }: SealService, log: Log): Promise<void> {
  try {
    await ledger.stop()
  } catch (error) {
    log.error('the ledger was not brought up to date', { error })
  }
}

/**
 * Opens everything in order: lock and database, keys, PKI, seals, licences. What was left half done by the last process is completed
 * before it returns. Throws the coded error of the room that refuses; what was opened by then is closed again.
 */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { dataDir, clock, ids, log, baseUrl, isProduction } = options
  const fonts = createFonts()
  const opened: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const step of opened.splice(0).reverse()) await step()
  }
  try {
    // Side by side, but both are waited for: what was opened beside a failure is closed too.
    const [databaseOpened, keysOpened] = await Promise.allSettled([
      options.database ?? openDatabase(databaseLocationOf(options)),
      options.keyStores ?? openKeyStores(options),
    ])
    if (databaseOpened.status === 'fulfilled') opened.push(() => databaseOpened.value.close())
    if (keysOpened.status === 'fulfilled') opened.push(() => closeKeyStores(keysOpened.value))
    if (databaseOpened.status === 'rejected') throw databaseOpened.reason
    if (keysOpened.status === 'rejected') throw keysOpened.reason
    const [database, keys] = [databaseOpened.value, keysOpened.value]
    const stampAnchors = options.tsaRoots === undefined ? [] : await readCertificateFiles([options.tsaRoots])

    const { oidc } = options
    const directory = createDirectory({
      ...options,
      database,
      isDepartmentCode: isCreditCode,
      holders: await holderLoginOf(keys.licence.macKey('search'), {
        oidc: options.holderOidc,
        leastAssurance: options.holderAssuranceLeast,
      }),
      oidc: oidc && { ...oidc, clientKeyPem: oidc.clientKey && (await readFile(oidc.clientKey, 'utf8')) },
    })

    const pki = createPkiService({
      database,
      keyStore: keys.pki,
      clock,
      ids,
      baseUrl,
      production: isProduction,
      sm2InDocuments: options.sm2Seals === true,
      log,
      ...(options.metrics && { metrics: options.metrics }),
    })
    opened.push(() => pki.close().catch((error) => log.error('not every use of a key is on record', { error })))
    // Side by side: neither asks the other. Both are waited for, so that nothing is under way when what they stand on is closed.
    for (const started of await Promise.allSettled([directory.start(), pki.start()]))
      if (started.status === 'rejected') throw started.reason

    const outside = createHttpRevocationSource({ clock, privateAddresses: privateAddresses() })
    const timestamper = options.tsaUrl
      ? createHttpTimestamper({ url: options.tsaUrl, bytes: ids.bytes })
      : timestamperOf(pki, clock)
    const receiptSigner = createUseReceiptSigner({ ...options, keyStore: keys.seal, pki })
    const ledgerSigner = createLedgerSigner({ ...options, keyStore: keys.seal, pki })
    const statusSystem =
      options.filing && (await openStatusSystem(options.filing, { ...options, keyStore: keys.seal, pki }))
    const seals = createSealService({
      database,
      keyStore: keys.seal,
      certifier: pki,
      timestamper,
      revocation: revocationOf(pki, outside),
      outsideLists: outside,
      crossCertificates: () => pki.crossCertificates(),
      production: isProduction,
      log,
      outlines: (codePoint, type = 'song') => glyphOutline(fonts.faces[faceOfSealType[type]], codePoint),
      ...(pki.offers('seal-maker') && { sealMaker: demonstrationSealMaker }),
      sm2Beside: options.sm2Seals === true,
      ...(receiptSigner && { receiptSigner }),
      revokeCertificate: revokerOf(pki),
      ...(ledgerSigner && { ledgerSigner }),
      ledgerWitness: createLedgerFolder(ledgerFolderOf(dataDir)),
      departments: directory,
      people: peopleOf(directory),
      ...(options.sealDeadlines && { deadlines: options.sealDeadlines }),
      ...(statusSystem && { statusSystem }),
      esealTrust: () => esealTrustOf(pki),
      auditSources: [auditSourceOf(directory)],
      privateAddresses: privateAddresses(),
      ...(options.metrics && { metrics: options.metrics }),
      blobs: await openBlobs(options.blobsS3, dataDir, 'seal-files', clock),
      clock,
      ids,
      baseUrl,
    })
    await seals.start()
    opened.push(() => closeLedger(seals, log))
    const roots = () => ({ anchors: pki.anchors(), sealAnchors: seals.outside.anchors(), stampAnchors })
    const crls = async () => (await Promise.all([pki.crls(), seals.outside.lists()])).flat()

    const threads = options.workers ? createMintPool(options.workers) : undefined
    if (threads) opened.push(() => threads.close())
    const judge = options.workers ? createJudgePool(options.workers) : undefined
    if (judge) opened.push(() => judge.close())
    const licences = createLicenceService({
      database,
      blobs: await openBlobs(options.blobsS3, dataDir, 'documents', clock),
      keys: { wrapping: keys.licence.wrappingKey('data-keys'), mac: keys.licence.macKey('search') },
      outwardKey: createOutwardKey({ keyStore: keys.licence, clock }),
      sealer: seals,
      reseals: seals.ledger,
      listSigner: pki.listSigner,
      facts: {
        departments: () => directory.departments(),
        services: () => trustedServices(pki, seals),
        sealTypes: async (departmentCode, sealId) =>
          (await seals.seals(departmentCode)).find(({ id }) => id === sealId)?.typeCodes,
      },
      people: peopleOf(directory),
      // The sharing service is opened after the register it asks; nobody looks before both are there.
      accesses: { accessesOf: (...asked) => sharing.accessesOf(...asked) },
      ...(threads && { judge: threads.judge, render: threads.render }),
      ...(judge && { judgeForeign: foreignJudgeBy(judge) }),
      askOutside: createGuardedAsk({ privateAddresses: privateAddresses() }),
      ...(options.batchWork && { batchWork: options.batchWork }),
      trust: { anchors: () => anchorsByPurpose(roots()), crls },
      clock,
      ids,
      log,
      baseUrl,
      fonts,
      ...(options.metrics && { metrics: options.metrics }),
    })
    opened.push(() => licences.close())
    await licences.start()
    const sharing = createSharingService({
      database,
      keyStore: keys.sharing,
      register: licences.shared,
      judge: documentJudgeOf({ crls, licences, roots, judge }, options),
      departments: directory,
      authority: directory,
      privateAddresses: privateAddresses(),
      ...(options.sharingAccessKeptDays && { accessKeptDays: options.sharingAccessKeptDays }),
      clock,
      ids,
      log,
      baseUrl,
    })
    await sharing.start()

    const trustMaterial = async (): Promise<TrustMaterial> => ({
      ...roots(),
      crls: await crls(),
      trustList: await licences.trustList(),
      statusLists: await licences.statusLists(),
    })
    return {
      database,
      directory,
      pki,
      seals,
      licences,
      sharing,
      roots,
      crls,
      trustMaterial,
      judge,
      receipts: createHouseReceipts({ ...options, keyStore: keys.verifier, pki, timestamper }),
      fonts,
      warm: () => fonts.warm(),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
