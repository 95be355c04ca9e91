// What happens to a licence while the one that is to take its place is being sealed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../../support/engines.ts'
import { createLifeHouse, HOUR, type LifeHouse } from './life-house.ts'

for (const engine of engines)
  describe(`a licence whose successor is under way on ${engine.name}`, () => {
    let life: LifeHouse
    let meanwhile: (() => Promise<void>) | undefined
    beforeAll(async () => {
      life = await createLifeHouse(engine, {
        sealer: (sealer) => ({
          ...sealer,
          async sealDocuments(...asked) {
            const happen = meanwhile
            meanwhile = undefined
            await happen?.()
            return sealer.sealDocuments(...asked)
          },
        }),
      })
    })
    afterAll(() => life.close())

    const suspend = async (identifier: string) => {
      const asked = { identifier, action: 'suspend', reason: '核查', legalBasis: '条例第五条' }
      expect((await life.act(asked)).status).toBe(201)
    }

    it.each(['correct', 'change'])('stays suspended: to %s it washes nothing away', async (action) => {
      const { identifier } = await life.issue()
      meanwhile = () => suspend(identifier)
      const replaced = await life.act({ identifier, action, reason: '地址有误', data: life.example() })
      expect(replaced).toMatchObject({ status: 409, json: { code: 'LICENCE_TRANSITION_REFUSED' } })
      expect(await life.statusOf(identifier)).toBe('suspended')
      expect((await life.read(identifier)).replacedBy).toBeNull()
      expect((await life.act({ identifier, action: 'restore', reason: '核查无误' })).status).toBe(201)
    })

    it('is not replaced from an instant before what happened to it meanwhile', async () => {
      const { identifier } = await life.issue()
      const issuedAt = life.house.clock.now().getTime()
      life.house.clock.advance(HOUR)
      meanwhile = async () => {
        await suspend(identifier)
        expect((await life.act({ identifier, action: 'restore', reason: '核查无误' })).status).toBe(201)
      }
      const effectiveAt = new Date(issuedAt + HOUR / 2).toISOString()
      const change = { identifier, action: 'change', reason: '换发', data: life.example(), effectiveAt }
      expect(await life.act(change)).toMatchObject({ status: 409, json: { code: 'LICENCE_TRANSITION_REFUSED' } })
      const { history } = await life.read(identifier)
      const times = history.map((entry: { effectiveAt: string }) => entry.effectiveAt)
      expect(times).toEqual([...times].sort())
      expect(await life.statusOf(identifier)).toBe('in force')
    })
  })
