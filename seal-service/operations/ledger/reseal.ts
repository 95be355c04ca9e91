// Sealing anew what is in doubt. The seal service knows which documents and counts how far it has come; it holds none of them: whoever
// does makes the successor, sealed with the other seal, and tells its identifier.
import type { Principal } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { SealError } from '../../errors.ts'
import {
  findReseal,
  findRunningReseal,
  findSealingOf,
  type ItemOutcome,
  insertReseal,
  isDoneBy,
  listWaitingItems,
  type Reseal,
  type ResealItem,
  recordItem,
} from '../../store/reseals.ts'
import { findSeal } from '../../store/seals.ts'
import { judgeSince } from './affected-uses.ts'
import { findReadableSeal } from './readers.ts'

export type { Reseal, ResealItem }

export interface ResealOrder {
  readonly sealId: string
  readonly newSealId: string
}

export interface ResealedItem {
  readonly resealId: string
  readonly useId: string
  /** Of the document that took the place of the one in doubt. */
  readonly newIdentifier: string
}

/**
 * Orders that all finished uses in doubt of a compromised seal be sealed anew with another seal of the same owner. While one is under way
 * it is answered. Throws `SEAL_NOT_FOUND`, `SEAL_ROLE_MISSING`, `SEAL_NOT_COMPROMISED`, `SEAL_NOT_IN_USE`, `SEAL_REQUEST_CONFLICT`.
 */
export async function startReseal(
  shop: Workshop,
  principal: Principal,
  { sealId, newSealId }: ResealOrder,
): Promise<Reseal> {
  const seal = await findReadableSeal(shop, principal, sealId, 'reseal-order')
  const other = await findSeal(shop.database, newSealId)
  if (other?.departmentCode !== seal.departmentCode)
    throw new SealError('SEAL_NOT_FOUND', `the owner has no seal ${newSealId}`)
  if (other.state !== 'active' || newSealId === sealId)
    throw new SealError('SEAL_NOT_IN_USE', `seal ${newSealId} is ${other.state}: expected another seal that is in use`)
  const judging = await judgeSince(shop, { sealId })
  const order = {
    resealId: shop.ids.uuid(),
    sealId,
    newSealId,
    since: judging.since,
    callerId: principal.id,
    callerDepartment: principal.departmentCode,
    at: shop.clock.now(),
  }
  await shop.database.transaction((tx) => insertReseal(tx, order, judging))
  const running = (await findRunningReseal(shop.database, sealId)) ?? (await findReseal(shop.database, order.resealId))!
  if (running.newSealId === newSealId) return running
  throw new SealError('SEAL_REQUEST_CONFLICT', `the documents are being sealed anew with seal ${running.newSealId}`)
}

async function findVisible(
  shop: Workshop,
  principal: Principal,
  resealId: string,
  subject: 'reseal' | 'reseal-order' | 'reseal-work',
): Promise<Reseal> {
  const reseal = await findReseal(shop.database, resealId)
  if (reseal === undefined) throw new SealError('SEAL_USE_NOT_FOUND', 'there is no such order')
  await findReadableSeal(shop, principal, reseal.sealId, subject)
  return reseal
}

/** How far an order has come. Throws `SEAL_USE_NOT_FOUND`, `SEAL_NOT_FOUND`, `SEAL_ROLE_MISSING`. */
export const readReseal = (shop: Workshop, principal: Principal, resealId: string): Promise<Reseal> =>
  findVisible(shop, principal, resealId, 'reseal')

/** A page of the documents that wait for their successor, oldest first. */
export async function listResealItems(
  shop: Workshop,
  principal: Principal,
  resealId: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<{ readonly items: readonly ResealItem[]; readonly next: string | null }> {
  await findVisible(shop, principal, resealId, 'reseal')
  const items = await listWaitingItems(shop.database, resealId, after, limit + 1)
  const page = items.slice(0, limit)
  return { items: page, next: items.length > limit ? page.at(-1)!.useId : null }
}

/**
 * Marks an item as done by its successor, which must have been sealed with the other seal since the order. A repeat changes nothing.
 * Throws `SEAL_USE_NOT_FOUND` where there is no such sealing or item, and what reading throws.
 */
export async function reportResealed(
  shop: Workshop,
  principal: Principal,
  { newIdentifier, ...item }: ResealedItem,
): Promise<Reseal> {
  const reseal = await findVisible(shop, principal, item.resealId, 'reseal-work')
  if (await isDoneBy(shop.database, item, newIdentifier)) return reseal
  const newUseId = await findSealingOf(shop.database, reseal.newSealId, newIdentifier, reseal.at)
  if (newUseId === undefined)
    throw new SealError('SEAL_USE_NOT_FOUND', `seal ${reseal.newSealId} is on no such document since the order`)
  return conclude(shop, item, { state: 'done', newIdentifier, newUseId })
}

/** Marks an item as one that gets no successor, with the reason. Throws as `reportResealed`. */
export async function giveUpItem(
  shop: Workshop,
  principal: Principal,
  { reason, ...item }: { readonly resealId: string; readonly useId: string; readonly reason: string },
): Promise<Reseal> {
  await findVisible(shop, principal, item.resealId, 'reseal-order')
  return conclude(shop, item, { state: 'given-up', reason })
}

async function conclude(
  { database, clock }: Workshop,
  item: { readonly resealId: string; readonly useId: string },
  outcome: ItemOutcome,
): Promise<Reseal> {
  const isRecorded = await database.transaction((tx) => recordItem(tx, item, outcome, clock.now()))
  if (!isRecorded) throw new SealError('SEAL_USE_NOT_FOUND', 'the order has no such item that waits')
  return (await findReseal(database, item.resealId))!
}
