import { faultOfReceiver, type Principal } from '../../platform/index.ts'
import type { Subscription } from '../domain/subscription.ts'
import { SharingError } from '../errors.ts'
import type { MadeBy } from '../store/agreements.ts'
import * as store from '../store/subscriptions.ts'
import type { Deps } from './deps.ts'
import { requireSame } from './require-same.ts'

type Administrator = Pick<Principal, 'id' | 'departmentCode'>

const MOST_SUBSCRIPTIONS = 20
const MOST_GIVEN_UP = 100

/**
 * Tells the department from now on of licences it relies on. A repeat of the key gives what it made, ended or not. Throws SUBSCRIPTION_ADDRESS_REFUSED,
 * SUBSCRIPTION_TOO_MANY, IDEMPOTENCY_KEY_REUSED.
 */
export async function subscribe(
  deps: Deps,
  caller: Administrator,
  wish: { readonly address: string; readonly topics: readonly string[]; readonly fromPosition?: bigint | undefined },
  madeBy: MadeBy,
): Promise<Subscription> {
  const { database, register, clock, ids, mayPlain } = deps
  const { departmentCode } = caller
  const last = await register.lastPosition()
  const from = wish.fromPosition === undefined ? last : wish.fromPosition - 1n
  const subscription: Subscription = {
    id: ids.uuid(),
    departmentCode,
    address: wish.address,
    topics: [...new Set(wish.topics)],
    createdBy: caller.id,
    createdAt: clock.now(),
    endedAt: null,
    madeOut: from < 0n ? 0n : from > last ? last : from,
  }
  return database.transaction(async (tx) => {
    // One after the other, so that many at once are no more than may be.
    await store.lockSubscriptions(tx, departmentCode)
    const known = await store.findMade(tx, departmentCode, madeBy.key)
    if (known) {
      requireSame(known, madeBy)
      return known.subscription
    }
    const fault = faultOfReceiver(wish.address, mayPlain)
    if (fault !== undefined) throw new SharingError('SUBSCRIPTION_ADDRESS_REFUSED', `the address ${fault}`)
    if ((await store.listSubscriptions(tx, departmentCode)).length >= MOST_SUBSCRIPTIONS)
      throw new SharingError('SUBSCRIPTION_TOO_MANY', `a department has at most ${MOST_SUBSCRIPTIONS} subscriptions`)
    await store.insertSubscription(tx, subscription, madeBy)
    return subscription
  })
}

export type StandingSubscription = Subscription & Awaited<ReturnType<typeof store.readStanding>>

/** The department's, each with what waits. */
export async function listSubscriptions(
  { database }: Deps,
  { departmentCode }: Administrator,
): Promise<StandingSubscription[]> {
  const all = await store.listSubscriptions(database, departmentCode)
  return Promise.all(
    all.map(async (one) => ({ ...one, ...(await store.readStanding(database, one.id, MOST_GIVEN_UP)) })),
  )
}

/** What waits is not sent any more. Throws SUBSCRIPTION_NOT_FOUND. */
export async function unsubscribe(deps: Deps, caller: Administrator, id: string): Promise<void> {
  await getOwn(deps, caller, id)
  await store.endSubscription(deps.database, id, caller.id, deps.clock.now())
}

/** Sends everything from a position on once more, with the same ids. Throws SUBSCRIPTION_NOT_FOUND. */
export async function replay(deps: Deps, caller: Administrator, id: string, fromPosition: bigint): Promise<void> {
  await getOwn(deps, caller, id)
  const after = fromPosition > 0n ? fromPosition - 1n : 0n
  await deps.database.transaction((tx) => store.rewind(tx, id, after, deps.clock.now()))
}

/** What was given up after all attempts, oldest first. Throws SUBSCRIPTION_NOT_FOUND. */
export async function listGivenUp(deps: Deps, caller: Administrator, id: string) {
  await getOwn(deps, caller, id)
  return (await store.readStanding(deps.database, id, MOST_GIVEN_UP)).givenUp
}

async function getOwn({ database }: Deps, { departmentCode }: Administrator, id: string): Promise<Subscription> {
  const subscription = await store.findSubscription(database, id)
  if (subscription?.departmentCode !== departmentCode)
    throw new SharingError('SUBSCRIPTION_NOT_FOUND', 'the department has no such subscription')
  return subscription
}
