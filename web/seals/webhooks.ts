import { callApi } from '../kit/api.ts'
import type { Text } from '../kit/language.ts'
import { withSession } from '../kit/session.ts'
import { actionNames, actionText } from './life-words.ts'

/** Subscriptions to events of seals, as the console reads them. Everything throws ApiProblem. */

export interface Webhook {
  readonly id: string
  readonly departmentCode: string
  readonly covers: 'own' | 'below'
  readonly address: string
  readonly topics: readonly string[]
  readonly createdAt: string
  readonly figures: {
    readonly waiting: number
    readonly dead: number
    /** Position of the newest event that was taken. */
    readonly lastDelivered: string | null
    readonly lastFault: string | null
  }
}
export interface GivenUp {
  readonly position: string
  readonly fault: string
  readonly at: string
}

const base = '/api/seal-webhooks'

export const listWebhooks = (): Promise<{ readonly items: readonly Webhook[] }> => withSession(() => callApi(base))
export const subscribe = (wish: Pick<Webhook, 'address' | 'topics' | 'covers'>): Promise<unknown> =>
  withSession(() => callApi(base, { method: 'POST', body: wish }))
export const unsubscribe = (id: string): Promise<void> =>
  withSession(() => callApi(`${base}/${id}`, { method: 'DELETE' }))
export const replay = (id: string, fromPosition: string): Promise<unknown> =>
  withSession(() => callApi(`${base}/${id}/replay`, { method: 'POST', body: { fromPosition } }))
export const listGivenUp = (id: string): Promise<{ readonly items: readonly GivenUp[] }> =>
  withSession(() => callApi(`${base}/${id}/given-up`))

const others: Readonly<Record<string, Text>> = {
  'use.sealed': { zh: '用印', en: 'A use' },
  'warning.raised': { zh: '监管预警', en: 'A warning' },
}

/** Everything that can be subscribed to. */
export const topicNames: readonly string[] = [...Object.keys(others), ...actionNames.map((action) => `seal.${action}`)]
export const topicText = (topic: string): Text => others[topic] ?? actionText(topic.replace(/^seal\./, ''))
