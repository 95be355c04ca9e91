// Status lists of others between two questions. What came last serves while nobody answers; what was believed stays at hand beside it, so
// that an answer which nobody signed displaces nothing.
import { createHash } from 'node:crypto'
import type { UsedList } from '../verifier/index.ts'

const MOST_LISTS = 256

export interface ListCache {
  /** The list that came last for an address. */
  last(address: string): string | undefined
  /** The last that was believed. */
  believed(address: string): string | undefined
  keep(address: string, text: string): void
  /** Is told of the lists that were believed. */
  remember(lists: readonly UsedList[]): void
}

/** Keeps the lists of so many addresses, those asked for last. */
export function createListCache(): ListCache {
  const known = new Map<string, { readonly last: string; readonly believed?: string }>()
  return {
    last: (address) => known.get(address)?.last,
    believed: (address) => known.get(address)?.believed,
    keep(address, text) {
      const before = known.get(address)
      known.delete(address)
      known.set(address, { ...before, last: text })
      if (known.size > MOST_LISTS) known.delete(known.keys().next().value!)
    },
    remember(lists) {
      for (const { kind, name, digest } of lists) {
        const list = kind === 'status-list' && name !== null ? known.get(name) : undefined
        if (list === undefined || list.believed === list.last) continue
        if (createHash('sha256').update(list.last).digest('hex') === digest)
          known.set(name!, { last: list.last, believed: list.last })
      }
    },
  }
}
