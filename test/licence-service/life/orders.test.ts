import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayRoles } from '../../../directory/index.ts'
import { engines } from '../../support/engines.ts'
import { clerk, departments, otherClerk } from '../../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse, reviewer } from './life-house.ts'

const secondReviewer = { ...reviewer, id: 'second-reviewer', roles: ['issuer', 'licence-reviewer'] }
const machine = { ...reviewer, id: 'client:reviewer', kind: 'machine' as const }
const otherReviewer = { ...otherClerk, id: 'other-reviewer', roles: ['licence-reviewer'] }

for (const engine of engines)
  describe(`orders on ${engine.name}`, () => {
    let life: LifeHouse
    let asked = 0
    beforeAll(async () => {
      const people = {
        isPermitted: ({ roles }: { roles: readonly string[] }, permission: string) => mayRoles(roles, permission),
        mayNow: async () => true,
        requireStepUp: async () => void asked++,
      }
      life = await createLifeHouse(engine, { people }, [secondReviewer, otherReviewer, machine])
      await life.rule({ secondPerson: ['revoke', 'change', 'transfer', 'suspend'] })
    })
    afterAll(() => life.close())

    const revoke = (identifier: string, more = {}, person = clerk) =>
      life.act({ identifier, action: 'revoke', reason: '违法经营', legalBasis: '条例第五条', ...more }, person)

    it('has a second person approve what the type says, confirmed by a security key, and says who it was', async () => {
      const { identifier } = await life.issue()
      const ordered = await revoke(identifier)
      expect(ordered).toMatchObject({ status: 202, json: { state: 'awaiting approval', effectiveAt: null } })
      expect(await life.statusOf(identifier)).toBe('in force')
      life.house.clock.advance(HOUR)
      const before = asked
      const approved = await life.decide(ordered.json.orderId, 'approvals')
      expect(approved).toMatchObject({
        status: 200,
        json: { state: 'done', decidedBy: reviewer.id, reason: '违法经营' },
      })
      expect(asked).toBe(before + 1)
      expect(await life.statusOf(identifier)).toBe('revoked')
      expect((await life.read(identifier)).history.at(-1)).toMatchObject({
        ...{ event: 'revoke', by: clerk.id, secondPerson: reviewer.id, legalBasis: '条例第五条' },
        effectiveAt: life.house.clock.now().toISOString(),
      })
    })

    it('has no second person in a machine, which whoever asked may run', async () => {
      const { identifier } = await life.issue()
      const { orderId } = (await revoke(identifier)).json
      const refused = await life.decide(orderId, 'approvals', machine)
      expect([refused.status, refused.json.code]).toEqual([403, 'LICENCE_SAME_PERSON'])
      expect(await life.statusOf(identifier)).toBe('in force')
      expect((await life.decide(orderId, 'drops')).status).toBe(200)
    })

    it('that cannot be opened keeps no other from being carried out', async () => {
      const [damaged, sound] = [await life.issue(), await life.issue()]
      const at = (hours: number) => new Date(life.house.clock.now().getTime() + hours * HOUR)
      const orderIds: string[] = []
      for (const [index, { identifier }] of [damaged, sound].entries()) {
        const { orderId } = (await revoke(identifier, { effectiveAt: at(index + 2) })).json
        expect((await life.decide(orderId, 'approvals')).json.state).toBe('scheduled')
        orderIds.push(orderId)
      }
      const sql = `update licence.act_orders set sealed_order = decode('00', 'hex') where order_id = $1`
      await life.house.database.query(sql, [orderIds[0]])
      life.house.clock.advance(4 * HOUR)
      await life.house.licences.carryOutOrders()
      const states = 'select state from licence.act_orders where order_id = any($1) order by effective_at'
      expect(await life.house.database.query(states, [orderIds])).toEqual([{ state: 'scheduled' }, { state: 'done' }])
      const end = `update licence.act_orders set state = 'void', settled_at = $2, fault = 'LICENCE_ERASED' where order_id = $1`
      await life.house.database.query(end, [orderIds[0], at(0)])
    })

    it('lists it with its type, number and masked holder to the department that has it, on record, and not to another', async () => {
      const { identifier, number } = await life.issue()
      const { orderId } = (
        await life.act({ identifier, action: 'transfer', reason: '转出', to: otherClerk.departmentCode })
      ).json
      await life.decide(orderId, 'approvals')
      const listed = async (person: typeof clerk) => {
        const { items } = (await life.call('GET', '/api/licence-orders?state=offered', { person })).json
        return items.find((one: { orderId: string }) => one.orderId === orderId)
      }
      const readers = async () =>
        (
          await life.house.database.query<{ reader: string }>(
            "select reader from licence.reads where what = 'list' and identifier is null",
          )
        ).map(({ reader }) => reader)
      const [{ holder }] = (await life.call('GET', '/api/licences?limit=1')).json.items
      const before = (await readers()).length
      expect(await listed(otherReviewer)).toMatchObject({ typeName: { zh: '营业执照' }, number: null, holder: null })
      expect(await readers()).toHaveLength(before)
      expect(await listed(reviewer)).toMatchObject({ typeName: { zh: '营业执照' }, number, holder })
      expect((await readers()).slice(before)).toEqual([reviewer.id])
    })

    it('refuses the approval of whoever asked, of a clerk and of another department', async () => {
      const { identifier } = await life.issue()
      const { orderId } = (await revoke(identifier, {}, secondReviewer)).json
      const refused = async (person: typeof clerk) => {
        const { status, json } = await life.decide(orderId, 'approvals', person)
        return [status, json.code]
      }
      expect(await refused(secondReviewer)).toEqual([403, 'LICENCE_SAME_PERSON'])
      expect(await refused(clerk)).toEqual([403, 'PERMISSION_DENIED'])
      expect(await refused(otherReviewer)).toEqual([404, 'LICENCE_ORDER_NOT_FOUND'])
      expect(await life.statusOf(identifier)).toBe('in force')
    })

    it('is no way around the second person by the short forms', async () => {
      const { identifier } = await life.issue()
      for (const [path, body] of [
        ['revocations', { reason: '吊销' }],
        ['suspensions', { reason: '暂扣' }],
        ['replacements', { reason: '换证', data: life.example() }],
      ] as const)
        expect(
          await life.call('POST', `/api/licences/${identifier}/${path}`, { body, key: `short-${path}` }),
        ).toMatchObject({
          status: 409,
          json: { code: 'LICENCE_SECOND_PERSON_MISSING' },
        })
    })

    it('leaves one order at a time, and lets it be dropped or refused', async () => {
      const { identifier } = await life.issue()
      const first = await revoke(identifier)
      expect(await revoke(identifier)).toMatchObject({ status: 409, json: { code: 'LICENCE_ORDER_OPEN' } })
      expect(await life.decide(first.json.orderId, 'drops', clerk)).toMatchObject({ json: { state: 'dropped' } })
      const second = await revoke(identifier)
      expect(await life.decide(second.json.orderId, 'refusals')).toMatchObject({ json: { state: 'refused' } })
      for (const what of ['approvals', 'refusals', 'drops'] as const)
        expect(await life.decide(second.json.orderId, what)).toMatchObject({
          status: 409,
          json: { code: 'LICENCE_ORDER_SETTLED' },
        })
      expect(await life.statusOf(identifier)).toBe('in force')
    })

    it('makes the successor once it is approved, from what was entered when it was asked for', async () => {
      const old = await life.issue()
      const data = { ...life.example(), address: '云汀市望江区新址路 9 号' }
      const ordered = await life.act({ identifier: old.identifier, action: 'change', reason: '迁址', data })
      expect(ordered.status).toBe(202)
      life.house.clock.advance(HOUR)
      const { json } = await life.decide(ordered.json.orderId, 'approvals')
      expect(json).toMatchObject({ state: 'done', successor: expect.any(String) })
      const next = await life.read(json.successor)
      expect(next).toMatchObject({ replaces: old.identifier, data: { fields: { address: data.address } } })
      expect(next.history.at(-1)).toMatchObject({ cause: 'change', secondPerson: reviewer.id })
      expect(await life.statusOf(old.identifier)).toBe('superseded')
    })

    it('tells today what would stop a successor on its day', async () => {
      const { identifier } = await life.issue()
      const { name: _, ...data } = life.example()
      expect(await life.act({ identifier, action: 'change', reason: '缺项', data })).toMatchObject({
        status: 422,
        json: { code: 'LICENCE_DATA_INVALID' },
      })
    })

    it('is void once the licence ends otherwise', async () => {
      const { identifier } = await life.issue()
      const ordered = await revoke(identifier)
      const cancel = { identifier, action: 'cancel', cause: 'died', reason: '持证人死亡' } as const
      expect((await life.act(cancel)).status).toBe(201)
      expect(await life.order(ordered.json.orderId)).toMatchObject({
        state: 'void',
        fault: 'LICENCE_TRANSITION_REFUSED',
      })
      expect((await life.decide(ordered.json.orderId, 'approvals')).status).toBe(409)
      expect(await life.statusOf(identifier)).toBe('cancelled')
    })

    it('counts from the approval when its day passed while it waited', async () => {
      const { identifier } = await life.issue()
      const effectiveAt = new Date(life.house.clock.now().getTime() + HOUR)
      const { orderId } = (await revoke(identifier, { effectiveAt })).json
      life.house.clock.advance(3 * HOUR)
      expect(await life.statusOf(identifier)).toBe('in force')
      await life.decide(orderId, 'approvals')
      expect((await life.read(identifier)).history.at(-1).effectiveAt).toBe(life.house.clock.now().toISOString())
    })

    it('is carried out by another process after this one stopped, once', async () => {
      const { identifier } = await life.issue()
      const effectiveAt = new Date(life.house.clock.now().getTime() + HOUR)
      const { orderId } = (await revoke(identifier, { effectiveAt })).json
      expect((await life.decide(orderId, 'approvals')).json.state).toBe('scheduled')
      const other = await life.house.reopen()
      life.house.clock.advance(2 * HOUR)
      await Promise.all([other.licences.carryOutOrders(), life.house.licences.carryOutOrders()])
      expect((await life.order(orderId)).state).toBe('done')
      const ends = (await life.read(identifier)).history.filter(({ event }: { event: string }) => event === 'revoke')
      expect(ends).toMatchObject([{ effectiveAt: effectiveAt.toISOString() }])
      await other.close()
    })

    it('transfers a licence to the department that takes it over, with a number of its own', async () => {
      const old = await life.issue()
      const to = departments[1].code
      const ordered = await life.act({ identifier: old.identifier, action: 'transfer', reason: '迁往外区', to })
      const { orderId } = ordered.json
      const receive = (person: typeof clerk, key: string) =>
        life.call('POST', `/api/licence-orders/${orderId}/receipts`, { person, key, body: { data: life.example() } })
      expect((await receive(otherClerk, 'early')).json.code).toBe('LICENCE_ORDER_SETTLED')
      expect((await life.decide(orderId, 'approvals')).json.state).toBe('offered')
      expect(await life.statusOf(old.identifier)).toBe('in force')
      expect((await receive(clerk, 'own')).json.code).toBe('LICENCE_ORDER_NOT_FOUND')
      const received = await receive(otherClerk, 'receipt')
      expect(received).toMatchObject({ status: 201, json: { status: 'transferred' } })
      expect(received.json.successor.number).not.toBe(old.number)
      expect((await receive(otherClerk, 'receipt')).json).toEqual(received.json)
      expect(await life.house.licences.readStatus(old.identifier)).toMatchObject({
        ...{ status: 'transferred', replacedBy: received.json.successor.identifier },
      })
      expect((await life.order(orderId)).state).toBe('done')
    })

    it('refuses a transfer to oneself and to nobody', async () => {
      const { identifier } = await life.issue()
      for (const to of [departments[0].code, '11330199MB00000099'])
        expect(await life.act({ identifier, action: 'transfer', reason: '转出', to })).toMatchObject({
          status: 422,
          json: { code: 'LICENCE_RECEIVER_UNFIT' },
        })
    })

    it('lists orders in pages, the open ones alone when asked', async () => {
      const all: string[] = []
      for (let cursor = ''; ; ) {
        const { json } = await life.call('GET', `/api/licence-orders?limit=3${cursor && `&cursor=${cursor}`}`)
        all.push(...json.items.map(({ orderId }: { orderId: string }) => orderId))
        if (json.next === null) break
        cursor = json.next
      }
      expect(new Set(all).size).toBe(all.length)
      expect(all.length).toBeGreaterThan(6)
      const { json } = await life.call('GET', '/api/licence-orders?state=open')
      const open = ['awaiting approval', 'scheduled', 'offered']
      expect(json.items.every(({ state }: { state: string }) => open.includes(state))).toBe(true)
      expect((await life.call('GET', '/api/licence-orders?cursor=eA')).json.code).toBe('LICENCE_CURSOR_INVALID')
    })
  })
