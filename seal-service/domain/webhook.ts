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

/** At most; each is named once. */
export const MOST_TOPICS = 100

/** Throws `WEBHOOK_TOPIC_UNKNOWN`. */
export function checkTopics(topics: readonly string[]): void {
  const unknown = topics.filter((topic) => !eventTopics.includes(topic))
  if (unknown.length > 0 || topics.length === 0 || topics.length > MOST_TOPICS)
    throw new SealError('WEBHOOK_TOPIC_UNKNOWN', `expected 1 to ${MOST_TOPICS} of ${eventTopics.join(', ')}`)
}
