import { isIPv6 } from 'node:net'
import type { Clock } from '../clock.ts'
import { PlatformError } from '../errors.ts'

export interface RateLimit {
  /** Takes from the bucket of `key`. Throws RATE_LIMITED with the seconds to wait. */
  take(key: string, cost?: number): void
  /** Takes what a request turned out to cost beyond that, also where the bucket has less; at most one bucket is owed. */
  charge(key: string, cost: number): void
  /** What the bucket of `key` holds, and the seconds until it is full again. */
  left(key: string): { readonly level: number; readonly fullInSeconds: number }
}

interface Bucket {
  level: number
  at: number
}

/**
 * Token buckets in memory, one a key (of addresses, one a network, see `networkOf`): `capacity` at once, `refillPerSecond` after
 * that. The least recently used bucket is forgotten beyond `maxKeys`, so a flood of keys costs no memory. Limits of one process; several have one each.
 */
export function createRateLimit(options: {
  readonly capacity: number
  readonly refillPerSecond: number
  readonly clock: Clock
  readonly maxKeys?: number
}): RateLimit {
  const { capacity, refillPerSecond, clock, maxKeys = 100_000 } = options
  const buckets = new Map<string, Bucket>()
  const levelOf = (key: string, now: number): number => {
    const bucket = buckets.get(key) ?? { level: capacity, at: now }
    return Math.min(capacity, bucket.level + (Math.max(0, now - bucket.at) / 1000) * refillPerSecond)
  }
  const store = (key: string, bucket: Bucket): void => {
    buckets.delete(key)
    buckets.set(key, bucket)
    if (buckets.size > maxKeys) buckets.delete(buckets.keys().next().value!)
  }
  return {
    left(address) {
      const level = levelOf(networkOf(address), clock.now().getTime())
      return { level, fullInSeconds: (capacity - level) / refillPerSecond }
    },
    charge(address, cost) {
      if (!(cost > 0)) return
      const [key, at] = [networkOf(address), clock.now().getTime()]
      store(key, { level: Math.max(-capacity, levelOf(key, at) - cost), at })
    },
    take(address, cost = 1) {
      const [key, at] = [networkOf(address), clock.now().getTime()]
      const level = levelOf(key, at)
      const isAllowed = level >= cost
      store(key, { level: isAllowed ? level - cost : level, at })
      if (!isAllowed) {
        const retryAfterSeconds = Math.ceil((cost - level) / refillPerSecond)
        throw new PlatformError('RATE_LIMITED', `too many requests: try again in ${retryAfterSeconds} s`, {
          retryAfterSeconds,
        })
      }
    },
  }
}

/** Longer than any address or account: what a proxy that is trusted wrongly passes on fills no memory. */
const LONGEST_KEY = 100

/** Some proxies write the client's port into X-Forwarded-For: with each connection another, of the same client. */
function withoutPort(address: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/.exec(address) ?? []
  return bracketed ?? plain ?? address
}

/**
 * Whom a limit by address counts as one: an IPv4 address, or the /64 of an IPv6 address, all of which one connection has to itself
 * (RFC 6177, RFC 7421), so that nobody takes a new bucket with each request.
 */
export function networkOf(caller: string): string {
  const address = withoutPort(caller)
  if (!isIPv6(address)) return address.slice(0, LONGEST_KEY)
  const bare = address.split('%', 1)[0]!.toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  const [head, tail] = bare.split('::') as [string, string?]
  const groups = (text: string | undefined) => (text ? text.split(':') : [])
  const zeros = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array<string>(Math.max(0, zeros)).fill('0'), ...groups(tail)]
  const network = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}
