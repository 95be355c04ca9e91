import type { Clock } from './clock.ts'
import type { EventSender } from './event-sender.ts'

const LONGEST_ADDRESS = 500

/** Why events may not go to an address: only https without credentials and fragment; `mayPlain` lets http pass, for trial at one's own machine. */
export function faultOfReceiver(address: string, mayPlain: boolean): string | undefined {
  const url = address.length <= LONGEST_ADDRESS ? URL.parse(address) : null
  if (url === null) return `is none, or has more than ${LONGEST_ADDRESS} characters`
  if (url.username !== '' || url.password !== '') return 'holds a name or a password'
  if (url.hash !== '') return 'holds a fragment'
  if (url.protocol !== 'https:' && !(mayPlain && url.protocol === 'http:')) return 'does not begin with https://'
  return undefined
}

/** One event as it is told. */
export interface TellableEvent {
  readonly position: bigint
  readonly topic: string
  readonly departmentCode: string
  readonly at: Date
  readonly body: Readonly<Record<string, unknown>>
}

/** An event on its way to one receiver. */
export interface EventDelivery extends TellableEvent {
  readonly webhookId: string
  readonly address: string
  /** This one included. */
  readonly attempts: number
}

const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 6 * 3_600_000
/** A receiver that is away is not asked for each event. */
const LONGEST_REST_MS = 300_000
/** After so many attempts a delivery is given up: two days and a half. */
const MOST_ATTEMPTS = 18

/** How long a delivery waits after so many failed attempts. */
const deliveryWaitMs = (attempts: number): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts, 30))

/** Name of a message: the same for every attempt and every replay of it, so that a receiver tells repeats. */
const messageId = (webhookId: string, position: bigint): string => `${webhookId}.${position}`

/** The body that is sent; the same octets at every attempt. */
function messageBody({ webhookId, ...event }: EventDelivery): string {
  return JSON.stringify({
    id: messageId(webhookId, event.position),
    webhookId,
    position: event.position.toString(),
    topic: event.topic,
    departmentCode: event.departmentCode,
    at: event.at.toISOString(),
    data: event.body,
  })
}

/** What became of an attempt. `restUntil`: nothing is sent to this receiver before; null where it minds this one event alone. */
export type DeliveryOutcome = { readonly at: Date } & (
  | { readonly state: 'delivered' }
  | { readonly state: 'dead'; readonly fault: string }
  | { readonly state: 'failed'; readonly fault: string; readonly nextAttemptAt: Date; readonly restUntil: Date | null }
)

/** Signs an event and sends it once. What the receiver did is an outcome, never an exception. */
export async function deliverEvent(
  deps: {
    readonly clock: Clock
    readonly sendEvent: EventSender
    /** Detached JWS over the body with this header. */
    readonly sign: (body: string, header: Readonly<Record<string, unknown>>) => Promise<string>
  },
  delivery: EventDelivery,
): Promise<DeliveryOutcome> {
  const id = messageId(delivery.webhookId, delivery.position)
  const body = messageBody(delivery)
  const timestamp = Math.floor(deps.clock.now().getTime() / 1000)
  const signature = await deps.sign(body, { id, iat: timestamp })
  const fault = await deps.sendEvent(delivery.address, { id, timestamp, body, signature })
  const at = deps.clock.now()
  if (fault === null) return { at, state: 'delivered' }
  if (delivery.attempts >= MOST_ATTEMPTS) return { at, state: 'dead', fault }
  const waitMs = deliveryWaitMs(delivery.attempts - 1)
  const isAway = !fault.startsWith('STATUS_4')
  return {
    at,
    state: 'failed',
    fault,
    nextAttemptAt: new Date(at.getTime() + waitMs),
    restUntil: isAway ? new Date(at.getTime() + Math.min(waitMs, LONGEST_REST_MS)) : null,
  }
}
