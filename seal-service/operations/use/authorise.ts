// Leave to use a seal, given and ended with the steps of its life: part of the transaction of each step.
import type { Queryable } from '../../../platform/index.ts'
import { ALL_LICENCES } from '../../domain/authorisation.ts'
import { endAuthorisationRows, findStandingAuthorisations, insertAuthorisation } from '../../store/authorisations.ts'

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
  if (standing.some(({ grantee, until }) => grantee.kind === 'role' && grantee.id === 'issuer' && until === null))
    return
  await insertAuthorisation(tx, {
    sealId: seal.id,
    grantee: { kind: 'role', id: 'issuer' },
    purposes: [ALL_LICENCES],
    perDay: null,
    perMinute: null,
    from: at,
    until: null,
    needsSecondPerson: false,
    delegatedFrom: null,
    grantedAt: at,
    grantedBy,
  })
}

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
