// The second transaction of a licence that takes the place of another one.
import type { Queryable } from '../../../platform/index.ts'
import { licenceTransitions } from '../../domain/licence.ts'
import { rulesOf, type SuccessorAction, statesFor } from '../../domain/life-policy.ts'
import { findOpenOrder, settleOrder } from '../../store/acts.ts'
import { followOriginals } from '../../store/copies.ts'
import { changeState, findLicence, type LicenceRow, linkSuccessor } from '../../store/licences.ts'
import { entriesOf, type NewRegisterEntry } from '../../store/register.ts'
import type { PreparedLicence } from '../prepare-licences.ts'

/** Those on record before causes were recorded are changes. */
const causeOf = ({ successorCause }: Pick<PreparedLicence, 'successorCause'>): SuccessorAction =>
  successorCause ?? 'change'

/**
 * Whether a licence that is held may still give its place to this one: nothing suspended or ended it meanwhile, nothing took effect after
 * the instant from which this one is to be in force, and no other order stands.
 */
export async function mayFollow(tx: Queryable, old: LicenceRow, licence: PreparedLicence): Promise<boolean> {
  if (!statesFor(causeOf(licence)).includes(old.state) || old.archivedAt !== null) return false
  const last = (await entriesOf(tx, old.identifier)).at(-1)!
  if (licence.supersedesFrom !== null && licence.supersedesFrom < last.effectiveAt) return false
  const order = await findOpenOrder(tx, old.identifier)
  return (order?.orderId ?? null) === licence.orderId
}

/**
 * Ends the old licence in the transaction in which the new one, whose entry is given, begins: at no instant are both in force, or neither.
 */
export async function recordSuccession(
  tx: Queryable,
  licence: PreparedLicence,
  begun: NewRegisterEntry,
): Promise<{ readonly old: LicenceRow; readonly entries: NewRegisterEntry[] }> {
  const old = (await findLicence(tx, licence.replaces!))!
  const cause = causeOf(licence)
  const event = rulesOf(cause).event!
  const state = licenceTransitions[event].to
  await changeState(tx, old.identifier, old.state, state)
  await linkSuccessor(tx, old.identifier, licence.identifier)
  await followOriginals(tx, [old.identifier], 'end', begun.recordedAt)
  const order = licence.orderId === null ? undefined : await findOpenOrder(tx, old.identifier)
  if (order) {
    const { recordedAt: at } = begun
    await settleOrder(tx, order.orderId, { state: 'done', at, successor: licence.identifier })
  }
  const common = { cause, orderId: licence.orderId, secondPerson: order?.decidedBy ?? null }
  const { effectiveAt, recordedAt, recordedBy } = begun
  const { identifier, departmentCode, dataDigest, sealedDigest } = old
  const { sealedReason, sealedLegalBasis } = licence
  return {
    old,
    entries: [
      { ...begun, ...common },
      {
        ...{ identifier, departmentCode, dataDigest, sealedDigest, event, state, effectiveAt, recordedAt, recordedBy },
        ...{ sealedReason, sealedLegalBasis, related: licence.identifier },
        ...common,
      },
    ],
  }
}
