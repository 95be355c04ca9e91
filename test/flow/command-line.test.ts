// The command line as a newcomer uses it: from a folder of their own, with relative paths.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'
import { listTemplates } from '../../templates/index.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const businessLicence = '11100000MB0143028R001'
const folder = temporaryFolder()
const bare = temporaryFolder()

const zhengyin = (...args: string[]) => zhengyinIn(folder, ...args)

function zhengyinIn(callerFolder: string, ...args: string[]) {
  // The test runner sets a BASE_URL and NODE_ENV of its own.
  const { BASE_URL: _base, NODE_ENV: _mode, DATABASE_URL: _database, DATA_DIR: _data, ...inherited } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/zhengyin.ts', ...args], {
    cwd: packageRoot,
    env: { ...inherited, INIT_CWD: callerFolder },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('zhengyin example', () => {
  it('lists every type, and prints data that the type takes', () => {
    const { status, stdout } = zhengyin('example')
    expect(status).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(listTemplates().length)
    expect(stdout).toContain(`${businessLicence}  营业执照  Business licence`)
    expect(JSON.parse(zhengyin('example', businessLicence).stdout)).toHaveProperty('creditCode')
  })
})

describe('zhengyin issue', () => {
  it('mints from the example, under a folder yet to be made, and verify trusts the data folder', () => {
    writeFileSync(join(folder, 'licence.json'), zhengyin('example', businessLicence).stdout)
    const minted = zhengyin('issue', '--type', businessLicence, '--data', 'licence.json', '--out', 'minted/licence.pdf')
    expect(minted.stderr).toMatch(/^zhengyin: first start: .*\nzhengyin: 首次启动.*\n$/)
    expect(JSON.parse(minted.stdout)).toMatchObject({ status: 'in force' })
    expect(
      readFileSync(join(folder, 'minted', 'licence.pdf'))
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')

    const verified = zhengyin('verify', 'minted/licence.pdf', '--offline')
    expect(verified.stdout).toContain('真实有效 Genuine, in force')
    expect(verified.stdout).toMatch(/level: Seal1 B-LTA, 不晚于 proven by \d{4}-/)
    expect(verified.status).toBe(0)
  }, 120_000)

  it.each([
    ['an unknown type', ['--type', '123', '--data', 'licence.json'], 'LICENCE_TYPE_UNKNOWN'],
    ['a missing file', ['--type', businessLicence, '--data', 'nowhere.json'], 'FILE_UNREADABLE: nowhere.json'],
  ])('refuses %s in a line, without a trace, and mints nothing', (_what, args, told) => {
    writeFileSync(join(folder, 'licence.json'), '{}')
    const { status, stderr } = zhengyin('issue', ...args, '--out', 'never.pdf')
    expect(status).toBe(2)
    expect(stderr).toContain(told)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(existsSync(join(folder, 'never.pdf'))).toBe(false)
  })
})

describe('zhengyin verify', () => {
  it.each(['yesterday', '2026-02-31T00:00:00Z', '2026-11-21T08:00:00', '2026-13-01'])(
    'takes no %s for a time',
    (at) => {
      const { status, stderr } = zhengyin('verify', 'any.pdf', '--at', at)
      expect(status).toBe(2)
      expect(stderr).toContain('TIME_MALFORMED')
    },
  )

  it('says where it looked for roots when there are none', () => {
    writeFileSync(join(bare, 'no.pdf'), 'no document')
    const named = zhengyinIn(bare, 'verify', 'no.pdf', '--offline', '--trust', 'nowhere')
    expect(named).toMatchObject({ status: 2, stderr: expect.stringContaining('TRUST_FOLDER_EMPTY') })
    const unnamed = zhengyinIn(bare, 'verify', 'no.pdf', '--offline')
    expect(unnamed).toMatchObject({ status: 1, stderr: expect.stringContaining(join(bare, 'data', 'trust')) })
  })
})

describe('zhengyin', () => {
  it('refuses a wrong call with a code and without a stack', () => {
    for (const args of [
      ['demoo'],
      ['demo'],
      ['demo', '--out'],
      ['demo', '--out', 'x', '--loud'],
      ['ceremony', 'check'],
      ['seal', 'renew'],
    ]) {
      const { status, stderr } = zhengyin(...args)
      expect(status, args.join(' ')).toBe(2)
      expect(stderr, args.join(' ')).toMatch(/^COMMAND_INVALID: /)
    }
    writeFileSync(join(folder, 'taken'), '')
    const { status, stderr } = zhengyin('demo', '--out', 'taken')
    expect(status).toBe(2)
    expect(stderr.trim()).toMatch(/^FILE_UNWRITABLE: .*taken$/)
  })
})
