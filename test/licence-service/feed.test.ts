// What other rooms follow and ask of the register: changes in their order, briefs, single fields, checks of data.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { placeAllChanges } from '../../licence-service/operations/feed/place-changes.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, exampleOf, type House, openHouse } from '../support/service.ts'

const reader = {
  id: 'clerk-of-another',
  kind: 'person',
  departmentCode: '11330199MB0000002A',
  matterCode: 'M-1',
} as const

describe.each(engines)('changes of licences, on $name', ({ open }) => {
  let house: House
  let identifier: string
  const place = () => placeAllChanges({ database: house.database })
  const issue = async (key: string) => {
    const [outcome] = await house.licences.issueLicences(clerk, [{ key, typeCode: businessLicence, data: exampleOf() }])
    if (!outcome?.ok) throw outcome?.error
    return outcome.licence.identifier
  }
  beforeAll(async () => {
    house = await openHouse(await open())
    identifier = await issue('first')
  })
  afterAll(() => house?.close())

  it('are told in their order once they are committed, without a word of the holder', async () => {
    const change = (key: string) => ({ identifier, key, reason: '例行检查', legalBasis: '《行政许可法》第六十一条' })
    await house.licences.suspend(clerk, change('s'))
    await house.licences.restore(clerk, change('r'))
    await place()
    const changes = await house.licences.shared.changesAfter(0n, 100)
    expect(changes.map(({ topic }) => topic)).toEqual(['licence.issued', 'licence.suspended', 'licence.restored'])
    expect(changes.map(({ position }) => position)).toEqual([1n, 2n, 3n])
    expect(new Set(changes.map((one) => one.identifier))).toEqual(new Set([identifier]))
    expect(changes[0]!.typeCode).toBe(businessLicence)
    const words = JSON.stringify(changes, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    for (const value of Object.values(exampleOf()))
      if (typeof value === 'string' && value.length > 3) expect(words).not.toContain(value)
    expect(words).not.toContain('例行检查')
    expect(await house.licences.shared.changesAfter(2n, 100)).toHaveLength(1)
    expect(await house.licences.shared.lastPosition()).toBe(3n)
  })

  it('say of a licence that another one follows what was done for', async () => {
    const before = await house.licences.shared.lastPosition()
    const replaces = { identifier, reason: '名称变更' }
    const outcome = await house.licences.replace(clerk, {
      key: 'c',
      typeCode: businessLicence,
      data: exampleOf(),
      replaces,
    })
    if (!outcome.ok) throw outcome.error
    const successor = outcome.licence.identifier
    await place()
    const changes = await house.licences.shared.changesAfter(before, 100)
    expect(changes.map((one) => [one.identifier, one.topic, one.body['related']]).sort()).toEqual(
      [
        [identifier, 'licence.changed', successor],
        [successor, 'licence.issued', identifier],
      ].sort(),
    )
    identifier = successor
  })

  it('get each position once, however many processes give them', async () => {
    const before = await house.licences.shared.lastPosition()
    for (let i = 0; i < 4; i++) await issue(`many-${i}`)
    await Promise.all(Array.from({ length: 8 }, place))
    await place()
    const changes = await house.licences.shared.changesAfter(before, 100)
    expect(changes.map(({ position }) => position - before)).toEqual([1n, 2n, 3n, 4n])
  })

  it('are never changed or removed', async () => {
    await expect(house.database.query(`update licence.outbox set topic = 'licence.nothing'`)).rejects.toThrow()
    await expect(house.database.query('delete from licence.outbox')).rejects.toThrow()
  })

  it('lead to a brief that is found by the keyed hash of the code alone', async () => {
    const { shared } = house.licences
    const code = String(exampleOf()['creditCode'])
    const holderKey = shared.keyOf(code.toLowerCase())
    const [first] = await shared.findByHolder({ holderKey, typeCode: businessLicence, most: 50 })
    expect(first).toMatchObject({
      typeCode: businessLicence,
      status: 'in force',
      checkCode: 0,
      holderKeys: [holderKey],
    })
    expect(JSON.stringify(first)).not.toContain(code)
    expect(await shared.find(identifier)).toMatchObject({ identifier, issuerCode: clerk.departmentCode })
    expect(await shared.findByHolder({ holderKey: shared.keyOf('x'), typeCode: businessLicence, most: 5 })).toEqual([])
  })

  it('open only the fields that are named, and leave a read on record', async () => {
    const values = await house.licences.shared.open(identifier, ['name', '@number', 'nothing', '__proto__'], reader)
    expect(Object.keys(values!)).toEqual(['name', '@number'])
    expect(values!['name']).toBe(exampleOf()['name'])
    const reads = await house.database.query(
      `select what, matter_code from licence.reads where identifier = $1 and reader = $2`,
      [identifier, reader.id],
    )
    expect(reads).toEqual([{ what: 'data', matter_code: 'M-1' }])
  })

  it.each<[string, Record<string, string>, number]>([
    ['all that is said is right', {}, 0],
    ['a name is written in other forms of its characters', { name: ' 云汀市青梧数字科技有限公司 ' }, 0],
    ['one thing differs, another is right', { legalRepresentative: '别人' }, 6],
    // Whoever knows the code alone must not learn from a guess, or from an invented field, that there is a licence.
    ['the only thing beside the code differs', { name: '云汀市别的公司' }, 5],
    ['a field is said beside that the type has not', { colour: 'red' }, 6],
    ['nothing but such a field is said', { name: '', colour: 'red' }, 4],
    ['a wrong name and such a field are said', { name: '云汀市别的公司', colour: 'red' }, 5],
    ['the number alone is said, and is wrong', { name: '', '@number': 'x' }, 5],
    ['nobody has that code', { creditCode: '91330199MA00000000' }, 5],
    ['there is no code', { creditCode: '' }, 4],
  ])('check data: %s', async (_name, changed, code) => {
    const example = exampleOf()
    const data = { creditCode: String(example['creditCode']), name: String(example['name']), ...changed }
    expect(
      (await house.licences.shared.checkData(businessLicence, data, [{ fields: ['name'], issuerCodes: null }], reader))
        .code,
    ).toBe(code)
  })

  it('check data: who might have none of the fields that they say must know the number', async () => {
    const { creditCode, name } = exampleOf() as { creditCode: string; name: string }
    const check = async (data: Record<string, string>) =>
      (await house.licences.shared.checkData(businessLicence, data, [], reader)).code
    expect(await check({ creditCode, name })).toBe(4)
    expect(await check({ creditCode: '91330199MA00000000', name })).toBe(4)
    expect(await check({ creditCode, name, '@number': 'x' })).toBe(5)
  })

  it('check data: a code alone is too little, and a suspended licence is told as one', async () => {
    const { creditCode } = exampleOf() as { creditCode: string }
    const { shared } = house.licences
    expect(
      (await shared.checkData(businessLicence, { creditCode }, [{ fields: ['name'], issuerCodes: null }], reader)).code,
    ).toBe(4)
    const licence = await house.licences.issueLicences(clerk, [
      { key: 'other', typeCode: businessLicence, data: { ...exampleOf(), name: '云汀市乙公司' } },
    ])
    if (!licence[0]?.ok) throw licence[0]?.error
    const suspension = { identifier: licence[0].licence.identifier, key: 'x', reason: '例行', legalBasis: '法' }
    await house.licences.suspend(clerk, suspension)
    expect(
      await shared.checkData(
        businessLicence,
        { creditCode, name: '云汀市乙公司' },
        [{ fields: ['name'], issuerCodes: null }],
        reader,
      ),
    ).toEqual({
      code: 2,
      identifier: licence[0].licence.identifier,
    })
  })
})
