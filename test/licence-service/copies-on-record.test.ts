// What stands on record for the holder of what departments did with copies of their licence.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments, exampleOf, type House, openHouse } from '../support/service.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

for (const engine of engines)
  describe(`reads of copies on ${engine.name}`, { timeout: 60_000 }, () => {
    let house: House
    beforeAll(async () => {
      house = await openHouse(await engine.open())
    }, 60_000)
    afterAll(() => house.close())

    const issue = async (key: string): Promise<string> => {
      const [outcome] = await house.licences.issueLicences(clerk, [
        { key, typeCode: businessLicence, data: exampleOf(businessLicence) },
      ])
      if (!outcome?.ok) throw new Error('not issued', { cause: outcome?.error })
      return outcome.licence.identifier
    }
    const orderOf = (identifier: string, key: string) => ({
      ...{ identifier, key, purpose: '办理食品经营许可', fields: ['name'] },
      recipient: { name: departments[1].name.zh, code: departments[1].code },
      expiresAt: new Date(house.clock.now().getTime() + 86_400_000),
    })
    const readsOf = async (identifier: string) =>
      (
        await house.database.query<{ what: string; kind: string }>(
          'select what, reader_kind as kind from licence.reads where identifier = $1 order by read',
          [identifier],
        )
      ).map(({ what, kind }) => `${kind} ${what}`)
    const usesCounted = async () =>
      (await house.database.query(`select 1 from licence.figure_changes where figure = 'used'`)).length

    it('tell a copy that was made, once, from a download of it', async () => {
      const identifier = await issue('made')
      const order = orderOf(identifier, 'made once')
      const { copyId } = await house.licences.copies.make(clerk, order)
      await house.licences.copies.make(clerk, order)
      expect(await readsOf(identifier)).toEqual(['person copy'])
      await house.licences.copies.document(clerk, copyId)
      expect(await readsOf(identifier)).toEqual(['person copy', 'person copy-document'])
    })

    it('call a copy that was refused so, and count no use of the licence', async () => {
      const identifier = await issue('refused')
      const refusing = await house.reopen({
        sealer: (sealer) => ({
          ...sealer,
          signStatements: () => Promise.reject(Object.assign(new Error('no leave'), { code: 'SEAL_NOT_AUTHORISED' })),
        }),
      })
      const before = await usesCounted()
      const fetching = { ...clerk, matterCode: '000131002000' }
      const make = refusing.licences.copies.make(fetching, orderOf(identifier, 'no leave'))
      await rejectsWithCode(make, 'SEAL_NOT_AUTHORISED')
      expect(await readsOf(identifier)).toEqual(['person copy-refused'])
      expect(await usesCounted()).toBe(before)
      await refusing.close()
    })

    it('say nothing of a copy until it is known what becomes of it; then who asked, and for which matter', async () => {
      const identifier = await issue('later')
      const down = await house.reopen({
        sealer: (sealer) => ({ ...sealer, signStatements: () => Promise.reject(new Error('down')) }),
      })
      const fetching = { ...clerk, matterCode: '000131002000' }
      const order = orderOf(identifier, 'later')
      await expect(down.licences.copies.make(fetching, order)).rejects.toThrow('down')
      await down.close()
      expect(await readsOf(identifier)).toEqual([])
      const before = await usesCounted()
      await house.licences.copies.make(clerk, order)
      expect(await readsOf(identifier)).toEqual(['person copy'])
      expect(await usesCounted()).toBe(before + 1)
    })
  })
