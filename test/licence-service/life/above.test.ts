// What a reviewer of the department above learns of orders, and which of them they decide.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Principal } from '../../../platform/index.ts'
import { engines } from '../../support/engines.ts'
import { clerk, departments } from '../../support/service.ts'
import { createLifeHouse, type LifeHouse } from './life-house.ts'

const [trade, market] = departments
const city = { code: '11330199MB330101XG', name: { zh: '云汀市人民政府', en: 'City' } }
const above: Principal = { ...clerk, id: 'above', departmentCode: city.code, roles: ['licence-reviewer'] }

for (const engine of engines)
  describe(`an order, to a reviewer of the department above, on ${engine.name}`, () => {
    let life: LifeHouse
    beforeAll(async () => {
      const facts = [{ ...trade, parentCode: city.code }, market, city]
      life = await createLifeHouse(engine, { departments: () => facts }, [above])
      await life.rule({ secondPerson: ['change', 'cancel', 'suspend', 'withdraw'] })
    })
    afterAll(() => life.close())

    const readsBy = async (reader: string, identifier: string) =>
      (
        await life.house.database.query<{ what: string }>(
          'select what from licence.reads where reader = $1 and identifier = $2',
          [reader, identifier],
        )
      ).map(({ what }) => what)

    it.each([
      ['change', { data: { address: '云汀市机密路一号' } }],
      ['cancel', { cause: 'asked' }],
      ['suspend', { legalBasis: '条例第五条' }],
    ])('is not there where it is to %s: neither seen, nor approved, refused or dropped', async (action, more) => {
      const { identifier } = await life.issue()
      const data = 'data' in more ? { data: { ...life.example(), ...more.data } } : {}
      const ordered = await life.act({ identifier, action, reason: '秘密的原因', ...more, ...data })
      expect(ordered.status).toBe(202)
      expect(await life.next(identifier, above)).toMatchObject({ identifier, order: null })
      for (const what of ['approvals', 'refusals', 'drops'] as const)
        expect(await life.decide(ordered.json.orderId, what, above)).toMatchObject({
          status: 404,
          json: { code: 'LICENCE_ORDER_NOT_FOUND' },
        })
      expect(await readsBy(above.id, identifier)).toEqual([])
      expect(await life.order(ordered.json.orderId)).toMatchObject({ state: 'awaiting approval' })
      expect((await life.next(identifier)).order).toMatchObject({ reason: '秘密的原因' })
    })

    it('is seen with its reason and approved where it is to withdraw, and who read it is on record', async () => {
      const { identifier } = await life.issue()
      const withdraw = { identifier, action: 'withdraw', reason: '许可有误', legalBasis: '行政许可法第六十九条' }
      const { orderId } = (await life.act(withdraw)).json
      const { order } = await life.next(identifier, above)
      expect(order).toMatchObject({ orderId, reason: '许可有误', data: null })
      expect(await readsBy(above.id, identifier)).toEqual(['data'])
      expect(await life.decide(orderId, 'approvals', above)).toMatchObject({ status: 200, json: { state: 'done' } })
      expect(await life.statusOf(identifier)).toBe('withdrawn')
    })
  })
