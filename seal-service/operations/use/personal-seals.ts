import type { Workshop } from '../../dependencies.ts'
import type { Seal } from '../../domain/seal.ts'
import { isEnded } from '../../domain/seal.ts'
import type { Caller } from '../../domain/seal-policy.ts'
import { SealError } from '../../errors.ts'
import { endPerson, findPerson, insertPerson, listOwnSeals, type PersonalSeal } from '../../store/personal-seals.ts'
import { findSeal, findSeals } from '../../store/seals.ts'

/**
 * Gives a person's seal (kind 05) to the account that alone may sign with it from then on; by a keeper of the owner, who is somebody else.
 * A repeat changes nothing. Throws `SEAL_NOT_FOUND`, `SEAL_NOT_YOURS`, `SEAL_ROLE_MISSING`, `SEAL_ENDED`, `SEAL_PERSONAL`: no seal of that
 * kind, somebody else's already, or the keeper's own account.
 */
export async function givePersonalSeal(
  shop: Workshop,
  caller: Caller,
  given: { readonly sealId: string; readonly accountId: string; readonly accountName: string },
): Promise<PersonalSeal> {
  const seal = await keptSeal(shop, caller, given.sealId)
  if (isEnded(seal.state)) throw new SealError('SEAL_ENDED', `seal ${seal.id} is ${seal.state}`)
  if (seal.kindCode !== '05') throw new SealError('SEAL_PERSONAL', `seal ${seal.id} is a seal of the department`)
  if (given.accountId === caller.id) throw new SealError('SEAL_PERSONAL', 'nobody gives a seal to himself')
  const person = { ...given, givenBy: caller.id, givenAt: shop.clock.now() }
  const isFirst = await shop.database.transaction((tx) => insertPerson(tx, person))
  const now = isFirst ? person : await findPerson(shop.database, seal.id)
  if (now?.accountId !== given.accountId)
    throw new SealError('SEAL_PERSONAL', `seal ${seal.id} is somebody else's: end that first`)
  return now
}

/** From then on nobody signs with it. A repeat changes nothing. Throws as `givePersonalSeal`. */
export async function endPersonalSeal(shop: Workshop, caller: Caller, sealId: string): Promise<void> {
  const seal = await keptSeal(shop, caller, sealId)
  await shop.database.transaction((tx) => endPerson(tx, seal.id, caller.id, shop.clock.now()))
}

/** Whose seal this is; undefined: nobody's. For its department alone. Throws `SEAL_NOT_FOUND`, `SEAL_NOT_YOURS`. */
export async function readPersonalSeal(
  shop: Workshop,
  caller: Caller,
  sealId: string,
): Promise<PersonalSeal | undefined> {
  return findPerson(shop.database, (await ownSeal(shop, caller, sealId)).id)
}

/** The seals that are the caller's own. */
export async function listPersonalSeals(shop: Workshop, caller: Caller): Promise<Seal[]> {
  const seals = await findSeals(shop.database, await listOwnSeals(shop.database, caller.id))
  return [...seals.values()].filter(({ departmentCode }) => departmentCode === caller.departmentCode)
}

async function keptSeal(shop: Workshop, caller: Caller, sealId: string): Promise<Seal> {
  if (!caller.roles.includes('seal-keeper'))
    throw new SealError('SEAL_ROLE_MISSING', "a person's seal is given by its keeper")
  return ownSeal(shop, caller, sealId)
}

async function ownSeal(shop: Workshop, caller: Caller, sealId: string): Promise<Seal> {
  const seal = await findSeal(shop.database, sealId)
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  if (seal.departmentCode !== caller.departmentCode)
    throw new SealError('SEAL_NOT_YOURS', `seal ${sealId} belongs to another department`)
  return seal
}
