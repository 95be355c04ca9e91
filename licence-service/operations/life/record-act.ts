import type { Principal, Queryable } from '../../../platform/index.ts'
import { nextState } from '../../domain/licence.ts'
import { type CancelCause, isVoidIn, rulesOf, type StateAction } from '../../domain/life-policy.ts'
import { effectiveTimeOf } from '../../domain/register-entry.ts'
import { type DepartmentStatus, departmentStatus } from '../../domain/validity.ts'
import { settleOrder } from '../../store/acts.ts'
import { followOriginals } from '../../store/copies.ts'
import { changeState } from '../../store/licences.ts'
import { appendEntries, entriesOf, recordAudit } from '../../store/register.ts'
import { markPlaces } from '../../store/status-lists.ts'
import type { Deps } from '../deps.ts'
import { openBox } from '../sealed-content.ts'
import type { Held } from './life-facts.ts'

/** What a clerk wrote of an act. */
export interface ActWords {
  readonly reason: string
  readonly legalBasis?: string | undefined
}

/** A change of state as it goes on record. */
export interface StateAct extends ActWords {
  readonly action: StateAction
  readonly cause?: CancelCause | undefined
  readonly effectiveAt?: Date | undefined
  /** The order that is carried out, and who approved it. */
  readonly order?: { readonly orderId: string; readonly decidedBy: string | null } | undefined
}

/** What anyone who asked for an act is told once it is done. */
export interface ActDone {
  readonly identifier: string
  readonly status: DepartmentStatus
  readonly effectiveAt: Date
  readonly recordedAt: Date
}

/**
 * Changes the state of a licence that is held: state, register, audit and status list in the caller's transaction. An order that can no
 * longer be carried out is void.
 * @throws LicenceError LICENCE_TRANSITION_REFUSED, LICENCE_EFFECTIVE_TIME_REFUSED, LICENCE_ERASED
 */
export async function recordStateAct(
  deps: Deps,
  tx: Queryable,
  by: Pick<Principal, 'id' | 'kind' | 'departmentCode'>,
  { row, order: open }: Held,
  { action, cause, reason, legalBasis, effectiveAt: requested, order }: StateAct,
): Promise<ActDone> {
  const recordedAt = deps.clock.now()
  const { event } = rulesOf(action)
  const state = nextState(row.state, event!)
  const last = (await entriesOf(tx, row.identifier)).at(-1)!
  const effectiveAt = effectiveTimeOf(requested, last.effectiveAt, recordedAt)
  const box = openBox(deps, row)
  const { identifier, departmentCode, dataDigest, sealedDigest } = row
  await changeState(tx, identifier, row.state, state)
  await appendEntries(tx, [
    {
      ...{ identifier, departmentCode, dataDigest, sealedDigest, event: event!, state, effectiveAt, recordedAt },
      sealedReason: box.seal('reason', Buffer.from(reason)),
      sealedLegalBasis: legalBasis === undefined ? null : box.seal('legal-basis', Buffer.from(legalBasis)),
      recordedBy: by.id,
      related: null,
      cause,
      orderId: order?.orderId,
      secondPerson: order?.decidedBy,
    },
  ])
  await recordAudit(tx, by, recordedAt, [{ action, identifier }])
  await markPlaces(tx, [{ list: row.statusList, place: row.statusPlace }])
  const goesOn = state === 'in force' || state === 'suspended'
  await followOriginals(tx, [identifier], goesOn ? 'touch' : 'end', recordedAt)
  if (order) await settleOrder(tx, order.orderId, { state: 'done', at: recordedAt })
  else if (open && isVoidIn(open.action, state)) {
    await settleOrder(tx, open.orderId, { state: 'void', at: recordedAt, fault: 'LICENCE_TRANSITION_REFUSED' })
    await recordAudit(tx, by, recordedAt, [{ action: 'order-void', identifier, detail: open.orderId }])
  }
  return { identifier, status: departmentStatus(state, row, recordedAt), effectiveAt, recordedAt }
}
