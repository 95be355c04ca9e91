import { callApi, fetchFile } from '../kit/api.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'

/** Sharing with other departments: agreements, matters, subscriptions and who fetched what. Errors as `callApi`. */

export interface Agreement {
  readonly id: string
  readonly providerCode: string
  readonly consumerCode: string
  readonly typeCode: string
  readonly matterCodes: readonly string[]
  readonly fields: readonly string[]
  readonly legalBasis: string
  readonly validFrom: string
  readonly validUntil: string
  readonly dailyUses: number
  readonly dailyHolders: number
  readonly state: string
}
export type AgreementOffer = Omit<Agreement, 'id' | 'providerCode' | 'state'>

const base = '/api/sharing'
const after = (cursor: string): string => (cursor === '' ? '' : `?${new URLSearchParams({ cursor })}`)
const read = <T>(path: string): Promise<T> => withSession(() => callApi<T>(`${base}/${path}`))
const post = <T>(path: string, body?: object, key?: string): Promise<T> =>
  withSession(() =>
    callApi<T>(`${base}/${path}`, {
      method: 'POST',
      ...(body && { body }),
      ...(key !== undefined && { headers: { 'Idempotency-Key': key } }),
    }),
  )
const remove = (path: string): Promise<void> => withSession(() => callApi(`${base}/${path}`, { method: 'DELETE' }))

export const listAgreements = (cursor: string): Promise<PageOf<Agreement>> => read(`agreements${after(cursor)}`)
export const offerAgreement = (offer: AgreementOffer, key: string): Promise<Agreement> => post('agreements', offer, key)
export type AgreementAct = 'acceptances' | 'refusals' | 'endings'
export const actOnAgreement = (id: string, act: AgreementAct): Promise<Agreement> =>
  post(`agreements/${encodeURIComponent(id)}/${act}`)

export interface Matter {
  readonly matterCode: string
  readonly name: string
  readonly clientIds: readonly string[]
}
export const listMatters = (cursor: string): Promise<PageOf<Matter>> => read(`matters${after(cursor)}`)
export const addMatter = (matter: Matter): Promise<Matter> => post('matters', matter)
export const endMatter = (matterCode: string): Promise<void> => remove(`matters/${encodeURIComponent(matterCode)}`)

export interface Subscription {
  readonly id: string
  readonly address: string
  readonly topics: readonly string[]
  readonly createdAt: string
  /** Changes up to here were made out. */
  readonly position: string
  readonly waiting: number
  readonly givenUp: number
}
export const listSubscriptions = (): Promise<PageOf<Subscription>> => read('subscriptions')
export const subscribe = (
  wish: { readonly address: string; readonly topics: readonly string[]; readonly fromPosition?: string },
  key: string,
): Promise<unknown> => post('subscriptions', wish, key)
const subscriptionAt = (id: string): string => `subscriptions/${encodeURIComponent(id)}`
export const endSubscription = (id: string): Promise<void> => remove(subscriptionAt(id))
/** Everything from a position on is sent once more; the answer has no body. */
export const replayFrom = (id: string, fromPosition: string): Promise<unknown> =>
  withSession(() => fetchFile(`${base}/${subscriptionAt(id)}/replays`, { method: 'POST', body: { fromPosition } }))
export interface GivenUp {
  readonly position: string
  readonly fault: string
  readonly at: string
}
export const listGivenUp = (id: string): Promise<{ readonly items: readonly GivenUp[] }> =>
  read(`${subscriptionAt(id)}/given-up`)

/** Where a field of a form comes from. */
export interface PrefillField {
  readonly formField: string
  readonly typeCode: string
  readonly field: string
}
export interface PrefillMap {
  readonly formCode: string
  readonly version: number
  readonly fields: readonly PrefillField[]
  readonly madeAt: string
}
export const listPrefillMaps = (cursor: string): Promise<PageOf<PrefillMap>> => read(`prefill-maps${after(cursor)}`)
/** The same map again makes no other version. */
export const savePrefillMap = (formCode: string, fields: readonly PrefillField[]): Promise<PrefillMap> =>
  withSession(() =>
    callApi(`${base}/prefill-maps/${encodeURIComponent(formCode)}`, { method: 'PUT', body: { fields } }),
  )

export interface SharedAccess {
  readonly at: string
  readonly what: string
  readonly callerKind: string
  readonly departmentCode: string
  readonly matterCode: string
  readonly purpose: string | null
  readonly legalBasis: string | null
  readonly typeCode: string | null
  readonly identifier: string | null
  readonly fields: readonly string[]
  readonly answer: string
}
export const listAccesses = (cursor: string): Promise<PageOf<SharedAccess>> => read(`accesses${after(cursor)}`)
