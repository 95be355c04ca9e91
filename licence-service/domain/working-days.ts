import { dayOf } from '../../licence-format/index.ts'

const DAY_MS = 86_400_000

/**
 * The last of so many working days after an instant, as a day in China. Weekends count as free; public holidays are not known here, so
 * a deadline is never later than the law's.
 */
export function afterWorkingDays(from: Date, count: number): string {
  let at = Date.parse(dayOf(from))
  for (let left = count; left > 0; ) {
    at += DAY_MS
    const weekday = new Date(at).getUTCDay()
    if (weekday !== 0 && weekday !== 6) left--
  }
  return new Date(at).toISOString().slice(0, 10)
}
