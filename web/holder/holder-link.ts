import { callApi, fetchFile } from '../kit/api.ts'
import type { LicenceStatus } from '../kit/api-types.ts'
import type { Text } from '../kit/language.ts'

/** What a link says before anything is proven: never whose licence it is. */
export interface LinkFacts {
  readonly typeName: Text
  readonly issuer: Text
  readonly expiresAt: string
  readonly attemptsLeft: number
  readonly locked: boolean
}

export interface OpenedLicence {
  readonly identifier: string
  readonly typeName: Text
  readonly number: string
  readonly status: LicenceStatus
  readonly validFrom: string
  readonly validUntil: string | null
  readonly fields: readonly { readonly name: string; readonly label: Text; readonly value: unknown }[]
}

export interface Opening {
  readonly accessToken: string
  readonly expiresAt: string
  readonly licence: OpenedLicence
}

/** The token in the address `/h/{token}`; empty when there is none. */
export const tokenOf = (path: string): string => decodeURIComponent(/^\/h\/([^/]+)\/?$/.exec(path)?.[1] ?? '')

/** The six characters as compared: capitals; undefined unless there are exactly six letters or digits. */
export function sixCharacters(text: string): string | undefined {
  const compact = text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
  return /^[0-9A-Z]{6}$/.test(compact) ? compact : undefined
}

const base = (token: string) => `/api/holder-links/${encodeURIComponent(token)}`

export const readLink = (token: string) => callApi<LinkFacts>(base(token))

export const openLicence = (token: string, lastSix: string) =>
  callApi<Opening>(`${base(token)}/openings`, { method: 'POST', body: { lastSix } })

export const fetchDocument = (token: string, accessToken: string) =>
  fetchFile(`${base(token)}/document`, { headers: { Authorization: `Bearer ${accessToken}` } })
