import { SealError } from '../errors.ts'
import { sealActions, sealNotes } from './seal.ts'

/** What can be told: every step and note of a seal's life, each use, each warning about a seal. */
export const eventTopics: readonly string[] = [
  ...Object.keys(sealActions).map((action) => `seal.${action}`),
  ...sealNotes.map((note) => `seal.${note}`),
  'use.sealed',
  'warning.raised',
]

/** A subscription: whose events of which kinds go to which address. */
export interface Webhook {
  readonly id: string
  readonly departmentCode: string
  /** Events of the department's own seals, or of those below it too. */
  readonly covers: 'own' | 'below'
  readonly address: string
  readonly topics: readonly string[]
  readonly createdBy: string
  readonly createdAt: Date
  readonly endedAt: Date | null
  /** Deliveries were made out for every event up to here. */
  readonly madeOut: bigint
}

const MOST_TOPICS = 40
const LONGEST_ADDRESS = 500

/** Throws `WEBHOOK_ADDRESS_REFUSED` unless it is https without credentials and fragment; `mayPlain` lets http pass, for trial at one's own machine. */
export function checkAddress(address: string, mayPlain: boolean): void {
  const refuse = (why: string) => new SealError('WEBHOOK_ADDRESS_REFUSED', `the address ${why}`)
  const url = address.length <= LONGEST_ADDRESS ? URL.parse(address) : null
  if (url === null) throw refuse(`is none, or has more than ${LONGEST_ADDRESS} characters`)
  if (url.username !== '' || url.password !== '') throw refuse('holds a name or a password')
  if (url.hash !== '') throw refuse('holds a fragment')
  if (url.protocol !== 'https:' && !(mayPlain && url.protocol === 'http:')) throw refuse('does not begin with https://')
}

/** Throws `WEBHOOK_TOPIC_UNKNOWN`. */
export function checkTopics(topics: readonly string[]): void {
  const unknown = topics.filter((topic) => !eventTopics.includes(topic))
  if (unknown.length > 0 || topics.length === 0 || topics.length > MOST_TOPICS)
    throw new SealError('WEBHOOK_TOPIC_UNKNOWN', `expected 1 to ${MOST_TOPICS} of ${eventTopics.join(', ')}`)
}

const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 6 * 3_600_000
/** After so many attempts a delivery is given up: two days and a half. */
export const MOST_ATTEMPTS = 18

/** How long a delivery waits after so many failed attempts. */
export function deliveryWaitMs(attempts: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts, 30))
}

/** One event as it is told. */
export interface TellableEvent {
  readonly position: bigint
  readonly topic: string
  readonly departmentCode: string
  readonly at: Date
  readonly body: Readonly<Record<string, unknown>>
}

/** Name of a message: the same for every attempt and every replay of it, so that a receiver tells repeats. */
export const messageId = (webhookId: string, position: bigint): string => `${webhookId}.${position}`

/** The body that is sent; the same octets at every attempt. */
export function messageBody(webhookId: string, event: TellableEvent): string {
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
