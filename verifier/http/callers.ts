import { type Arrival, type Authority, createRateLimit } from '../../platform/http/index.ts'
import type { Clock } from '../../platform/index.ts'
import { createDailyCounts } from './quota.ts'

/** What one kind of caller may. */
export interface CallerLimits {
  /** Requests at once. */
  readonly burst: number
  /** Further requests a second. */
  readonly perSecond: number
  /** Documents, statements and digests a day, those of batches too. */
  readonly perDay: number
  /** Verifications that are answered later, under way at the same time. */
  readonly jobs: number
  /** Work on one of them, in milliseconds of a thread, before the rest of it is refused. */
  readonly jobWorkMs: number
}

export const ADDRESS_LIMITS: CallerLimits = { burst: 60, perSecond: 2, perDay: 5000, jobs: 2, jobWorkMs: 120_000 }
export const DEPARTMENT_LIMITS: CallerLimits = {
  burst: 600,
  perSecond: 50,
  perDay: 200_000,
  jobs: 8,
  jobWorkMs: 1_800_000,
}

/** Work that each further verification of the allowance pays for. */
const MS_EACH = 100
/** Questions that find nothing: whoever types wrong does so a few times, whoever guesses does nothing else. */
const GUESSES = { capacity: 30, refillPerSecond: 1 / 60 }

/** Who asks, as far as the limits know. */
export interface Caller {
  /** `department:CODE`, or the client's address. */
  readonly key: string
  /** Department code of a caller with an API key, else null. */
  readonly department: string | null
  readonly limits: CallerLimits
  /** Takes so many of the day's quota. Throws VERIFICATION_QUOTA_SPENT. */
  takeOfDay(count: number): void
  /** Work beyond what a request has paid for, in milliseconds. */
  chargeWork(ms: number): void
  /** Whether this caller may still ask for licences without having found any. */
  mayGuess(): boolean
  /** As `mayGuess`, but throws RATE_LIMITED. */
  requireGuess(): void
  chargeGuess(): void
}

export interface CallersOptions {
  readonly clock: Clock
  /** Who knows API keys; left out: nobody has one here. */
  readonly authority?: Authority
  readonly address: CallerLimits
  readonly department: CallerLimits
}

/**
 * Lets callers in: with an `Authorization` header for their department's account, else for their address. Throws RATE_LIMITED,
 * VERIFICATION_QUOTA_SPENT, or the authority's refusal. Tells the limits in every answer (draft-ietf-httpapi-ratelimit-headers).
 */
export function createCallers({ clock, authority, address, department }: CallersOptions) {
  const bucketsOf = ({ burst, perSecond }: CallerLimits) =>
    createRateLimit({ capacity: burst, refillPerSecond: perSecond, clock })
  const buckets = { address: bucketsOf(address), department: bucketsOf(department) }
  const counts = createDailyCounts(clock)
  const guesses = createRateLimit({ ...GUESSES, clock })

  /** Keys that are none count against the address, so that nobody has one looked up after the other. */
  const identify = async (arrival: Arrival): Promise<string | null> => {
    if (arrival.headers['authorization'] !== undefined) buckets.address.take(arrival.clientAddress, 0)
    try {
      return await departmentOf(arrival, authority)
    } catch (error) {
      buckets.address.charge(arrival.clientAddress, 1)
      throw error
    }
  }

  return async (arrival: Arrival): Promise<Caller> => {
    const code = await identify(arrival)
    const kind = code === null ? 'address' : 'department'
    const [limits, bucket] = [kind === 'address' ? address : department, buckets[kind]]
    const key = code === null ? arrival.clientAddress : `department:${code}`
    const tell = () => {
      const [burst, day] = [bucket.left(key), counts.left(key, limits.perDay)]
      arrival.tell({
        'RateLimit-Policy': `"burst";q=${limits.burst};w=${Math.ceil(limits.burst / limits.perSecond)}, "day";q=${limits.perDay};w=86400`,
        RateLimit: `"burst";r=${Math.max(0, Math.floor(burst.level))};t=${Math.ceil(burst.fullInSeconds)}, "day";r=${day.level};t=${day.endsInSeconds}`,
      })
    }
    try {
      bucket.take(key)
      // Whoever has nothing left is told before sending documents.
      if (counts.left(key, limits.perDay).level === 0) counts.take(key, limits.perDay, 1)
    } finally {
      tell()
    }
    return {
      key,
      department: code,
      limits,
      takeOfDay(count) {
        counts.take(key, limits.perDay, count)
        tell()
      },
      chargeWork: (ms) => bucket.charge(key, ms / MS_EACH),
      mayGuess: () => guesses.left(key).level >= 0,
      requireGuess: () => guesses.take(key, 0),
      chargeGuess: () => guesses.charge(key, 1),
    }
  }
}

/** Cookies do not count: the page is public, and a clerk who is logged in is anyone there. */
export async function departmentOf(
  { method, headers }: Arrival,
  authority: Authority | undefined,
): Promise<string | null> {
  const { authorization } = headers
  if (authority === undefined || authorization === undefined) return null
  const principal = await authority.authenticate({ method, headers: { authorization } })
  return principal?.departmentCode ?? null
}
