/**
 * Runs the PKI: the register of certificates, their CRLs and OCSP answers, time stamps, the keys that sign lists. It holds the keys of the
 * authorities, their responders, the time-stamp signer and the list signers and no other: seal and statement keys are certified here, never held.
 *
 * It does not decide who may have a seal, and knows nothing of licences.
 *
 * Invariants
 * 1. A serial number and the whole content of a certificate are on record before it is signed; a repeat for the same
 *    key and profile continues or returns that record. So a crash leaves nothing to clean up.
 * 2. Every use of a key here leaves an append-only row, in the transaction that records what was made with it; stamps and OCSP answers
 *    are counted by key and hour instead, and stop while the counts cannot be put on record.
 * 3. CRL numbers of a list only rise, and a later one holds every revocation that an earlier one held.
 * 4. Once `revokeCertificate` has resolved, no OCSP answer of this process says good. No stamp is made before the signer's last one, nor
 *    while the clock is off the line on which it ran.
 */

export {
  type Attendant,
  beginCeremony,
  type Ceremony,
  type CeremonyKind,
  type CeremonyOptions,
  type CrossRequest,
  describeTranscript,
  faultOfRootName,
  type RequestSet,
  type RootFolder,
  type RootIssue,
  type RootSubject,
  readPublished,
  readRequestSet,
  readRootFolder,
  type SigningRequest,
  type Transcript,
} from './ceremony/index.ts'
export type { AuthorityName, OfferedProfile } from './domain/authority.ts'
export {
  type CertificateState,
  type CertificateSubject,
  type RevocationReason,
  revocationReasons,
} from './domain/certificate.ts'
export type { PkiServiceErrorCode } from './errors.ts'
export { PkiServiceError } from './errors.ts'
export { openPkiIntake, type PkiIntake } from './intake.ts'
export type { CrossImport, CrossReport } from './operations/import-cross.ts'
export type { MadeRequests, NextEntity, RequestOptions } from './operations/make-requests.ts'
export type { ImportReport } from './operations/record-import.ts'
export type {
  CertificateStatus,
  Certified,
  CertifyRequest,
  ListSigner,
  PkiService,
  PkiServiceDeps,
  Sm2Trust,
} from './service.ts'
export { createPkiService } from './service.ts'
