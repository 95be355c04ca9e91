// The directory of a province is large: an operation on many licences reads its departments once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments, exampleOf, type House, openHouse } from '../support/service.ts'

const MANY = 4
const each = <T>(make: (number: number) => T): T[] => Array.from({ length: MANY }, (_, number) => make(number))

describe.each(engines)('departments, on $name', ({ open }) => {
  let house: House
  let asked = 0
  const facts = () => {
    asked++
    return departments
  }
  beforeAll(async () => {
    house = await openHouse(await open(), { departments: facts })
    const requests = each((number) => ({ key: `first-${number}`, typeCode: businessLicence, data: exampleOf() }))
    const outcomes = await house.licences.issueLicences(clerk, requests)
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
  })
  afterAll(() => house?.close())

  /** How often they are read for it; the least of three times, for the service's timers read them too. */
  const readsOf = async (work: (time: number) => Promise<unknown>): Promise<number> => {
    const counts: number[] = []
    for (let time = 0; time < 3; time++) {
      asked = 0
      await work(time)
      counts.push(asked)
    }
    return Math.min(...counts)
  }

  it('are read once for all licences of a holder that another department finds', async () => {
    const { shared } = house.licences
    const holderKey = shared.keyOf(String(exampleOf()['creditCode']))
    const find = async () => {
      const found = await shared.findByHolder({ holderKey, typeCode: businessLicence, most: 200 })
      expect(found.map(({ issuerName }) => issuerName)).toEqual(each(() => departments[0].name.zh))
    }
    expect(await readsOf(find)).toBe(1)
  })

  it('are read once for all licences that are to be replaced together', async () => {
    const replaces = { identifier: 'none', reason: '名称变更' }
    const replace = async (time: number) => {
      const requests = each((number) => ({
        ...{ key: `again-${time}-${number}`, typeCode: businessLicence, data: exampleOf(), replaces },
      }))
      const outcomes = await house.licences.issueLicences(clerk, requests)
      expect(outcomes.map((one) => !one.ok && (one.error as { code?: string }).code)).toEqual(
        each(() => 'LICENCE_NOT_FOUND'),
      )
    }
    expect(await readsOf(replace)).toBe(1)
  })
})
