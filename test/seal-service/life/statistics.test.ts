import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../../support/engines.ts'
import { civil, market } from '../world.ts'
import { createLifeWorld, type LifeWorld, people } from './life-world.ts'

const DAY_MS = 24 * 60 * 60 * 1000

describe.each(engines)('the statistics of seals on $name', ({ open }) => {
  let house: LifeWorld
  /** Midnight in China of the day that it is there now. */
  let today: number

  const read = (days: number, who = people.auditor) => house.service.life.statistics(who, days)
  async function use(departmentCode: string, at: number, phase: 'intended' | 'sealed'): Promise<void> {
    const [seal] = await house.service.seals(departmentCode)
    await house.world.database.query(
      `insert into seal.seal_uses (use_id, phase, seal_id, identifier, type_code, unsigned_digest, signed_digest, caller_id, caller_department, at)
       values ($1, $2, $3, 'a licence', 'a type', $4, $5, 'somebody', $6, $7)`,
      [
        randomUUID(),
        phase,
        seal!.id,
        randomBytes(32),
        phase === 'sealed' ? Buffer.alloc(32, 1) : null,
        departmentCode,
        new Date(at),
      ],
    )
  }

  beforeAll(async () => {
    house = await createLifeWorld(await open())
    today = Math.floor((house.world.pki.clock.now().getTime() + DAY_MS / 3) / DAY_MS) * DAY_MS - DAY_MS / 3
  })
  afterAll(() => house.close())

  it('count the seals in sight by state', async () => {
    const countOf = async (state: string, who = people.applicant) =>
      (await read(30, who)).states.find((one) => one.state === state)?.count ?? 0
    const before = await countOf('applied')
    await house.apply()
    expect(await countOf('applied')).toBe(before + 1)
    expect(await countOf('applied', people.otherApplicant)).toBe(0)
    expect(await countOf('active', people.auditor)).toBeGreaterThan(await countOf('active'))
  })

  it('count uses once, by the days of China and the owner, no further back than asked', async () => {
    const dayOf = (instant: number) => new Date(instant + DAY_MS / 3).toISOString().slice(0, 10)
    await use(market.code, today, 'intended')
    await use(market.code, today, 'sealed')
    await use(market.code, today - 1, 'sealed')
    await use(civil.code, today, 'sealed')
    const { uses } = await read(1)
    expect(uses).toEqual([
      { day: dayOf(today), departmentCode: market.code, count: 1 },
      { day: dayOf(today), departmentCode: civil.code, count: 1 },
    ])
    expect((await read(2)).uses[0]).toEqual({ day: dayOf(today - 1), departmentCode: market.code, count: 1 })
    expect((await read(1, people.otherApplicant)).uses.map(({ departmentCode }) => departmentCode)).toEqual([
      civil.code,
    ])
  })
})
