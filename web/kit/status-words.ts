import type { LicenceStatus } from './api-types.ts'
import type { Text } from './language.ts'

const words: Readonly<Record<LicenceStatus, Text>> = {
  'not yet in force': { zh: '尚未生效', en: 'not yet in force' },
  'in force': { zh: '有效', en: 'in force' },
  suspended: { zh: '已暂扣', en: 'suspended' },
  revoked: { zh: '已吊销', en: 'revoked' },
  withdrawn: { zh: '已撤销', en: 'withdrawn' },
  cancelled: { zh: '已注销', en: 'cancelled' },
  transferred: { zh: '已转出', en: 'transferred' },
  superseded: { zh: '已换发新证', en: 'superseded' },
  expired: { zh: '已过有效期', en: 'expired' },
  pending: { zh: '制作中', en: 'being made' },
  rejected: { zh: '未签发', en: 'not issued' },
  unknown: { zh: '状态不明', en: 'unknown' },
}

/** A licence status in both languages; a word of a newer server is shown as it came. */
export const statusText = (status: string): Text => words[status as LicenceStatus] ?? { zh: status, en: status }

/** The statuses a list can be searched by: all that a licence of the register can have. */
export const searchableStatuses = (Object.keys(words) as LicenceStatus[]).filter((status) => status !== 'unknown')

export type StatusTone = 'good' | 'caution' | 'bad' | 'unsure'

/** How a status is coloured: ended is not the same as forged, so `bad` never appears here. */
export function statusTone(status: string): StatusTone {
  if (status === 'in force') return 'good'
  return status === 'unknown' || status === 'pending' || status === 'rejected' || status === 'not yet in force'
    ? 'unsure'
    : 'caution'
}
