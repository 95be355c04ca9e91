import { callApi, fetchFile, uploadFile } from '../kit/api.ts'
import { freshKey } from '../kit/ids.ts'
import { language } from '../kit/language.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'

/** Batches as the console reads them. Errors as `callApi`. */

export interface BatchCounts {
  readonly rows: number
  readonly checked: number
  /** Good, and not yet settled. */
  readonly valid: number
  readonly faulty: number
  readonly duplicate: number
  readonly claimed: number
  readonly issued: number
  readonly refused: number
  readonly dead: number
  readonly rolledBack: number
}

export interface Mapping {
  readonly columns: readonly { readonly column: string; readonly field: string }[]
  /** The same for every row: values by field. */
  readonly constants?: Readonly<Record<string, string>>
  readonly scans?: ScanMapping
}

/** Which files of the ZIPs are scans of a row's paper. */
export interface ScanMapping {
  readonly column: string
  readonly by: 'file-names' | 'beginnings'
  readonly gradeColumn?: string
  readonly grade?: string
  readonly isRequired?: boolean
}

export interface Batch {
  readonly batchId: string
  readonly typeCode: string
  readonly title: string
  readonly kind: string
  readonly state: string
  readonly stateSince: string
  readonly note: string | null
  readonly resumeAt: string | null
  readonly uploadedBy: string
  readonly uploadedAt: string
  readonly startedBy: string | null
  readonly startedAt: string | null
  readonly rolledBackBy: string | null
  readonly endedAt: string | null
  readonly columns: readonly string[]
  readonly mapping: Mapping | null
  readonly counts: BatchCounts
  /** Files of its ZIPs that no row names; null before a check. */
  readonly unusedFiles: number | null
  /** Licences a second over the last minute; null while nothing can be said. */
  readonly rate: number | null
  readonly remainingSeconds: number | null
  readonly nextActs: readonly string[]
}

const base = '/api/batches'
const at = (id: string): string => `${base}/${encodeURIComponent(id)}`
const query = (values: Readonly<Record<string, string>>): string =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString()

export const listBatches = (state: string, cursor: string): Promise<PageOf<Batch>> =>
  withSession(() => callApi(`${base}?${query({ state, cursor })}`))

export const readBatch = (id: string): Promise<Batch> => withSession(() => callApi(at(id)))

const plainBytes = (file: File): Blob => new Blob([file], { type: 'application/octet-stream' })

/** Hands in a file; `key` makes a repeat after a lost answer the same batch. */
export const uploadBatch = (
  { typeCode, title, file }: { readonly typeCode: string; readonly title: string; readonly file: File },
  key: string,
  onProgress: (part: number) => void,
): Promise<Batch> =>
  withSession(() =>
    uploadFile(`${base}?${query({ typeCode, title })}`, plainBytes(file), onProgress, { 'Idempotency-Key': key }),
  )

export const uploadPictures = (id: string, file: File, onProgress: (part: number) => void): Promise<unknown> =>
  withSession(() =>
    uploadFile(`${at(id)}/attachments`, plainBytes(file), onProgress, { 'Idempotency-Key': freshKey() }),
  )

export interface Mappings {
  readonly suggested: Mapping
  readonly remembered: readonly { readonly name: string; readonly mapping: Mapping; readonly usedAt: string }[]
}
export const readMappings = (id: string): Promise<Mappings> => withSession(() => callApi(`${at(id)}/mappings`))
export const saveMapping = (id: string, mapping: Mapping, name: string): Promise<Batch> =>
  withSession(() =>
    callApi(`${at(id)}/mapping`, { method: 'PUT', body: { mapping, ...(name !== '' && { remember: name }) } }),
  )

const paths: Readonly<Record<string, string>> = {
  check: 'checks',
  sample: 'samples',
  approve: 'samples/approvals',
  refuse: 'samples/approvals',
  start: 'starts',
  pause: 'pauses',
  resume: 'resumptions',
  cancel: 'cancellations',
  retry: 'retries',
  'roll-back': 'rollbacks',
}
/** Acts that say more than themselves. */
const bodies: Readonly<Record<string, object>> = {
  sample: {},
  retry: {},
  approve: { decision: 'approve' },
  refuse: { decision: 'refuse' },
}
/** `reason` is for a rollback alone. */
export function actOnBatch(id: string, act: string, reason = ''): Promise<Batch> {
  const body = reason === '' ? bodies[act] : { reason }
  return withSession(() => callApi(`${at(id)}/${paths[act] ?? act}`, { method: 'POST', ...(body && { body }) }))
}

export interface RowFault {
  /** Place of the column in the file, from 0; null for the row as a whole. */
  readonly column: number | null
  readonly code: string
}
export interface BatchRow {
  readonly row: number
  readonly state: string
  readonly faults: readonly RowFault[]
  readonly identifier: string | null
  readonly lastFault: string | null
}
export const listRows = (id: string, state: string, cursor: string): Promise<PageOf<BatchRow>> =>
  withSession(() => callApi(`${at(id)}/rows?${query({ state, cursor })}`))

export interface SampleRow {
  readonly row: number
  readonly lookedAt: string | null
}
export const listSample = (id: string): Promise<{ readonly items: readonly SampleRow[] }> =>
  withSession(() => callApi(`${at(id)}/samples`))
export const readSample = (id: string, row: number): Promise<Blob> =>
  withSession(() => fetchFile(`${at(id)}/samples/${row}/previews`, { method: 'POST' }))

export interface SampleScan {
  readonly place: number
  readonly name: string
  readonly grade: string
}
export const listSampleScans = (id: string, row: number): Promise<{ readonly items: readonly SampleScan[] }> =>
  withSession(() => callApi(`${at(id)}/samples/${row}/scans`))
export const readSampleScan = (id: string, row: number, place: number): Promise<Blob> =>
  withSession(() => fetchFile(`${at(id)}/samples/${row}/scans/${place}`))

export const readReport = (id: string): Promise<Blob> =>
  withSession(() => fetchFile(`${at(id)}/report.xlsx?${query({ language: language.value })}`))
