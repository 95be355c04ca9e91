import type { RegisterState } from '../../licence-format/index.ts'
import type { LicenceState } from './licence.ts'

/** What a copy itself is. `ended`: its original came to an end. */
export type CopyState = 'prepared' | 'rejected' | 'in force' | 'revoked' | 'ended'

/** What the status place of a copy says: it follows its original, but for its own end. */
export function placeStateOf(copy: CopyState, original: LicenceState): RegisterState {
  if (copy === 'ended') return 'cancelled'
  if (copy !== 'in force') return copy
  return original === 'in force' || original === 'suspended' ? original : 'cancelled'
}

/** A copy is for one purpose, and soon over. */
export const LONGEST_COPY_DAYS = 366

export function isFitEnd(expiresAt: Date, now: Date): boolean {
  const length = expiresAt.getTime() - now.getTime()
  return length >= 60_000 && length <= LONGEST_COPY_DAYS * 86_400_000
}
