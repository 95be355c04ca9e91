/**
 * Owns the seals and statement keys of the departments: decides who may put which seal on what, does it, and keeps
 * the record of every use.
 *
 * It does not make licences, does not ask whether one is right (all it needs stands in the request), certifies
 * nothing, and never lets a key out of its key store.
 *
 * Invariants
 * 1. A use is recorded as intended before a key signs and as done after it: two append-only rows.
 * 2. A repeat (identifier and unsigned digest; identifier and data digest) returns what the first attempt made, byte
 *    for byte, and counts once, however many repeat at once; only validation data appended above level B-T may be newer.
 * 3. A certificate from outside serves only once it leads to an authority that an operator trusts; who brought it stands in the
 *    transaction that puts it in use, and those before it stay on record.
 * 4. The policy is asked on every call, first calls and repeats alike, and refuses whatever it does not know.
 */

export type { Authorisation, Grantee } from './domain/authorisation.ts'
export type { EsealLayout, SealMaker } from './domain/eseal.ts'
export type { DeactivationKind } from './domain/filing.ts'
export type { DepartmentKeys } from './domain/public-keys.ts'
export { isEnded, type Seal, type SealAction, type SealKeyAlgorithm, type SealState } from './domain/seal.ts'
export type { Outline, OutlineCommand, OutlineSource, SealType } from './domain/seal-picture.ts'
export type { SealPictureSpec } from './domain/seal-picture-spec.ts'
export type { Caller } from './domain/seal-policy.ts'
export { SealError, type SealErrorCode } from './errors.ts'
export type { AugmentedDocument, AugmentRequest } from './operations/augment-documents.ts'
export type { DepartmentOrder } from './operations/equip-departments.ts'
export type {
  BroughtCertificates,
  CertificateRemark,
  TakenCertificate,
} from './operations/import-certificate.ts'
export { checkLedger, type LedgerReport } from './operations/ledger/check-ledger.ts'
export type { LedgerDesk } from './operations/ledger/ledger-desk.ts'
export type { LedgerFault, LedgerFaultCode } from './operations/ledger/ledger-faults.ts'
export type { KeptWitness } from './operations/ledger/testimony.ts'
export type { ActRequest } from './operations/life/act-request.ts'
export type { LifeDesk } from './operations/life/life-desk.ts'
export type { ClockReport } from './operations/life/run-clock.ts'
export type { DemoDepartment } from './operations/make-demo-seals.ts'
export type { SealOrder } from './operations/make-seal.ts'
export type { EsealTrust } from './operations/oes/verify-signature.ts'
export type { OutsideTrust } from './operations/outside-trust.ts'
export type { OutwardDesk } from './operations/outward/outward-desk.ts'
export type { CertificateOrder, HandedRequest } from './operations/request-certificate.ts'
export type { SealedDocument, SealRequest } from './operations/seal-documents.ts'
export type { StatementRequest, StatementResult } from './operations/sign-statements.ts'
export type { DocumentDesk, DocumentPreview } from './operations/use/document-desk.ts'
export type { AuthorisationOrder, ShownAuthorisation } from './operations/use/grant-authorisation.ts'
export type { SealedUpload, UploadedDocument, UploadOrder } from './operations/use/seal-uploaded.ts'
export type { UseDesk } from './operations/use/use-desk.ts'
export type { AuditSource } from './ports/audit-source.ts'
export type { CertificateRevoker } from './ports/certificate-revoker.ts'
export type { Certifier } from './ports/certifier.ts'
export { createHttpRevocationSource } from './ports/http-revocation-source.ts'
export { createHttpTimestamper, type HttpTimestamperOptions } from './ports/http-timestamper.ts'
export type { LedgerWitness } from './ports/ledger-witness.ts'
export {
  createNationalStatusSystem,
  type NationalStatusSystem,
  type NationalStatusSystemOptions,
} from './ports/national-status-system.ts'
export type { DepartmentFacts, Keeper, People } from './ports/people.ts'
export type { RevocationAnswer, RevocationListSource, RevocationSource } from './ports/revocation-source.ts'
export type { FiledSeal, FilingRecord, SealPublisher } from './ports/seal-publisher.ts'
export type { TimeStamps, Timestamper } from './ports/timestamper.ts'
export { createSealService, type SealService, type SealServiceDeps } from './service.ts'
export { type KeyInUse, listKeysInUse } from './store/keys-in-use.ts'
export { hasLedger } from './store/ledger.ts'
export type { SealCertificate } from './store/seal-certificates.ts'
export type { SealGrant } from './store/seal-grants.ts'
