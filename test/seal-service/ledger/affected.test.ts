import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../../platform/index.ts'
import { readStampsOf } from '../../../seal-service/operations/ledger/read-stamps.ts'
import {
  type AffectedUse,
  countAffected,
  findCheckpointBefore,
  type Judging,
  listAffected,
} from '../../../seal-service/store/affected.ts'
import { listUses, listUsesLinkedAfter, type UsePlace } from '../../../seal-service/store/use-records.ts'
import { testTimes } from '../../fixtures/pki.ts'
import { engines } from '../../support/engines.ts'
import {
  createLedgerPki,
  createLedgerWorld,
  type LedgerWorld,
  recordUses,
  sealId,
  seedHistory,
  useOf,
} from './world.ts'

const { now } = testTimes
const later = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000)
let pki: Awaited<ReturnType<typeof createLedgerPki>>
beforeAll(async () => {
  pki = await createLedgerPki()
})

async function readAll(database: Database, judging: Judging, standing: 'earlier' | 'doubtful' | null) {
  const uses: AffectedUse[] = []
  for (let after: string | null = null; ; ) {
    const page: AffectedUse[] = await listAffected(database, judging, standing, after, 700)
    uses.push(...page)
    if (page.length < 700) return uses
    after = page.at(-1)!.useId
  }
}

describe.each(engines)('affectedBy ($name)', ({ open }) => {
  let database: Database
  let world: LedgerWorld
  beforeAll(async () => {
    database = await open()
    return () => database.close()
  })
  beforeEach(async () => {
    world = await createLedgerWorld(database, pki)
  })

  it('divides a history of many uses rightly, in less than five seconds', { timeout: 240_000 }, async () => {
    const count = process.env['TEST_LONG'] ? 100_000 : 12_000
    const [atCheckpoint, half] = [count / 5, count / 2]
    await seedHistory(database, count, atCheckpoint)
    const since = new Date(now.getTime() + half * 60_000)
    const covered = await findCheckpointBefore(database, since)
    expect(covered).toMatchObject({ number: 1 })
    const judging = { sealId, since, covered }
    const expected = Array.from({ length: count }, (_, n) => {
      const isSealed = n % 10 !== 9
      const isStamped = isSealed && n % 2 === 0
      const proof = isStamped && n < half ? 'time-stamp' : n <= atCheckpoint ? 'checkpoint' : null
      return { useId: useOf(n), phase: isSealed ? 'sealed' : 'intended', proof }
    })
    const started = performance.now()
    const counts = await countAffected(database, judging)
    const first = await listAffected(database, judging, null, null, 200)
    const tookMs = performance.now() - started
    expect(counts).toEqual({
      earlier: expected.filter(({ proof }) => proof !== null).length,
      doubtful: expected.filter(({ proof }) => proof === null).length,
    })
    expect(first).toHaveLength(200)
    expect(tookMs).toBeLessThan(5000)
    const all = await readAll(database, judging, null)
    expect(all.map(({ useId, phase, proof }) => ({ useId, phase, proof }))).toEqual(expected)
    const doubtful = await readAll(database, judging, 'doubtful')
    expect(doubtful.map(({ useId }) => useId)).toEqual(
      expected.filter(({ proof }) => proof === null).map(({ useId }) => useId),
    )
  })

  it('takes a checkpoint for proof only from before, and where it is signed', async () => {
    await recordUses(database, 2, now)
    await world.sequencer.link()
    expect(await findCheckpointBefore(database, now)).toBe(null)
    expect(await findCheckpointBefore(database, later(1))).toMatchObject({ number: 1, sequence: 4 })
    const judging = { sealId, since: later(1), covered: await findCheckpointBefore(database, later(1)) }
    expect(await countAffected(database, judging)).toEqual({ earlier: 2, doubtful: 0 })
    // Linked behind the checkpoint: in doubt, whatever the row says of its time.
    await recordUses(database, 1, now)
    await world.sequencer.link()
    expect(await countAffected(database, judging)).toEqual({ earlier: 2, doubtful: 1 })
    await createLedgerWorld(database, pki)
    await recordUses(database, 1, now)
    await world.another({ ledgerSigner: undefined as never }).link()
    expect(await findCheckpointBefore(database, later(1))).toBe(null)
  })

  it('holds a stamp that cannot be read for none, and reads each CMS once', async () => {
    const [useId] = await recordUses(database, 1, now)
    await database.query(
      `insert into seal.sealings (identifier, unsigned_digest, use_id, seal_id, page, x, y, signed_at, contents_length, signed_digest, cms, time_stamped)
       values ('licence 1', sha256('a'), $1, $2, 0, 0, 0, $3, 10, sha256('b'), '\\x0500', true)`,
      [useId, sealId, now],
    )
    const deps = { database } as Parameters<typeof readStampsOf>[0]
    await Promise.all([readStampsOf(deps, sealId), readStampsOf(deps, sealId)])
    expect(await database.query(`select * from seal.stamp_times`)).toEqual([{ use_id: useId, stamped_at: null }])
    expect(await database.query(`select * from seal.stamps_unread`)).toEqual([])
  })
})

describe.each(engines)('the record of uses ($name)', ({ open }) => {
  let database: Database
  let world: LedgerWorld
  beforeAll(async () => {
    database = await open()
    return () => database.close()
  })
  beforeEach(async () => {
    world = await createLedgerWorld(database, pki)
  })

  it('is read newest first, page by page, each row once', async () => {
    for (let hour = 0; hour < 4; hour++) await recordUses(database, 3, later(hour))
    const all = await listUses(database, [sealId], {}, null, 100)
    expect(all).toHaveLength(24)
    const paged: string[] = []
    for (let after: UsePlace | null = null; ; ) {
      const page = await listUses(database, [sealId], {}, after, 5)
      paged.push(...page.map(({ useId, phase }) => `${useId} ${phase}`))
      if (page.length < 5) break
      after = page.at(-1)!
    }
    expect(paged).toEqual(all.map(({ useId, phase }) => `${useId} ${phase}`))
    expect(all.map(({ at }) => at.getTime())).toEqual([...all.map(({ at }) => at.getTime())].sort((a, b) => b - a))
  })

  it('is searched by time, caller, document and phase, and by nobody else’s seal', async () => {
    await recordUses(database, 2, now)
    await recordUses(database, 2, later(2))
    const find = (filter: Parameters<typeof listUses>[2], seals = [sealId]) =>
      listUses(database, seals, filter, null, 100)
    expect(await find({ from: later(1) })).toHaveLength(4)
    expect(await find({ from: now, to: later(2) })).toHaveLength(4)
    expect(await find({ phase: 'sealed', identifier: 'licence 1' })).toHaveLength(2)
    expect(await find({ callerId: 'clerk-2' })).toEqual([])
    expect(await find({}, ['33019900000099'])).toEqual([])
    expect(await find({}, [])).toEqual([])
  })

  it('tells uses in the order in which they were linked, without gaps', async () => {
    const [first, second] = await recordUses(database, 2, now)
    expect(await listUsesLinkedAfter(database, 0, 100)).toEqual([])
    await world.sequencer.link()
    const linked = await listUsesLinkedAfter(database, 0, 3)
    expect(linked.map(({ useId, phase, sequence }) => [useId, phase, sequence])).toEqual([
      [first, 'intended', 1],
      [second, 'intended', 2],
      [first, 'sealed', 3],
    ])
    expect(await listUsesLinkedAfter(database, 3, 3)).toMatchObject([{ useId: second, sequence: 4 }])
  })

  it('knows no use of another id', async () => {
    expect(await listUses(database, [sealId], {}, { useId: randomUUID(), phase: 'sealed' }, 10)).toEqual([])
  })
})
