// Is this a copy for one purpose (加注件), and does it say so everywhere? A copy is never told as its original, nor the other way round.
import { type CopyClaim, type LicenceData, type LicenceStatus, toShanghaiTime } from '../../licence-format/index.ts'
import { finding } from '../messages.ts'
import type { CopyReport, Finding, Text } from '../report.ts'

/** What the data of a document say of the copy it is; null for an original. */
export function copyInData({ copy }: LicenceData): CopyReport | null {
  return copy ?? null
}

/** The same of a statement. */
export function copyInStatement(copy: CopyClaim | undefined): CopyReport | null {
  return copy ? { copyId: copy.copyId, expiresAt: toShanghaiTime(copy.expiresAt) } : null
}

/** Whether statement and data speak of the same copy, or of none. */
export function isSameCopy(claim: CopyClaim | undefined, data: LicenceData['copy']): boolean {
  if (!claim || !data) return !claim && !data
  return claim.copyId === data.copyId && claim.expiresAt.getTime() === Date.parse(data.expiresAt)
}

/** Whoever reads the verdict is told for whom and for what the copy is. */
export function tellCopy(copy: CopyReport | null): Finding[] {
  if (!copy) return []
  const { cause, recipient, expiresAt } = copy
  const until = timeForPeople(expiresAt)
  if (cause === undefined || recipient === undefined) return [finding('copy', 'info', 'COPY_STATED', { until })]
  return [finding('copy', 'info', 'COPY_FOR_PURPOSE', { cause, recipient, until })]
}

/** Why a copy does not count at an instant, where it has a reason of its own. `then`: the instant that was asked about, null for now. */
export function explainCopy(copy: CopyReport, status: LicenceStatus, at: Date, then: Text | null): Finding | null {
  if (status === 'expired' && at.getTime() >= Date.parse(copy.expiresAt))
    return finding('licence-status', 'failed', 'COPY_RUN_OUT', { until: timeForPeople(copy.expiresAt), then })
  if (status === 'revoked') return finding('licence-status', 'failed', 'COPY_REVOKED', { then })
  return status === 'cancelled' ? finding('licence-status', 'failed', 'COPY_ENDED', { then }) : null
}

/** 2026-12-21T10:00:00+08:00 → 2026-12-21 10:00 */
const timeForPeople = (instant: string): string => instant.slice(0, 16).replace('T', ' ')
