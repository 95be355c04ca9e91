import { describe, expect, it } from 'vitest'
import { createKeyUses } from '../../../pki-service/operations/count-key-uses.ts'
import type { Database } from '../../../platform/index.ts'

/** A database that adds up what it is given, or fails as often as it is told to. */
function countingDatabase() {
  const counts = new Map<string, number>()
  const state = { failures: 0, writes: 0 }
  const query = async (_sql: string, params: readonly unknown[] = []) => {
    state.writes++
    await new Promise((resolve) => setImmediate(resolve))
    if (state.failures > 0) {
      state.failures--
      throw new Error('pulled')
    }
    const [names, , hours, added] = params as [string[], string[], Date[], number[]]
    for (const [index, name] of names.entries()) {
      const key = `${name} ${hours[index]!.toISOString()}`
      counts.set(key, (counts.get(key) ?? 0) + added[index]!)
    }
    return []
  }
  return { database: { query } as unknown as Database, counts, state }
}

const at = (time: string) => new Date(`2026-11-21T${time}Z`)

describe('createKeyUses', () => {
  it('adds up by key and hour, and writes nothing where nothing was counted', async () => {
    const { database, counts, state } = countingDatabase()
    const uses = createKeyUses(database)
    await uses.flush()
    expect(state.writes).toBe(0)
    uses.add('a', 'ocsp', at('08:00:00'), 1)
    uses.add('a', 'ocsp', at('08:59:59'), 200)
    uses.add('a', 'ocsp', at('09:00:00'), 3)
    uses.add('b', 'time-stamp', at('08:00:00'), 7)
    await uses.flush()
    expect([...counts].sort()).toEqual([
      ['a 2026-11-21T08:00:00.000Z', 201],
      ['a 2026-11-21T09:00:00.000Z', 3],
      ['b 2026-11-21T08:00:00.000Z', 7],
    ])
  })

  it('loses and doubles nothing when many count, flush and fail at once', async () => {
    const { database, counts, state } = countingDatabase()
    const uses = createKeyUses(database)
    await Promise.all(
      Array.from({ length: 500 }, async (_, n) => {
        if (n % 100 === 0) state.failures++
        uses.add('a', 'ocsp', at('08:00:00'), 1)
        if (n % 3 === 0) await uses.flush().catch(() => undefined)
      }),
    )
    await uses.flush()
    expect([...counts.values()]).toEqual([500])
  })

  it('lets nobody sign after a failure until a write succeeds, with one attempt for all who ask', async () => {
    const { database, counts, state } = countingDatabase()
    const uses = createKeyUses(database)
    await uses.ready()
    uses.add('a', 'ocsp', at('08:00:00'), 5)
    state.failures = 2
    await expect(uses.flush()).rejects.toThrow('pulled')
    const before = state.writes
    const attempts = await Promise.allSettled([uses.ready(), uses.ready(), uses.ready()])
    expect(attempts.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(state.writes).toBe(before + 1)
    await uses.ready()
    expect([...counts.values()]).toEqual([5])
  })

  it('writes by itself within about a second', async () => {
    const { database, counts } = countingDatabase()
    const uses = createKeyUses(database)
    uses.add('a', 'time-stamp', at('08:00:00'), 1)
    await expect.poll(() => counts.size, { timeout: 5000 }).toBe(1)
  })
})
