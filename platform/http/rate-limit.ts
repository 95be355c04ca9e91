import type { Clock } from '../clock.ts'
import { PlatformError } from '../errors.ts'

export interface RateLimit {
  /** Takes from the bucket of `key`. Throws RATE_LIMITED with the seconds to wait. */
  take(key: string, cost?: number): void
}

interface Bucket {
  level: number
  at: number
}

/**
 * Token buckets in memory, one a key: `capacity` at once, `refillPerSecond` after that. The least recently used bucket is
 * forgotten beyond `maxKeys`, so a flood of keys costs no memory. Limits of one process; several have one each.
 */
export function createRateLimit(options: {
  readonly capacity: number
  readonly refillPerSecond: number
  readonly clock: Clock
  readonly maxKeys?: number
}): RateLimit {
  const { capacity, refillPerSecond, clock, maxKeys = 100_000 } = options
  const buckets = new Map<string, Bucket>()
  return {
    take(key, cost = 1) {
      const now = clock.now().getTime()
      const bucket = buckets.get(key) ?? { level: capacity, at: now }
      const level = Math.min(capacity, bucket.level + (Math.max(0, now - bucket.at) / 1000) * refillPerSecond)
      const isAllowed = level >= cost
      buckets.delete(key)
      buckets.set(key, { level: isAllowed ? level - cost : level, at: now })
      if (buckets.size > maxKeys) buckets.delete(buckets.keys().next().value!)
      if (!isAllowed) {
        const retryAfterSeconds = Math.ceil((cost - level) / refillPerSecond)
        throw new PlatformError('RATE_LIMITED', `too many requests: try again in ${retryAfterSeconds} s`, {
          retryAfterSeconds,
        })
      }
    },
  }
}
