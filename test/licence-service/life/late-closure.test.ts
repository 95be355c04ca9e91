// What a closure and a trust list that cannot be signed must not do: tell genuine licences false, and keep revocations from being told.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseStatusList, parseTrustList } from '../../../licence-format/index.ts'
import type { DepartmentFact, IssuedLicence } from '../../../licence-service/index.ts'
import { engines } from '../../support/engines.ts'
import { businessLicence, departments } from '../../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse } from './life-house.ts'

const [trade, market] = departments

for (const engine of engines)
  describe(`a department that is told closed long ago on ${engine.name}`, () => {
    let life: LifeHouse
    let closedAt: Date | null = null
    let last: IssuedLicence
    let isDirectoryDown = false
    const facts = (): DepartmentFact[] => {
      if (isDirectoryDown) throw new Error('the directory is down')
      return [{ ...trade, closedAt, successorCode: market.code }, market]
    }
    beforeAll(async () => {
      life = await createLifeHouse(engine, { departments: facts })
      last = await life.issue()
    })
    afterAll(() => life.close())

    const statusListSignedAt = async () =>
      parseStatusList(await life.house.licences.statusList(0)).then(({ issuedAt }) => issuedAt)

    it('was entitled to the last licence that it made: its types end after it', async () => {
      const { preparedAt } = (
        await life.house.database.query<{ preparedAt: Date }>(
          'select prepared_at as "preparedAt" from licence.licences where identifier = $1',
          [last.identifier],
        )
      )[0]!
      life.house.clock.advance(HOUR)
      closedAt = new Date('-000001-12-31T10:00:00Z')
      expect(await life.house.licences.takeOverTypes()).toBeGreaterThan(1)
      const { list } = parseTrustList(await life.house.licences.trustList())
      const { entitlements } = list.entities.find(({ code }) => code === trade.code)!
      const until = entitlements.find(({ typeCode }) => typeCode === businessLicence)!.until!
      expect(until.getTime()).toBeGreaterThan(preparedAt.getTime())
      expect(until.getTime()).toBeLessThanOrEqual(preparedAt.getTime() + 1000)
      for (const { from, until } of entitlements) expect(until!.getTime()).toBeGreaterThanOrEqual(from.getTime())
      closedAt = null
    })

    it('is entitled to nothing after its last day where nobody succeeds it', async () => {
      let ends: Date | null = null
      const alone = await createLifeHouse(engine, {
        departments: () => [{ ...trade, closedAt: ends, successorCode: null }, market],
      })
      await alone.issue()
      ends = new Date(alone.house.clock.now().getTime() + HOUR)
      alone.house.clock.advance(2 * HOUR)
      expect(await alone.house.licences.takeOverTypes()).toBeGreaterThan(1)
      const { list } = parseTrustList(await alone.house.licences.trustList())
      const { entitlements } = list.entities.find(({ code }) => code === trade.code)!
      expect(new Set(entitlements.map(({ until }) => until?.getTime()))).toEqual(new Set([ends.getTime()]))
      const { types } = (await alone.call('GET', '/api/catalogue')).json
      const issuers = types.flatMap((type: { issuers: { code: string }[] }) => type.issuers.map(({ code }) => code))
      expect(issuers).not.toContain(trade.code)
      expect(await alone.house.licences.takeOverTypes()).toBe(0)
      await alone.close()
    })

    it('has its status lists signed though the trust list cannot be, and the failure is told', async () => {
      const before = await statusListSignedAt()
      life.house.clock.advance(8 * HOUR)
      isDirectoryDown = true
      await expect(life.house.licences.publishLists()).rejects.toThrow('the directory is down')
      isDirectoryDown = false
      expect((await statusListSignedAt()).getTime()).toBeGreaterThan(before.getTime())
    })

    it('is in a house that comes up though the trust list cannot be signed, and says so in its log', async () => {
      life.house.clock.advance(30 * HOUR)
      let asked = 0
      const house = await life.house.reopen({
        departments: () => {
          if (asked++ < 2) throw new Error('the directory is down')
          return departments
        },
      })
      expect(asked).toBeGreaterThan(2)
      expect(
        house.logLines.filter((line) => line.includes('publishing the lists failed; it is tried again')),
      ).toHaveLength(1)
      await house.close()
    })
  })
