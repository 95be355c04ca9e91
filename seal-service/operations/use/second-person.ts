// Uses that wait for a second person: asked when an authorisation wants one, spent when the same caller asks again with approval.
import type { Queryable } from '../../../platform/index.ts'
import type { Caller } from '../../domain/seal-policy.ts'
import { SealError } from '../../errors.ts'
import { expireRequests, holdOpenRequests, insertUseRequests, type WaitingDocument } from '../../store/use-requests.ts'
import type { WantedUse } from './admit-uses.ts'

/** How long a request waits, and how long its approval stands. */
const requestRunsMs = 3 * 86_400_000

/** How what is to be sealed is kept for the second person. */
export interface AskedDocument<Use> {
  newRequestId(): string
  encipher(use: Use, requestId: string): WaitingDocument
}

type Approval = { readonly requestId: string; readonly useId: string }

/**
 * Looks for the approval of each use; those without one are put on record as requests. Throws `SEAL_USE_REFUSED` where one was refused.
 * `awaited`: not all have been approved.
 */
export async function askSecondPerson<Use extends WantedUse>(
  tx: Queryable,
  caller: Caller,
  asking: readonly { readonly use: Use; readonly authorisationId: string }[],
  document: AskedDocument<Use>,
  at: Date,
): Promise<{ readonly awaited: SealError | null; readonly approvals: readonly Approval[] }> {
  await expireRequests(tx, at)
  const open = await holdOpenRequests(
    tx,
    asking.map(({ use }) => use),
    caller.id,
  )
  const known = new Map(
    open.map((request) => [keyOf(request.sealId, request.identifier, request.unsignedDigest), request]),
  )
  const approvals: Approval[] = []
  const unasked: typeof asking = asking.filter(({ use }) => !known.has(keyOf(use.sealId, use.identifier, use.digest)))
  for (const { use } of asking) {
    const request = known.get(keyOf(use.sealId, use.identifier, use.digest))
    if (request?.decision === 'refused')
      throw new SealError(
        'SEAL_USE_REFUSED',
        `a second person refused this use: ${request.reason ?? 'no reason given'}`,
      )
    if (request?.decision === 'approved') approvals.push({ requestId: request.id, useId: use.useId })
  }
  if (approvals.length === asking.length) return { awaited: null, approvals }
  await insertUseRequests(
    tx,
    unasked.map(({ use, authorisationId }) => {
      const id = document.newRequestId()
      return {
        id,
        sealId: use.sealId,
        authorisationId,
        identifier: use.identifier,
        purpose: use.purpose,
        unsignedDigest: use.digest,
        callerId: caller.id,
        callerDepartment: caller.departmentCode ?? '',
        requestedAt: at,
        expiresAt: new Date(at.getTime() + requestRunsMs),
        decision: null,
        decidedAt: null,
        decidedBy: null,
        reason: null,
        useId: null,
        document: document.encipher(use, id),
      }
    }),
  )
  const waiting = asking.length - approvals.length
  const awaited = new SealError(
    'SEAL_SECOND_PERSON_AWAITED',
    `${waiting} of ${asking.length} documents wait for the approval of a second person; ask again once it is given`,
  )
  return { awaited, approvals }
}

const keyOf = (sealId: string, identifier: string, digest: Uint8Array): string =>
  `${sealId} ${identifier} ${Buffer.from(digest).toString('hex')}`
