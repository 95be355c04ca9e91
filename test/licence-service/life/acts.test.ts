import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { creditCodeCheckCharacter, dayOf } from '../../../licence-format/index.ts'
import { engines } from '../../support/engines.ts'
import { businessLicence, clerk, exampleOf, otherClerk } from '../../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse, reviewer } from './life-house.ts'

const transport = '11100000000013400N301'
/** Of another company than the example's. */
const otherCode = `91330199MA2GKX5N2${creditCodeCheckCharacter('91330199MA2GKX5N2')}`

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

    it('leaves the keys of its own work to the service', async () => {
      const { identifier } = await life.issue()
      const [data, reason] = [life.example(), '占用键']
      const asked: readonly (readonly [string, unknown])[] = [
        ['/api/licences', { typeCode: businessLicence, data }],
        [`/api/licences/${identifier}/replacements`, { data, reason }],
        [`/api/licences/${identifier}/suspensions`, { reason }],
        [`/api/licences/${identifier}/acts`, { action: 'cancel', cause: 'asked', reason }],
        ['/api/licence-orders/0199aaaa-0000-7000-8000-000000000001/receipts', { data }],
      ]
      for (const [path, body] of asked)
        for (const kind of ['batch', 'case', 'order', 'reseal'])
          expect([path, await life.call('POST', path, { body, key: `${kind}:1` })]).toMatchObject([
            path,
            { status: 400, json: { code: 'IDEMPOTENCY_KEY_INVALID' } },
          ])
      expect(await life.statusOf(identifier)).toBe('in force')
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

    it('counts what a clock running ahead takes for now as now: what follows at once stands after it', async () => {
      const { identifier } = await life.issue()
      const effectiveAt = new Date(life.house.clock.now().getTime() + 120_000).toISOString()
      const reason = '核对有误'
      const changed = await life.act({ identifier, action: 'change', reason, data: exampleOf(), effectiveAt })
      const successor = changed.json.successor.identifier
      expect(await life.statusOf(successor)).toBe('in force')
      expect(await life.statusOf(identifier)).toBe('superseded')
      const suspended = await life.act({ identifier: successor, action: 'suspend', reason, legalBasis: '条例第五条' })
      expect(suspended.status).toBe(201)
      const { history } = await life.read(successor)
      const times = history.map((entry: { effectiveAt: string }) => entry.effectiveAt)
      expect(times).toEqual([...times].sort())
      expect(times.every((at: string) => at <= life.house.clock.now().toISOString())).toBe(true)
    })

    it('makes a successor valid from the day from which it counts, though it is made the day after: nobody is without a licence between', async () => {
      const { identifier } = await life.issue()
      const { clock } = life.house
      const minutesOfDay = ((clock.now().getTime() / 60_000 + 8 * 60) % 1440) | 0
      clock.advance((1440 - minutesOfDay + 30) * 60_000)
      const effectiveAt = new Date(clock.now().getTime() - HOUR)
      const done = await life.act({ identifier, action: 'correct', reason: '登记有误', data: exampleOf(), effectiveAt })
      expect(done.status).toBe(201)
      const successor = done.json.successor.identifier
      const between = new Date(effectiveAt.getTime() + 60_000)
      expect([await life.statusOf(identifier, between), await life.statusOf(successor, between)]).toEqual([
        'cancelled',
        'in force',
      ])
      const { data } = await life.read(successor)
      expect([data.validFrom, data.issuedOn]).toEqual([dayOf(effectiveAt), dayOf(clock.now())])
    })

    it('keeps to the table in the database too', async () => {
      const { identifier } = await life.issue()
      const set = (state: string) =>
        life.house.database.query('update licence.licences set state = $2 where identifier = $1', [identifier, state])
      await expect(set('prepared')).rejects.toMatchObject({ code: '23000' })
      expect((await life.act({ identifier, action: 'cancel', cause: 'ended', reason: '终止' })).status).toBe(201)
      await expect(set('in force')).rejects.toMatchObject({ code: '23000' })
    })

    it('corrects by a licence that may name another holder, and voids the wrong one', async () => {
      const old = await life.issue()
      const wrong = { ...life.example(), creditCode: otherCode }
      const change = { identifier: old.identifier, reason: '代码录入错误', data: wrong }
      const other = await life.act({ ...change, action: 'change' })
      expect([other.status, other.json.code]).toEqual([422, 'LICENCE_HOLDER_DIFFERS'])
      const corrected = await life.act({ ...change, action: 'correct' })
      expect(corrected).toMatchObject({ status: 201, json: { status: 'cancelled' } })
      const { history } = await life.read(corrected.json.successor.identifier)
      expect(history.at(-1)).toMatchObject({ event: 'enter into force', cause: 'correct', related: old.identifier })
    })

    it('does not let a change reach beyond the last day: that is a renewal, with its window', async () => {
      const data = { ...exampleOf(transport), validFrom: '2026-11-01', validUntil: '2027-12-31' }
      const request = { key: 'no-renewal', typeCode: transport, data }
      const [outcome] = await life.house.licences.issueLicences(clerk, [request])
      if (!outcome?.ok) throw outcome?.error
      const { identifier } = outcome.licence
      const until = (validUntil: string) => ({ identifier, reason: '变更', data: { ...data, validUntil } })
      const refused = { status: 422, json: { code: 'LICENCE_RENEWAL_REFUSED' } }
      expect(await life.act({ ...until('2028-12-31'), action: 'renew' })).toMatchObject(refused)
      expect(await life.act({ ...until('2028-12-31'), action: 'change' })).toMatchObject(refused)
      const { identifier: _, ...body } = until('2028-12-31')
      const short = { key: 'no-renewal-short', body }
      expect(await life.call('POST', `/api/licences/${identifier}/replacements`, short)).toMatchObject(refused)
      expect(await life.act({ ...until('2027-12-31'), action: 'change' })).toMatchObject({ status: 201 })
    })

    it('archives what ended, raises its document, and lets nothing happen to it any more', async () => {
      const { identifier } = await life.issue()
      const archive = { identifier, action: 'archive', reason: '期满归档' } as const
      expect((await life.act(archive)).json.code).toBe('LICENCE_TRANSITION_REFUSED')
      await life.act({ identifier, action: 'cancel', cause: 'ended', reason: '终止' })
      expect(await life.act(archive)).toMatchObject({ status: 201, json: { status: 'cancelled' } })
      expect((await life.act(archive)).json.code).toBe('LICENCE_TRANSITION_REFUSED')
      await life.house.licences.raiseToTarget()
      expect(await life.read(identifier)).toMatchObject({ level: 'B-LTA', status: 'cancelled' })
      expect((await life.next(identifier)).actions).toEqual([])
    })

    it('prints on numbered sheets, each of one licence', async () => {
      const [one, other] = [await life.issue(), await life.issue()]
      const print = (identifier: string, paperSerial: string) =>
        life.call('POST', `/api/licences/${identifier}/prints`, { body: { paperSerial } })
      const first = await print(one.identifier, 'A 000001')
      expect([first.status, first.headers.get('print-count')]).toEqual([200, '1'])
      expect(first.bytes.subarray(0, 5).toString()).toBe('%PDF-')
      expect((await print(one.identifier, 'A 000002')).headers.get('print-count')).toBe('2')
      expect((await print(one.identifier, 'A 000001')).headers.get('print-count')).toBe('1')
      expect(await print(other.identifier, 'A 000001')).toMatchObject({
        status: 409,
        json: { code: 'PAPER_SERIAL_TAKEN' },
      })
      const { json } = await life.call('GET', `/api/licences/${one.identifier}/prints`)
      expect(json.items.map(({ paperSerial }: { paperSerial: string }) => paperSerial)).toEqual([
        'A 000001',
        'A 000002',
      ])
      await life.act({ identifier: one.identifier, action: 'cancel', cause: 'ended', reason: '终止' })
      expect((await print(one.identifier, 'A 000003')).json.code).toBe('LICENCE_TRANSITION_REFUSED')
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

    it('archives by itself what ended as long ago as the type says, and nothing happens to it any more', async () => {
      const { identifier } = await life.issue()
      const data = { ...exampleOf(transport), validFrom: '2026-11-01', validUntil: '2026-12-31' }
      const request = { key: 'past-its-last-day', typeCode: transport, data }
      const [past] = await life.house.licences.issueLicences(clerk, [request])
      if (!past?.ok) throw past?.error
      await life.act({ identifier, action: 'cancel', cause: 'ended', reason: '终止' })
      await life.house.licences.archiveEnded()
      expect((await life.read(identifier)).history.at(-1).event).toBe('cancel')
      life.house.clock.advance(3 * 366 * 24 * HOUR)
      expect(await life.house.licences.archiveEnded()).toBeGreaterThan(0)
      expect((await life.read(identifier)).history.at(-1)).toMatchObject({ event: 'archive', by: 'system:archive' })
      expect(await life.house.licences.archiveEnded()).toBe(0)
      for (const form of ['suspensions', 'revocations']) {
        const asked = { key: `archived-${form}`, body: { reason: '归档之后' } }
        expect(await life.call('POST', `/api/licences/${past.licence.identifier}/${form}`, asked)).toMatchObject({
          ...{ status: 409, json: { code: 'LICENCE_TRANSITION_REFUSED' } },
        })
      }
      expect((await life.read(past.licence.identifier)).history.at(-1).event).toBe('archive')
    })
  })
