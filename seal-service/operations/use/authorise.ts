// Leave to use a seal, given and ended with the steps of its life: part of the transaction of each step.
import type { Queryable } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { ALL_LICENCES, type Authorisation, COPIES } from '../../domain/authorisation.ts'
import {
  endAuthorisationRows,
  findStandingAuthorisations,
  insertAuthorisation,
  listPassedOn,
} from '../../store/authorisations.ts'
import { lockSeal } from '../../store/seals.ts'
import { recordEvent } from '../life/record-event.ts'

/**
 * The authorisation that a seal begins with when its keeper accepts it: the issuers of its owner, on every type it may stand on, without
 * quota, as long as it has a certificate. One that stands already is left as it is.
 */
export async function authoriseByDefault(
  tx: Queryable,
  seal: { readonly id: string },
  at: Date,
  grantedBy = 'system:acceptance',
): Promise<void> {
  const standing = await findStandingAuthorisations(tx, [seal.id])
  if (standing.some((one) => isOfIssuers(one) && !isForCopiesAlone(one))) return
  await insertAuthorisation(tx, ofIssuers(seal.id, [ALL_LICENCES], at, grantedBy))
}

/** Copies of licences for one purpose, by the issuers of the seal's owner, up to a quota of their own. Left as it is where it stands. */
export async function authoriseCopies(
  tx: Queryable,
  seal: { readonly id: string },
  quota: { readonly perDay: number; readonly perMinute: number },
  at: Date,
  grantedBy: string,
): Promise<void> {
  const standing = await findStandingAuthorisations(tx, [seal.id])
  if (standing.some((one) => isOfIssuers(one) && one.purposes.includes(COPIES))) return
  await insertAuthorisation(tx, { ...ofIssuers(seal.id, [COPIES], at, grantedBy), ...quota })
}

const isOfIssuers = ({ grantee, until }: Authorisation): boolean =>
  grantee.kind === 'role' && grantee.id === 'issuer' && until === null

const isForCopiesAlone = ({ purposes }: Authorisation): boolean => purposes.every((purpose) => purpose === COPIES)

const ofIssuers = (sealId: string, purposes: readonly string[], at: Date, grantedBy: string) => ({
  sealId,
  grantee: { kind: 'role' as const, id: 'issuer' },
  purposes,
  perDay: null,
  perMinute: null,
  from: at,
  until: null,
  needsSecondPerson: false,
  delegatedFrom: null,
  grantedAt: at,
  grantedBy,
})

/** Which step of the seal's life ended them, who took it and when. */
export interface EndingCause {
  readonly action: string
  readonly callerId: string
  readonly at: Date
}

/** Ends every authorisation of a seal, delegated ones too; answers how many. What is sealed after that commit is refused. */
export async function endAuthorisations(
  tx: Queryable,
  sealId: string,
  { action, callerId, at }: EndingCause,
): Promise<number> {
  return (await endAuthorisationRows(tx, { sealId }, { at, by: callerId, cause: action })).length
}

/**
 * Ends what was passed on by those who may use seals of the owner no more, with the whole that it is a part of: whoever leaves takes
 * along what others have by him. Several processes may do so at once.
 */
export async function endPassedOnByLeavers(shop: Workshop): Promise<void> {
  if (shop.people.isUnknown === true) return
  for (const { id, sealId, grantee, ownerCode } of await listPassedOn(shop.database)) {
    const kind = grantee.kind === 'client' ? 'machine' : 'person'
    const whoever = { id: grantee.id, name: grantee.id, kind, departmentCode: ownerCode, roles: [] } as const
    if (await shop.people.mayNow(whoever, 'seals:use')) continue
    await shop.database.transaction(async (tx) => {
      await lockSeal(tx, sealId)
      const at = shop.clock.now()
      const ended = await endAuthorisationRows(tx, { id }, { at, by: 'system:clock', cause: 'its grantee left' })
      if (ended.length === 0) return
      const detail = { authorisations: ended.map((one) => one.id), left: grantee.id }
      const caller = { id: 'system:clock' }
      await recordEvent(tx, { sealId, action: 'end-authorisation', reason: 'its grantee left', caller, at, detail })
    })
  }
}
