import { callApi, fetchFile, uploadFile } from '../kit/api.ts'
import type { Text } from '../kit/language.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'

/** Scans of the paper that licences are on (存量证照). Errors as `callApi`. */

export interface Scan {
  readonly scanId: string
  readonly mediaType: string
  readonly bytes: number
  readonly addedBy: string
  readonly addedAt: string
  readonly grade: string
}
export interface LicenceScan extends Scan {
  readonly gradedBy: string
  readonly gradedAt: string
}
export interface ListedScan extends Scan {
  readonly identifier: string
  readonly typeCode: string
  readonly number: string
}

/** How well a scan shows the paper. */
export const scanGrades: Readonly<Record<string, Text>> = {
  A: { zh: '清晰完整', en: 'whole and sharp' },
  B: { zh: '可辨认，有轻微缺陷', en: 'readable, slight faults' },
  C: { zh: '部分难以辨认，须与档案核对', en: 'hard to read in parts' },
  D: { zh: '缺失或无法辨认，不能作为依据', en: 'incomplete or unreadable' },
}

const base = (identifier: string): string => `/api/licences/${encodeURIComponent(identifier)}/scans`
const query = (values: Readonly<Record<string, string>>): string =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString()

export const listScans = (identifier: string): Promise<{ readonly items: readonly LicenceScan[] }> =>
  withSession(() => callApi(base(identifier)))

export const listScansByGrade = (grade: string, cursor: string): Promise<PageOf<ListedScan>> =>
  withSession(() => callApi(`/api/scans?${query({ grade, cursor })}`))

/** Attaches a scan; `key` makes a repeat after a lost answer the same one. */
export const addScan = (
  identifier: string,
  { file, grade }: { readonly file: File; readonly grade: string },
  key: string,
  onProgress: (part: number) => void,
): Promise<unknown> => {
  const bytes = new Blob([file], { type: 'application/octet-stream' })
  const path = `${base(identifier)}?${query({ grade })}`
  return withSession(() => uploadFile(path, bytes, onProgress, { 'Idempotency-Key': key }))
}

/** The file as it was added; that it was read goes on record. */
export const readScan = (identifier: string, scanId: string): Promise<Blob> =>
  withSession(() => fetchFile(`${base(identifier)}/${encodeURIComponent(scanId)}`))

export const gradeScan = (identifier: string, scanId: string, grade: string, key: string): Promise<unknown> =>
  withSession(() =>
    callApi(`${base(identifier)}/${encodeURIComponent(scanId)}/grades`, {
      method: 'POST',
      body: { grade },
      headers: { 'Idempotency-Key': key },
    }),
  )
