import { createGuardedAsk } from './guarded-fetch.ts'
import type { PrivateAddresses } from './public-address.ts'

/** A signed event on its way to a receiver. */
export interface EventMessage {
  readonly id: string
  /** Seconds since 1970, of this attempt. */
  readonly timestamp: number
  readonly body: string
  /** Detached JWS over the body. */
  readonly signature: string
}

/** Null when the receiver took it (any 2xx), else why not: a code, never what the receiver wrote. */
export type EventSender = (address: string, message: EventMessage) => Promise<string | null>

const TIMEOUT_MS = 5000
/** What a receiver writes is not read further. */
const LONGEST_ANSWER = 64 * 1024

/** Sends by POST within five seconds; follows no redirection, reaches no private network, and no plain http where none may be reached. */
export function createEventSender(privateAddresses: PrivateAddresses = 'refuse'): EventSender {
  const ask = createGuardedAsk({ privateAddresses, timeoutMs: TIMEOUT_MS, maxBytes: LONGEST_ANSWER })
  return async (address, { id, timestamp, body, signature }) => {
    if (privateAddresses === 'refuse' && !address.startsWith('https://')) return 'ADDRESS_REFUSED'
    const answer = await ask(address, {
      body: new TextEncoder().encode(body),
      contentType: 'application/json',
      headers: { 'Webhook-Id': id, 'Webhook-Timestamp': String(timestamp), 'Webhook-Signature': signature },
    })
    if ('fault' in answer) return answer.fault
    return answer.status >= 200 && answer.status <= 299 ? null : `STATUS_${answer.status}`
  }
}
