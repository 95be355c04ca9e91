// What the wallet asks of the API. `agency` is set while somebody acts for another.
import { ref } from 'vue'
import { callApi, endSession, fetchFile } from '../kit/api.ts'
import type { LicenceStatus } from '../kit/api-types.ts'
import { freshKey } from '../kit/ids.ts'
import type { Text } from '../kit/language.ts'
import { ApiProblem, problemOf } from '../kit/problem.ts'

export interface Holder {
  readonly name: string
  readonly isCompany: boolean
  readonly assurance: number
}

export interface Methods {
  readonly demo: boolean
  readonly oidc: { readonly label: string } | null
}

export interface Card {
  readonly identifier: string
  readonly typeCode: string
  readonly typeName: Text
  readonly issuer: Text
  readonly number: string
  readonly status: LicenceStatus
  readonly issuedOn: string
  readonly validFrom: string
  readonly validUntil: string | null
  readonly replaces: string | null
  readonly replacedBy: string | null
  readonly origin: 'issued' | 'collected'
  /** The system that made a collected licence, and up to when it told of its state. */
  readonly source: string | null
  readonly statusReportedAt: string | null
}

export interface HeldLicence extends Card {
  readonly fields: readonly { readonly name: string; readonly label: Text; readonly value: unknown }[]
  readonly isErased: boolean
  readonly history: readonly { readonly status: LicenceStatus; readonly from: string }[]
}

export interface Access {
  readonly at: string
  readonly identifier: string | null
  readonly by: 'person' | 'machine' | 'holder' | 'agent' | 'link' | 'sharing'
  readonly department: Text | null
  readonly what: string
  readonly matter: string | null
  readonly matterName: string | null
  readonly purpose: string | null
  readonly fieldLabels: readonly Text[]
  readonly isGranted: boolean
}

export interface Notice {
  readonly notice: string
  readonly identifier: string
  readonly event: string
  readonly effectiveAt: string
  readonly recordedAt: string
  readonly isNew: boolean
}

export type Scope = 'read' | 'download' | 'dispute'

export interface Agency {
  readonly agency: string
  readonly company: string
  readonly agent: string
  readonly scopes: readonly Scope[]
  readonly typeCodes: readonly string[] | null
  readonly from: string
  readonly until: string
  readonly state: 'to come' | 'standing' | 'over' | 'ended'
}

export interface Dispute {
  readonly dispute: string
  readonly identifier: string
  readonly field: string | null
  /** Null where the server tells no more than was named. */
  readonly about: {
    readonly typeName: Text
    readonly number: string
    readonly field: Text | null
    readonly replacedBy: string | null
  } | null
  readonly words: string | null
  readonly raisedAt: string
  readonly answerUntil: string
  readonly state: 'open' | 'refused' | 'corrected' | 'closed'
  readonly answer: string | null
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

/** Who is logged in; undefined until asked, null when nobody is. */
export const holder = ref<Holder | null>()
export const hasEnded = ref(false)
/** For whom they act; null: for themselves. */
export const acting = ref<Agency | null>(null)

/** Asks; when it turns out that the login has ended, the page to log in comes up. */
async function ask<T>(path: string, options?: Parameters<typeof callApi>[1]): Promise<T> {
  try {
    return await callApi<T>(`/api/wallet${path}`, options)
  } catch (error) {
    throw noteEnd(error)
  }
}

function noteEnd(error: unknown): unknown {
  if (error instanceof ApiProblem && error.problem.status === 401 && holder.value) {
    hasEnded.value = true
    holder.value = null
  }
  return error
}

/** The query of a call, with the agency where one acts for another. */
function queryOf(given: Readonly<Record<string, string | number | undefined>> = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...given, agency: acting.value?.agency }))
    if (value !== undefined) search.set(name, String(value))
  return search.size > 0 ? `?${search}` : ''
}

export const readMethods = (): Promise<Methods> => callApi('/api/holder-sessions/methods')

/** Where the provider is gone to. */
export const providerAddress = '/api/holder-sessions/oidc/start'

export async function loadHolder(): Promise<void> {
  try {
    holder.value = (await callApi<{ holder: Holder }>('/api/wallet/session')).holder
  } catch (error) {
    const { status } = problemOf(error)
    if (status !== 401 && status !== 403) throw error
    holder.value = null
  }
}

export async function logIn(facts: { name: string; code: string }): Promise<void> {
  holder.value = (await callApi<{ holder: Holder }>('/api/holder-sessions', { method: 'POST', body: facts })).holder
  hasEnded.value = false
}

/** Who is logged in stays shown until the server has ended it: another may sit here next. @throws ApiProblem where it could not */
export async function logOut(): Promise<void> {
  await endSession('/api/wallet/session')
  holder.value = null
  acting.value = null
}

/** All cards, page after page, newest first. */
export async function readCards(): Promise<Card[]> {
  const cards: Card[] = []
  for (let cursor: string | undefined; ; ) {
    const { items, next }: Page<Card> = await ask(`/licences${queryOf({ limit: 200, cursor })}`)
    cards.push(...items)
    if (next === null || cards.length >= 2000) break
    cursor = next
  }
  return cards.sort((one, other) => other.issuedOn.localeCompare(one.issuedOn))
}

export const readLicence = (identifier: string) =>
  ask<HeldLicence>(`/licences/${encodeURIComponent(identifier)}${queryOf()}`)

export const fetchDocument = (identifier: string): Promise<Blob> =>
  fetchFile(`/api/wallet/licences/${encodeURIComponent(identifier)}/document${queryOf()}`).catch((error: unknown) => {
    throw noteEnd(error)
  })

export const readAccesses = (cursor?: string) => ask<Page<Access>>(`/accesses${queryOf({ limit: 30, cursor })}`)

export const readNotices = (cursor?: string) =>
  ask<Page<Notice>>(`/notices?limit=30${cursor === undefined ? '' : `&cursor=${cursor}`}`)

export const seeNotices = (notice: string) => ask<void>('/notices/seen', { method: 'PUT', body: { notice } })

export const readAgents = () => ask<{ mine: readonly Agency[]; forOthers: readonly Agency[] }>('/agents')

export const nameAgent = (body: {
  name: string
  code: string
  scopes: readonly Scope[]
  from: string
  until: string
}) => ask<Agency>('/agents', { method: 'POST', body, headers: { 'Idempotency-Key': freshKey() } })

export const endAgent = (agency: string) => ask<Agency>(`/agents/${agency}`, { method: 'DELETE' })

/** None where the agency does not reach as far as disputes. */
export const readDisputes = async (): Promise<Page<Dispute>> =>
  acting.value && !acting.value.scopes.includes('dispute')
    ? { items: [], next: null }
    : ask<Page<Dispute>>(`/disputes${queryOf()}`)

export const raiseDispute = (body: { identifier: string; field?: string; words: string }) =>
  ask<Dispute>('/disputes', {
    method: 'POST',
    body: { ...body, ...(acting.value && { agency: acting.value.agency }) },
    headers: { 'Idempotency-Key': freshKey() },
  })

export const exportAddress = '/api/wallet/export'
