import { dayOf, type LicenceStatus, statusOn } from '../../licence-format/index.ts'
import type { LicenceState } from './licence.ts'

export interface Validity {
  readonly validFrom: string
  readonly validUntil: string | null
}

/**
 * What anyone is told about a licence at an instant: its state, qualified by its days, which are inclusive and end at midnight in
 * Shanghai. A licence that does not exist, not yet or never, is `unknown`.
 */
export const publicStatus = (state: LicenceState | undefined, validity: Validity, at: Date): LicenceStatus =>
  state === undefined ? 'unknown' : statusOn(state, validity, dayOf(at))

/** The words a department sees of its own licences: the public ones, and what never got out of the house. */
export type DepartmentStatus = LicenceStatus | 'pending' | 'rejected'

/** What the issuing department is told: the public word, or `pending` and `rejected` for what never got out of the house. */
export function departmentStatus(state: LicenceState, validity: Validity, at: Date): DepartmentStatus {
  if (state === 'prepared') return 'pending'
  return state === 'rejected' ? 'rejected' : publicStatus(state, validity, at)
}
