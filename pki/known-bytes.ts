// Values remembered by the bytes they were made from. Hashing would cost as much as it spares, so the last octets, which in what is signed
// are as good as random, lead to the few that are then compared.
import { equalBytes } from './asn1/index.ts'

interface Entry<T> {
  readonly key: number
  readonly bytes: Uint8Array
  readonly value: T
}

interface KnownBytes<T> {
  find(bytes: Uint8Array): { readonly value: T } | undefined
  /** Keeps `bytes` itself: hand over a copy of what is part of something larger. */
  add(bytes: Uint8Array, value: T): void
}

/**
 * Remembers up to so many, the newest; beyond so many octets together fewer. `isSame` compares octets: the platform's own way is quicker
 * for longer ones.
 */
export function createKnownBytes<T>(most: number, mostOctets: number, isSame = equalBytes): KnownBytes<T> {
  const buckets = new Map<number, Entry<T>[]>()
  const order: Entry<T>[] = []
  let octets = 0
  const forgetOldest = () => {
    const oldest = order.shift()!
    octets -= oldest.bytes.length
    const rest = buckets.get(oldest.key)!.filter((entry) => entry !== oldest)
    if (rest.length > 0) buckets.set(oldest.key, rest)
    else buckets.delete(oldest.key)
  }
  return {
    find: (bytes) => buckets.get(keyOf(bytes))?.find((entry) => isSame(entry.bytes, bytes)),
    add(bytes, value) {
      const entry = { key: keyOf(bytes), bytes, value }
      const bucket = buckets.get(entry.key)
      if (bucket) bucket.push(entry)
      else buckets.set(entry.key, [entry])
      order.push(entry)
      octets += bytes.length
      while (order.length > most || (octets > mostOctets && order.length > 1)) forgetOldest()
    },
  }
}

/** Length and last four octets in one number. */
function keyOf(bytes: Uint8Array): number {
  const { length } = bytes
  let tail = 0
  for (let i = Math.max(0, length - 4); i < length; i++) tail = tail * 256 + bytes[i]!
  return tail * 0x10_0000 + (length % 0x10_0000)
}
