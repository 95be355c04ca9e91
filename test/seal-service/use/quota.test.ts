import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { breakingDatabase } from '../../support/breaking.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { claimsOf, clerk, createSealWorld, identifierOf, type SealWorld, sealRequest } from '../world.ts'
import { allowOnly, authorise, codeOf, counting, phasesOf } from './use-world.ts'

describe.each(engines)('quota and rate on $name', ({ open }) => {
  let world: SealWorld
  let number = 1000
  const fresh = () => sealRequest(world, number++)
  const statement = (n: number) => ({ identifier: identifierOf(n), claims: claimsOf(n) })
  const seal = (request = fresh()) => world.seals.sealDocuments(clerk, [request])
  beforeAll(async () => {
    world = await createSealWorld(await open())
  })
  afterAll(() => world.close())

  it('lets exactly 50 of 200 calls at once seal, through two services', async () => {
    const { id } = await allowOnly(world, { perDay: 50 })
    const other = world.another()
    const requests = Array.from({ length: 200 }, fresh)
    const results = await Promise.allSettled(
      requests.map((request, at) => (at % 2 ? world.seals : other).sealDocuments(clerk, [request])),
    )
    expect(Object.fromEntries([...Map.groupBy(results, codeOf)].map(([code, all]) => [code, all.length]))).toEqual({
      done: 50,
      SEAL_QUOTA_EXHAUSTED: 150,
    })
    const rows = await world.database.query<{ phase: string; count: bigint }>(
      `select phase, count(*) from seal.seal_uses where authorisation_id = $1 group by phase`,
      [id],
    )
    expect(new Map(rows.map(({ phase, count }) => [phase, Number(count)]))).toEqual(
      new Map([
        ['intended', 50],
        ['sealed', 50],
      ]),
    )
    world.pki.clock.advance(86_400_000)
    await seal()
  })

  it('lets exactly 20 of 60 statements at once be signed, counted apart from documents', async () => {
    await allowOnly(world, { perDay: 20 })
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, () => world.seals.signStatements(clerk, [statement(number++)])),
    )
    expect(results.map(codeOf).filter((code) => code === 'done')).toHaveLength(20)
    expect(new Set(results.map(codeOf))).toEqual(new Set(['done', 'SEAL_QUOTA_EXHAUSTED']))
    await world.seals.sealDocuments(clerk, Array.from({ length: 20 }, fresh))
    await rejectsWithCode(seal(), 'SEAL_QUOTA_EXHAUSTED')
  })

  it('takes a group whole or not at all, and says when there is room again', async () => {
    await allowOnly(world, { perDay: 5 })
    await rejectsWithCode(world.seals.sealDocuments(clerk, Array.from({ length: 6 }, fresh)), 'SEAL_QUOTA_EXHAUSTED')
    await world.seals.sealDocuments(clerk, Array.from({ length: 5 }, fresh))
    await expect(seal()).rejects.toMatchObject({ retryAfterSeconds: expect.any(Number) })
  })

  it('counts a document once, however often it is asked for and whatever broke', async () => {
    await allowOnly(world, { perDay: 3 })
    const [first, second, third] = [fresh(), fresh(), fresh()]
    for (let turn = 0; turn < 3; turn++) await seal(first)
    for (const when of ['not persisted', 'persisted'] as const) {
      const broken = world.another({ database: breakingDatabase(world.database, 2, when) })
      await expect(broken.sealDocuments(clerk, [second])).rejects.toThrow('broken')
    }
    await seal(second)
    const lost = world.another({ database: breakingDatabase(world.database, 1, 'persisted') })
    await expect(lost.sealDocuments(clerk, [third])).rejects.toThrow('broken')
    world.pki.clock.advance(60_000)
    await Promise.all(Array.from({ length: 5 }, () => seal(third)))
    expect((await phasesOf(world, third.identifier)).filter((phase) => phase === 'sealed')).toHaveLength(1)
    await rejectsWithCode(seal(), 'SEAL_QUOTA_EXHAUSTED')
  })

  it('keeps to a rate of a minute and goes on in the next', async () => {
    await allowOnly(world, { perMinute: 2 })
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => seal()))
    expect(results.map(codeOf).toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => 'SEAL_RATE_EXCEEDED'),
      'done',
      'done',
    ])
    world.pki.clock.advance(60_000)
    await seal()
  })

  it('spends another authorisation of the caller when the first has no room', async () => {
    await allowOnly(world, { perDay: 1 })
    await authorise(world, { perDay: 2 })
    for (let turn = 0; turn < 3; turn++) await seal()
    await rejectsWithCode(seal(), 'SEAL_QUOTA_EXHAUSTED')
  })

  it('asks the database as often for a group of 100 as for one of 4', async () => {
    await allowOnly(world, { perDay: 1000 })
    const asked = async (size: number) => {
      const database = counting(world.database)
      await world.another({ database }).sealDocuments(clerk, Array.from({ length: size }, fresh))
      const sealing = database.statements()
      const requests = Array.from({ length: size }, () => statement(number++))
      await world.another({ database }).signStatements(clerk, requests)
      return [sealing, database.statements() - sealing]
    }
    await asked(1)
    expect(await asked(100)).toEqual(await asked(4))
  })
})
