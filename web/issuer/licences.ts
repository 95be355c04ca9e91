import { callApi, fetchFile } from '../kit/api.ts'
import type { CatalogueType, LicenceRow, LicenceStatus, MintedLicence } from '../kit/api-types.ts'
import { freshKey } from '../kit/ids.ts'
import { language } from '../kit/language.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'
import type { BodyRequest } from './bodies.ts'
import type { Definition } from './definition.ts'
import type { FileFormat } from './statistics.ts'

/** The calls of the issuing desk, each under the session. Errors as `callApi`. */

export interface HistoryEntry {
  readonly at: string
  readonly effectiveAt: string
  readonly status: string
  readonly reason: string | null
  readonly legalBasis?: string | null
  readonly cause?: string | null
}

export interface LicenceDetail {
  readonly identifier: string
  readonly typeCode: string
  readonly number: string
  readonly status: LicenceStatus
  /** Null once personal data were erased. */
  readonly data: {
    readonly typeCode: string
    readonly typeName: string
    readonly number: string
    readonly holders: readonly { readonly name: string; readonly code: string }[]
    readonly issuedOn: string
    readonly validFrom: string
    readonly validUntil: string | null
    readonly fields: Readonly<Record<string, unknown>>
  } | null
  readonly history: readonly HistoryEntry[]
  readonly dataDigest: string
  readonly sealedDigest: string | null
  /** The system that made a collected licence, and up to when it told of its state. */
  readonly source: string | null
  readonly statusReportedAt: string | null
  readonly level: string | null
  readonly targetLevel: string
  readonly replaces: string | null
  readonly replacedBy: string | null
  /** Who came by holder links. */
  readonly looks: readonly { readonly at: string; readonly what: string }[]
  readonly links: { readonly verification: string }
}

/** Where the public check of a statement opens: at its own host, by http where this page came by http, as in a trial without TLS. */
export function publicCheckAddress(verification: string, { protocol }: { protocol: string }): string {
  const { host, pathname } = new URL(verification)
  return `${protocol}//${host}${pathname}`
}

const path = (identifier: string) => `/api/licences/${encodeURIComponent(identifier)}`

/** What licences are searched by; empty where it is not asked. */
export interface LicenceFilter {
  readonly status: string
  readonly typeCode: string
  readonly number: string
  readonly holderName: string
  readonly holderCode: string
  readonly identifier: string
  /** Of the chosen type; asked for once it has a value. */
  readonly fieldName: string
  readonly fieldValue: string
}
export const noFilter: LicenceFilter = {
  status: '',
  typeCode: '',
  number: '',
  holderName: '',
  holderCode: '',
  identifier: '',
  fieldName: '',
  fieldValue: '',
}

function askedFor({ fieldName, fieldValue, ...filter }: LicenceFilter): object {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))
  return fieldName === '' || fieldValue === '' ? given : { ...given, field: { name: fieldName, value: fieldValue } }
}

/** A page of what fits; asked for in a body, since names and numbers never stand in an address. */
export function searchLicences(filter: LicenceFilter, cursor: string, limit = 20): Promise<PageOf<LicenceRow>> {
  const body = { limit, ...askedFor(filter), ...(cursor !== '' && { cursor }) }
  return withSession(() => callApi('/api/licences/searches', { method: 'POST', body }))
}

/** All that fits, as a file in the language of the page; holders are masked as in the list. */
export const exportLicences = (filter: LicenceFilter, format: FileFormat): Promise<Blob> =>
  withSession(() =>
    fetchFile('/api/licences/exports', { method: 'POST', body: { format, lang: language.value, ...askedFor(filter) } }),
  )

export const readCatalogue = async (): Promise<readonly CatalogueType[]> =>
  (await callApi<{ types: readonly CatalogueType[] }>('/api/catalogue')).types

export const readDefinition = (typeCode: string): Promise<Definition> =>
  callApi(`/api/catalogue/${encodeURIComponent(typeCode)}`)

export const readLicence = (identifier: string): Promise<LicenceDetail> => withSession(() => callApi(path(identifier)))

/** The sealed PDF to keep: a download on record. */
export const fetchDocument = (identifier: string): Promise<Blob> =>
  withSession(() => fetchFile(`${path(identifier)}/document`))

/** The same for the picture on the page: the holder is told that it was looked at. */
export const fetchPicture = (identifier: string): Promise<Blob> =>
  withSession(() => fetchFile(`${path(identifier)}/document?for=picture`))

/** What a licence is made of; `body` of a type whose document is uploaded. */
export interface LicenceContent {
  readonly typeCode: string
  readonly data: object
  readonly body?: BodyRequest
}

/** `showTaken`: also where the QR code would lie over text, to see where it may go. */
export const fetchPreview = (body: LicenceContent & { showTaken?: true }, signal: AbortSignal): Promise<Blob> =>
  withSession(() => fetchFile('/api/licences/previews', { method: 'POST', body, signal }))

const post = <T>(to: string, body: object, key: string): Promise<T> =>
  withSession(() => callApi<T>(to, { method: 'POST', body, headers: { 'Idempotency-Key': key } }))

export const mintLicence = (content: LicenceContent, key: string): Promise<MintedLicence> =>
  post('/api/licences', content, key)

export interface HolderLink {
  readonly url: string
  readonly expiresAt: string
  readonly qrSvg: string
}

export const createHolderLink = (identifier: string): Promise<HolderLink> =>
  post(`${path(identifier)}/holder-links`, {}, freshKey())
