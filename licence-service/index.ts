/**
 * licence-service: owns licences. It gives them number and status place, has them sealed, keeps register and documents, and publishes
 * what anyone may know: status, status lists, trust list. It also hands a holder the way to their document.
 *
 * It does not seal or sign (it asks through `ports/`), does not draw (templates) and does not judge documents (verifier).
 *
 * Invariants
 * 1. A licence exists from the second transaction on, and not before: the intent is on record before anything is signed, the document
 *    is stored and verified before the register says `in force`.
 * 2. Every step may be repeated from the record; a repeat gives the same bytes and counts once. One key makes one licence.
 * 3. The register is only ever added to. Every change of a licence, its register entry, its audit record and the mark on its status
 *    list are one transaction.
 * 4. What belongs to a holder is stored only under the licence's own data key, or as a keyed hash.
 */
export { LicenceError, type LicenceErrorCode } from './errors.ts'
export type { NewAssignment } from './operations/assign-types.ts'
export type { ChangedStatus, StatusChange } from './operations/change-status.ts'
export type { Copies } from './operations/copies/copies.ts'
export type { CopyMaker, CopyOrder, MadeCopy } from './operations/copies/make-copy.ts'
export type { CopyStatus } from './operations/copies/read-copies.ts'
export type { FetchingReader, LicenceBrief, SharedRegister } from './operations/feed/shared-register.ts'
export type { SharedField, SharedType } from './operations/feed/shared-types.ts'
export { foldHolderCode, holderKeyOf } from './operations/holder-key.ts'
export type { IssueRequest, Replacement } from './operations/issue-licences.ts'
export type { IssuedLicence, IssueOutcome } from './operations/issue-outcome.ts'
export type { PublicStatus } from './operations/read-status.ts'
export type { AccessSource, SharedAccess } from './ports/accesses.ts'
export type { ForeignJudge, Judge, Judgement } from './ports/judge.ts'
export type { ListSigner } from './ports/list-signer.ts'
export type { People } from './ports/people.ts'
export type { PageToRender, RenderedPage, Renderer, VersionSource } from './ports/renderer.ts'
export type { Reseals } from './ports/reseals.ts'
export type { DepartmentFact, SealFacts } from './ports/seal-facts.ts'
export type { Sealer } from './ports/sealer.ts'
export type { Trust } from './ports/trust.ts'
export { createLicenceService, type LicenceService, type LicenceServiceOptions } from './service.ts'
