import type { ScanMapping } from './batches.ts'

/** What the form of a mapping asks about scans; `by` is empty where the batch has none. */
export interface ScanForm {
  readonly by: '' | ScanMapping['by']
  readonly column: string
  readonly grade: string
  readonly gradeColumn: string
  readonly isRequired: boolean
}

export const toScanForm = (scans: ScanMapping | undefined): ScanForm => ({
  by: scans?.by ?? '',
  column: scans?.column ?? '',
  grade: scans?.grade ?? '',
  gradeColumn: scans?.gradeColumn ?? '',
  isRequired: scans?.isRequired ?? true,
})

export function fromScanForm({ by, column, grade, gradeColumn, isRequired }: ScanForm): ScanMapping | undefined {
  if (by === '') return undefined
  return { by, column, isRequired, ...(grade !== '' && { grade }), ...(gradeColumn !== '' && { gradeColumn }) }
}
