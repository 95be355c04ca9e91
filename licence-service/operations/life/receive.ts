import type { Principal } from '../../../platform/index.ts'
import type { BodyRequest } from '../../domain/body.ts'
import { LicenceError } from '../../errors.ts'
import { findOrder } from '../../store/acts.ts'
import { findLicence } from '../../store/licences.ts'
import type { Deps } from '../deps.ts'
import type { Within } from '../part.ts'
import type { ActAnswer } from './act.ts'
import { actedFor } from './life-facts.ts'
import { openOrder } from './order-content.ts'
import { replaceNow } from './replace-now.ts'

export interface Receipt {
  readonly orderId: string
  /** What a person entered for the licence, as the receiving department issues it. */
  readonly data: unknown
  readonly level?: string | undefined
  /** Of a type whose document is uploaded. */
  readonly body?: BodyRequest | undefined
  readonly key: string
}

/**
 * Takes over a licence that another department transfers (转入): a licence of the same type and holders with a number of the receiver's; the
 * old one ends in the same transaction.
 * @throws LicenceError LICENCE_ORDER_NOT_FOUND, LICENCE_ORDER_SETTLED, and whatever issuing throws
 */
export async function receive(
  deps: Deps,
  within: Within,
  caller: Principal,
  { orderId, ...given }: Receipt,
): Promise<ActAnswer> {
  const order = await findOrder(deps.database, orderId)
  const acted = await actedFor(deps, caller)
  const row = order && (await findLicence(deps.database, order.identifier))
  if (!row || order.toDepartment === null || !acted.has(order.toDepartment))
    throw new LicenceError('LICENCE_ORDER_NOT_FOUND', 'no such order was made to this department')
  const { reason, legalBasis } = openOrder(deps, row, order)
  return replaceNow(deps, within, caller, row, {
    ...given,
    ...{ action: 'transfer', orderId, reason, legalBasis: legalBasis ?? undefined },
  })
}
