import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../../support/engines.ts'
import { otherClerk } from '../../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse, reviewer } from './life-house.ts'

for (const engine of engines)
  describe(`acts in the life of a licence on ${engine.name}`, () => {
    let life: LifeHouse
    beforeAll(async () => {
      life = await createLifeHouse(engine)
    })
    afterAll(() => life.close())

    it('withdraws a licence, with the law it rests on sealed beside the reason', async () => {
      const { identifier } = await life.issue()
      const done = await life.act({
        identifier,
        action: 'withdraw',
        reason: '以欺骗手段取得',
        legalBasis: '行政许可法第六十九条',
      })
      expect(done).toMatchObject({ status: 201, json: { status: 'withdrawn', successor: null } })
      expect(await life.statusOf(identifier)).toBe('withdrawn')
      const { history } = await life.read(identifier)
      expect(history.at(-1)).toMatchObject({ reason: '以欺骗手段取得', legalBasis: '行政许可法第六十九条' })
      const rows = await life.house.database.query<{ sealed: Uint8Array }>(
        'select sealed_legal_basis as sealed from licence.register_entries where identifier = $1 and sealed_legal_basis is not null',
        [identifier],
      )
      expect(rows).toHaveLength(1)
      expect(Buffer.from(rows[0]!.sealed).includes('行政许可法')).toBe(false)
    })

    it('asks for the law where an act takes something from the holder', async () => {
      const { identifier } = await life.issue()
      for (const action of ['suspend', 'revoke', 'withdraw'] as const)
        expect(await life.act({ identifier, action, reason: '违法' })).toMatchObject({
          status: 422,
          json: { code: 'LICENCE_LEGAL_BASIS_MISSING' },
        })
      expect(await life.statusOf(identifier)).toBe('in force')
    })

    it('cancels with a cause, and refuses a second end', async () => {
      const { identifier } = await life.issue()
      const cancel = { identifier, action: 'cancel', cause: 'asked', reason: '持证人申请' } as const
      expect(await life.act(cancel)).toMatchObject({ status: 201, json: { status: 'cancelled' } })
      expect((await life.read(identifier)).history.at(-1)).toMatchObject({ event: 'cancel', cause: 'asked' })
      expect(await life.act(cancel)).toMatchObject({ status: 409, json: { code: 'LICENCE_TRANSITION_REFUSED' } })
    })

    it('answers the same key with the first answer, and refuses it for another act', async () => {
      const { identifier } = await life.issue()
      const request = { identifier, action: 'cancel', cause: 'ended', reason: '终止', key: 'acts-same' } as const
      const first = await life.act(request)
      life.house.clock.advance(HOUR)
      expect(await life.act(request)).toMatchObject({ status: 201, json: first.json })
      expect(await life.act({ ...request, reason: '另一理由' })).toMatchObject({
        status: 422,
        json: { code: 'IDEMPOTENCY_KEY_REUSED' },
      })
    })

    it('knows no licence of another department', async () => {
      const { identifier } = await life.issue()
      const act = { identifier, action: 'cancel', cause: 'asked', reason: '越权' } as const
      expect(await life.act(act, otherClerk)).toMatchObject({ status: 404, json: { code: 'LICENCE_NOT_FOUND' } })
      expect(await life.act(act, reviewer)).toMatchObject({ status: 403, json: { code: 'LICENCE_ROLE_MISSING' } })
      expect(await life.statusOf(identifier)).toBe('in force')
    })

    it('changes by the next version, and says what the successor is', async () => {
      const old = await life.issue()
      const done = await life.act({
        identifier: old.identifier,
        action: 'change',
        reason: '地址变更',
        data: life.example(),
      })
      expect(done).toMatchObject({ status: 201, json: { status: 'superseded', successor: { number: old.number } } })
      expect(await life.statusOf(old.identifier)).toBe('superseded')
      const repeat = await life.act({ ...done.request })
      expect(repeat.json).toEqual(done.json)
    })

    it('orders what takes effect later, and counts it from its time on', async () => {
      const { identifier } = await life.issue()
      const at = new Date(life.house.clock.now().getTime() + 48 * HOUR)
      const order = { identifier, action: 'revoke', reason: '决定', legalBasis: '条例第五条', effectiveAt: at } as const
      const ordered = await life.act(order)
      expect(ordered).toMatchObject({ status: 202, json: { state: 'scheduled' } })
      expect(await life.statusOf(identifier)).toBe('in force')
      expect(await life.act({ identifier, action: 'change', reason: '换证', data: life.example() })).toMatchObject({
        status: 409,
        json: { code: 'LICENCE_ORDER_OPEN' },
      })
      life.house.clock.set(at.toISOString())
      expect(await life.statusOf(identifier)).toBe('revoked')
      await life.house.licences.carryOutOrders()
      expect(await life.statusOf(identifier)).toBe('revoked')
      expect((await life.read(identifier)).history.at(-1)).toMatchObject({
        event: 'revoke',
        effectiveAt: at.toISOString(),
      })
      expect(await life.order(ordered.json.orderId)).toMatchObject({ state: 'done' })
    })

    it('refuses what is ordered too far ahead', async () => {
      const { identifier } = await life.issue()
      const effectiveAt = new Date(life.house.clock.now().getTime() + 367 * 24 * HOUR)
      expect(
        await life.act({ identifier, action: 'cancel', cause: 'ended', reason: '终止', effectiveAt }),
      ).toMatchObject({ status: 422, json: { code: 'LICENCE_EFFECTIVE_TIME_REFUSED' } })
    })
  })
