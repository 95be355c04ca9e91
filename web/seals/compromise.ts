import { callApi, fetchFile } from '../kit/api.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'

/** A seal whose key was not its owner's alone: what that puts in doubt, and sealing it anew. Everything throws ApiProblem. */

export interface AffectedUse {
  readonly useId: string
  readonly at: string
  readonly identifier: string
  readonly callerId: string
  readonly stampedAt: string | null
  readonly standing: 'earlier' | 'doubtful'
  readonly proof: 'time-stamp' | 'checkpoint' | null
}
export interface AffectedPage extends PageOf<AffectedUse> {
  readonly since: string
  readonly checkpoint: { readonly number: number; readonly signedAt: string } | null
  readonly counts: { readonly earlier: number; readonly doubtful: number }
}
export interface Reseal {
  readonly resealId: string
  readonly newSealId: string
  readonly at: string
  readonly endedAt: string | null
  readonly counts: { readonly waiting: number; readonly done: number; readonly givenUp: number }
}
export interface ResealItem {
  readonly useId: string
  readonly identifier: string
  readonly at: string
}

const at = (sealId: string): string => `/api/seals/${encodeURIComponent(sealId)}`
const query = (values: Readonly<Record<string, string>>): string =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString()

export const readAffected = (sealId: string, filter: Readonly<Record<string, string>>): Promise<AffectedPage> =>
  withSession(() => callApi(`${at(sealId)}/affected?${query(filter)}`))
export const exportAffected = (sealId: string, standing: string): Promise<Blob> =>
  withSession(() => fetchFile(`${at(sealId)}/affected/export?${query({ standing, format: 'csv' })}`))

export const reportCompromise = (
  sealId: string,
  report: { readonly since: string; readonly reason: string; readonly legalBasis: string },
): Promise<{ readonly certificatesElsewhere: number }> =>
  withSession(() => callApi(`${at(sealId)}/compromise`, { method: 'POST', body: report }))

/** Orders it, or answers the order that is under way. */
export const startReseal = (sealId: string, newSealId: string): Promise<Reseal> =>
  withSession(() => callApi(`${at(sealId)}/reseals`, { method: 'POST', body: { newSealId } }))
export const readReseal = (resealId: string): Promise<Reseal> => withSession(() => callApi(`/api/reseals/${resealId}`))
export const listResealItems = (resealId: string, after: string): Promise<PageOf<ResealItem>> =>
  withSession(() => callApi(`/api/reseals/${resealId}/items?${query({ after })}`))
export const giveUpItem = (resealId: string, useId: string, reason: string): Promise<Reseal> =>
  withSession(() => callApi(`/api/reseals/${resealId}/items/${useId}/give-up`, { method: 'POST', body: { reason } }))
