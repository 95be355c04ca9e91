import { dayOf, endOfDay } from '../../licence-format/index.ts'
import { networkOf } from '../../platform/http/index.ts'
import type { Clock } from '../../platform/index.ts'
import { VerifierError } from './errors.ts'

/** Counts of the day (of Asia/Shanghai) by caller, in memory of this process. */
export interface DailyCounts {
  /** Takes all or nothing. Throws VERIFICATION_QUOTA_SPENT with the seconds to midnight. */
  take(key: string, quota: number, cost: number): void
  left(key: string, quota: number): { readonly level: number; readonly endsInSeconds: number }
}

/** The key counted longest ago is forgotten beyond `maxKeys`, so a flood of addresses costs no memory. */
export function createDailyCounts(clock: Clock, maxKeys = 100_000): DailyCounts {
  let day = ''
  let used = new Map<string, number>()
  const today = (): Date => {
    const now = clock.now()
    if (dayOf(now) !== day) {
      day = dayOf(now)
      used = new Map()
    }
    return now
  }
  const left = (key: string, quota: number) => {
    const endsInSeconds = Math.max(1, Math.ceil((endOfDay(day).getTime() - today().getTime()) / 1000))
    return { level: Math.max(0, quota - (used.get(networkOf(key)) ?? 0)), endsInSeconds }
  }
  today()
  return {
    left,
    take(key, quota, cost) {
      const { level, endsInSeconds } = left(key, quota)
      if (cost > level) {
        const detail = `${level} of ${quota} verifications are left today, ${cost} were asked for`
        throw new VerifierError('VERIFICATION_QUOTA_SPENT', detail, { retryAfterSeconds: endsInSeconds })
      }
      const name = networkOf(key)
      const count = (used.get(name) ?? 0) + cost
      used.delete(name)
      used.set(name, count)
      if (used.size > maxKeys) used.delete(used.keys().next().value!)
    },
  }
}
