// Two people decide on one order in the same instant, and an order outlives the department that gave it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayRoles } from '../../../directory/index.ts'
import type { DepartmentFact } from '../../../licence-service/index.ts'
import { engines } from '../../support/engines.ts'
import { departments, otherClerk } from '../../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse, reviewer } from './life-house.ts'

const [trade, market] = departments
const secondReviewer = { ...reviewer, id: 'second-reviewer' }
const successorReviewer = { ...reviewer, id: 'successor-reviewer', departmentCode: market.code }

for (const engine of engines)
  describe(`orders that several decide at once on ${engine.name}`, () => {
    let life: LifeHouse
    let closedAt: Date | null = null
    const facts = (): DepartmentFact[] => [{ ...trade, closedAt, successorCode: market.code }, market]
    /** Called each time somebody confirms by a security key: the moment before the decision is written. */
    let meanwhile: () => Promise<unknown> = async () => undefined
    beforeAll(async () => {
      const people = {
        isPermitted: ({ roles }: { roles: readonly string[] }, permission: string) => mayRoles(roles, permission),
        mayNow: async () => true,
        requireStepUp: async () => void (await meanwhile()),
      }
      life = await createLifeHouse(engine, { people, departments: facts }, [secondReviewer, successorReviewer])
      await life.rule({ secondPerson: ['revoke', 'change', 'transfer'] })
    })
    afterAll(() => life.close())

    const inAnHour = () => new Date(life.house.clock.now().getTime() + HOUR)
    const order = async (identifier: string, act: object = {}): Promise<string> => {
      const asked = { identifier, action: 'revoke', reason: '违法经营', legalBasis: '条例第五条', ...act }
      const { status, json } = await life.act(asked)
      expect([status, json.code]).toEqual([202, undefined])
      return json.orderId
    }
    const audited = (identifier: string, action: string) =>
      life.house.database.query('select actor from licence.audit_records where identifier = $1 and action = $2', [
        identifier,
        action,
      ])

    it('are approved once, and by one of them', async () => {
      const { identifier } = await life.issue()
      const orderId = await order(identifier)
      const answers = await Promise.all(
        [reviewer, secondReviewer, reviewer].map((person) => life.decide(orderId, 'approvals', person)),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
      expect(await audited(identifier, 'order-approve')).toHaveLength(1)
      const ends = (await life.read(identifier)).history.filter(({ event }: { event: string }) => event === 'revoke')
      expect(ends).toHaveLength(1)
    })

    it('are not approved once they were refused while the approver put the security key in', async () => {
      const { identifier } = await life.issue()
      const orderId = await order(identifier)
      meanwhile = () => life.decide(orderId, 'refusals', secondReviewer)
      const approval = await life.decide(orderId, 'approvals')
      meanwhile = async () => undefined
      expect([approval.status, approval.json.code]).toEqual([409, 'LICENCE_ORDER_SETTLED'])
      expect([(await life.order(orderId)).state, await life.statusOf(identifier)]).toEqual(['refused', 'in force'])
      expect(await audited(identifier, 'order-approve')).toEqual([])
    })

    it('are refused or approved and never both, whoever comes first', async () => {
      for (let round = 0; round < 6; round++) {
        const { identifier } = await life.issue()
        // A change is approved without a security key: both decisions are read before either is written.
        const act = { action: 'change', legalBasis: undefined, data: life.example() }
        const orderId = await order(identifier, { ...act, effectiveAt: inAnHour() })
        const [approval, refusal] = await Promise.all([
          life.decide(orderId, 'approvals'),
          life.decide(orderId, 'refusals', secondReviewer),
        ])
        const { state } = await life.order(orderId)
        expect([approval.status, refusal.status].sort()).toEqual([200, 409])
        expect(state).toBe(approval.status === 200 ? 'scheduled' : 'refused')
      }
    })

    it('of a transfer are taken over once, though the receiver’s clerks hand it in together', async () => {
      const old = await life.issue()
      const orderId = await order(old.identifier, { action: 'transfer', reason: '迁往外区', to: market.code })
      await life.decide(orderId, 'approvals')
      const receive = (key: string) =>
        life.call('POST', `/api/licence-orders/${orderId}/receipts`, {
          ...{ person: otherClerk, key, body: { data: life.example() } },
        })
      const answers = await Promise.all(['one', 'two', 'three'].map((key) => receive(`at-once-${key}`)))
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
      const made = await life.house.database.query<{ state: string }>(
        `select state from licence.licences where replaces = $1 and state <> 'rejected'`,
        [old.identifier],
      )
      expect(made).toEqual([{ state: 'in force' }])
      expect(await life.statusOf(old.identifier)).toBe('transferred')
      expect((await receive('again')).json.code).toBe('LICENCE_NOT_FOUND')
    })

    it('for a later day stand when their department was merged before it: an end comes on its day, the successor may drop it, and no licence is made by who is no more', async () => {
      const [ends, dropped, changed] = [await life.issue(), await life.issue(), await life.issue()]
      const effectiveAt = new Date(life.house.clock.now().getTime() + 48 * HOUR)
      const data = { ...life.example(), address: '云汀市望江区新址路 9 号' }
      const [end, drop, change] = [
        await order(ends.identifier, { effectiveAt }),
        await order(dropped.identifier, { effectiveAt }),
        await order(changed.identifier, { action: 'change', legalBasis: undefined, data, effectiveAt }),
      ]
      for (const orderId of [end, drop, change])
        expect((await life.decide(orderId, 'approvals')).json.state).toBe('scheduled')
      closedAt = inAnHour()
      life.house.clock.advance(2 * HOUR)
      expect(await life.decide(drop, 'drops', successorReviewer)).toMatchObject({ json: { state: 'dropped' } })
      life.house.clock.advance(48 * HOUR)
      await life.house.licences.carryOutOrders()
      expect(await life.statusOf(ends.identifier)).toBe('revoked')
      expect(await life.statusOf(dropped.identifier)).toBe('in force')
      // Nothing is issued in the name of a department that is no more: the successor changes the licence itself.
      expect(await life.order(change)).toMatchObject({ state: 'void', fault: 'LICENCE_TYPE_NOT_ASSIGNED' })
      expect(await life.statusOf(changed.identifier)).toBe('in force')
    })
  })
