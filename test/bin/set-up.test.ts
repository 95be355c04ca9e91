// The file of `set-up`: every fault is named before anything is opened.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { request } from '../../bin/ceremony/online.ts'
import { makeApiKey, setUp } from '../../bin/commands/set-up.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

const folder = temporaryFolder()
const file = join(folder, 'departments.json')
const department = {
  code: '11330199MB3301255M',
  name: { zh: '云汀市市场监督管理局', en: 'Yunting Administration for Market Regulation' },
  areaCode: '330199',
  types: ['11100000MB0143028R001'],
  accounts: [{ username: 'li.lei', name: '李雷', roles: ['issuer'] }],
}
const setUpWith = (content: unknown) => {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return setUp(file)
}

describe('setUp', () => {
  it('names every fault of its file at once, by its place', async () => {
    const wrong = {
      ...department,
      code: '11330199MB3301255X',
      name: { zh: '' },
      areaCode: '33',
      types: ['123'],
      seal: { keyAlgorithm: 'rsa-1024', shape: 'square' },
      accounts: [
        { username: 'Li Lei', name: '李雷', roles: ['mayor'] },
        { username: 'li.lei', name: '李雷', roles: ['seal-keeper', 'auditor'] },
      ],
      actsForCode: 'x',
      colour: 'red',
    }
    const failure = await setUpWith({ departments: [department, wrong] }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'SETUP_FILE_INVALID' })
    const { faults } = failure as { faults: { pointer: string }[] }
    expect(faults.map(({ pointer }) => pointer).sort()).toEqual([
      '/departments/1/accounts/0',
      '/departments/1/accounts/1/roles',
      '/departments/1/actsForCode',
      '/departments/1/areaCode',
      '/departments/1/code',
      '/departments/1/colour',
      '/departments/1/name',
      '/departments/1/seal',
      '/departments/1/seal/keyAlgorithm',
      '/departments/1/types',
    ])
  })

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['nothing', 'null'],
    ['no departments', '{"departments": []}'],
    ['departments that are none', '{"departments": [1, null, "x", []]}'],
    ['accounts that are no list', { departments: [{ ...department, accounts: 'li.lei' }] }],
  ])('refuses %s', async (_what, content) => {
    await rejectsWithCode(setUpWith(content), 'SETUP_FILE_INVALID')
  })

  it('refuses a file that is not there, and a role that nobody has', async () => {
    await rejectsWithCode(setUp(join(folder, 'nowhere.json')), 'FILE_UNREADABLE')
    await rejectsWithCode(makeApiKey({ department: department.code, name: 'desk', role: 'mayor' }), 'ANSWER_REFUSED')
  })
})

describe('ceremony request', () => {
  it('refuses a generation of what has none, and a folder that holds files, before it opens anything', async () => {
    const names = { organisation: '云汀市数据局', prefix: 'Yunting' }
    await rejectsWithCode(request({ ...names, out: join(folder, 'new'), next: ['seal'] }), 'ANSWER_REFUSED')
    await rejectsWithCode(request({ ...names, out: folder }), 'FOLDER_NOT_EMPTY')
  })
})
