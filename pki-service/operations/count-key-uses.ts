import type { Database } from '../../platform/index.ts'
import { addKeyUses, type CountedPurpose, type KeyUseHour } from '../store/key-use-hours.ts'

const flushAfterMs = 1000
const hourMs = 3_600_000

/** Counts the signatures of keys that sign too often for a row each. */
export interface KeyUses {
  /** Counts in memory; on record within a second. */
  add(keyName: string, purpose: CountedPurpose, statedTime: Date, count: number): void
  /**
   * To be awaited before signing: while the last attempt to record failed, it tries again and rejects with what is wrong. So no more
   * than the uses of one attempt are ever off the record.
   */
  ready(): Promise<void>
  /** Puts everything counted on record. */
  flush(): Promise<void>
}

/** A process that stops without a flush loses at most the count of its last second. */
export function createKeyUses(database: Database): KeyUses {
  let counted = new Map<string, KeyUseHour>()
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let hasFailed = false
  let retry: Promise<void> | undefined

  const add: KeyUses['add'] = (keyName, purpose, statedTime, count) => {
    const hour = new Date(Math.floor(statedTime.getTime() / hourMs) * hourMs)
    const id = `${keyName} ${purpose} ${hour.getTime()}`
    const known = counted.get(id)
    const lastAt = known !== undefined && known.lastAt > statedTime ? known.lastAt : statedTime
    counted.set(id, { keyName, purpose, hour, count: count + (known?.count ?? 0), lastAt })
    if (timer !== undefined) return
    timer = setTimeout(() => {
      // The failure is kept: whoever signs next meets it.
      flush().catch(() => undefined)
    }, flushAfterMs)
    timer.unref()
  }
  const write = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    if (counted.size === 0) return
    const batch = counted
    counted = new Map()
    try {
      await addKeyUses(database, [...batch.values()])
      hasFailed = false
    } catch (error) {
      hasFailed = true
      for (const use of batch.values()) add(use.keyName, use.purpose, use.lastAt, use.count)
      throw error
    }
  }
  const flush = async (): Promise<void> => {
    while (running !== undefined) await running.catch(() => undefined)
    running = write()
    try {
      await running
    } finally {
      running = undefined
    }
  }
  const ready = async (): Promise<void> => {
    if (!hasFailed) return
    retry ??= flush().finally(() => {
      retry = undefined
    })
    await retry
  }
  return { add, flush, ready }
}
