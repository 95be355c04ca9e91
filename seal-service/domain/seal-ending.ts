import type { Fault } from '../../platform/index.ts'
import type { SealState } from './seal.ts'

/** The three ways in which a seal ends: 吊销 by authority, 撤销 of what should not have been, 注销 of what is needed no more. */
export type EndingAction = 'revoke' | 'withdraw' | 'cancel'

/** Why a seal ends (《电子印章管理办法》 art. 18 names those of `cancel`). */
export const endingReasons = {
  revoke: { 'key-compromised': '签名密钥泄露', misused: '违规使用', unlawful: '违法', 'by-decision': '依决定吊销' },
  withdraw: { 'made-in-error': '制作有误', 'obtained-by-deceit': '骗取', 'made-without-basis': '无依据制作' },
  cancel: {
    renamed: '更名',
    dissolved: '解散',
    abolished: '机构撤销',
    'licence-revoked': '被吊销执照',
    bankrupt: '破产',
    divided: '分立',
    merged: '合并',
    'no-longer-needed': '不再使用',
    damaged: '损坏',
  },
} as const satisfies Record<EndingAction, Record<string, string>>

export interface Ending {
  readonly reasonCode: string
  readonly reason: string
  /** Provision or decision on which it rests. */
  readonly legalBasis: string
  /** From when it counts; null: from now on. */
  readonly effectiveAt: Date | null
}

const LONGEST_NOTICE_MS = 366 * 24 * 60 * 60 * 1000

/** Every fault of an ending of a seal made at `createdAt`, as of `now`. */
export function findEndingFaults(action: EndingAction, ending: Ending, createdAt: Date, now: Date): Fault[] {
  const { reasonCode, effectiveAt } = ending
  const faults: Fault[] = []
  const known = Object.keys(endingReasons[action])
  if (!known.includes(reasonCode))
    faults.push({ pointer: '/reasonCode', code: 'CHOICE_UNKNOWN', detail: `expected one of ${known.join(', ')}` })
  if (effectiveAt !== null && effectiveAt < createdAt)
    faults.push({ pointer: '/effectiveAt', code: 'TOO_EARLY', detail: 'there was no such seal yet' })
  if (effectiveAt !== null && effectiveAt.getTime() > now.getTime() + LONGEST_NOTICE_MS)
    faults.push({ pointer: '/effectiveAt', code: 'TOO_LATE', detail: 'expected within a year' })
  return faults
}

/** States from which no authorisation to use a seal outlives the step that led there. */
export const statesWithoutUse: readonly SealState[] = [
  'collected',
  'expired',
  'replaced',
  'revoked',
  'withdrawn',
  'cancelled',
  'destroyed',
]
