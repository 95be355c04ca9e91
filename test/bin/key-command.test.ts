// `zhengyin key` as a person types it.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isMissing, run } from '../support/tools.ts'

const password = 'a long password'
const act = ['--by', '王管理员', '--reason', 'a test']
const ofSeal = (name: string) => ['--store', 'seal', '--name', name, ...act]

describe.skipIf(isMissing('openssl'))('zhengyin key', () => {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  const key = (args: readonly string[], ...answers: string[]) => {
    const { DATABASE_URL: _database, NODE_ENV: _mode, BASE_URL: _vite, ...inherited } = process.env
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/zhengyin.ts', 'key', ...args], {
      cwd: packageRoot,
      input: answers.map((answer) => `${answer}\n`).join(''),
      env: { ...inherited, INIT_CWD: folder, DATA_DIR: at('data') },
    })
    const lines = stdout.toString().split('\n').filter(Boolean)
    return { status, told: lines.map((line) => JSON.parse(line)), output: `${stdout}${stderr}` }
  }

  it('lists a folder that holds no keys without making any in it', () => {
    expect(key(['list'])).toMatchObject({ status: 0, told: [], output: expect.stringContaining('DATA_DIR') })
    expect(existsSync(at('data'))).toBe(false)
  })

  it('takes a key over, hands it out, destroys it and tells it all, no password among it', () => {
    for (const args of [
      ['genpkey', '-algorithm', 'SM2', '-out', at('key.pem')],
      ['req', '-new', '-x509', '-key', at('key.pem'), '-subj', '/CN=test', '-days', '9', '-sm3', '-out', at('own.pem')],
      [
        'pkcs12',
        '-export',
        '-inkey',
        at('key.pem'),
        '-in',
        at('own.pem'),
        '-out',
        at('own.p12'),
        '-passout',
        `pass:${password}`,
      ],
    ])
      expect(run('openssl', args).status).toBe(0)
    const taking = [...ofSeal('own'), '--file', 'own.p12', '--exportable', '--certificates', 'chain.pem']
    const wrong = key(['import', ...taking], 'guess')
    expect([wrong.status, wrong.output]).toEqual([2, expect.stringContaining('KEY_IMPORT_PASSWORD_WRONG')])
    const taken = key(['import', ...taking], password)
    expect(taken).toMatchObject({ status: 0, told: [{ name: 'own', algorithm: 'SM2-with-SM3', certificates: 1 }] })
    expect(readFileSync(at('chain.pem'), 'latin1')).toContain('BEGIN CERTIFICATE')
    expect(key(['list']).told).toEqual([
      expect.objectContaining({ store: 'seal', name: 'own', place: 'file', signatures: 0 }),
    ])

    const handing = ['export', ...ofSeal('own'), '--out', 'out.p12', '--certificates', 'chain.pem']
    expect(key(handing, password, 'another').output).toContain('ANSWER_REFUSED')
    expect(key(handing, password, password).status).toBe(0)
    expect(statSync(at('out.p12')).mode & 0o777).toBe(0o600)
    expect(key(handing, password, password).output).toContain('FILE_EXISTS')
    expect(run('openssl', ['pkcs12', '-in', at('out.p12'), '-passin', `pass:${password}`, '-nodes']).status).toBe(0)

    expect(key(['destroy', ...ofSeal('own')], 'own-2').status).toBe(2)
    expect(key(['destroy', ...ofSeal('own')], 'own').told).toMatchObject([{ event: 'destroyed', by: '王管理员' }])
    expect(key(['list']).told).toEqual([])
    const records = key(['records', '--store', 'seal'])
    expect(records.told.map(({ event }) => event)).toEqual(['opened', 'imported', 'exported', 'destroyed'])
    expect(taken.output + records.output).not.toContain(password)
    rmSync(join(folder, 'data', 'keys', 'seal', 'records', '00000002.json'))
    expect(key(['records', '--store', 'seal'])).toMatchObject({ status: 2, told: [] })
  })

  it('wants a store there is, a name and a reason', () => {
    expect(key(['records', '--store', 'other']).status).toBe(2)
    expect(key(['destroy', '--store', 'seal', '--name', 'x']).status).toBe(2)
  })
})
