import { callApi, fetchFile, uploadFile } from '../kit/api.ts'
import { withSession } from '../kit/session.ts'

/** The seals' API as the console reads it. Everything throws ApiProblem. */

export interface ListedSeal {
  readonly id: string
  readonly departmentCode: string
  readonly name: string
  readonly nameEn: string | null
  readonly kindCode: string
  readonly diameterMm: number
  readonly heightMm: number
  readonly typeCodes: readonly string[]
  readonly state: string
  readonly stateChangedAt: string
  readonly effectiveAt: string | null
  readonly validUntil: string | null
  readonly keeperName: string | null
  readonly physicalSealNumber: string | null
  readonly replaces: string | null
  readonly picture: string
}

export interface SealEvent {
  readonly action: string
  readonly state: string
  readonly at: string
  readonly effectiveAt: string | null
  readonly callerId: string
  readonly callerName: string | null
  readonly reason: string | null
  /** What belongs to the step, by its names. */
  readonly detail: Readonly<Record<string, unknown>> | null
}

export interface Application {
  readonly version: number
  readonly digest: string
  readonly applicantName: string
  readonly at: string
  readonly form: ApplicationForm
}

export interface ApplicationForm {
  readonly name: string
  readonly nameEn: string | null
  readonly kindCode: string
  readonly picture: PictureSpec
  readonly certificate: 'own' | 'outside'
  readonly typeCodes: readonly string[]
  readonly physicalSealNumber: string | null
  readonly replaces: string | null
  readonly reason: string
  readonly legalBasis: string | null
  readonly files: readonly { readonly digest: string; readonly title: string }[]
}

/** What a picture is drawn from; which members it has follows from its shape (docs/operations/seal-pictures.md). */
export interface PictureSpec {
  readonly shape: 'round' | 'oval' | 'invoice' | 'square'
  readonly [member: string]: unknown
}

export interface SealLife extends ListedSeal {
  readonly createdAt: string
  readonly timeline: readonly SealEvent[]
  readonly application: Application | null
  readonly drawnPicture: { readonly digest: string; readonly isApproved: boolean; readonly address: string } | null
  readonly filings: readonly { readonly kind: string; readonly recordNumber: string; readonly at: string }[]
  readonly dueAt: string | null
  readonly endsAt: string | null
  readonly mayDo: readonly string[]
}

export interface Task {
  readonly seal: ListedSeal
  readonly actions: readonly string[]
  readonly dueAt: string | null
  readonly isOverdue: boolean
}

export interface Statistics {
  readonly states: readonly { readonly state: string; readonly count: number }[]
  readonly uses: readonly { readonly day: string; readonly departmentCode: string; readonly count: number }[]
}
export const readStatistics = (days: number): Promise<Statistics> =>
  withSession(() => callApi(`/api/seal-statistics?days=${days}`))

export interface Person {
  readonly id: string
  readonly name: string
  readonly title: string | null
}

const at = (sealId: string): string => `/api/seals/${encodeURIComponent(sealId)}`
const query = (values: Readonly<Record<string, string>>): string =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString()

export const readTasks = (): Promise<{ readonly items: readonly Task[] }> =>
  withSession(() => callApi('/api/seal-tasks'))

export interface SealPage {
  readonly items: readonly ListedSeal[]
  readonly next: string | null
}
export const listSeals = (filter: Readonly<Record<string, string>>): Promise<SealPage> =>
  withSession(() => callApi(`/api/seals?${query(filter)}`))

export const readSeal = (sealId: string): Promise<SealLife> => withSession(() => callApi(at(sealId)))

/** A step of its life; `key` makes a repeat after a lost answer the same step. */
export const act = (sealId: string, body: object, key: string): Promise<unknown> =>
  withSession(() => callApi(`${at(sealId)}/actions`, { method: 'POST', body, headers: { 'Idempotency-Key': key } }))

export const apply = (form: object, key: string): Promise<{ readonly id: string }> =>
  withSession(() =>
    callApi('/api/seal-applications', { method: 'POST', body: form, headers: { 'Idempotency-Key': key } }),
  )
export const amend = (sealId: string, form: object): Promise<{ readonly id: string }> =>
  withSession(() => callApi(`/api/seal-applications/${encodeURIComponent(sealId)}`, { method: 'PUT', body: form }))

/** A supporting document; `onProgress` hears how much of it (0 to 1) has gone up. */
export const handIn = (file: File, onProgress: (part: number) => void): Promise<{ readonly digest: string }> =>
  withSession(() => uploadFile(`/api/seal-application-files?${query({ name: file.name })}`, file, onProgress))

export const previewPicture = (picture: PictureSpec, signal: AbortSignal): Promise<Blob> =>
  withSession(() =>
    fetchFile('/api/seal-pictures/preview', { method: 'POST', body: { picture, format: 'svg' }, signal }),
  )

export const readPicture = (address: string): Promise<Blob> => withSession(() => fetchFile(address))

export const applicationFileAddress = (sealId: string, digest: string): string =>
  `${at(sealId)}/application-files/${digest}`

/** Who may be handed a seal of this department. */
export const listKeepers = (departmentCode: string): Promise<{ readonly items: readonly Person[] }> =>
  withSession(() => callApi(`/api/people?${query({ role: 'seal-keeper', departmentCode })}`))

export interface AlikeSeal {
  readonly sealId: string
  readonly reason: 'SAME_WORDS' | 'LOOKS_ALIKE'
}
export const listAlike = (sealId: string): Promise<{ readonly items: readonly AlikeSeal[] }> =>
  withSession(() => callApi(`${at(sealId)}/alike`))
