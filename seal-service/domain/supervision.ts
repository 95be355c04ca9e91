// What the supervision warns of (监督预警), as functions of what is on record: no clock, no SQL.
import { dayOf, isCalendarDate } from '../../licence-format/index.ts'
import { SealError } from '../errors.ts'

/** Every rule with its Chinese name; `stands`: its warnings close by themselves once it is no longer so. */
export const supervisionRules = {
  'review-overdue': { zh: '审核超期', stands: true },
  'use-outside-hours': { zh: '非工作时间用印', stands: false },
  'quota-near': { zh: '用印额度将满', stands: false },
  'unknown-template': { zh: '未授权证照类型', stands: false },
  'refused-right': { zh: '越权用印被拒', stands: false },
  'keeper-missing': { zh: '印章无保管人', stands: true },
  'certificate-ending': { zh: '证书即将到期', stands: true },
  'filing-overdue': { zh: '备案超时', stands: true },
  'ledger-unlinked': { zh: '用印台账未入链', stands: true },
} as const satisfies Record<string, { readonly zh: string; readonly stands: boolean }>
export type SupervisionRule = keyof typeof supervisionRules

/** How a department wants to be warned. Whatever it leaves out is as `defaultSettings` says. */
export interface SupervisionSettings {
  /** days an application may wait */
  readonly reviewDays: number
  /** minutes of the day in Beijing, from which until before which is office time */
  readonly officeFrom: number
  readonly officeUntil: number
  /** days without office time beside Saturdays and Sundays, `YYYY-MM-DD` */
  readonly holidays: readonly string[]
  /** Saturdays and Sundays with office time (调休) */
  readonly workdays: readonly string[]
  /** of a day's quota */
  readonly quotaPercent: number
  /** refusals of one caller on one day */
  readonly refusals: number
  /** before the end of a certificate */
  readonly certificateDays: number
  /** for a publisher to take a filing */
  readonly filingHours: number
}

export const defaultSettings: SupervisionSettings = {
  reviewDays: 3,
  officeFrom: 8 * 60,
  officeUntil: 18 * 60,
  holidays: [],
  workdays: [],
  quotaPercent: 80,
  refusals: 3,
  certificateDays: 60,
  filingHours: 4,
}

/** No department may set a rule so that it never warns. */
export const settingLimits = {
  reviewDays: [1, 15],
  officeFrom: [5 * 60, 12 * 60],
  officeUntil: [12 * 60, 22 * 60],
  quotaPercent: [50, 95],
  refusals: [1, 20],
  certificateDays: [30, 365],
  filingHours: [1, 48],
} as const satisfies Partial<Record<keyof SupervisionSettings, readonly [number, number]>>

const MOST_DAYS = 200

/** Settings within the limits, or `SUPERVISION_SETTING_REFUSED` with every fault. */
export function checkSettings(settings: SupervisionSettings): SupervisionSettings {
  const faults = [
    ...Object.entries(settingLimits)
      .filter(([name, [least, most]]) => {
        const value = settings[name as keyof typeof settingLimits]
        return !(Number.isInteger(value) && value >= least && value <= most)
      })
      .map(([name, [least, most]]) => ({ name, detail: `expected a whole number from ${least} to ${most}` })),
    ...(['holidays', 'workdays'] as const)
      .filter((name) => settings[name].length > MOST_DAYS || !settings[name].every(isCalendarDate))
      .map((name) => ({ name, detail: `expected at most ${MOST_DAYS} days as YYYY-MM-DD` })),
  ]
  if (faults.length === 0) return settings
  throw new SealError('SUPERVISION_SETTING_REFUSED', 'settings outside what a department may choose', {
    faults: faults.map(({ name, detail }) => ({ pointer: `/${name}`, code: 'INVALID', detail })),
  })
}

/** A warning to be raised: `occasion` is the same whenever the same thing is found again. */
export interface Finding {
  readonly rule: SupervisionRule
  readonly occasion: string
  /** null: of the whole house */
  readonly departmentCode: string | null
  readonly sealId: string | null
  readonly facts: Readonly<Record<string, string | number>>
}

/** The settings of a department. */
export type SettingsOf = (departmentCode: string) => SupervisionSettings

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

interface OfSeal {
  readonly sealId: string
  readonly departmentCode: string
}

/** Applications that wait longer than the department may let them. */
export function overdueReviews(
  waiting: readonly (OfSeal & { readonly since: Date })[],
  settingsOf: SettingsOf,
  at: Date,
): Finding[] {
  return waiting
    .filter((one) => at.getTime() - one.since.getTime() > settingsOf(one.departmentCode).reviewDays * DAY_MS)
    .map(({ sealId, departmentCode, since }) => ({
      rule: 'review-overdue',
      occasion: `${sealId} ${since.toISOString()}`,
      departmentCode,
      sealId,
      facts: { since: since.toISOString(), days: settingsOf(departmentCode).reviewDays },
    }))
}

const WEEKDAY_OF_EPOCH = 4

/** Whether an instant lies outside office time in Beijing. */
export function isOutsideHours(at: Date, settings: SupervisionSettings): boolean {
  const day = dayOf(at)
  const weekday = (Math.floor(Date.parse(`${day}T00:00:00Z`) / DAY_MS) + WEEKDAY_OF_EPOCH) % 7
  const isWeekend = weekday === 0 || weekday === 6
  if (settings.holidays.includes(day) || (isWeekend && !settings.workdays.includes(day))) return true
  const beijing = new Date(at.getTime() + 8 * HOUR_MS)
  const minute = beijing.getUTCHours() * 60 + beijing.getUTCMinutes()
  return minute < settings.officeFrom || minute >= settings.officeUntil
}

/** Uses of one seal by one caller within one minute. */
export interface UseCount extends OfSeal {
  readonly callerId: string
  readonly minute: Date
  readonly times: number
}

/** One warning for each seal, caller and day. */
export function usesOutsideHours(uses: readonly UseCount[], settingsOf: SettingsOf): Finding[] {
  const found = new Map<string, Finding>()
  for (const { sealId, departmentCode, callerId, minute, times } of uses) {
    if (!isOutsideHours(minute, settingsOf(departmentCode))) continue
    const occasion = `${sealId} ${dayOf(minute)} ${callerId}`
    const before = found.get(occasion)
    const first = before === undefined ? minute.toISOString() : String(before.facts['first'])
    const all = Number(before?.facts['times'] ?? 0) + times
    found.set(occasion, {
      rule: 'use-outside-hours',
      occasion,
      departmentCode,
      sealId,
      facts: { callerId, first: first < minute.toISOString() ? first : minute.toISOString(), times: all },
    })
  }
  return [...found.values()]
}

/** What of a quota is spent on a day. */
export interface QuotaCount extends OfSeal {
  readonly authorisationId: string
  readonly kind: string
  readonly day: string
  readonly perDay: number
  readonly taken: number
}

export function quotasNear(counts: readonly QuotaCount[], settingsOf: SettingsOf): Finding[] {
  return counts
    .filter(({ departmentCode, perDay, taken }) => taken * 100 >= perDay * settingsOf(departmentCode).quotaPercent)
    .map(({ sealId, departmentCode, authorisationId, kind, day, perDay, taken }) => ({
      rule: 'quota-near',
      occasion: `${authorisationId} ${kind} ${day}`,
      departmentCode,
      sealId,
      facts: { authorisationId, kind, day, perDay, taken },
    }))
}

/** How often a caller was refused on a day, and why. */
export interface RefusalCount {
  readonly day: string
  readonly callerId: string
  readonly callerDepartment: string
  readonly code: string
  readonly sealId: string
  /** Of the seal; null where there is no such seal. */
  readonly departmentCode: string | null
  readonly typeCode: string
  readonly times: number
}

/** Refusals of who may: somebody tried what he has no right to. */
export const rightCodes = [
  'SEAL_ROLE_MISSING',
  'SEAL_NOT_YOURS',
  'SEAL_ISSUER_MISMATCH',
  'SEAL_NOT_AUTHORISED',
  'SEAL_SUSPENDED',
  'SEAL_LOST',
  'SEAL_REVOKED',
  'SEAL_ENDED',
] as const
/** A type of licence that the seal may not stand on. */
export const templateCode = 'SEAL_NOT_ALLOWED_ON_TYPE'

export function refusalFindings(counts: readonly RefusalCount[], settingsOf: SettingsOf): Finding[] {
  return counts.flatMap(
    ({ day, callerId, callerDepartment, code, sealId, departmentCode, typeCode, times }): Finding[] => {
      const owner = departmentCode ?? callerDepartment
      const of = { departmentCode: owner, sealId: departmentCode === null ? null : sealId }
      if (code === templateCode) {
        const facts = { callerId, typeCode, times }
        return [{ rule: 'unknown-template', occasion: `${sealId} ${typeCode} ${day} ${callerId}`, ...of, facts }]
      }
      if (!rightCodes.some((one) => one === code) || times < settingsOf(owner).refusals) return []
      const facts = { callerId, callerDepartment, code, times }
      return [{ rule: 'refused-right', occasion: `${sealId} ${code} ${day} ${callerId}`, ...of, facts }]
    },
  )
}

/** A seal that somebody must keep. */
export interface KeptSeal extends OfSeal {
  readonly keeperId: string | null
  readonly since: Date
}

/** Seals in use that nobody keeps, or whose keeper has left. */
export function keepersMissing(seals: readonly KeptSeal[], isKept: (seal: KeptSeal) => boolean): Finding[] {
  return seals
    .filter((seal) => !isKept(seal))
    .map(({ sealId, departmentCode, keeperId, since }) => ({
      rule: 'keeper-missing',
      occasion: `${sealId} ${keeperId ?? 'nobody'} ${since.toISOString()}`,
      departmentCode,
      sealId,
      facts: { keeperId: keeperId ?? '' },
    }))
}

export function certificatesEnding(
  seals: readonly (OfSeal & { readonly validUntil: Date })[],
  settingsOf: SettingsOf,
  at: Date,
): Finding[] {
  return seals
    .filter((one) => one.validUntil.getTime() - at.getTime() < settingsOf(one.departmentCode).certificateDays * DAY_MS)
    .map(({ sealId, departmentCode, validUntil }) => ({
      rule: 'certificate-ending',
      occasion: `${sealId} ${validUntil.toISOString()}`,
      departmentCode,
      sealId,
      facts: { validUntil: validUntil.toISOString() },
    }))
}

export function filingsOverdue(
  orders: readonly (OfSeal & { readonly orderId: string; readonly since: Date; readonly fault: string })[],
  settingsOf: SettingsOf,
  at: Date,
): Finding[] {
  return orders
    .filter((one) => at.getTime() - one.since.getTime() > settingsOf(one.departmentCode).filingHours * HOUR_MS)
    .map(({ sealId, departmentCode, orderId, since, fault }) => ({
      rule: 'filing-overdue',
      occasion: orderId,
      departmentCode,
      sealId,
      facts: { since: since.toISOString(), fault },
    }))
}

/** `waitedMs`: how long the oldest row waits to be linked. */
export function ledgerUnlinked(
  oldest: { readonly id: string; readonly waitedMs: number; readonly count: number } | undefined,
  withinMs: number,
): Finding[] {
  if (oldest === undefined || oldest.waitedMs <= withinMs) return []
  const facts = { count: oldest.count, seconds: Math.floor(oldest.waitedMs / 1000) }
  return [{ rule: 'ledger-unlinked', occasion: oldest.id, departmentCode: null, sealId: null, facts }]
}
