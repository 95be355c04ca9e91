import { callApi, fetchFile, uploadFile } from '../kit/api.ts'
import { withSession } from '../kit/session.ts'
import type { Place } from './use.ts'

/** Documents handed in by batches, and the seals of persons, as the console reads them. Everything throws ApiProblem. */

export interface DocumentRecord {
  readonly id: string
  readonly batchId: string
  readonly name: string
  readonly sizeBytes: number
  readonly state: 'waiting' | 'sealed' | 'refused'
  readonly stateChangedAt: string
  readonly refusal: { readonly code: string; readonly detail: string } | null
  readonly level: string | null
  readonly shortfall: string | null
  /** Where the sealed document is to be had; null where it is not kept. */
  readonly content: string | null
  readonly keptUntil: string | null
}

const at = (sealId: string): string => `/api/seals/${encodeURIComponent(sealId)}`

/** Newest first. */
export const listDocuments = (sealId: string): Promise<{ readonly items: readonly DocumentRecord[] }> =>
  withSession(() => callApi(`${at(sealId)}/documents`))

export interface BatchWish {
  readonly files: readonly File[]
  readonly places: readonly Place[]
  readonly keep: boolean
}

/** Hands in a batch; `onProgress` hears how much of it (0 to 1) has gone up, `key` makes a repeat the same batch. */
export function handInBatch(
  sealId: string,
  { files, places, keep }: BatchWish,
  onProgress: (part: number) => void,
  key: string,
): Promise<unknown> {
  const form = new FormData()
  form.append('order', JSON.stringify({ places, keep, batch: true }))
  for (const file of files) form.append('document', file, file.name)
  return withSession(() => uploadFile(`${at(sealId)}/documents`, form, onProgress, { 'Idempotency-Key': key }))
}

export const readSealed = (address: string): Promise<Blob> => withSession(() => fetchFile(address))
export const forgetSealed = (address: string): Promise<void> =>
  withSession(() => callApi(address, { method: 'DELETE' }))

/** The name under which a sealed document is saved. */
export const sealedName = (name: string): string => name.replace(/(\.pdf)?$/i, '-sealed.pdf')

/** Documents that came in together, the newest batch first. */
export function toBatches(documents: readonly DocumentRecord[]): readonly (readonly DocumentRecord[])[] {
  const batches = new Map<string, DocumentRecord[]>()
  for (const document of documents) {
    const known = batches.get(document.batchId)
    if (known) known.push(document)
    else batches.set(document.batchId, [document])
  }
  return [...batches.values()]
}

export interface PersonalSeal {
  readonly id: string
  readonly name: string
  readonly state: string
}
export const listPersonalSeals = (): Promise<{ readonly items: readonly PersonalSeal[] }> =>
  withSession(() => callApi('/api/personal-seals'))

export interface SealPerson {
  readonly accountId: string
  readonly accountName: string
  readonly givenAt: string
}
export const readPerson = (sealId: string): Promise<{ readonly person: SealPerson | null }> =>
  withSession(() => callApi(`${at(sealId)}/person`))
export const givePerson = (sealId: string, person: Omit<SealPerson, 'givenAt'>): Promise<unknown> =>
  withSession(() => callApi(`${at(sealId)}/person`, { method: 'PUT', body: person }))
export const endPerson = (sealId: string): Promise<void> =>
  withSession(() => callApi(`${at(sealId)}/person`, { method: 'DELETE' }))

export interface SigningOrder {
  readonly places?: readonly Place[]
  /** An empty signature field of the document, in place of `places`. */
  readonly field?: string
  readonly reason?: string
}

/** The document with the caller's own signature; `key` makes a repeat after a lost answer the same signing. */
export function signPersonally(sealId: string, file: File, order: SigningOrder, key: string): Promise<Blob> {
  const asked = new URLSearchParams({ order: JSON.stringify(order), name: file.name })
  return withSession(() =>
    fetchFile(`${at(sealId)}/signatures?${asked.toString()}`, {
      ...{ method: 'POST', body: file },
      headers: { 'Content-Type': 'application/pdf', 'Idempotency-Key': key },
    }),
  )
}
