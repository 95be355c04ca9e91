import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Reseals } from '../../../licence-service/index.ts'
import { engines } from '../../support/engines.ts'
import { clerk, otherClerk } from '../../support/service.ts'
import { createLifeHouse, type LifeHouse } from './life-house.ts'

const resealId = '0199aaaa-0000-7000-8000-000000000001'
const useIdOf = (index: number) => `0199aaaa-0000-7000-8000-0000000001${String(index).padStart(2, '0')}`

for (const engine of engines)
  describe(`sealing licences anew on ${engine.name}`, () => {
    let life: LifeHouse
    let newSealId = ''
    let broken = false
    let waiting: { useId: string; identifier: string }[] = []
    const told = new Map<string, string>()
    // The seal service, as far as its orders go: it keeps what waits, and strikes out what it is told of.
    const reseals: Reseals = {
      reseal: async () => ({ resealId, newSealId, endedAt: null }),
      resealItems: async (_principal, _resealId, { after, limit }) => {
        const rest = waiting.filter(({ useId }) => after === null || useId > after)
        const items = rest.slice(0, Math.min(limit, 3))
        return { items, next: rest.length > items.length ? items.at(-1)!.useId : null }
      },
      reportResealed: async (_principal, { useId, newIdentifier }) => {
        if (broken) throw new Error('no answer')
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
      await expect(life.house.licences.workResealsOff()).rejects.toThrow('no answer')
      expect(waiting).toHaveLength(4)
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

    it('is nothing another department sees', async () => {
      const { status, json } = await life.call('GET', `/api/licence-reseals/${resealId}`, { person: otherClerk })
      expect([status, json.code]).toEqual([404, 'LICENCE_ORDER_NOT_FOUND'])
    })
  })
