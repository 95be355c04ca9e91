import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Reseals } from '../../../licence-service/index.ts'
import { engines } from '../../support/engines.ts'
import { clerk, otherClerk } from '../../support/service.ts'
import { createLifeHouse, type LifeHouse } from './life-house.ts'

const resealId = '0199aaaa-0000-7000-8000-000000000001'
const stuckId = '0199aaaa-0000-7000-8000-000000000002'
const useIdOf = (index: number) => `0199aaaa-0000-7000-8000-0000000001${String(index).padStart(2, '0')}`

for (const engine of engines)
  describe(`sealing licences anew on ${engine.name}`, () => {
    let life: LifeHouse
    let newSealId = ''
    let broken = false
    const stuck = new Set<string>()
    let waiting: { useId: string; identifier: string }[] = []
    const told = new Map<string, string>()
    // The seal service, as far as its orders go: it keeps what waits, and strikes out what it is told of.
    const reseals: Reseals = {
      reseal: async (_principal, asked) => {
        if (stuck.has(asked)) throw new Error('no such order any more')
        return { resealId: asked, newSealId, endedAt: null }
      },
      resealItems: async (_principal, _resealId, { after, limit }) => {
        const rest = waiting.filter(({ useId }) => after === null || useId > after)
        const items = rest.slice(0, Math.min(limit, 3))
        return { items, next: rest.length > items.length ? items.at(-1)!.useId : null }
      },
      reportResealed: async (_principal, { useId, newIdentifier }) => {
        if (broken || stuck.has(useId)) throw new Error('no answer')
        told.set(useId, newIdentifier)
        waiting = waiting.filter((item) => item.useId !== useId)
      },
    }
    beforeAll(async () => {
      life = await createLifeHouse(engine, { reseals })
      const [row] = await life.house.database.query<{ id: string }>(
        'select seal_id as id from licence.type_assignments where department_code = $1 limit 1',
        [clerk.departmentCode],
      )
      newSealId = row!.id
    })
    afterAll(() => life.close())
    const progress = async () => (await life.call('GET', `/api/licence-reseals/${resealId}`)).json

    it('makes successors with the same data, goes on after an outage without a second one, and tells what it could not', async () => {
      const issued = [await life.issue(), await life.issue(), await life.issue(), await life.issue()]
      const ended = issued[3]!.identifier
      await life.act({ identifier: ended, action: 'cancel', cause: 'ended', reason: '终止' })
      waiting = issued.map(({ identifier }, index) => ({ useId: useIdOf(index), identifier }))
      expect((await life.call('POST', `/api/licence-reseals/${resealId}`)).status).toBe(202)
      broken = true
      expect(await life.house.licences.workResealsOff()).toBe(0)
      expect(waiting).toHaveLength(4)
      expect((await progress()).endedAt).toBeNull()
      broken = false
      while ((await progress()).endedAt === null) await life.house.licences.workResealsOff()
      expect(await progress()).toMatchObject({
        ...{ done: 3, refused: [{ identifier: ended, fault: 'LICENCE_TRANSITION_REFUSED' }] },
      })
      for (const [index, { identifier, number }] of issued.slice(0, 3).entries()) {
        const old = await life.read(identifier)
        const next = await life.read(told.get(useIdOf(index))!)
        expect(old.replacedBy).toBe(next.identifier)
        expect(next).toMatchObject({ number, data: { fields: old.data.fields, issuedOn: old.data.issuedOn } })
        expect(next.history.at(-1)).toMatchObject({ cause: 'reseal' })
        const after = await life.house.database.query('select 1 from licence.licences where replaces = $1', [
          identifier,
        ])
        expect(after).toHaveLength(1)
      }
      expect(waiting.map(({ identifier }) => identifier)).toEqual([ended])
    })

    it('goes on past a document and an order that are stuck, however much was refused', async () => {
      const [first, guarded] = [await life.issue(), await life.issue()]
      const unknown = Array.from({ length: 60 }, (_, index) => ({ useId: useIdOf(11 + index), identifier: 'unknown' }))
      waiting = [
        { useId: useIdOf(10), identifier: first.identifier },
        ...unknown,
        { useId: useIdOf(99), identifier: guarded.identifier },
      ]
      await life.rule({ secondPerson: ['change', 'reseal'] })
      for (const id of [stuckId, resealId])
        expect((await life.call('POST', `/api/licence-reseals/${id}`)).status).toBe(202)
      // The order that cannot be read began before the other one.
      await life.house.database.query(
        "update licence.reseal_works set started_at = started_at - interval '1 hour' where reseal_id = $1",
        [stuckId],
      )
      for (const id of [stuckId, useIdOf(10)]) stuck.add(id)
      for (let round = 0; round < 3; round++) await life.house.licences.workResealsOff()
      expect([told.has(useIdOf(10)), told.has(useIdOf(99))]).toEqual([false, true])
      expect(await progress()).toMatchObject({ endedAt: null, refused: { length: 60 } })
      stuck.delete(useIdOf(10))
      for (let round = 0; round < 2; round++) await life.house.licences.workResealsOff()
      expect(told.has(useIdOf(10))).toBe(true)
      expect((await progress()).endedAt).not.toBeNull()
    })

    it('is nothing another department sees, until it takes the order over', async () => {
      const { status, json } = await life.call('GET', `/api/licence-reseals/${resealId}`, { person: otherClerk })
      expect([status, json.code]).toEqual([404, 'LICENCE_ORDER_NOT_FOUND'])
      expect((await life.call('POST', `/api/licence-reseals/${resealId}`, { person: otherClerk })).status).toBe(202)
      expect((await life.call('GET', `/api/licence-reseals/${resealId}`, { person: otherClerk })).status).toBe(200)
      expect((await life.call('GET', `/api/licence-reseals/${resealId}`)).status).toBe(404)
    })
  })
