// Leave to use a seal, given, passed on and ended by people.
import type { Principal, Queryable } from '../../../platform/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { type Authorisation, checkDelegation, checkTerms, isRunning, type Terms } from '../../domain/authorisation.ts'
import { type Caller, refusalOf, type SealFacts } from '../../domain/seal-policy.ts'
import { SealError } from '../../errors.ts'
import {
  endAuthorisationRows,
  findAuthorisation,
  insertAuthorisation,
  listAuthorisations,
} from '../../store/authorisations.ts'
import { findSeal } from '../../store/seals.ts'
import { holdSeals } from '../../store/use-counts.ts'
import { recordEvent } from '../life/record-event.ts'
import { answerOnce, type Once } from './answer-once.ts'

export interface AuthorisationOrder {
  readonly sealId: string
  /** `from` null: at once. */
  readonly terms: Omit<Terms, 'from'> & { readonly from: Date | null }
  /** The authorisation of which this is to be a part. */
  readonly delegatedFrom: string | null
}

type Order = AuthorisationOrder & { readonly once: Omit<Once, 'callerId'> }

/**
 * Gives leave to use a seal, by a keeper of its owner; or passes on a part of what the caller himself was given. In force with the commit, with its event. A repeat of the key answers alike. Throws `SEAL_NOT_FOUND`, `SEAL_NOT_YOURS`,
 * `SEAL_ROLE_MISSING`, the refusal of a seal that is not in use, `SEAL_AUTHORISATION_INVALID`, `SEAL_AUTHORISATION_TO_ONESELF`,
 * `SEAL_AUTHORISATION_NOT_FOUND`, `SEAL_DELEGATION_EXCEEDS`, `SEAL_REQUEST_CONFLICT`.
 */
export async function grantAuthorisation(deps: Dependencies, caller: Principal, order: Order): Promise<Authorisation> {
  const { sealId, delegatedFrom } = order
  const at = deps.clock.now()
  const terms: Terms = { ...order.terms, from: order.terms.from ?? at }
  const id = await answerOnce(deps.database, { ...order.once, callerId: caller.id }, at, async (tx) => {
    const seal = await holdOwnSeal(tx, caller, sealId)
    const refusal = seal.state === 'suspended' ? undefined : refusalOf(seal)
    if (refusal !== undefined) throw refusal
    checkTerms(terms, seal, caller.id, at)
    if (delegatedFrom === null) checkKeeper(caller)
    else checkPart(caller, terms, await findOfSeal(tx, sealId, delegatedFrom), at)
    const granted = await insertAuthorisation(tx, {
      ...terms,
      sealId,
      delegatedFrom,
      grantedAt: at,
      grantedBy: caller.id,
    })
    await recordEvent(tx, {
      sealId,
      action: 'authorise',
      reason: null,
      caller: toEventCaller(caller),
      at,
      detail: describe(granted),
    })
    return granted.id
  })
  return (await findAuthorisation(deps.database, id))!
}

/**
 * Ends leave to use a seal and what was passed on from it, by a keeper of its owner or by whoever gave it; with its event. Takes effect with
 * the commit: a use is on record before it, or refused. True when it ended now, false when it had ended before. Throws `SEAL_NOT_FOUND`,
 * `SEAL_NOT_YOURS`, `SEAL_ROLE_MISSING`, `SEAL_AUTHORISATION_NOT_FOUND`.
 */
export async function endAuthorisation(
  deps: Dependencies,
  caller: Principal,
  order: { readonly sealId: string; readonly authorisationId: string; readonly reason: string },
): Promise<boolean> {
  const { sealId, authorisationId, reason } = order
  const at = deps.clock.now()
  return deps.database.transaction(async (tx) => {
    await holdOwnSeal(tx, caller, sealId)
    const standing = await findOfSeal(tx, sealId, authorisationId)
    if (standing.grantedBy !== caller.id) checkKeeper(caller)
    const ended = await endAuthorisationRows(tx, { id: authorisationId }, { at, by: caller.id, cause: reason })
    if (ended.length === 0) return false
    await recordEvent(tx, {
      sealId,
      action: 'end-authorisation',
      reason,
      caller: toEventCaller(caller),
      at,
      detail: { authorisations: ended.map(({ id }) => id) },
    })
    return true
  })
}

/** An authorisation as it is shown, with whether it runs now. */
export interface ShownAuthorisation extends Authorisation {
  readonly isRunning: boolean
}

/** All authorisations of a seal of the caller's department or one in his range, newest first. Throws `SEAL_NOT_FOUND`, `SEAL_NOT_YOURS`. */
export async function showAuthorisations(
  deps: Dependencies,
  sealId: string,
  mayRead: (departmentCode: string) => Promise<boolean>,
): Promise<ShownAuthorisation[]> {
  const seal = await findSeal(deps.database, sealId)
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  if (!(await mayRead(seal.departmentCode))) throw notYours(sealId)
  const all = await listAuthorisations(deps.database, sealId)
  const at = deps.clock.now()
  const runs = (one: Authorisation): boolean => {
    const whole = all.find(({ id }) => id === one.delegatedFrom)
    return isRunning(one, at) && (whole === undefined || isRunning(whole, at))
  }
  return all.map((one) => ({ ...one, isRunning: runs(one) }))
}

const notYours = (sealId: string) => new SealError('SEAL_NOT_YOURS', `seal ${sealId} belongs to another department`)

async function holdOwnSeal(tx: Queryable, caller: Caller, sealId: string): Promise<SealFacts> {
  const seal = (await holdSeals(tx, [sealId])).get(sealId)
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  if (seal.departmentCode !== caller.departmentCode) throw notYours(sealId)
  return seal
}

function checkKeeper({ roles }: Caller): void {
  if (!roles.includes('seal-keeper'))
    throw new SealError('SEAL_ROLE_MISSING', 'leave to use a seal is given and ended by its keeper')
}

function checkPart(caller: Caller, terms: Terms, whole: Authorisation, at: Date): void {
  if (whole.grantee.id !== caller.id)
    throw new SealError('SEAL_NOT_AUTHORISED', 'an authorisation is passed on by whoever was given it')
  checkDelegation(terms, whole, at)
}

async function findOfSeal(tx: Queryable, sealId: string, id: string): Promise<Authorisation> {
  const found = await findAuthorisation(tx, id)
  if (found === undefined || found.sealId !== sealId)
    throw new SealError('SEAL_AUTHORISATION_NOT_FOUND', `seal ${sealId} has no authorisation ${id}`)
  return found
}

const toEventCaller = ({ id, name, departmentCode }: Principal) => ({ id, name, departmentCode })

/** For the seal's history: whom, for what, how much. */
function describe(granted: Authorisation): Readonly<Record<string, unknown>> {
  const { id, grantee, purposes, perDay, perMinute, from, until, needsSecondPerson, delegatedFrom } = granted
  return {
    authorisation: id,
    grantee: `${grantee.kind}:${grantee.id}`,
    ...{ purposes, perDay, perMinute, needsSecondPerson, delegatedFrom },
    from: from.toISOString(),
    until: until?.toISOString() ?? null,
  }
}
