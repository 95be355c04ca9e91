import { SealError } from '../errors.ts'
import type { SealPictureSpec } from './seal-picture-spec.ts'

/**
 * Every state that a seal may be in, with its Chinese name. Only an active one seals. SQL and `docs/seal-life.md` hold the same lists; a
 * test compares them.
 */
export const sealStateNames = {
  applied: '待审核',
  returned: '退回补正',
  rejected: '已驳回',
  abandoned: '已撤回',
  approved: '待制作',
  waiting: '待外部证书',
  made: '待备案',
  filed: '待发放',
  issued: '待接收',
  active: '在用',
  suspended: '已停用',
  lost: '已挂失',
  collected: '已收缴',
  expired: '已过期',
  replaced: '已更换',
  revoked: '已吊销',
  withdrawn: '已撤销',
  cancelled: '已注销',
  destroyed: '已销毁',
} as const
export type SealState = keyof typeof sealStateNames
export const sealStates = Object.keys(sealStateNames) as readonly SealState[]

/** Who takes a step: a role in the owner's department or above it, or the clock. */
export type SealActor = 'applicant' | 'reviewer' | 'maker' | 'keeper' | 'clock'

/** Where a step may lead: from each state to one; `none` stands for a seal that is not on record yet. */
type Moves = { readonly [From in SealState | 'none']?: SealState }

const to = <From extends SealState, To extends SealState>(state: To, from: readonly From[]) =>
  Object.fromEntries(from.map((one) => [one, state])) as Readonly<Record<From, To>>

const endable = [
  'approved',
  'waiting',
  'made',
  'filed',
  'issued',
  'active',
  'suspended',
  'lost',
  'collected',
  'expired',
] as const

/** Every permitted step of a seal's life: the one table. */
export const sealActions = {
  apply: { moves: { none: 'applied' }, by: ['applicant'] },
  'ask-for-more': { moves: { applied: 'returned' }, by: ['reviewer'] },
  amend: { moves: { returned: 'applied' }, by: ['applicant'] },
  abandon: { moves: to('abandoned', ['applied', 'returned']), by: ['applicant'] },
  reject: { moves: { applied: 'rejected' }, by: ['reviewer'] },
  approve: { moves: { applied: 'approved' }, by: ['reviewer'] },
  wait: { moves: { approved: 'waiting' }, by: ['maker'] },
  make: { moves: to('made', ['approved', 'waiting']), by: ['maker'] },
  file: { moves: { made: 'filed' }, by: ['maker'] },
  issue: { moves: { filed: 'issued' }, by: ['maker'] },
  decline: { moves: { issued: 'filed' }, by: ['keeper'] },
  accept: { moves: { issued: 'active' }, by: ['keeper'] },
  suspend: { moves: { active: 'suspended' }, by: ['reviewer', 'keeper', 'clock'] },
  restore: { moves: { suspended: 'active' }, by: ['reviewer'] },
  'report-lost': { moves: to('lost', ['issued', 'active', 'suspended']), by: ['applicant', 'keeper'] },
  recover: { moves: { lost: 'suspended' }, by: ['reviewer'] },
  collect: { moves: to('collected', ['active', 'suspended', 'lost', 'expired']), by: ['reviewer'] },
  return: { moves: { collected: 'issued' }, by: ['reviewer'] },
  expire: { moves: to('expired', ['issued', 'active', 'suspended', 'lost']), by: ['clock'] },
  renew: { moves: { active: 'active', suspended: 'suspended', expired: 'active' }, by: ['maker'] },
  replace: { moves: to('replaced', ['active', 'suspended', 'lost', 'collected', 'expired']), by: ['clock'] },
  revoke: { moves: to('revoked', endable), by: ['reviewer', 'clock'] },
  withdraw: { moves: to('withdrawn', endable), by: ['reviewer', 'clock'] },
  cancel: { moves: to('cancelled', endable), by: ['reviewer', 'clock'] },
  destroy: {
    moves: to('destroyed', ['collected', 'expired', 'replaced', 'revoked', 'withdrawn', 'cancelled']),
    by: ['maker'],
  },
} as const satisfies Record<string, { readonly moves: Moves; readonly by: readonly SealActor[] }>
export type SealAction = keyof typeof sealActions

/** What is told of a seal without a change of its state. */
export const sealNotes = [
  'draw',
  'approve-picture',
  'authorise',
  'end-authorisation',
  'request',
  'order-types',
  'change-types',
  'refuse-types',
  'grant',
  'end-grant',
  'remind',
  'order-destruction',
  'order-ending',
  'drop-ending',
  'change-keeper',
] as const
export type SealNote = (typeof sealNotes)[number]
export type SealEventAction = SealAction | SealNote

/** States that nothing leads out of but destruction: the name is free again. */
export const endedStates = [
  'rejected',
  'abandoned',
  'replaced',
  'revoked',
  'withdrawn',
  'cancelled',
  'destroyed',
] as const satisfies readonly SealState[]

/** Kinds of seals (type codes of the field; 01 to 04 and 11 are seals of a body, 05 is a person's). */
export const sealKinds = {
  '01': { zh: '法定名称章', en: 'legal-name seal' },
  '02': { zh: '财务专用章', en: 'finance seal' },
  '03': { zh: '发票专用章', en: 'invoice seal' },
  '04': { zh: '合同专用章', en: 'contract seal' },
  '05': { zh: '电子名章', en: "person's name seal" },
  '11': { zh: '业务专用章', en: 'business seal' },
  '99': { zh: '其他类型印章', en: 'other' },
} as const
export type SealKind = keyof typeof sealKinds

export const sealKeyAlgorithms = ['ec-p256', 'rsa-3072'] as const
export type SealKeyAlgorithm = (typeof sealKeyAlgorithms)[number]

/** The registered object: owner, picture and certificate (电子印章). */
export interface Seal {
  /** 14 digits: area code of the owner (6) and number (8). */
  readonly id: string
  /** Unified social credit code of the owner. */
  readonly departmentCode: string
  readonly name: string
  readonly nameEn: string | null
  readonly kindCode: SealKind
  /** Of the certificate in use; of the one waited for where there is none yet. */
  readonly keyName: string
  readonly keyAlgorithm: SealKeyAlgorithm
  /** What its picture is drawn from. */
  readonly picture: SealPictureSpec
  /** Of the seal of metal or rubber that it stands beside, 13 digits. */
  readonly physicalSealNumber: string | null
  /** Licence types on which this seal may stand. */
  readonly typeCodes: readonly string[]
  readonly state: SealState
  readonly stateChangedAt: Date
  readonly createdAt: Date
  /** Which of its certificates is in use, counted from 1; null before the first. */
  readonly certificateNumber: number | null
  /** End of the certificate in use. */
  readonly validUntil: Date | null
  /** Account to which it was issued, and its name then. */
  readonly keeperId: string | null
  readonly keeperName: string | null
  /** Whose seal makers make it. */
  readonly makerDepartment: string | null
  /** The seal that ends when this one is accepted. */
  readonly replaces: string | null
  /** Since when the present state counts, where that is not when it was recorded. */
  readonly effectiveAt: Date | null
  /** When a keeper first accepted it. */
  readonly acceptedAt: Date | null
}

export const statementKeyStates = ['active', 'retired', 'compromised'] as const
export type StatementKeyState = (typeof statementKeyStates)[number]

/** The key with which a department signs the statements in its licences' QR codes. */
export interface StatementKey {
  /** First 8 octets of SHA-256 over the certificate, lower-case hexadecimal. */
  readonly kid: string
  readonly departmentCode: string
  readonly keyName: string
  readonly certificate: Uint8Array
  readonly state: StatementKeyState
  readonly stateChangedAt: Date
  readonly signsFrom: Date
  readonly signsUntil: Date
}

/** The states that `action` may begin in. */
export const statesBefore = (action: SealAction): readonly (SealState | 'none')[] =>
  Object.keys(sealActions[action].moves) as (SealState | 'none')[]

/** The state after `action`; throws `SEAL_TRANSITION_FORBIDDEN` where the table has no such step. */
export function applySealAction(state: SealState | 'none', action: SealAction): SealState {
  const moves: Moves = sealActions[action].moves
  const next = Object.hasOwn(moves, state) ? moves[state] : undefined
  if (next === undefined) throw new SealError('SEAL_TRANSITION_FORBIDDEN', `cannot ${action} a seal that is ${state}`)
  return next
}

/** Whether it has ended: its name is free again. */
export const isEnded = (state: SealState): boolean => (endedStates as readonly SealState[]).includes(state)

/**
 * The code of a seal as it is found in the field: 6 digits of area (characters 3 to 8 of the owner's unified social
 * credit code, GB 32100) and 8 digits of number. No check digit is known.
 */
export function formatSealId(departmentCode: string, number: number): string {
  return departmentCode.slice(2, 8) + String(number).padStart(8, '0')
}

/** Which key of a seal a name means, counted from 1: `seal-33019900000001`, then `seal-33019900000001-2`. */
export function keyGeneration(keyName: string): number {
  return Number(/^seal-[0-9A-Z]{14}-([1-9]\d*)$/.exec(keyName)?.[1] ?? 1)
}
