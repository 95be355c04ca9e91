// One table: register state → word people read → value in the status list → code of GB/T 36906's information check.

import { dayOf } from './dates.ts'

/** The words of a licence's status (product decision; zh and en are what people read). */
export type LicenceStatus =
  | 'not yet in force'
  | 'in force'
  | 'suspended'
  | 'revoked'
  | 'withdrawn'
  | 'cancelled'
  | 'transferred'
  | 'superseded'
  | 'expired'
  | 'unknown'

/** What the register may record. `not yet in force` and `expired` follow from the dates and are never recorded. */
export type RegisterState =
  | 'prepared'
  | 'rejected'
  | 'in force'
  | 'suspended'
  | 'revoked'
  | 'withdrawn'
  | 'cancelled'
  | 'transferred'
  | 'superseded'

export interface StatusWord {
  readonly state: RegisterState | 'not yet in force' | 'expired' | 'unknown'
  /** Recorded in the register, or derived from the days of validity and from what is known. */
  readonly origin: 'recorded' | 'derived'
  readonly word: LicenceStatus
  /** Value of the place in the 4-bit status list; null where no place says it. */
  readonly listValue: number | null
  /** 信息验证 result of GB/T 36906: 0 valid, 1 not active yet, 2 temporarily void, 3 void, 5 no such licence. */
  readonly infoCheckCode: 0 | 1 | 2 | 3 | 5
  readonly zh: string
  readonly en: string
}

/** Values of a place (4 bits). A place is pending until its licence exists. */
export const LIST_VALUE = {
  inForce: 0x0,
  revoked: 0x1,
  suspended: 0x2,
  superseded: 0x3,
  ended: 0xb,
  pending: 0xc,
} as const

export const statusWords: readonly StatusWord[] = [
  row('prepared', 'recorded', 'unknown', LIST_VALUE.pending, 5, '制作中，尚未签发', 'being made, not issued'),
  row('rejected', 'recorded', 'unknown', LIST_VALUE.revoked, 5, '未签发', 'never issued'),
  row('not yet in force', 'derived', 'not yet in force', LIST_VALUE.inForce, 1, '尚未生效', 'not yet in force'),
  row('in force', 'recorded', 'in force', LIST_VALUE.inForce, 0, '有效', 'in force'),
  row('suspended', 'recorded', 'suspended', LIST_VALUE.suspended, 2, '已暂扣', 'suspended'),
  row('revoked', 'recorded', 'revoked', LIST_VALUE.revoked, 3, '已吊销', 'revoked'),
  row('withdrawn', 'recorded', 'withdrawn', LIST_VALUE.revoked, 3, '已撤销', 'withdrawn'),
  row('cancelled', 'recorded', 'cancelled', LIST_VALUE.ended, 3, '已注销', 'cancelled'),
  row('transferred', 'recorded', 'transferred', LIST_VALUE.ended, 3, '已转出', 'transferred'),
  row('superseded', 'recorded', 'superseded', LIST_VALUE.superseded, 3, '已换发新证', 'superseded'),
  row('expired', 'derived', 'expired', LIST_VALUE.inForce, 3, '已过有效期', 'expired'),
  row('unknown', 'derived', 'unknown', null, 5, '状态不明', 'unknown'),
]

function row(
  state: StatusWord['state'],
  origin: StatusWord['origin'],
  word: LicenceStatus,
  listValue: number | null,
  infoCheckCode: StatusWord['infoCheckCode'],
  zh: string,
  en: string,
): StatusWord {
  return { state, origin, word, listValue, infoCheckCode, zh, en }
}

const BY_STATE = new Map(statusWords.map((entry) => [entry.state, entry]))

/** The row of a register state or a derived word. */
export function statusWord(state: StatusWord['state']): StatusWord {
  return BY_STATE.get(state)!
}

/** What a value in a status list says, apart from the days of validity; undefined for values this table does not use. */
export function statusOfListValue(
  value: number,
): 'pending' | Exclude<RegisterState, 'prepared' | 'rejected'> | undefined {
  switch (value) {
    case LIST_VALUE.inForce:
      return 'in force'
    case LIST_VALUE.revoked:
      return 'revoked'
    case LIST_VALUE.suspended:
      return 'suspended'
    case LIST_VALUE.superseded:
      return 'superseded'
    case LIST_VALUE.ended:
      return 'cancelled'
    case LIST_VALUE.pending:
      return 'pending'
    default:
      return undefined
  }
}

/**
 * The status of a copy (加注件) at an instant: by what its place says, by the days of its original and by its own last moment.
 */
export function copyStatusAt(
  state: RegisterState,
  copy: { readonly validFrom: string; readonly validUntil: string | null; readonly expiresAt: Date },
  at: Date,
): LicenceStatus {
  const status = statusOn(state, copy, dayOf(at))
  const counts = status === 'in force' || status === 'suspended' || status === 'not yet in force'
  return counts && at >= copy.expiresAt ? 'expired' : status
}

/**
 * The status at day `today` (Asia/Shanghai) of a licence recorded as `state`: one in force is not yet so before `validFrom`, and
 * expired after `validUntil`; one suspended past its last day is expired too. Ended states stay what they are.
 */
export function statusOn(
  state: RegisterState,
  validity: { readonly validFrom: string; readonly validUntil: string | null },
  today: string,
): LicenceStatus {
  if (state !== 'in force' && state !== 'suspended') return statusWord(state).word
  if (validity.validUntil !== null && today > validity.validUntil) return 'expired'
  return state === 'in force' && today < validity.validFrom ? 'not yet in force' : state
}
