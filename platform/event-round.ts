import type { Clock } from './clock.ts'
import type { DeliveryOutcome } from './event-delivery.ts'

/** Longer than an attempt lasts: who does not come back within it is gone. */
const LEASE_MS = 30_000
const AT_ONCE = 16
/** Of one receiver. */
const EACH_AT_ONCE = 4
/** After that a round takes nothing up any more: what came meanwhile is made out first. */
const ROUND_MS = 5_000

/** Which deliveries are taken to be sent now, and kept from others until `until`. */
export interface DeliveryLease {
  readonly at: Date
  readonly until: Date
  readonly most: number
  /** Of one receiver. */
  readonly mostEach: number
  /** Of these receivers none: something is on its way to them. */
  readonly busy: readonly string[]
}

/** What became of the deliveries of a round. */
export type RoundCount = Readonly<Record<DeliveryOutcome['state'], number>>

/**
 * Sends side by side what is due, until nothing more is or the round has lasted long enough; a receiver that is slow holds up its own
 * deliveries alone. What is under way is always waited for. Throws what taking or sending threw first.
 */
export async function sendDueEvents<Delivery extends { readonly receiver: string }>(
  deps: {
    readonly clock: Clock
    lease(lease: DeliveryLease): Promise<readonly Delivery[]>
    deliver(delivery: Delivery): Promise<DeliveryOutcome['state']>
  },
  stopping?: AbortSignal,
): Promise<RoundCount> {
  const { clock } = deps
  const count = { delivered: 0, failed: 0, dead: 0 }
  const endsAt = clock.now().getTime() + ROUND_MS
  const underWay = new Map<Promise<void>, string>()
  const begin = (delivery: Delivery): void => {
    const one: Promise<void> = deps.deliver(delivery).then((state) => {
      count[state]++
      underWay.delete(one)
    })
    // Awaited below, though not at once.
    one.catch(() => {})
    underWay.set(one, delivery.receiver)
  }
  try {
    while (!stopping?.aborted && clock.now().getTime() < endsAt) {
      const receivers = [...underWay.values()]
      const deliveries = await leaseBeside(deps, receivers)
      deliveries.forEach(begin)
      if (deliveries.length > 0) continue
      // Those that were busy when this was asked may have more.
      if (receivers.length === 0) break
      if (underWay.size > 0) await Promise.race(underWay.keys())
    }
    await Promise.all(underWay.keys())
  } finally {
    await Promise.allSettled(underWay.keys())
  }
  return count
}

/** What may be sent beside deliveries to these receivers. */
async function leaseBeside<Delivery>(
  { clock, lease }: { readonly clock: Clock; readonly lease: (asked: DeliveryLease) => Promise<readonly Delivery[]> },
  receivers: readonly string[],
): Promise<readonly Delivery[]> {
  const most = AT_ONCE - receivers.length
  if (most === 0) return []
  const at = clock.now()
  const until = new Date(at.getTime() + LEASE_MS)
  return lease({ at, until, most, mostEach: EACH_AT_ONCE, busy: [...new Set(receivers)] })
}
