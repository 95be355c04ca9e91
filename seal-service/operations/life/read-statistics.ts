import type { Principal } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { countSealsByState, countUsesByDay, type DayCount, type StateCount } from '../../store/statistics.ts'
import { codesInSight } from './life-facts.ts'

const DAY_MS = 24 * 60 * 60 * 1000

export interface SealStatistics {
  readonly states: readonly StateCount[]
  readonly uses: readonly DayCount[]
}

/** Seals by state and uses by day and department of the last `days`, today among them, over all that the caller may see. */
export async function readStatistics(shop: Workshop, principal: Principal, days: number): Promise<SealStatistics> {
  const codes = await codesInSight(shop, principal)
  const today = shop.clock.now().getTime()
  const [states, uses] = await Promise.all([
    countSealsByState(shop.database, codes),
    countUsesByDay(shop.database, codes, startOfDay(today - (days - 1) * DAY_MS)),
  ])
  return { states, uses }
}

/** Midnight in China, which has one time zone and no summer time. */
function startOfDay(instant: number): Date {
  const OFFSET_MS = 8 * 60 * 60 * 1000
  return new Date(Math.floor((instant + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS)
}
