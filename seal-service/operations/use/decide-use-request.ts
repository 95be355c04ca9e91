// The second person: what waits, what is to be sealed, and the decision.
import type { Principal } from '../../../platform/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { SealError } from '../../errors.ts'
import { findSeal } from '../../store/seals.ts'
import {
  expireRequests,
  findUseRequest,
  findWaitingDocument,
  listUseRequests,
  recordDecision,
  type UseRequest,
} from '../../store/use-requests.ts'
import { decipherDocument } from './waiting-documents.ts'

export interface UseDecision {
  readonly requestId: string
  readonly decision: 'approved' | 'refused'
  /** SHA-256 of the document that was read, lower-case hexadecimal. */
  readonly digest: string
  readonly reason: string | null
}

/**
 * Approves or refuses a use, by an approver of the seal's owner who did not ask for it and names what was read. Once: a repeat of the same
 * decision by the same person answers alike. The one who asked has the document sealed by asking again. Throws `SEAL_USE_REQUEST_NOT_FOUND`,
 * `SEAL_ROLE_MISSING`, `SEAL_USE_REQUEST_OWN`, `SEAL_DIGEST_MISMATCH`, `SEAL_USE_REQUEST_CLOSED`.
 */
export async function decideUseRequest(
  deps: Dependencies,
  caller: Principal,
  decided: UseDecision,
): Promise<UseRequest> {
  const { requestId, decision, digest, reason } = decided
  const at = deps.clock.now()
  await deps.database.transaction(async (tx) => {
    await expireRequests(tx, at)
    const request = await findUseRequest(tx, requestId, true)
    if (request === undefined || !(await isOfOwner(tx, request, caller))) throw notFound(requestId)
    if (!caller.roles.includes('seal-approver'))
      throw new SealError('SEAL_ROLE_MISSING', 'uses of a seal are approved by an approver')
    if (request.callerId === caller.id)
      throw new SealError('SEAL_USE_REQUEST_OWN', 'who asks for a use cannot be the second person')
    if (Buffer.from(request.unsignedDigest).toString('hex') !== digest)
      throw new SealError('SEAL_DIGEST_MISMATCH', 'the digest is not that of the document that waits')
    if (request.decision === decision && request.decidedBy === caller.id) return
    if (request.decision !== null)
      throw new SealError('SEAL_USE_REQUEST_CLOSED', `this request is ${request.decision} already`)
    await recordDecision(tx, requestId, { decision, at, by: caller.id, reason })
  })
  return (await findUseRequest(deps.database, requestId))!
}

/** Requests about the seals of the caller's department, newest first, 200 at most. */
export function showUseRequests(
  deps: Dependencies,
  departmentCode: string,
  { open }: { readonly open: boolean },
): Promise<UseRequest[]> {
  return listUseRequests(deps.database, { departmentCode, open, at: deps.clock.now(), limit: 200 })
}

/** What waits to be sealed, for whoever is to approve it. Throws `SEAL_USE_REQUEST_NOT_FOUND`, `SEAL_USE_REQUEST_CLOSED` once it is decided. */
export async function readWaitingDocument(
  deps: Dependencies,
  caller: Principal,
  requestId: string,
): Promise<Uint8Array> {
  const request = await findUseRequest(deps.database, requestId)
  if (request === undefined || !(await isOfOwner(deps.database, request, caller))) throw notFound(requestId)
  const waiting = request.expiresAt > deps.clock.now() ? await findWaitingDocument(deps.database, requestId) : undefined
  if (waiting === undefined)
    throw new SealError('SEAL_USE_REQUEST_CLOSED', 'this request waits no longer, and its document is not kept')
  return decipherDocument(deps, waiting, requestId)
}

async function isOfOwner(
  db: Parameters<typeof findSeal>[0],
  request: UseRequest,
  { departmentCode }: Principal,
): Promise<boolean> {
  return (await findSeal(db, request.sealId))?.departmentCode === departmentCode
}

const notFound = (id: string) => new SealError('SEAL_USE_REQUEST_NOT_FOUND', `there is no request ${id} for you`)
