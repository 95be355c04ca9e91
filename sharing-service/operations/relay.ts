import { deliverEvent, type RoundCount, sendDueEvents } from '../../platform/index.ts'
import type { LicenceChange, Subscription } from '../domain/subscription.ts'
import { whichRelied } from '../store/quotas.ts'
import { type Delivery, leaseDeliveries, listBehind, makeOut, postpone, settle } from '../store/subscriptions.ts'
import { createReach, isCovered } from './coverage.ts'
import type { Deps } from './deps.ts'

/** `typ` of the JWS over a change. */
const CHANGE_TYPE = 'licence-event+jws'

/** A change has its time before it is committed: whoever fetched in between saw the licence as it was. */
const UNDER_WAY_MS = 600_000
const CHANGES_AT_ONCE = 500
/** What somebody goes back over comes a few pages a round, among the others' changes. */
const PAGES_A_ROUND = 4

/**
 * One round: makes out deliveries of new changes for the subscriptions, sends what is due. Each change at least once; of one licence the
 * next is sent only when the one before it was taken or given up. Safe in several processes at once.
 */
export async function relay(deps: Deps, stopping?: AbortSignal): Promise<RoundCount> {
  const last = await deps.register.lastPosition()
  for (const subscription of await listBehind(deps.database, last)) await makeOutSome(deps, subscription, stopping)
  return sendDueEvents(
    {
      clock: deps.clock,
      lease: (lease) => leaseDeliveries(deps.database, lease),
      deliver: (delivery) => deliver(deps, delivery),
    },
    stopping,
  )
}

/** The changes are read outside the transaction: the register may live in another database. */
async function makeOutSome(deps: Deps, subscription: Subscription, stopping?: AbortSignal): Promise<void> {
  let from = subscription
  for (let page = 0; page < PAGES_A_ROUND && !stopping?.aborted; page++) {
    const changes = await deps.register.changesAfter(from.madeOut, CHANGES_AT_ONCE)
    const upTo = changes.at(-1)?.position
    if (upTo === undefined) return
    const wanted = await wantedOf(deps, from, changes)
    const isMade = await deps.database.transaction((tx) => makeOut(tx, from, wanted, upTo, deps.clock.now()))
    if (!isMade || changes.length < CHANGES_AT_ONCE) return
    from = { ...from, madeOut: upTo }
  }
}

/** Changes since the department relies on the licence, of licences that it may have now. */
async function wantedOf(
  deps: Deps,
  { departmentCode, topics }: Subscription,
  changes: readonly LicenceChange[],
): Promise<LicenceChange[]> {
  const told = changes.filter(({ topic }) => topics.includes(topic))
  if (told.length === 0) return []
  const identifiers = [...new Set(told.map(({ identifier }) => identifier))]
  const relied = await whichRelied(deps.database, departmentCode, identifiers)
  const isSince = ({ identifier, at }: LicenceChange): boolean => {
    const since = relied.get(identifier)
    return since !== undefined && at.getTime() >= since.getTime() - UNDER_WAY_MS
  }
  const wanted: LicenceChange[] = []
  const covered = new Map<string, boolean>()
  const reach = createReach(deps)
  for (const change of told.filter(isSince)) {
    const { typeCode, departmentCode: issuerCode } = change
    const whose = `${typeCode} ${issuerCode}`
    if (!covered.has(whose)) covered.set(whose, await isCovered(deps, reach, { departmentCode, typeCode, issuerCode }))
    if (covered.get(whose)) wanted.push(change)
  }
  return wanted
}

async function deliver(deps: Deps, delivery: Delivery): Promise<'delivered' | 'failed' | 'dead'> {
  const { database, outwardKey, log } = deps
  const sign = (body: string, header: Readonly<Record<string, unknown>>) =>
    outwardKey.signDetached(CHANGE_TYPE, body, header)
  const outcome = await deliverEvent({ ...deps, sign }, delivery)
  const told = { subscription: delivery.webhookId, position: String(delivery.position) }
  if (outcome.state === 'failed') {
    await database.transaction((tx) => postpone(tx, delivery, outcome))
    log.warn('a change of a licence was not taken; it is sent again', { ...told, fault: outcome.fault })
  } else {
    const fault = outcome.state === 'dead' ? outcome.fault : null
    await settle(database, delivery, fault, outcome.at)
    if (fault !== null) log.error('a change of a licence was given up: its receiver never took it', { ...told, fault })
  }
  return outcome.state
}
