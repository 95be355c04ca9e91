// What other departments are told about a holder who has more licences of a type than are looked through.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TellingFields } from '../../licence-service/operations/feed/check-data.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, exampleOf, type House, openHouse, otherClerk } from '../support/service.ts'

const { creditCode, name } = exampleOf() as { creditCode: string; name: string }
const firstName = '云汀市甲公司'
const reader = { id: 'r', kind: 'machine', departmentCode: otherClerk.departmentCode, matterCode: 'M' } as const
const ofAll: readonly TellingFields[] = [{ fields: ['name'], issuerCodes: null }]

describe.each(engines)('of a holder of more than twenty licences of a type ($name)', (engine) => {
  let house: House
  let first: { readonly identifier: string; readonly number: string }
  let last: string

  /** One licence of another name, then twenty-one of the usual one. */
  beforeAll(async () => {
    house = await openHouse(await engine.open())
    const names = [firstName, ...Array.from({ length: 21 }, () => name)]
    const orders = names.map((one, n) => {
      const data = { ...exampleOf(), name: one }
      return { key: `many-${n}`, typeCode: businessLicence, data, level: 'B-B' } as const
    })
    const issued = []
    // One order of each call: within one the register is free to number them as it likes.
    for (const order of [orders.slice(0, 1), orders.slice(1)])
      for (const outcome of await house.licences.issueLicences(clerk, order)) {
        if (!outcome.ok) throw outcome.error
        issued.push(outcome.licence)
      }
    first = issued[0]!
    last = issued.at(-1)!.identifier
  })
  afterAll(() => house?.close())

  const check = async (said: Record<string, string>, telling = ofAll) =>
    (await house.licences.shared.checkData(businessLicence, { creditCode, ...said }, telling, reader)).code
  const readsOf = async () =>
    (
      await house.database.query(`select 1 from licence.reads where what = 'check' and identifier <> $1`, [
        first.identifier,
      ])
    ).length

  it('a number that is said selects the licence, however old it is, and no other is read', async () => {
    const fullWidth = first.number.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0))
    for (const number of [first.number, ` ${fullWidth.toLowerCase()} `]) {
      expect(await check({ '@number': number, name: firstName }), number).toBe(0)
      expect(await check({ '@number': number }, []), number).toBe(0)
    }
    expect(await check({ '@number': first.number, name })).toBe(6)
    expect(await check({ '@number': 'x', name })).toBe(5)
    expect(await readsOf()).toBe(0)
  })

  it('what is said without a number is too little where none of those that are looked through fits', async () => {
    expect(await check({ name })).toBe(0)
    expect(await check({ name: firstName })).toBe(4)
    expect(await check({ name: '云汀市别的公司' })).toBe(4)
  })

  it('licences of issuers that tell nothing neither fill up what is looked through nor show', async () => {
    const ofOther = [
      { fields: ['name'], issuerCodes: [otherClerk.departmentCode] },
      { fields: ['legalRepresentative'], issuerCodes: null },
    ]
    expect(await check({ name: firstName }, ofOther)).toBe(5)
  })

  it('one in force comes before all whose last day has passed, and all that have ended', async () => {
    const others = (change: string) =>
      house.database.query(`update licence.licences set ${change} where identifier <> $1`, [first.identifier])
    const query = { holderKey: house.licences.shared.keyOf(creditCode), typeCode: businessLicence, most: 2 }
    house.clock.advance(2 * 86_400_000)
    for (const change of ['valid_until = valid_from', `valid_until = null, state = 'revoked'`]) {
      await others(change)
      expect(await check({ name: firstName }), change).toBe(0)
      const found = await house.licences.shared.findByHolder(query)
      expect(found.map(({ identifier }) => identifier)).toEqual([first.identifier, last])
    }
  })
})
