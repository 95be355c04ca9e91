import type { KeyStore } from '../key-store/index.ts'
import type { JwsSigner } from '../licence-format/index.ts'
import type { Metrics } from '../platform/http/index.ts'
import type { Blobs, Clock, Database, Ids, Log, PrivateAddresses } from '../platform/index.ts'
import type { SealMaker } from './domain/eseal.ts'
import type { LifeDeadlines } from './domain/life-deadlines.ts'
import type { OutlineSource } from './domain/seal-picture.ts'
import type { EsealTrust } from './operations/oes/verify-signature.ts'
import type { OpenSeals, OpenSm2Seals } from './operations/open-seals.ts'
import type { OutsideTrust } from './operations/outside-trust.ts'
import type { AuditSource } from './ports/audit-source.ts'
import type { CertificateRevoker } from './ports/certificate-revoker.ts'
import type { Certifier } from './ports/certifier.ts'
import type { Departments } from './ports/departments.ts'
import type { LedgerWitness } from './ports/ledger-witness.ts'
import type { NationalStatusSystem } from './ports/national-status-system.ts'
import type { People } from './ports/people.ts'
import type { RevocationListSource, RevocationSource } from './ports/revocation-source.ts'
import type { SealPublisher } from './ports/seal-publisher.ts'
import type { Timestamper } from './ports/timestamper.ts'

/** What the operations work with; made once in `createSealService`. */
export interface Dependencies {
  readonly database: Database
  readonly keyStore: KeyStore
  readonly certifier: Certifier
  /** Revokes certificates of compromised keys; without it the authority must be asked by hand. */
  readonly revokeCertificate?: CertificateRevoker
  /** Without it seals stay at level B-B. */
  readonly timestamper?: Timestamper
  /** Without it seals stay at level B-T. */
  readonly revocation?: RevocationSource
  /** Lists of the authorities outside that certified seals; without it none is fetched. */
  readonly outsideLists?: RevocationListSource
  /** Certificates that other cities gave our roots, DER: they go with validation data, so that a path leads to their roots too. */
  readonly crossCertificates?: () => readonly Uint8Array[]
  /** Who makes China's own form of the seals (SESeal); without it none is made. Its key lives in the key store. */
  readonly sealMaker?: SealMaker
  /** Whether an SM2 signature (GB/T 35275) stands beside each seal that has an SESeal; off unless said. */
  readonly sm2Beside?: boolean
  /** Under whom SESeals and their signers stand; without it signatures of document systems are not judged to the end. */
  readonly esealTrust?: () => Promise<EsealTrust>
  /** The tree of departments; without it each stands alone. */
  readonly departments?: Departments
  /** Who may do what, and who keeps seals; without it nobody takes part in a seal's life. */
  readonly people?: People
  /** Within how many days a seal should leave a state; the usual ones where it says nothing. */
  readonly deadlines?: LifeDeadlines
  /** Where seals are filed (备案) and their states published; without it the house files with itself. */
  readonly statusSystem?: NationalStatusSystem
  /** Records of other rooms that the city's audit is shown beside the ledger. */
  readonly auditSources?: readonly AuditSource[]
  /** Whether events may be told to this machine or a private network; default `refuse`, and then by https alone. */
  readonly privateAddresses?: PrivateAddresses
  readonly metrics?: Metrics
  /** Signs the heads of the ledger; without it they are not signed. */
  readonly ledgerSigner?: () => Promise<JwsSigner>
  /** Signs the receipts of uses; without it none is given. */
  readonly receiptSigner?: () => Promise<JwsSigner>
  /** Keeps the heads of the ledger outside the database; without it nobody does. */
  readonly ledgerWitness?: LedgerWitness
  /** Keeps files enciphered: documents that wait to be sealed or are to be kept. Without it there are no batches of documents. */
  readonly blobs?: Blobs
  /** Outlines of the ring text's type; asked only while a seal is being made. */
  readonly outlines: OutlineSource
  readonly clock: Clock
  readonly ids: Ids
  /** Production mode refuses an authority whose name says TEST. */
  readonly production?: boolean
  readonly log?: Log
  /** Origin of the public check page that statements point at. */
  readonly baseUrl: string
  /** Longest PDF that is sealed, in octets. */
  readonly maxDocumentBytes: number
  /** How long reading the documents of one batch may keep this thread, in milliseconds of its processor. */
  readonly batchReadingMs: number
}

/** The dependencies and what is compiled once and kept. */
export interface Workshop extends Dependencies {
  readonly openSeals: OpenSeals
  readonly openSm2Seals: OpenSm2Seals
  readonly outside: OutsideTrust
  /** Where seals are filed (备案). */
  readonly publisher: SealPublisher
  readonly departments: Departments
  readonly people: People
  readonly deadlines: LifeDeadlines
}
