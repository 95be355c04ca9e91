import { afterAll, beforeAll, expect, it } from 'vitest'
import { peopleOf } from '../../bin/seal-people.ts'
import { createDirectory, type Directory, demoDepartments } from '../../directory/index.ts'
import type { Database, Principal } from '../../platform/index.ts'
import type { People } from '../../seal-service/index.ts'
import { testClock } from '../support/clock.ts'
import { forEachEngine } from '../support/database.ts'
import { testIds } from '../support/ids.ts'

forEachEngine('the people of the directory, for the seal service', ({ open }) => {
  const [market, other] = demoDepartments.map(({ code }) => code) as [string, string]
  const password = 'correct horse battery'
  let database: Database
  let directory: Directory
  let people: People
  const keepers: Record<string, string> = {}

  beforeAll(async () => {
    database = await open()
    const baseUrl = 'http://127.0.0.1'
    directory = createDirectory({ database, clock: testClock(), ids: testIds('people'), baseUrl, isProduction: false })
    await directory.start()
    await directory.makeDemoDepartments()
    people = peopleOf(directory)
    for (const [username, departmentCode] of Object.entries({ 'li.lei': market, 'han.mei': market, 'wang.wu': other }))
      keepers[username] = await directory.makeAccount({
        ...{ username, name: username, departmentCode, password, roles: ['seal-keeper'] },
      })
    await directory.makeAccount({
      username: 'zhao',
      name: 'zhao',
      departmentCode: market,
      password,
      roles: ['seal-applicant'],
    })
  })
  afterAll(() => database?.close())

  const principal = (id: string): Principal => ({
    ...{ id, name: id, kind: 'person', departmentCode: market, roles: ['seal-keeper'] },
  })

  it('are a department’s own keepers, as long as their accounts are open', async () => {
    expect((await people.keepersOf(market)).map(({ name }) => name).sort()).toEqual(['han.mei', 'li.lei'])
    expect(await people.mayNow(principal(keepers['li.lei']!), 'seals:keep')).toBe(true)
    expect(await people.mayNow(principal(keepers['li.lei']!), 'seals:review')).toBe(false)
    await directory.disableAccount('li.lei')
    expect(await people.keepersOf(market)).toEqual([{ id: keepers['han.mei'], name: 'han.mei' }])
    expect(await people.mayNow(principal(keepers['li.lei']!), 'seals:keep')).toBe(false)
  })

  it('may nothing that has no name, whatever their roles', async () => {
    expect(await people.mayNow(principal(keepers['han.mei']!), 'seals:everything')).toBe(false)
    expect(people.isPermitted(principal('x'), 'seals:everything')).toBe(false)
    expect(people.isPermitted(principal('x'), 'seals:keep')).toBe(true)
  })

  it('belong to departments that certificates name in Chinese', async () => {
    expect(await people.department(market)).toEqual({
      ...{ name: demoDepartments[0]!.name.zh, closedAt: null, successorCode: null },
    })
    expect(await people.department('11330199MB99999999')).toBeUndefined()
  })
})
