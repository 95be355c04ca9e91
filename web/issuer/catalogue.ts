import { callApi, fetchFile } from '../kit/api.ts'
import type { Text } from '../kit/language.ts'
import type { FieldFault } from '../kit/problem.ts'
import { hasRole, withSession } from '../kit/session.ts'
import type { TypeEntry } from './type-entry.ts'

/** The catalogue as everybody reads it, and its versions as its editors and reviewers do. Errors as `callApi`. */

export interface ListedType {
  readonly typeCode: string
  readonly version: number
  readonly name: Text
  readonly category: string
  readonly sharing: string
  /** Whether licences of it can be issued: a template is published. */
  readonly hasTemplate: boolean
  readonly issuers: readonly { readonly code: string; readonly name: Text }[]
}

/** What anybody may read of a version. */
export interface ReadVersion {
  readonly version: number
  readonly state: string
  readonly entry: TypeEntry
}

export interface TypeVersion extends ReadVersion {
  readonly typeCode: string
  readonly entryDigest: string
  readonly writtenAt: string
  readonly reviewedAt: string | null
  readonly publishedAt: string | null
  readonly retiredAt: string | null
}

const base = '/api/catalogue'
const at = (typeCode: string): string => `${base}/${encodeURIComponent(typeCode)}`

export const searchTypes = (
  filter: Readonly<Record<string, string>>,
): Promise<{ readonly types: readonly ListedType[] }> => {
  const given = Object.entries(filter).filter(([, value]) => value !== '')
  return callApi(`${base}?${new URLSearchParams(given)}`)
}

export const listDrafts = (): Promise<{ readonly versions: readonly TypeVersion[] }> =>
  withSession(() => callApi('/api/catalogue-drafts'))

/** Whether the account reads versions and drafts, beside what is published. */
export const mayReadVersions = (): boolean => hasRole('catalogue-editor', 'licence-reviewer')

/** The version that everybody reads: the published one, or the last of a retired type. */
export async function readPublished(typeCode: string): Promise<ReadVersion> {
  const { entry } = await callApi<{ readonly entry: TypeEntry & Omit<ReadVersion, 'entry'> }>(at(typeCode))
  return { version: entry.version, state: entry.state, entry }
}

export const readVersions = (typeCode: string): Promise<{ readonly versions: readonly TypeVersion[] }> =>
  withSession(() => callApi(`${at(typeCode)}/versions`))

/** `replaces` is the digest of what was read, null for a new type; so a repeat is the same draft. */
export const writeDraft = (typeCode: string, entry: TypeEntry, replaces: string | null): Promise<TypeVersion> =>
  withSession(() => callApi(`${at(typeCode)}/draft`, { method: 'PUT', body: { entry, replaces } }))

export type TypeStep = 'reviews' | 'publications' | 'retirements'
export const takeStep = (typeCode: string, step: TypeStep, entryDigest: string): Promise<TypeVersion> =>
  withSession(() => callApi(`${at(typeCode)}/${step}`, { method: 'POST', body: { entryDigest } }))

export const assignType = (typeCode: string, body: object): Promise<void> =>
  withSession(() => callApi(`${at(typeCode)}/assignments`, { method: 'POST', body }))

export const readCatalogueFile = (): Promise<Blob> => withSession(() => fetchFile('/api/catalogue-file'))

/** Fields whose own entries are lines of one text or boxes to tick: a fault of one is a fault of the field. */
const texts = [
  '/items',
  '/validityRanges',
  '/sharing/fields',
  '/searchFields',
  '/statusWords',
  '/issuerLevels',
  '/holders',
  '/secondPerson',
]

/** The server's faults at the places of the form. */
export const atForm = (faults: readonly FieldFault[]): FieldFault[] =>
  faults.map((fault) => {
    const pointer = fault.pointer.replace(/^\/(?:entry|path)(?=\/)/, '')
    return { ...fault, pointer: texts.find((text) => pointer.startsWith(`${text}/`)) ?? pointer }
  })

export interface ImportReport {
  /** Thumbprint of the key that signed. */
  readonly signer: string
  readonly issuer: string
  readonly issuedAt: string
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly same: readonly string[]
  readonly refused: readonly { readonly typeCode: string; readonly why: string }[]
  readonly applied: boolean
}

/** Reads a signed catalogue as a trial, or takes it over as drafts. */
export const importCatalogue = (body: {
  readonly file: string
  readonly signer?: string
  readonly apply?: boolean
}): Promise<ImportReport> => withSession(() => callApi('/api/catalogue-imports', { method: 'POST', body }))
