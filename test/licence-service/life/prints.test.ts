import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../../support/engines.ts'
import { createLifeHouse, HOUR, type LifeHouse, reviewer } from './life-house.ts'

const secondReviewer = { ...reviewer, id: 'second-reviewer' }

for (const engine of engines)
  describe(`a print on a numbered sheet on ${engine.name}`, () => {
    let life: LifeHouse
    beforeAll(async () => {
      life = await createLifeHouse(engine, {}, [secondReviewer])
    })
    afterAll(() => life.close())

    const print = (identifier: string, paperSerial: string) =>
      life.call('POST', `/api/licences/${identifier}/prints`, { body: { paperSerial } })
    const ahead = (days: number) =>
      new Date(life.house.clock.now().getTime() + days * 24 * HOUR).toISOString().slice(0, 10)
    const sheetsOf = async (identifier: string) =>
      (await life.call('GET', `/api/licences/${identifier}/prints`)).json.items.map(
        ({ paperSerial }: { paperSerial: string }) => paperSerial,
      )

    it('goes on record with a document that was opened, or not at all: its sheet is free for another licence', async () => {
      const [erased, other] = [await life.issue({ ...life.example(), termUntil: ahead(2) }), await life.issue()]
      life.house.clock.advance(4 * 24 * HOUR)
      const { json } = await life.call('POST', `/api/licences/${erased.identifier}/erasures`, {
        ...{ person: reviewer, body: { cause: 'court-order' }, key: 'erase-printed' },
      })
      await life.call('POST', `/api/erasures/${json.erasure}/approvals`, { person: secondReviewer })
      expect(await print(erased.identifier, 'B 1')).toMatchObject({ status: 410, json: { code: 'LICENCE_ERASED' } })
      expect(await sheetsOf(erased.identifier)).toEqual([])
      expect((await print(other.identifier, 'B 1')).status).toBe(200)
    })

    it('is made until the last day of the licence has passed', async () => {
      const { identifier } = await life.issue({ ...life.example(), termUntil: ahead(2) })
      expect((await print(identifier, 'C 1')).status).toBe(200)
      life.house.clock.advance(4 * 24 * HOUR)
      expect(await life.statusOf(identifier)).toBe('expired')
      expect(await print(identifier, 'C 2')).toMatchObject({
        status: 409,
        json: { code: 'LICENCE_TRANSITION_REFUSED' },
      })
      expect(await sheetsOf(identifier)).toEqual(['C 1'])
    })
  })
