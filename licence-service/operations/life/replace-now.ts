import type { Principal } from '../../../platform/index.ts'
import type { SuccessorAction } from '../../domain/life-policy.ts'
import { departmentStatus } from '../../domain/validity.ts'
import { LicenceError } from '../../errors.ts'
import { findLicence, type LicenceRow } from '../../store/licences.ts'
import { entriesOf } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import { type IssueRequest, keyRequest } from '../issue-licences.ts'
import type { Within } from '../part.ts'
import { validateRequests } from '../validate-requests.ts'
import type { ActAnswer, ActRequest } from './act.ts'

/** What makes a licence that takes the place of another one. */
export type ReplaceRequest = Pick<
  ActRequest,
  'reason' | 'legalBasis' | 'effectiveAt' | 'data' | 'level' | 'body' | 'key'
> & {
  readonly action: SuccessorAction
  readonly orderId?: string
}

/**
 * Issues the licence that takes the place of this one; the two change in one transaction.
 * @throws whatever stopped it
 */
export async function replaceNow(
  deps: Deps,
  within: Within,
  caller: Principal,
  row: LicenceRow,
  request: ReplaceRequest,
): Promise<ActAnswer> {
  const [outcome] = await within.issue(caller, [toIssueRequest(row, request)])
  if (!outcome?.ok) throw outcome?.error
  const { identifier } = row
  const [old, entries] = await Promise.all([
    findLicence(deps.database, identifier),
    entriesOf(deps.database, identifier),
  ])
  const { effectiveAt, recordedAt, state } = entries.findLast(({ related }) => related === outcome.licence.identifier)!
  return {
    ...{ kind: 'done', identifier, effectiveAt, recordedAt, successor: outcome.licence },
    status: departmentStatus(state, old!, recordedAt),
  }
}

/**
 * Throws what issuing would refuse the successor for, were it made now: an order is not to fail on its day for what can be told today.
 */
export async function checkOrderable(
  deps: Deps,
  caller: Principal,
  row: LicenceRow,
  { effectiveAt: _, ...request }: ReplaceRequest,
): Promise<void> {
  const keyed = keyRequest(deps, toIssueRequest(row, request))
  if (keyed instanceof LicenceError) throw keyed
  const { refused } = await validateRequests(deps, caller, [keyed], 'to order')
  const outcome = refused.get(request.key)
  if (outcome && !outcome.ok) throw outcome.error
}

export const toIssueRequest = (
  { identifier, typeCode }: LicenceRow,
  { key, data, level, body, action: cause, reason, legalBasis, effectiveAt, orderId }: ReplaceRequest,
): IssueRequest => ({
  ...{ key, typeCode, data, level, body },
  replaces: { identifier, reason, legalBasis, effectiveAt, cause, orderId },
})
