// Days of validity are dates in Asia/Shanghai, which has been UTC+8 without summer time since 1991.
import { LicenceFormatError } from './errors.ts'

const DAY_MS = 86_400_000
const OFFSET_MS = 8 * 3_600_000
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** Whether `text` is `YYYY-MM-DD` and such a day exists. */
export function isCalendarDate(text: string): boolean {
  const match = DATE.exec(text)
  if (!match || match[1] === '0000') return false
  const month = Number(match[2])
  const day = Number(match[3])
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(Number(match[1]), month)
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days from 1970-01-01 to `date` (`YYYY-MM-DD`); negative before. Throws DATE_INVALID for a day that does not exist. */
export function toEpochDay(date: string): number {
  if (!isCalendarDate(date)) throw new LicenceFormatError('DATE_INVALID', 'expected an existing day as YYYY-MM-DD')
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS
}

/** The day that lies `day` days after 1970-01-01, as `YYYY-MM-DD`. Throws DATE_INVALID outside the years 1 to 9999. */
export function fromEpochDay(day: number): string {
  const instant = new Date(day * DAY_MS)
  const year = instant.getUTCFullYear()
  if (!Number.isInteger(day) || !(year >= 1 && year <= 9999)) {
    throw new LicenceFormatError('DATE_INVALID', 'expected a day within the years 1 to 9999')
  }
  return instant.toISOString().slice(0, 10)
}

/** The instant at which `date` begins in Asia/Shanghai. */
export function startOfDay(date: string): Date {
  return new Date(toEpochDay(date) * DAY_MS - OFFSET_MS)
}

/** The first instant after `date` in Asia/Shanghai: a licence valid "to" that day ends here. */
export function endOfDay(date: string): Date {
  return new Date((toEpochDay(date) + 1) * DAY_MS - OFFSET_MS)
}

/** The calendar day of an instant in Asia/Shanghai, `YYYY-MM-DD`. */
export function dayOf(instant: Date): string {
  return new Date(instant.getTime() + OFFSET_MS).toISOString().slice(0, 10)
}

/** An instant with the offset of Asia/Shanghai, to the second: `2026-11-21T16:00:00+08:00`. */
export function toShanghaiTime(instant: Date): string {
  return `${new Date(instant.getTime() + OFFSET_MS).toISOString().slice(0, 19)}+08:00`
}
