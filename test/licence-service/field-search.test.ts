import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { erasePersonalData } from '../../licence-service/store/erasures.ts'
import { findByHash } from '../../licence-service/store/hash-search.ts'
import type { Queryable } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { exampleOf } from '../support/service.ts'
import { type Desk, openDesk, type people, publishType } from './catalogue-desk.ts'

const typeCode = '11100000MB0143028R001'

describe.each(engines)('licences found by the value of a field ($name)', (engine) => {
  let desk: Desk
  const issued: string[] = []
  const issue = async (once: string, given: object): Promise<string> => {
    const data = { ...exampleOf(typeCode), ...given }
    const { json, status } = await desk.call('clerk', 'POST', '/api/licences', { typeCode, data, level: 'B-B' }, once)
    if (status !== 201) throw new Error(JSON.stringify(json))
    return json.identifier
  }
  const search = (body: object, who: keyof typeof people = 'clerk') =>
    desk.call(who, 'POST', '/api/licences/searches', { typeCode, ...body })
  const found = async (body: object): Promise<string[]> =>
    (await search(body)).json.items.map(({ identifier }: { identifier: string }) => identifier)
  const by = (value: string, name = 'address') => ({ field: { name, value } })

  beforeAll(async () => {
    desk = await openDesk(engine)
    await issue('before', { address: '青石巷 8 号 B 座' })
    const [{ entry, entryDigest }] = (await desk.call('editor', 'GET', `/api/catalogue/${typeCode}/versions`)).json
      .versions
    await publishType(
      desk,
      typeCode,
      { ...entry, searchFields: ['address', 'establishedOn', 'registeredCapital'] },
      entryDigest,
    )
    for (const [index, address] of ['青石巷 8 号 B 座', '青石巷 8 号 B 座', '白云路九号'].entries())
      issued.unshift(await issue(`found-${index}`, { address, registeredCapital: `${index + 1}200.50` }))
  })
  afterAll(() => desk?.close())

  it('finds what was issued since the entry names the field, in any width, case and spacing, and no part of a value', async () => {
    const [other, second, first] = issued
    expect(await found(by('青石巷 8 号 B 座'))).toEqual([second, first])
    expect(await found(by('青石巷８号ｂ座'))).toEqual([second, first])
    expect(await found(by('白云路九号'))).toEqual([other])
    expect(await found(by('白云路'))).toEqual([])
    expect(await found(by(String(exampleOf(typeCode)['establishedOn']), 'establishedOn'))).toEqual(issued)
  })

  it('finds a number with separators and without, and however many noughts stand behind its point', async () => {
    for (const value of ['1200.50', '1,200.5', '１２００.500'])
      expect(await found(by(value, 'registeredCapital'))).toEqual([issued[2]])
    expect(await found(by('1200', 'registeredCapital'))).toEqual([])
  })

  it('holds against every other condition, and pages by its cursor to the end', async () => {
    const [other, second, first] = issued
    const { holderCode, holderName } = { holderCode: exampleOf(typeCode)['creditCode'], holderName: '别的公司' }
    expect(await found({ ...by('白云路九号'), holderCode })).toEqual([other])
    expect(await found({ ...by('白云路九号'), holderName })).toEqual([])
    expect(await found({ ...by('青石巷 8 号 B 座'), status: 'revoked' })).toEqual([])
    expect(await found({ ...by('青石巷 8 号 B 座'), identifier: first })).toEqual([first])
    const page = (await search({ ...by('青石巷 8 号 B 座'), limit: 1 })).json
    expect(page.items.map(({ identifier }: { identifier: string }) => identifier)).toEqual([second])
    const next = (await search({ ...by('青石巷 8 号 B 座'), limit: 1, cursor: page.next })).json
    expect([next.items[0].identifier, next.next]).toEqual([first, null])
  })

  it('refuses fields that the entry does not name, and a search without a type', async () => {
    for (const body of [by('x', 'scope'), by('x', 'toString'), { ...by('白云路九号'), typeCode: undefined }])
      expect((await search(body)).json.code).toBe('LICENCE_FIELD_NOT_SEARCHED')
    expect((await search({ field: { name: 'address', value: '' } })).status).toBe(422)
  })

  it('finds nothing for another department, and keeps no value in the clear', async () => {
    expect((await search(by('白云路九号'), 'otherClerk')).json.items).toEqual([])
    const rows = await desk.house.database.query<{ mac: Uint8Array }>('select mac from licence.searched_fields')
    // One of the licence from before, by the entry as it was shipped, and three of each other.
    expect(rows).toHaveLength(10)
    expect(new Set(rows.map(({ mac }) => mac.length))).toEqual(new Set([32]))
  })

  it('reads a page from its place, however many licences have the value', async () => {
    const { database } = desk.house
    const mac = new Uint8Array(32).fill(7)
    await database.query(
      `insert into licence.searched_fields (mac, sequence, identifier) select $1, 1000000 + n, 'many.' || n from generate_series(1, 20000) n`,
      [mac],
    )
    await database.query('analyze licence.searched_fields')
    const asked = { fieldMacs: [mac, new Uint8Array(32).fill(8)], departmentCodes: [], limit: 21 }
    const explain = { query: (sql: string, values?: unknown[]) => database.query(`explain ${sql}`, values) }
    const plan = JSON.stringify(await findByHash(explain as Queryable, asked))
    expect(plan).toContain('Scan Backward')
    expect(plan).not.toContain('Seq Scan on searched_fields')
    expect(await findByHash(database, { ...asked, before: 1_000_003n })).toEqual([
      { identifier: 'many.2', sequence: 1_000_002n },
      { identifier: 'many.1', sequence: 1_000_001n },
    ])
    await database.query('delete from licence.searched_fields where mac = $1', [mac])
  })

  it('forgets a licence whose personal data are erased', async () => {
    const [other] = issued
    await desk.house.database.transaction((tx) => erasePersonalData(tx, other!))
    expect(await found(by('白云路九号'))).toEqual([])
  })

  it('tells faults of an entry: fields that the template lacks, pictures, fields named twice', async () => {
    const [{ entry, entryDigest }] = (await desk.call('editor', 'GET', `/api/catalogue/${typeCode}/versions`)).json
      .versions
    const searchFields = ['nowhere', 'address', 'address']
    const asked = { entry: { ...entry, searchFields }, replaces: entryDigest }
    const { status, json } = await desk.call('editor', 'PUT', `/api/catalogue/${typeCode}/draft`, asked)
    expect(status).toBe(422)
    expect(json.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code])).toEqual([
      ['/searchFields/0', 'NOT_THERE'],
      ['/searchFields/2', 'NAMED_TWICE'],
    ])
    const married = '/api/catalogue/111000000000130127201'
    const [permit] = (await desk.call('editor', 'GET', `${married}/versions`)).json.versions
    const withPicture = { entry: { ...permit.entry, searchFields: ['photo'] }, replaces: permit.entryDigest }
    const told = (await desk.call('editor', 'PUT', `${married}/draft`, withPicture)).json.errors
    expect(told).toMatchObject([{ pointer: '/searchFields/0', code: 'RULE_BROKEN' }])
  })
})
