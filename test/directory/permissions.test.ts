// Who may what: the table of roles, powers and permissions, and its likeness in SQL; which departments lie in whose range.
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createDirectory,
  type Directory,
  demoDepartments,
  demoOffices,
  mayRoles,
  PERMISSIONS,
  POWERS,
  powersOf,
  ROLES,
  type Role,
} from '../../directory/index.ts'
import { isCreditCode } from '../../licence-format/index.ts'
import type { Database } from '../../platform/index.ts'
import { testClock } from '../support/clock.ts'
import { forEachEngine } from '../support/database.ts'
import { testIds } from '../support/ids.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'

describe('permissions', () => {
  it.each([
    [
      'issuer',
      [
        'licences:read',
        'licences:issue',
        'licences:change',
        'holder-links:create',
        'seals:read',
        'licences:collect',
        'copies:make',
        'copies:read',
        'approvals:submit',
        'batches:run',
        'statistics:read',
        'seals:use',
        'people:read',
      ],
    ],
    [
      'licence-reviewer',
      [
        'licences:read',
        'licences:review',
        'licences:erase',
        'catalogue:read',
        'catalogue:review',
        'templates:review',
        'sharing:administer',
        'subscriptions:administer',
        'statistics:read',
        'people:read',
      ],
    ],
    ['catalogue-editor', ['catalogue:read', 'catalogue:edit', 'templates:draw']],
    ['licence-user', ['licences:fetch', 'copies:read']],
    ['seal-applicant', ['seals:read', 'seals:apply', 'seals:draw', 'seals:report-lost', 'people:read']],
    ['seal-reviewer', ['seals:read', 'seals:draw', 'seals:review', 'seal-warnings:handle', 'people:read']],
    ['seal-maker', ['seals:read', 'seals:make', 'seals:draw', 'people:read']],
    [
      'seal-keeper',
      [
        'seals:read',
        'seals:keep',
        'seals:report-lost',
        'seal-ledger:read',
        'seal-webhooks:administer',
        'seal-warnings:handle',
        'people:read',
      ],
    ],
    ['seal-user', ['seals:read', 'seals:use', 'people:read']],
    ['seal-approver', ['seals:read', 'seals:approve-use', 'people:read']],
    [
      'auditor',
      [
        'seals:read',
        'seal-ledger:read',
        'audit:read',
        'seal-webhooks:administer',
        'seal-warnings:handle',
        'supervision:set',
        'accesses:read',
        'statistics:read',
        'people:read',
      ],
    ],
    ['administrator', ['people:read', 'directory:administer']],
    ['viewer', ['licences:read', 'statistics:read', 'seals:read']],
    ['nobody', []],
  ])('of %s are exactly these', (role, expected) => {
    expect(PERMISSIONS.filter((permission) => mayRoles([role], permission)).sort()).toEqual([...expected].sort())
  })

  it('are none for a permission that does not exist, also by names that every object has', () => {
    for (const name of ['licences:destroy', 'constructor', '__proto__', ''])
      expect(mayRoles(['issuer', 'viewer'], name)).toBe(false)
  })
})

describe('powers', () => {
  it('hold every role but viewer once', () => {
    const held = Object.values<readonly Role[]>(POWERS).flat()
    expect(new Set(held).size).toBe(held.length)
    expect([...held, 'viewer'].sort()).toEqual([...ROLES].sort())
    expect(powersOf(['viewer', 'seal-user', 'issuer'])).toEqual(['using-seals'])
    expect(powersOf(['seal-keeper', 'auditor'])).toEqual(['managing-seals', 'auditing'])
  })
})

describe('demo departments', () => {
  it('have valid and different credit codes (GB 32100) and a name in both languages', () => {
    const all = [...demoDepartments, ...demoOffices]
    expect([demoDepartments.length, new Set(all.map(({ code }) => code)).size]).toEqual([9, 11])
    for (const { code, name, areaCode } of all) {
      expect(isCreditCode(code), code).toBe(true)
      expect(code.slice(2, 8)).toBe(areaCode)
      expect(name.zh).toMatch(/^云汀市/)
      expect(name.en).toMatch(/^Yunting /)
    }
  })
})

forEachEngine('powers and ranges', ({ open }) => {
  const market = demoDepartments[0]!.code
  const person = { username: 'zhang.san', password: 'correct horse battery', name: '张三' }
  let database: Database
  let directory: Directory

  beforeAll(async () => {
    database = await open()
    directory = createDirectory({
      database,
      clock: testClock(),
      ids: testIds('permissions'),
      baseUrl: 'http://127.0.0.1',
      isProduction: false,
    })
    await directory.start()
    await directory.makeDemoDepartments()
  })

  it('refuses roles of two powers, for people and machines, also where the database is asked past the door', async () => {
    const rolesOf = (...roles: Role[]) => ({ ...person, username: 'two.powers', departmentCode: market, roles })
    await toThrowWithCode(directory.makeAccount(rolesOf('seal-keeper', 'auditor')), 'ROLES_OF_TWO_POWERS')
    const key = { name: 'x', departmentCode: market, expiresAt: null }
    await toThrowWithCode(directory.makeApiKey({ ...key, roles: ['issuer', 'seal-maker'] }), 'ROLES_OF_TWO_POWERS')
    await directory.makeAccount(rolesOf('seal-user', 'seal-approver', 'viewer'))
    await expect(
      database.query(`update directory.account set roles = array['issuer', 'auditor'] where username = 'two.powers'`),
    ).rejects.toThrow(/one_power/)
    await expect(
      database.query(`update directory.account set roles = array['mayor'] where username = 'two.powers'`),
    ).rejects.toThrow(/roles_known/)
  })

  it('has one table of powers and roles in the program and in SQL', async () => {
    for (const one of ROLES)
      for (const other of [...ROLES, 'mayor']) {
        const [row] = await database.query<{ powers: number; known: boolean }>(
          'select directory.powers_of($1::text[]) as powers, directory.are_roles($1::text[]) as known',
          [[one, other]],
        )
        expect([one, other, row]).toEqual([
          one,
          other,
          { powers: powersOf([one, other]).length, known: other !== 'mayor' },
        ])
      }
  })

  it('knows which departments lie in the range of another', async () => {
    const [office, centre] = demoOffices.map(({ code }) => code) as [string, string]
    const housing = demoDepartments[1]!.code
    const all = [...demoDepartments, ...demoOffices].map(({ code }) => code).sort()
    expect(await directory.codesWithin(office)).toEqual(all)
    expect(await directory.codesWithin(centre)).toEqual(all)
    expect(await directory.codesWithin(market)).toEqual([market])
    expect(await directory.codesWithin('0')).toEqual([])
    const within = async (ancestor: string, code: string) => directory.isWithin(ancestor, code)
    expect([await within(office, market), await within(centre, market), await within(market, market)]).toEqual([
      true,
      true,
      true,
    ])
    expect([await within(market, housing), await within(market, office), await within('0', market)]).toEqual([
      false,
      false,
      false,
    ])
  })
})
