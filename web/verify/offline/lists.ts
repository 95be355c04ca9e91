// The signed lists that this device keeps, and what may be said of their age.
import type { ListMemory, TrustRoots } from '../../../verifier/index.ts'

/** What verification in the browser stands on; every list in it is signed and is verified again with each document. */
export interface KeptLists {
  readonly roots: TrustRoots
  /** DER. */
  readonly crls: readonly Uint8Array[]
  /** Compact JWS. */
  readonly trustList: string
  /** Compact JWS by the address of the list. */
  readonly statusLists: ReadonlyMap<string, string>
  /** When they were fetched, by the clock of the server that gave them. */
  readonly asOf: Date
  /** The trust list must be renewed by then. */
  readonly nextUpdate: Date
  readonly memory: FetchMemory
  /** The highest of each list that a verdict stood on: an older one is refused by the verifier itself. */
  readonly seen: ListMemory
}

/** What outlives the lists themselves: whoever turns back a list or the clock is noticed by it. */
export interface FetchMemory {
  /** Highest sequence number of the trust list ever accepted. */
  readonly trustListSequence: number
  /** Latest time of issue of each status list ever accepted, by its address. */
  readonly statusListTimes: ReadonlyMap<string, Date>
  /** It cannot be earlier than this: the latest time that a list or its server named. */
  readonly latestTime: Date
}

/** What the page shows of its lists. */
export interface ListFacts {
  readonly asOf: Date
  readonly nextUpdate: Date
  /** The device's clock runs behind a time that has certainly passed. */
  readonly clockBehind: boolean
  /** What the server offered last was older than what is kept; the newer one stays in use. */
  readonly refusedOlder: boolean
}

/** Clocks may differ by this much. */
const CLOCK_TOLERANCE_MS = 5 * 60_000

/** Whether a device's clock is behind a time that has certainly passed. */
export function isClockBehind(now: Date, memory: Pick<FetchMemory, 'latestTime'>): boolean {
  return now.getTime() + CLOCK_TOLERANCE_MS < memory.latestTime.getTime()
}

/** Older lists are asked for again before a verification, where there is a network. */
const STALE_MS = 60_000

export function areStale(lists: KeptLists | null, now: Date): boolean {
  if (lists === null) return true
  const age = now.getTime() - lists.asOf.getTime()
  return age > STALE_MS || age < -CLOCK_TOLERANCE_MS
}
