// Rolling back a batch whose type wants a second person for every cancellation: it asks, and is asked for again when they decided.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { toCsv, transportHeader, transportLicence, transportRow } from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { publishRules } from '../../support/type-rules.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'

const SECOND_PERSON = ['cancel']

describe.each(engines)('a batch whose cancellations need a second person on $name', ({ open }) => {
  let desk: BatchDesk
  let made = 0
  beforeAll(async () => {
    desk = await openDesk(await open())
    const { database, clock } = desk.house
    await publishRules(database, transportLicence, { secondPerson: SECOND_PERSON }, clock.now())
    const entry = async () => (await desk.ask('GET', `/api/catalogue/${transportLicence}`)).json.entry
    await vi.waitFor(async () => expect((await entry()).secondPerson).toEqual(SECOND_PERSON), {
      timeout: 20_000,
      interval: 200,
    })
  })
  afterAll(() => desk.close())

  /** A batch of two licences, all of them issued. */
  async function mint(): Promise<string> {
    const rows = [transportRow(made++), transportRow(made++)]
    const { batchId } = await desk.takeChecked(toCsv([transportHeader, ...rows]), transportLicence)
    await desk.start(batchId)
    await desk.until(batchId, 'done')
    return batchId
  }
  async function rollBack(batchId: string, reason: string) {
    // Whoever asks again does so later.
    desk.house.clock.advance(1000)
    const answer = await desk.ask('POST', `/api/batches/${batchId}/rollbacks`, { by: 'reviewer', body: { reason } })
    expect(answer.status).toBe(200)
    const { counts, nextActs } = await desk.until(batchId, 'rolled-back')
    const { items } = (await desk.ask('GET', `/api/batches/${batchId}/rows`)).json
    const faults = items.map(({ lastFault }: { lastFault: string | null }) => lastFault)
    return { issued: counts.issued, rolledBack: counts.rolledBack, faults, isOffered: nextActs.includes('roll-back') }
  }
  const openOrders = async (): Promise<string[]> =>
    (await desk.ask('GET', '/api/licence-orders?state=open', { by: 'reviewer' })).json.items.map(
      ({ orderId }: { orderId: string }) => orderId,
    )
  async function decide(what: 'approvals' | 'refusals') {
    for (const orderId of await openOrders()) {
      const path = `/api/licence-orders/${orderId}/${what}`
      const answer = await desk.ask('POST', path, {
        by: 'allRounder',
        ...(what === 'refusals' && { body: { reason: '再核' } }),
      })
      expect(answer.status).toBe(200)
    }
    expect(await openOrders()).toEqual([])
  }
  const waiting = {
    issued: 2,
    rolledBack: 0,
    faults: ['LICENCE_ORDER_OPEN', 'LICENCE_ORDER_OPEN'],
    isOffered: true,
  }

  it.each([
    ['the same reason', '数据有误'],
    ['another reason', '再撤一次'],
  ])('asks for what was refused anew, with %s', async (_, reason) => {
    const batchId = await mint()
    expect(await rollBack(batchId, '数据有误')).toEqual(waiting)
    const first = await openOrders()
    // While they wait, nothing is asked for twice.
    expect(await rollBack(batchId, reason)).toEqual(waiting)
    expect(await openOrders()).toEqual(first)
    await decide('refusals')
    expect(await rollBack(batchId, reason)).toEqual(waiting)
    expect(await openOrders()).toHaveLength(2)
    await decide('refusals')
  })

  it('is rolled back altogether once every order was approved', async () => {
    const batchId = await mint()
    await rollBack(batchId, '数据有误')
    await decide('approvals')
    expect(await rollBack(batchId, '数据有误')).toEqual({
      ...{ issued: 0, rolledBack: 2, faults: [null, null], isOffered: false },
    })
  })
})
