// Any acts by anybody, in any order, for now, earlier and later, and two at once: no state that the table does not have, and every answer
// "as of" is what a replay of the register says. TEST_LONG=1 tries 10,000 sequences on each engine, CI 1,000.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { licenceTransitions } from '../../../licence-service/domain/licence.ts'
import { type LifeAction, lifeActions } from '../../../licence-service/domain/life-policy.ts'
import { engines } from '../../support/engines.ts'
import { businessLicence, clerk, departments, exampleOf, otherClerk } from '../../support/service.ts'
import { createLifeHouse, type LifeHouse, reviewer, viewer } from './life-house.ts'

const env = process.env
/** Of the acts' times and of the clock: short enough that ten thousand sequences end before the statement key does, after two years. */
const TICK = 120_000
const HALF_A_DAY = 43_200_000
const SEQUENCES = env['TEST_LONG'] ? 10_000 : env['CI'] ? 1_000 : 40
/** Every change is put to the same sequences; long runs draw others each time. */
const SEED = 20_261_122
const people = [clerk, clerk, clerk, reviewer, otherClerk, viewer]

interface Draw {
  readonly what: 'act' | 'twice' | 'decide' | 'clock' | 'carry out'
  readonly who: number
  readonly action: LifeAction
  /** Ticks from now on; null: now. */
  readonly effective: number | null
  readonly choice: number
}

const draw: fc.Arbitrary<Draw> = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constant('act' as const) },
    { weight: 2, arbitrary: fc.constant('twice' as const) },
    { weight: 3, arbitrary: fc.constant('decide' as const) },
    { weight: 3, arbitrary: fc.constant('clock' as const) },
    { weight: 1, arbitrary: fc.constant('carry out' as const) },
  ),
  who: fc.nat(1000),
  // What makes a document takes a hundred times as long as what changes a state: drawn less often.
  action: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom<LifeAction[]>('suspend', 'restore', 'revoke', 'withdraw', 'cancel') },
    { weight: 1, arbitrary: fc.constantFrom(...lifeActions) },
  ),
  effective: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.integer({ min: -30, max: 60 }) },
  ),
  choice: fc.nat(1000),
})

interface Entry {
  readonly identifier: string
  readonly event: string
  readonly state: string
  readonly effectiveAt: Date
  readonly recordedAt: Date
  readonly related: string | null
}

describe.each(engines)('sequences of acts on $name', (engine) => {
  let life: LifeHouse
  const fresh: string[] = []
  beforeAll(async () => {
    life = await createLifeHouse(engine)
    await life.rule({ secondPerson: ['revoke'] })
  }, 120_000)
  afterAll(() => life.close())

  let made = 0
  async function takeLicence(): Promise<string> {
    if (fresh.length === 0) {
      const requests = Array.from({ length: Math.min(50, SEQUENCES) }, () => ({
        ...{ key: `sequence-${++made}`, typeCode: businessLicence, data: exampleOf(), level: 'B-B' },
      }))
      for (const outcome of await life.house.licences.issueLicences(clerk, requests)) {
        if (!outcome.ok) throw outcome.error
        fresh.push(outcome.licence.identifier)
      }
    }
    return fresh.pop()!
  }

  /** Lists are signed anew as the house's clocks do it: a successor is judged by them. */
  let listedAt = 0
  async function pass(ms: number): Promise<void> {
    const { clock, pki, licences } = life.house
    clock.advance(ms)
    if (clock.now().getTime() - listedAt < HALF_A_DAY) return
    listedAt = clock.now().getTime()
    await pki.rotateSigners()
    await pki.refreshCrls()
    await licences.publishLists()
  }

  async function step(current: { identifier: string }, { what, who, action, effective, choice }: Draw): Promise<void> {
    const { licences } = life.house
    const person = people[who % people.length]!
    if (what === 'clock') return pass((1 + (choice % 40)) * TICK)
    if (what === 'carry out') return void (await licences.carryOutOrders())
    if (what === 'decide') {
      const { order } = await life.next(current.identifier)
      if (!order) return
      const decision = (['approvals', 'refusals', 'drops'] as const)[choice % 3]!
      return expectHonest(await life.decide(order.orderId, decision, person))
    }
    const body = bodyOf(action, effective)
    const times = what === 'twice' ? 2 : 1
    const answers = await Promise.all(
      Array.from({ length: times }, () => life.act({ identifier: current.identifier, ...body }, person)),
    )
    for (const answer of answers) {
      expectHonest(answer)
      const { successor } = answer.json
      if (successor && body.action !== 'transfer') current.identifier = successor.identifier
    }
    const ended = answers.filter(({ status }) => status === 201)
    if (['revoke', 'withdraw', 'cancel', 'change', 'correct'].includes(body.action))
      expect(ended.length).toBeLessThanOrEqual(1)
  }

  function bodyOf(action: string, effective: number | null) {
    const now = life.house.clock.now().getTime()
    const effectiveAt = effective === null ? {} : { effectiveAt: new Date(now + effective * TICK).toISOString() }
    const reason = '依规定'
    if (action === 'cancel') return { action, reason, cause: 'asked', ...effectiveAt }
    if (action === 'archive') return { action, reason }
    if (action === 'transfer') return { action, reason, to: departments[1].code }
    if (['correct', 'change', 'renew', 'reseal'].includes(action))
      return { action, reason, data: exampleOf(), ...effectiveAt }
    return { action, reason, legalBasis: '条例第五条', ...effectiveAt }
  }

  /** Every refusal has a code; none is a defect. */
  const expectHonest = ({ status, json }: { status: number; json: { code?: string } }) => {
    expect([status, json.code, status < 500]).toEqual([status, json.code, true])
    if (status >= 400) expect(json.code).toMatch(/^[A-Z_]+$/)
  }

  const entriesOf = (identifier: string) =>
    life.house.database.query<Entry>(
      `select identifier, event, state, effective_at as "effectiveAt", recorded_at as "recordedAt", related
       from licence.register_entries where identifier = $1 order by entry`,
      [identifier],
    )

  /** What the register says at an instant, told from its lines alone. */
  function replay(entries: readonly Entry[], at: Date): string {
    let state = 'unknown'
    for (const entry of entries) if (entry.effectiveAt <= at) state = entry.state
    return state === 'prepared' || state === 'rejected' ? 'unknown' : state
  }

  async function chainFrom(identifier: string): Promise<Map<string, Entry[]>> {
    const chain = new Map<string, Entry[]>()
    for (let at: string | null = identifier; at !== null; ) {
      const status = await life.house.licences.readStatus(at)
      chain.set(at, await entriesOf(at))
      at = status.replacedBy
    }
    return chain
  }

  it('never leave the table, and "as of" is the replay of the register', { timeout: 3 * 3_600_000 }, async () => {
    const ways = Object.values(licenceTransitions).flatMap(({ from, to }) => from.map((one) => `${one} > ${to}`))
    await fc.assert(
      fc.asyncProperty(fc.array(draw, { minLength: 3, maxLength: 14 }), async (draws) => {
        const first = await takeLicence()
        const current = { identifier: first }
        const started = life.house.clock.now().getTime()
        for (const one of draws) await step(current, one)
        const now = life.house.clock.now()
        const instants = draws.map(({ choice }) => new Date(started + ((now.getTime() - started) * choice) / 1000))
        const beforehand = await life.statusOf(current.identifier, now)
        const order = (await life.next(current.identifier)).order
        await life.house.licences.carryOutOrders()
        if (!['change', 'correct', 'renew'].includes(order?.action))
          expect(await life.statusOf(current.identifier, now)).toBe(beforehand)
        const chain = await chainFrom(first)
        for (const [identifier, entries] of chain) {
          const states = entries.filter(({ event }) => event !== 'prepare' && event !== 'archive')
          states.reduce((from, { state }) => {
            expect(ways).toContain(`${from} > ${state}`)
            return state
          }, 'prepared')
          // Being prepared is no state of a licence: a successor may count from before it was prepared.
          for (const [index, entry] of states.entries())
            expect(index === 0 || entry.effectiveAt >= states[index - 1]!.effectiveAt).toBe(true)
          for (const at of [...instants, now])
            expect([at, await life.statusOf(identifier, at)]).toEqual([at, replay(entries, at)])
        }
        for (const at of instants) {
          const held = [...chain.values()].filter((entries) => ['in force', 'suspended'].includes(replay(entries, at)))
          expect(held.length).toBeLessThanOrEqual(1)
        }
        const open = await life.house.database.query(
          'select identifier from licence.act_orders where settled_at is null group by identifier having count(*) > 1',
        )
        expect(open).toEqual([])
      }),
      { numRuns: SEQUENCES, ...(env['TEST_LONG'] ? {} : { seed: SEED }) },
    )
  })
})
