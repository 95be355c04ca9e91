/**
 * sharing-service: decides who may get what of whose licence, and keeps who did: agreements between departments, fetches, checks,
 * prefilled forms, subscriptions to changes, and the shared service interface of GB/T 36906.
 *
 * It has no licences (it asks the register through `ports/`), makes no copies and judges no documents; who a caller is the directory says.
 *
 * Invariants
 * 1. Every call is on record before its answer leaves, answered or refused; the holder sees it, but not the clerk.
 * 2. Whatever leaves is built from what `mayGet` granted and nothing else.
 * 3. Whether somebody may have something is decided before it is looked up: who may not learns nothing of whether it is there.
 * 4. Holders stand here only as keyed hashes; reasons only sealed, under keys that are destroyed with their month.
 */
export { SharingError, type SharingErrorCode } from './errors.ts'
export type { HolderAccess } from './operations/accesses-of.ts'
export type { Departments } from './ports/departments.ts'
export type { DocumentJudge } from './ports/document-judge.ts'
export type { LicenceRegister } from './ports/licence-register.ts'
export { createSharingService, type SharingService, type SharingServiceOptions } from './service.ts'
