// A revocation and a renewal of one licence at once: one of them wins, and whoever asks is never told both, or neither. CI runs 200.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../../support/engines.ts'
import { clerk, exampleOf } from '../../support/service.ts'
import { createLifeHouse, type LifeHouse } from './life-house.ts'

const RACES = process.env['CI'] || process.env['TEST_LONG'] ? 200 : 12
const transport = '11100000000013400N301'

for (const engine of engines)
  describe(`a revocation races a renewal on ${engine.name}`, () => {
    let life: LifeHouse
    beforeAll(async () => {
      life = await createLifeHouse(engine)
    })
    afterAll(() => life.close())

    it('one wins, whichever it is, and nothing of the other is left', { timeout: 600_000 }, async () => {
      const data = { ...exampleOf(transport), validFrom: '2026-11-01', validUntil: '2026-12-31' }
      const requests = Array.from({ length: RACES }, (_, race) => ({
        ...{ key: `race-${race}`, typeCode: transport, data, level: 'B-B' },
      }))
      const issued = await life.house.licences.issueLicences(clerk, requests)
      const won = { revocation: 0, renewal: 0 }
      for (const [race, outcome] of issued.entries()) {
        if (!outcome.ok) throw outcome.error
        const { identifier } = outcome.licence
        const renewed = { ...data, validUntil: '2027-12-31' }
        const renew = () => life.act({ identifier, action: 'renew', reason: '延续', data: renewed, level: 'B-B' })
        const revoke = async () => {
          // From first to long after: both ends of the race are met.
          await new Promise((resolve) => setTimeout(resolve, (race % 20) * 12))
          return life.act({ identifier, action: 'revoke', reason: '吊销', legalBasis: '条例第五条' })
        }
        const [renewal, revocation] = await Promise.all([renew(), revoke()])
        const wins = [renewal, revocation].filter(({ status }) => status === 201)
        expect([identifier, wins.length]).toEqual([identifier, 1])
        const after = await life.house.licences.readStatus(identifier)
        const versions = await life.house.database.query<{ state: string }>(
          'select state from licence.licences where replaces = $1',
          [identifier],
        )
        if (wins[0] === revocation) {
          won.revocation++
          expect(after).toMatchObject({ status: 'revoked', replacedBy: null })
          expect(versions.every(({ state }) => state === 'rejected')).toBe(true)
          expect(['LICENCE_TRANSITION_REFUSED']).toContain(renewal.json.code)
        } else {
          won.renewal++
          expect(after).toMatchObject({ status: 'superseded', replacedBy: renewal.json.successor.identifier })
          expect(versions).toEqual([{ state: 'in force' }])
          expect(revocation.json.code).toBe('LICENCE_TRANSITION_REFUSED')
        }
      }
      expect(won.revocation + won.renewal).toBe(RACES)
      expect(won.revocation).toBeGreaterThan(0)
    })

    it('of many renewals at once one is made', async () => {
      const data = { ...exampleOf(transport), validFrom: '2026-11-01', validUntil: '2026-12-31' }
      const [outcome] = await life.house.licences.issueLicences(clerk, [{ key: 'many', typeCode: transport, data }])
      if (!outcome?.ok) throw outcome?.error
      const { identifier } = outcome.licence
      const renewed = { ...data, validUntil: '2027-12-31' }
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => life.act({ identifier, action: 'renew', reason: '延续', data: renewed })),
      )
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
      const early = { ...data, validUntil: '2028-12-31' }
      const { successor } = answers.find(({ status }) => status === 201)!.json
      expect(
        await life.act({ identifier: successor.identifier, action: 'renew', reason: '再延', data: early }),
      ).toMatchObject({
        status: 422,
        json: { code: 'LICENCE_RENEWAL_REFUSED' },
      })
    })
  })
