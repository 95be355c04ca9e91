// What was seen of signed lists: the highest of each is kept by whoever verifies, so that nobody can hand out an older one again.

/** A signed list that was believed: what a report names, and what is to be remembered of it. */
export interface UsedList {
  readonly kind: 'trust-list' | 'status-list'
  /** One list under one authority keeps one key, whoever hands it out. */
  readonly key: string
  /** Name of a pinned trust list, address of a status list; null: the own trust list. */
  readonly name: string | null
  /** Of trust lists; status lists have none and are ordered by their time. */
  readonly sequence: number | null
  /** ISO 8601. */
  readonly issuedAt: string
  readonly validUntil: string | null
  /** SHA-256 of the list as it came, lower-case hex. */
  readonly digest: string
}

export interface SeenList {
  readonly sequence: number | null
  /** ISO 8601. */
  readonly issuedAt: string
}

/** The highest that was seen of each list, by its key. Plain JSON. */
export type ListMemory = Readonly<Record<string, SeenList>>

/** The memory after some lists were believed: it only ever rises. The same object where nothing did. */
export function rememberLists(memory: ListMemory, lists: readonly UsedList[]): ListMemory {
  const newer = lists.filter(({ key, sequence, issuedAt }) => {
    const seen = findSeen(memory, key)
    return !seen || compareSeen({ sequence, issuedAt }, seen) > 0
  })
  if (newer.length === 0) return memory
  const risen = new Map(Object.entries(memory))
  for (const { key, sequence, issuedAt } of newer) {
    const seen = risen.get(key)
    if (!seen || compareSeen({ sequence, issuedAt }, seen) > 0) risen.set(key, { sequence, issuedAt })
  }
  return Object.fromEntries(risen)
}

/** Which of two is the later one of a list: by sequence number, then by time. Negative, zero or positive. */
export function compareSeen(a: SeenList, b: SeenList): number {
  const bySequence = (a.sequence ?? 0) - (b.sequence ?? 0)
  return bySequence === 0 ? Date.parse(a.issuedAt) - Date.parse(b.issuedAt) : bySequence
}

/**
 * Whether a later one was seen that had been issued by `at` already. One from after `at` says nothing against the list that was
 * current then: who judges as of a past day hands in the lists of that day.
 */
export function isRolledBack(list: SeenList, key: string, memory: ListMemory | undefined, at: Date): boolean {
  const seen = memory && findSeen(memory, key)
  return seen !== undefined && Date.parse(seen.issuedAt) <= at.getTime() && compareSeen(list, seen) < 0
}

/** Keys come from outside: a member that every object has is none of them. */
function findSeen(memory: ListMemory, key: string): SeenList | undefined {
  return Object.hasOwn(memory, key) ? memory[key] : undefined
}
