// The tree of departments: levels by region, changes from above, closing and merging, and what those who are in a closed one still can.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAreaWithin, levelOfArea } from '../../directory/domain/area.ts'
import { isCreditCode } from '../../licence-format/index.ts'
import { forEachEngine } from '../support/database.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'
import { centre, civil, housing, market, office, type ServedDirectory, serveDirectory } from './served-directory.ts'

describe('a region code', () => {
  it.each([
    ['330000', 'province'],
    ['330100', 'city'],
    ['330106', 'county'],
    ['330106001', 'town'],
  ])('%s is of a %s', (code, level) => {
    expect(levelOfArea(code)).toBe(level)
  })

  it('lies in itself and in what is around it, and nowhere else', () => {
    const chain = ['330000', '330100', '330106', '330106001']
    for (const [i, outer] of chain.entries())
      for (const [j, inner] of chain.entries())
        expect([outer, inner, isAreaWithin(outer, inner)]).toEqual([outer, inner, i <= j])
    expect(isAreaWithin('330106', '330107001')).toBe(false)
    expect(isAreaWithin('330100', '320106')).toBe(false)
  })
})

forEachEngine('the tree of departments', ({ open }) => {
  const MINUTE = 60_000
  const town = '11330199MB3301183W'
  const village = '11330199MB3301191P'
  let served: ServedDirectory
  let key: string
  let marketKey: string

  beforeAll(async () => {
    served = await serveDirectory(await open(), { isDepartmentCode: isCreditCode })
    key = await served.keyOf(office, 'administrator')
    marketKey = await served.keyOf(market, 'administrator')
  })
  afterAll(() => served?.close())

  const name = { zh: '云汀市云山镇市场监督管理所', en: 'Yunshan Town Market Supervision Office' }
  const add = (body: object, by = marketKey) =>
    served.call('/api/departments', { key: by, body: { name, areaCode: '330199001', ...body } })
  const put = (code: string, body: object, by = key) =>
    served.call(`/api/departments/${code}`, { method: 'PUT', key: by, body })
  const shut = (code: string, body: object, by = key) =>
    served.call(`/api/departments/${code}/closures`, { key: by, body })
  const at = (msFromNow: number) => new Date(served.clock.now().getTime() + msFromNow).toISOString()
  const pointers = (json: { errors: { pointer: string }[] }) => json.errors.map(({ pointer }) => pointer)

  it('grows below a department by the hand of its administrator', async () => {
    const { status, json } = await add({ code: town, parentCode: market })
    expect(status).toBe(201)
    expect(json).toMatchObject({ level: 'town', parentCode: market, closedAt: null, successorCode: null })
    expect(await served.directory.isWithin(market, town)).toBe(true)
    expect(await served.directory.isWithin(office, town)).toBe(true)
    expect(await served.directory.isWithin(housing, town)).toBe(false)
    expect((await add({ code: town, parentCode: market })).json.code).toBe('DEPARTMENT_EXISTS')
  })

  it('refuses what cannot be, with every fault', async () => {
    const wrongCode = await add({ code: town.replace(/.$/, '0'), parentCode: market })
    expect([wrongCode.json.code, pointers(wrongCode.json)]).toEqual(['DEPARTMENT_INVALID', ['/code']])
    const elsewhere = await add({ code: village, parentCode: market, areaCode: '320199001' })
    expect(pointers(elsewhere.json)).toEqual(['/areaCode'])
    const circle = await put(market, { name, areaCode: '330199', parentCode: town, actsForCode: housing })
    expect(pointers(circle.json)).toEqual(expect.arrayContaining(['/parentCode', '/actsForCode']))
    const own = await put(market, { name, areaCode: '330199', parentCode: market })
    expect(pointers(own.json)).toEqual(['/parentCode'])
    expect((await put(village, { name, areaCode: '330199', parentCode: market })).status).toBe(404)
    const malformed = await add({ code: 'x', parentCode: null, areaCode: '12', extra: 1 })
    expect([malformed.status, malformed.json.code]).toEqual([422, 'REQUEST_INVALID'])
  })

  it('is changed from above only: no one widens the own range', async () => {
    for (const parentCode of [null, housing])
      expect((await put(market, { name, areaCode: '330199', parentCode }, marketKey)).json.code).toBe(
        'DEPARTMENT_OUT_OF_RANGE',
      )
    expect((await put(market, { name, areaCode: '330199', parentCode: office }, marketKey)).status).toBe(200)
    const wider = { name, areaCode: '330199', parentCode: office, actsForCode: office }
    expect((await put(market, wider, marketKey)).json.code).toBe('DEPARTMENT_OUT_OF_RANGE')
    expect((await put(housing, { ...wider, actsForCode: null }, marketKey)).json.code).toBe('DEPARTMENT_OUT_OF_RANGE')
    expect((await add({ code: village, parentCode: housing })).json.code).toBe('DEPARTMENT_OUT_OF_RANGE')
    expect((await add({ code: village, parentCode: null }, key)).json.code).toBe('DEPARTMENT_OUT_OF_RANGE')
    expect(await served.directory.isWithin(market, housing)).toBe(false)
    expect(await served.directory.isWithin(centre, market)).toBe(true)
  })

  it('is put right by whoever runs the house too, and keeps what a department acts for where nothing is said of it', async () => {
    const known = (await served.directory.department(centre))!
    const { actsForCode: _, ...plain } = known
    const { name: centreName, areaCode } = known
    const put = await served.call(`/api/departments/${centre}`, {
      method: 'PUT',
      key,
      body: { name: centreName, areaCode, parentCode: office, actsForCode: office },
    })
    expect(put.status).toBe(200)
    await served.directory.saveDepartment(plain)
    expect((await served.directory.department(centre))!.actsForCode).toBe(office)
    const error = await toThrowWithCode(
      served.directory.saveDepartment({ ...known, code: office, parentCode: market, actsForCode: null }),
      'DEPARTMENT_INVALID',
    )
    expect(pointers({ errors: error.faults as { pointer: string }[] })).toEqual(['/parentCode'])
    await toThrowWithCode(served.directory.saveDepartment({ ...known, parentCode: village }), 'DEPARTMENT_INVALID')
  })

  it('makes no circle of two changes at the same instant', async () => {
    expect((await add({ code: village, parentCode: town })).status).toBe(201)
    const known = await served.directory.codesWithin(office)
    expect(known).toEqual(expect.arrayContaining([market, town, village]))
    const below = (code: string, parentCode: string) => put(code, { name, areaCode: '330199001', parentCode })
    const base = await Promise.all([below(village, market), below(town, market)])
    expect(base.map(({ status }) => status)).toEqual([200, 200])
    const both = await Promise.all([below(village, town), below(town, village)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422])
    // Those of a circle would hang on nothing above.
    expect(await served.directory.codesWithin(office)).toEqual(known)
  })

  it('closes a department from a time on: until then all goes on, after it nobody acts there', async () => {
    const person = await served.logIn('civil-viewer')
    const machine = await served.keyOf(civil, 'issuer')
    const closedAt = new Date(served.clock.now().getTime() + 20 * MINUTE).toISOString()
    const closed = await shut(civil, { successorCode: housing, closedAt })
    expect(closed.json).toMatchObject({ closedAt, successorCode: housing })
    expect(await served.directory.department(civil)).toMatchObject({ successorCode: housing })
    expect((await served.call('/api/sessions/current', { headers: person })).status).toBe(200)
    expect((await served.call('/api/sessions/current', { key: machine })).status).toBe(200)
    const [viewer] = await served.directory.people({ text: 'civil-viewer' })
    const mayRead = (id: string, kind: 'person' | 'machine', role: string) =>
      served.directory.mayNow({ id, kind, name: id, departmentCode: civil, roles: [role] }, 'seals:read')
    const rights = () =>
      Promise.all([mayRead(viewer!.id, 'person', 'viewer'), mayRead(machine.split('_')[1]!, 'machine', 'issuer')])
    expect(await rights()).toEqual([true, true])
    served.clock.advance(21 * MINUTE)
    expect(await rights()).toEqual([false, false])
    expect((await served.call('/api/sessions/current', { headers: person })).status).toBe(401)
    expect((await served.call('/api/sessions/current', { key: machine })).json.code).toBe('API_KEY_REFUSED')
    const login = { body: { username: 'civil-viewer', password: 'demo-civil-viewer' } }
    expect((await served.call('/api/sessions', login)).json.code).toBe('DEPARTMENT_CLOSED')
    const account = { username: 'late.comer', name: '赵六', departmentCode: civil, roles: ['viewer'] }
    expect((await served.call('/api/accounts', { key, body: account })).json.code).toBe('DEPARTMENT_CLOSED')
    expect((await shut(civil, {})).json.code).toBe('DEPARTMENT_CLOSED')
    expect((await put(civil, { name, areaCode: '330199', parentCode: office })).json.code).toBe('DEPARTMENT_CLOSED')
  })

  it('has the people of a closed department moved to its successor, where they go on', async () => {
    const [viewer] = await served.directory.people({ text: 'civil-viewer' })
    const body = { departmentCode: housing, roles: ['viewer'] }
    expect((await served.call(`/api/accounts/${viewer!.id}/post`, { method: 'PUT', key, body })).status).toBe(200)
    const session = await served.logIn('civil-viewer')
    const { json } = await served.call('/api/sessions/current', { headers: session })
    expect(json.account.departmentCode).toBe(housing)
  })

  it('closes none in the past, where what it issued since would be without an issuer', async () => {
    for (const closedAt of [-6 * MINUTE, -365 * 24 * 60 * MINUTE])
      expect(pointers((await shut(housing, { closedAt: at(closedAt) })).json)).toEqual(['/closedAt'])
    for (const closedAt of ['0000-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00']) {
      const { status, json } = await shut(housing, { closedAt })
      expect([status, json.code, pointers(json)]).toEqual([422, 'REQUEST_INVALID', ['/closedAt']])
    }
    expect((await served.directory.department(housing))!.closedAt).toBeNull()
  })

  it('closes none that has open ones below it, and none into itself, a closed or an unknown one', async () => {
    expect((await shut(market, {})).json.code).toBe('DEPARTMENT_NOT_EMPTY')
    for (const successorCode of [housing, civil, '11330199MB3301394C'])
      expect(pointers((await shut(housing, { successorCode })).json)).toEqual(['/successorCode'])
    expect((await shut(office, {})).json.code).toBe('DEPARTMENT_OUT_OF_RANGE')
    expect((await shut(housing, {}, marketKey)).json.code).toBe('DEPARTMENT_OUT_OF_RANGE')
    expect((await served.directory.department(housing))!.closedAt).toBeNull()
  })

  it('is merged into none outside the range of whoever closes it', async () => {
    const merge = (by: string) => shut(village, { successorCode: housing, closedAt: at(MINUTE) }, by)
    expect((await merge(marketKey)).json.code).toBe('DEPARTMENT_OUT_OF_RANGE')
    expect((await served.directory.department(village))!.closedAt).toBeNull()
    expect((await merge(key)).json).toMatchObject({ successorCode: housing })
    expect((await shut(village, { successorCode: market, closedAt: at(MINUTE) }, marketKey)).status).toBe(200)
  })

  it('closes from now on by a clock that is some minutes slow', async () => {
    const code = '11330199MB3301394C'
    expect((await add({ code, parentCode: housing, areaCode: '330199' }, key)).status).toBe(201)
    const { json } = await shut(code, { closedAt: at(-4 * MINUTE) })
    expect(json.closedAt).toBe(at(0))
  })
})
