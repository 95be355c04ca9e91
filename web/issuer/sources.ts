import { callApi } from '../kit/api.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'

/** Systems whose licences the department takes in, and what they told of them. Errors as `callApi`. */

export interface NewSource {
  readonly source: string
  readonly clientId: string
  readonly typeCodes: readonly string[]
  readonly origins: readonly string[]
}
export interface Source extends NewSource {
  readonly setBy: string
  readonly setAt: string
  readonly endedAt: string | null
}
export interface CollectedLicence {
  readonly identifier: string
  readonly typeCode: string
  readonly number: string
  readonly status: string
  /** Up to when the source has told of its state. */
  readonly statusReportedAt: string
}

const base = '/api/intake-sources'
const post = <T>(path: string, body: object, key: string): Promise<T> =>
  withSession(() => callApi<T>(path, { method: 'POST', body, headers: { 'Idempotency-Key': key } }))

export const listSources = (): Promise<{ readonly items: readonly Source[] }> => withSession(() => callApi(base))
/** Lets a source in, or sets it anew under its name. */
export const setSource = (source: NewSource, key: string): Promise<Source> => post(base, source, key)
export const endSource = (source: string, key: string): Promise<unknown> => post(`${base}/ends`, { source }, key)

/** Those longest without a report first. */
export const listCollected = (source: string, cursor: string): Promise<PageOf<CollectedLicence>> => {
  const query = new URLSearchParams({ source, ...(cursor !== '' && { cursor }) })
  return withSession(() => callApi(`/api/collected-licences?${query}`))
}
