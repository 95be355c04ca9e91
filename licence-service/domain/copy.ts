import { dayOf, type LicenceStatus, type RegisterState, statusOn } from '../../licence-format/index.ts'
import type { LicenceState } from './licence.ts'

/** What a copy itself is. `ended`: its original came to an end. */
export type CopyState = 'prepared' | 'rejected' | 'in force' | 'revoked' | 'ended'

/** What the status place of a copy says: it follows its original, but for its own end. */
export function placeStateOf(copy: CopyState, original: LicenceState): RegisterState {
  if (copy === 'ended') return 'cancelled'
  if (copy !== 'in force') return copy
  return original === 'in force' || original === 'suspended' ? original : 'cancelled'
}

/** The status of a copy at an instant: by its place, by the days of its original and by its own last moment. */
export function copyStatusAt(
  state: RegisterState,
  copy: { readonly validFrom: string; readonly validUntil: string | null; readonly expiresAt: Date },
  at: Date,
): LicenceStatus {
  const status = statusOn(state, copy, dayOf(at))
  const counts = status === 'in force' || status === 'suspended' || status === 'not yet in force'
  return counts && at >= copy.expiresAt ? 'expired' : status
}

/** A copy is for one purpose, and soon over. */
export const LONGEST_COPY_DAYS = 366

export function isFitEnd(expiresAt: Date, now: Date): boolean {
  const length = expiresAt.getTime() - now.getTime()
  return length >= 60_000 && length <= LONGEST_COPY_DAYS * 86_400_000
}
