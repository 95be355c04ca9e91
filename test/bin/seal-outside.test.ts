import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditSourceOf, esealTrustOf, openStatusSystem } from '../../bin/seal-outside.ts'
import { createKeyStore, type KeyStore } from '../../key-store/index.ts'
import { ca, parsePublicKey, x509 } from '../../pki/index.ts'
import { type FilingConfig, loadConfig, packageRoot, systemIds } from '../../platform/index.ts'
import { createPkiWorld, makeFolder, type PkiWorld } from '../pki-service/world.ts'
import { startStatusWorld } from '../seal-service/outward/status-world.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

describe('what the seal service is given to reach outside', () => {
  const folder = makeFolder()
  let pki: PkiWorld
  let keyStore: KeyStore
  let status: Awaited<ReturnType<typeof startStatusWorld>>
  beforeAll(async () => {
    pki = await createPkiWorld(await engines[0]!.open())
    await pki.pki.start()
    keyStore = await createKeyStore({ folder: makeFolder(), passphrase: 'for tests' })
    status = await startStatusWorld(pki.pki, pki.clock)
  })
  afterAll(async () => {
    await status?.system.close()
    status?.keyStore.close()
    keyStore?.close()
    await pki?.close()
  })

  const secrets = (content: string, name = 'secrets.json'): string => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  const good = '{"secret":"the app secret","password":"the password","salt":"the salt"}'
  const config = (changed: Partial<FilingConfig> = {}): FilingConfig => ({
    url: status.system.url,
    appKey: 'app-330000',
    username: 'yunting',
    secretsFile: secrets(good, 'good.json'),
    ...changed,
  })
  const deps = (isProduction = false) => ({
    keyStore,
    pki: pki.pki,
    isProduction,
    clock: pki.clock,
    ids: systemIds,
  })

  it('speaks with the status system with a key and certificate of trial', async () => {
    const system = await openStatusSystem(config(), deps())
    expect(await system.publicStatus({ id: '33019900000001', name: 'none' })).toBe('unknown')
    expect(keyStore.list()).toEqual(['filing'])
  })

  it('takes a certificate for its own key alone', async () => {
    const pem = (der: Uint8Array) => {
      const path = join(folder, 'certificate.pem')
      writeFileSync(
        path,
        `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`,
      )
      return path
    }
    await rejectsWithCode(
      openStatusSystem(config({ certificateFile: pem(status.client.certificate) }), deps()),
      'CONFIG_INVALID',
    )
    const subject = { organisation: 'o', organisationCode: '11330199MB3301394C', commonName: 'c' }
    const { publicKey } = keyStore.get('filing')
    const { certificate } = await pki.pki.certify({ profile: 'sm2-seal', subject, publicKey })
    await openStatusSystem(config({ certificateFile: pem(certificate), peerFile: pem(certificate) }), deps(true))
  })

  it.each([
    '',
    '{}',
    '[]',
    'null',
    '{"secret":"a","password":"b"}',
    '{"secret":"hush',
    '{"secret":1,"password":"b","salt":"c"}',
  ])('refuses the secrets %s without telling them', async (content) => {
    const refusal = openStatusSystem(config({ secretsFile: secrets(content) }), deps())
    const error = await refusal.catch((caught: Error) => caught)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(String((error as Error).message) + String((error as Error).cause)).not.toContain('hush')
  })

  it('makes no key and no certificate in production', async () => {
    const empty = await createKeyStore({ folder: makeFolder(), passphrase: 'for tests' })
    await rejectsWithCode(openStatusSystem(config(), { ...deps(true), keyStore: empty }), 'KEY_NOT_FOUND')
    await rejectsWithCode(openStatusSystem(config(), deps(true)), 'CONFIG_INVALID')
    expect(empty.list()).toEqual([])
    empty.close()
  })

  it('trusts the SM2 root for seals and the house’s roots for time stamps', async () => {
    const { anchors, timeStampAnchors, crls } = await esealTrustOf(pki.pki)
    const keyOf = (der: Uint8Array) => parsePublicKey(x509.parseCertificate(der).subjectPublicKeyInfo).kind
    expect(anchors.map(keyOf)).toEqual(['sm2'])
    expect(timeStampAnchors.map(keyOf)).not.toContain('sm2')
    expect(crls.length).toBeGreaterThan(1)
  })

  it('hands on what the directory recorded, by its own numbers', async () => {
    const at = new Date('2026-11-22T00:00:00Z')
    const entry = {
      sequence: 7n,
      at,
      departmentCode: 'D',
      actorId: 'a',
      actorName: 'b',
      action: 'account made',
      subject: 's',
      detail: {},
    } as const
    const source = auditSourceOf({
      auditEntries: async ({ after, limit, departmentCodes }) => {
        expect({ after, limit, departmentCodes }).toEqual({ after: 6n, limit: 5, departmentCodes: ['D'] })
        return [entry]
      },
    })
    expect(await source.read(['D'], 6n, 5)).toMatchObject([
      { sequence: 7n, at, departmentCode: 'D', record: { action: 'account made', subject: 's' } },
    ])
  })

  it('reads its settings whole or not at all, https in production', () => {
    const base = { DATA_DIR: folder, KEY_PASSPHRASE: 'long enough for a test' }
    const filing = { FILING_URL: 'http://127.0.0.1/x', FILING_APP_KEY: 'a', FILING_USERNAME: 'b', FILING_SECRETS: 'c' }
    expect(loadConfig(base).filing).toBeUndefined()
    expect(loadConfig({ ...base, ...filing }).filing).toMatchObject({ url: 'http://127.0.0.1/x', appKey: 'a' })
    const faultsOf = (settings: Record<string, string>) => {
      try {
        loadConfig({ ...base, ...settings })
        return []
      } catch (error) {
        return (error as { faults: { pointer: string }[] }).faults.map(({ pointer }) => pointer)
      }
    }
    expect(faultsOf({ FILING_PEER: 'p' })).toEqual([
      '/FILING_URL',
      '/FILING_APP_KEY',
      '/FILING_USERNAME',
      '/FILING_SECRETS',
    ])
    const production = { ...filing, NODE_ENV: 'production', DATABASE_URL: 'postgres://x/y', BASE_URL: 'https://x.test' }
    expect(faultsOf(production)).toEqual(['/FILING_CERTIFICATE', '/FILING_URL'])
  })

  it('asks for a certificate by the command line with the same key each time', async () => {
    const dataDir = makeFolder()
    const request = async (out: string, code = '11330199MB3301394C') => {
      const args = ['bin/zhengyin.ts', 'key', 'filing-request', '--organisation', '云汀市印章制作中心', '--code', code]
      await promisify(execFile)(process.execPath, [...args, '--out', join(dataDir, out)], {
        cwd: packageRoot,
        env: { PATH: process.env['PATH'], DATA_DIR: dataDir, KEY_PASSPHRASE: 'long enough for a test' },
      })
      const pem = readFileSync(join(dataDir, out), 'latin1').replaceAll(/-----[^-]*-----/g, '')
      return ca.parseCsr(new Uint8Array(Buffer.from(pem, 'base64')))
    }
    const first = await request('one.csr')
    expect(await ca.verifyCsr(first, new Date())).toBeNull()
    expect(parsePublicKey(first.subjectPublicKeyInfo).kind).toBe('sm2')
    expect(first.subject.text).toContain('云汀市印章制作中心')
    expect((await request('two.csr')).subjectPublicKeyInfo).toEqual(first.subjectPublicKeyInfo)
    await expect(request('two.csr')).rejects.toMatchObject({ code: 2 })
    await expect(request('three.csr', '123')).rejects.toMatchObject({ code: 2 })
  })
})
