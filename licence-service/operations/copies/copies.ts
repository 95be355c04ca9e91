// Copies as other rooms ask for them.
import type { Principal } from '../../../platform/index.ts'
import type { Deps } from '../deps.ts'
import { type CopyMaker, type CopyOrder, type MadeCopy, makeCopy } from './make-copy.ts'
import { type CopyStatus, readCopyDocument, readCopyStatus } from './read-copies.ts'
import { type RevokedCopy, revokeCopy } from './revoke-copy.ts'

export interface Copies {
  /** Makes a copy for whoever was found to be allowed to have one. See `make-copy.ts`. */
  make(maker: CopyMaker, order: CopyOrder): Promise<MadeCopy>
  /** The sealed PDF, for the department whose licence it is, and while it is in force for the one that had it made for itself. */
  document(caller: Principal, copyId: string): Promise<Uint8Array>
  revoke(caller: Principal, revocation: { readonly copyId: string; readonly reason: string }): Promise<RevokedCopy>
  /** Public: the status now. */
  status(identifier: string, copyId: string): Promise<CopyStatus>
}

export const createCopies = (deps: Deps): Copies => ({
  make: (maker, order) => makeCopy(deps, maker, order),
  document: (caller, copyId) => readCopyDocument(deps, caller, copyId),
  revoke: (caller, revocation) => revokeCopy(deps, caller, revocation),
  status: (identifier, copyId) => readCopyStatus(deps, identifier, copyId),
})
