import { SealError } from '../errors.ts'
import type { Authorisation } from './authorisation.ts'

/** What an authorisation has spent of its day and its minute. */
export interface UseCount {
  /** Of Asia/Shanghai, `YYYY-MM-DD`. */
  readonly day: string
  readonly takenOnDay: number
  /** The beginning of a minute by the clock. */
  readonly minute: Date
  readonly takenInMinute: number
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Shanghai has had one offset since 1991. */
const OFFSET_MS = 8 * 3_600_000

const dayOf = (at: Date): string => new Date(at.getTime() + OFFSET_MS).toISOString().slice(0, 10)
const minuteOf = (at: Date): Date => new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS)

/** Nothing spent yet. */
export const freshCount = (at: Date): UseCount => ({
  day: dayOf(at),
  takenOnDay: 0,
  minute: minuteOf(at),
  takenInMinute: 0,
})

/** The count as of an instant: a new day or minute begins at nothing; a clock behind the count's own opens none anew. */
function countAt(count: UseCount, at: Date): UseCount {
  const [day, minute] = [dayOf(at), minuteOf(at)]
  return {
    ...(day > count.day ? { day, takenOnDay: 0 } : { day: count.day, takenOnDay: count.takenOnDay }),
    ...(minute > count.minute
      ? { minute, takenInMinute: 0 }
      : { minute: count.minute, takenInMinute: count.takenInMinute }),
  }
}

/**
 * Takes `uses` more. All or none: throws `SEAL_QUOTA_EXHAUSTED` or `SEAL_RATE_EXCEEDED`, with when there is room again, where not all fit.
 */
export function takeUses(
  count: UseCount,
  { id, perDay, perMinute }: Pick<Authorisation, 'id' | 'perDay' | 'perMinute'>,
  uses: number,
  at: Date,
): UseCount {
  const now = countAt(count, at)
  const taken = { ...now, takenOnDay: now.takenOnDay + uses, takenInMinute: now.takenInMinute + uses }
  if (uses === 0) return taken
  if (perDay !== null && taken.takenOnDay > perDay) {
    throw new SealError(
      'SEAL_QUOTA_EXHAUSTED',
      `authorisation ${id} allows ${perDay} uses a day, ${now.takenOnDay} are taken, ${uses} more are asked for`,
      { retryAfterSeconds: Math.ceil((DAY_MS - ((at.getTime() + OFFSET_MS) % DAY_MS)) / 1000) },
    )
  }
  if (perMinute !== null && taken.takenInMinute > perMinute) {
    throw new SealError(
      'SEAL_RATE_EXCEEDED',
      `authorisation ${id} allows ${perMinute} uses a minute, ${now.takenInMinute} are taken, ${uses} more are asked for`,
      { retryAfterSeconds: Math.ceil((MINUTE_MS - (at.getTime() % MINUTE_MS)) / 1000) },
    )
  }
  return taken
}
