// A year's end: more orders are due at one moment than are read at once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../../support/engines.ts'
import { businessLicence, clerk } from '../../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse } from './life-house.ts'

const MANY = 102

describe.each(engines)('orders that are due at one moment on $name', (engine) => {
  let life: LifeHouse
  beforeAll(async () => {
    life = await createLifeHouse(engine)
  })
  afterAll(() => life.close())

  it('are all carried out in one go, but for the one that cannot be', async () => {
    const { licences, clock, database } = life.house
    const requests = Array.from({ length: MANY }, (_, index) => ({
      ...{ key: `many-${index}`, typeCode: businessLicence, data: life.example() },
    }))
    const effectiveAt = new Date(clock.now().getTime() + HOUR)
    const orderIds: string[] = []
    for (const outcome of await licences.issueLicences(clerk, requests)) {
      if (!outcome.ok) throw outcome.error
      const { identifier } = outcome.licence
      const cancel = { identifier, action: 'cancel', cause: 'ended', reason: '许可事项到期', effectiveAt }
      orderIds.push((await life.act(cancel)).json.orderId)
    }
    const damaged = orderIds[0]
    await database.query(`update licence.act_orders set sealed_order = decode('00', 'hex') where order_id = $1`, [
      damaged,
    ])
    clock.advance(HOUR + 1000)
    await licences.carryOutOrders()
    const left = await database.query(
      `select order_id as "orderId" from licence.act_orders where state = 'scheduled' and order_id = any($1)`,
      [orderIds],
    )
    expect(left).toEqual([{ orderId: damaged }])
  })
})
