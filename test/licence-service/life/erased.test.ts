import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../../support/engines.ts'
import { clerk, otherClerk } from '../../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse, reviewer } from './life-house.ts'

const secondReviewer = { ...reviewer, id: 'second-reviewer' }
const user = { ...otherClerk, id: 'user', roles: ['licence-user'] }
const DAY = 24 * HOUR

for (const engine of engines)
  describe(`a licence whose personal data are erased on ${engine.name}`, () => {
    let life: LifeHouse
    /** What stood when a licence had its last day, by what stands on it. */
    const standing = new Map<string, { identifier: string; id: string }>()
    beforeAll(async () => {
      life = await createLifeHouse(engine, {}, [secondReviewer, user])
      await life.rule({ secondPerson: ['revoke'] })
      const order = async (name: string, action: string, more: object = {}) => {
        const { identifier } = await life.issue({ ...life.example(), termUntil: dayAt(2).toISOString().slice(0, 10) })
        const asked = { identifier, action, reason: '原因', legalBasis: '条例第五条', ...more }
        standing.set(name, { identifier, id: (await life.act(asked)).json.orderId })
      }
      await order('offered', 'transfer', { to: otherClerk.departmentCode })
      for (const name of ['awaiting approval', 'of before', 'disputed']) await order(name, 'revoke')
      const cancel = { cause: 'ended' }
      await order('asked at once', 'cancel', { ...cancel, effectiveAt: dayAt(30) })
      await order('scheduled', 'cancel', { ...cancel, effectiveAt: dayAt(30) })
      await order('due', 'cancel', { ...cancel, effectiveAt: dayAt(3) })
      for (const name of ['disputed', 'of before'])
        standing.set(`dispute ${name}`, {
          ...standing.get(name)!,
          id: (await raise(standing.get(name)!.identifier)).json.dispute,
        })
      life.house.clock.advance(4 * DAY)
    })
    afterAll(() => life.close())

    const dayAt = (days: number) => new Date(life.house.clock.now().getTime() + days * DAY)
    const raise = (identifier: string) => {
      const body = { identifier, words: '地址有误' }
      return life.call('POST', '/api/disputes', { person: user, body, key: crypto.randomUUID() })
    }
    const erase = async (identifier: string) => {
      const asked = await life.call('POST', `/api/licences/${identifier}/erasures`, {
        ...{ person: reviewer, body: { cause: 'issued-in-error' }, key: `erase-${identifier}` },
      })
      return life.call('POST', `/api/erasures/${asked.json.erasure}/approvals`, { person: secondReviewer })
    }
    const auditOf = async (identifier: string) =>
      (
        await life.house.database.query<{ action: string }>(
          'select action from licence.audit_records where identifier = $1 order by record',
          [identifier],
        )
      ).map(({ action }) => action)

    it('is asked for once, however many send the same request at once', async () => {
      const { identifier } = standing.get('asked at once')!
      const ask = { person: reviewer, body: { cause: 'issued-in-error' }, key: 'at-once' }
      const asked = await Promise.all(
        Array.from({ length: 6 }, () => life.call('POST', `/api/licences/${identifier}/erasures`, ask)),
      )
      expect(asked.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201])
      expect(new Set(asked.map(({ json }) => json.erasure)).size).toBe(1)
      const other = { ...ask, key: 'another' }
      expect((await life.call('POST', `/api/licences/${identifier}/erasures`, other)).json.code).toBe('ERASURE_OPEN')
    })

    it('is offered no act but to be archived', async () => {
      const { identifier } = standing.get('disputed')!
      expect((await life.next(identifier)).actions).toContain('suspend')
      await erase(identifier)
      expect((await life.next(identifier)).actions).toEqual(['archive'])
      const [reason, legalBasis, data] = ['原因', '条例第五条', life.example()]
      for (const asked of [
        { action: 'suspend', reason, legalBasis },
        { action: 'correct', reason, data },
        { action: 'cancel', reason, cause: 'ended' },
      ])
        expect(await life.act({ identifier, ...asked })).toMatchObject({
          status: 410,
          json: { code: 'LICENCE_ERASED' },
        })
    })

    it.each(['offered', 'awaiting approval', 'scheduled'])(
      'has an order that is %s made void in the same moment, on record, and can be archived',
      async (state) => {
        const { identifier, id } = standing.get(state)!
        expect(await life.order(id)).toMatchObject({ state })
        expect((await erase(identifier)).json.state).toBe('done')
        expect(await life.order(id)).toMatchObject({ state: 'void', fault: 'LICENCE_ERASED' })
        expect((await auditOf(identifier)).slice(-2).sort()).toEqual(['erase', 'order-void'])
        expect((await life.decide(id, 'drops')).json.code).toBe('LICENCE_ORDER_SETTLED')
        expect(await life.act({ identifier, action: 'archive', reason: '归档' })).toMatchObject({ status: 201 })
      },
    )

    it('has an act done first whose time came before the erasure', async () => {
      const { identifier, id } = standing.get('due')!
      await erase(identifier)
      expect(await life.order(id)).toMatchObject({ state: 'done' })
      expect(await life.statusOf(identifier)).toBe('cancelled')
    })

    it('has the disputes about it closed, on record, and none is raised of it any more', async () => {
      const { identifier, id } = standing.get('dispute disputed')!
      const listed = (await life.call('GET', '/api/disputes', { person: reviewer })).json.items
      expect(listed).toMatchObject([{ dispute: standing.get('dispute of before')!.id }])
      const answer = { person: clerk, body: { words: '已注销' } }
      expect((await life.call('POST', `/api/disputes/${id}/answers`, answer)).json.code).toBe('DISPUTE_ANSWERED')
      expect(await auditOf(identifier)).toContain('close-dispute')
      const rows = await life.house.database.query(
        'select state, answered_by from licence.disputes where dispute = $1',
        [id],
      )
      expect(rows).toEqual([{ state: 'closed', answered_by: secondReviewer.id }])
      expect((await raise(identifier)).json.code).toBe('LICENCE_ERASED')
    })

    it('lets what stood when an earlier version erased it be settled, without the words', async () => {
      const { identifier, id } = standing.get('of before')!
      await life.house.database.query('update licence.licences set wrapped_data_key = null where identifier = $1', [
        identifier,
      ])
      expect(await life.decide(id, 'refusals')).toMatchObject({ status: 200, json: { state: 'refused' } })
      const { id: dispute } = standing.get('dispute of before')!
      const answered = await life.call('POST', `/api/disputes/${dispute}/answers`, {
        ...{ person: clerk, body: { words: '登记无误' } },
      })
      expect(answered.json).toMatchObject({ state: 'refused', answer: null })
    })
  })
