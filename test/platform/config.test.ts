import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { callerFolder, loadConfig, loadVerifierConfig } from '../../platform/index.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'

describe('loadConfig', () => {
  const folder = temporaryFolder()
  const passphrase = 'a passphrase long enough'

  it('reads days by name, and refuses what is none of them', async () => {
    const read = (text: string) => loadConfig({ INIT_CWD: folder, SEAL_DEADLINES: text }).sealDeadlines
    expect(read('applied=3, report-lost=20')).toEqual({ applied: 3, 'report-lost': 20 })
    for (const text of ['applied', 'applied=0', 'applied=3.5', 'applied=3,', '=4', 'applied=99999'])
      await toThrowWithCode(() => read(text), 'CONFIG_INVALID')
  })

  it('needs nothing for a trial, and is frozen', () => {
    const config = loadConfig({ INIT_CWD: folder })
    const { passphrase: made, ...rest } = config
    expect(rest).toEqual({
      isProduction: false,
      host: '127.0.0.1',
      port: 8080,
      baseUrl: 'http://localhost:8080',
      dataDir: join(folder, 'data'),
      sm2Seals: false,
      logLevel: 'warn',
      workers: availableParallelism() - 1,
      trustedProxies: 0,
      passwordLogin: true,
      sessionIdleMinutes: 30,
      logsKeptDays: 365,
      sharingAccessKeptDays: 1_095,
      resultsKeptMinutes: 15,
    })
    expect(made.length).toBeGreaterThanOrEqual(43)
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('makes the trial secret once, for its owner alone', () => {
    const first = loadConfig({ INIT_CWD: folder, DATA_DIR: 'elsewhere' }).passphrase
    expect(loadConfig({ INIT_CWD: folder, DATA_DIR: 'elsewhere' }).passphrase).toBe(first)
    const path = join(folder, 'elsewhere', 'secret')
    expect(readFileSync(path, 'utf8')).toBe(first)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    writeFileSync(path, '')
    expect(() => loadConfig({ INIT_CWD: folder, DATA_DIR: 'elsewhere' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })

  it('takes every setting, trims the base address and ignores empty variables', () => {
    const config = loadConfig({
      NODE_ENV: 'production',
      PORT: '9090',
      HOST: '0.0.0.0',
      BASE_URL: 'https://licences.example/',
      DATA_DIR: '/srv/data',
      DATABASE_URL: 'postgres://u:p@db/zhengyin',
      KEY_PASSPHRASE: passphrase,
      SM2_SEALS: 'on',
      LOG_LEVEL: 'warn',
      WORKERS: '3',
      TRUSTED_PROXIES: '',
      SESSION_IDLE_MINUTES: '10',
      LOGS_KEPT_DAYS: '180',
      SHARING_ACCESS_KEPT_DAYS: '180',
    })
    expect(config).toEqual({
      isProduction: true,
      port: 9090,
      host: '0.0.0.0',
      baseUrl: 'https://licences.example',
      dataDir: '/srv/data',
      databaseUrl: 'postgres://u:p@db/zhengyin',
      passphrase,
      sm2Seals: true,
      logLevel: 'warn',
      workers: 3,
      trustedProxies: 0,
      passwordLogin: true,
      sessionIdleMinutes: 10,
      logsKeptDays: 180,
      sharingAccessKeptDays: 180,
      resultsKeptMinutes: 15,
    })
  })

  it('takes a login provider with its client and one proof of it, or nothing of it', () => {
    const whole = { OIDC_ISSUER: 'https://login.example/', OIDC_CLIENT_ID: 'zhengyin', OIDC_CLIENT_SECRET: 's' }
    expect(loadConfig({ INIT_CWD: folder, ...whole, PASSWORD_LOGIN: 'off' })).toMatchObject({
      oidc: { issuer: 'https://login.example/', clientId: 'zhengyin', clientSecret: 's' },
      passwordLogin: false,
    })
    const withKey = { ...whole, OIDC_CLIENT_SECRET: '', OIDC_CLIENT_KEY: 'client.pem', OIDC_USERNAME_CLAIM: 'uid' }
    expect(loadConfig({ INIT_CWD: folder, ...withKey }).oidc).toEqual({
      issuer: 'https://login.example/',
      clientId: 'zhengyin',
      clientKey: join(folder, 'client.pem'),
      usernameClaim: 'uid',
    })
    const wrong: [Record<string, string>, string][] = [
      [{ ...whole, OIDC_CLIENT_KEY: 'client.pem' }, '/OIDC_CLIENT_SECRET'],
      [{ ...whole, OIDC_CLIENT_SECRET: '' }, '/OIDC_CLIENT_SECRET'],
      [{ ...whole, OIDC_CLIENT_ID: '' }, '/OIDC_CLIENT_ID'],
      [{ ...whole, OIDC_ISSUER: 'login.example' }, '/OIDC_ISSUER'],
      [{ OIDC_LABEL: 'x', OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 's' }, '/OIDC_ISSUER'],
      [{ PASSWORD_LOGIN: 'off' }, '/PASSWORD_LOGIN'],
    ]
    for (const [environment, pointer] of wrong)
      expect(() => loadConfig({ INIT_CWD: folder, ...environment })).toThrow(
        expect.objectContaining({ faults: [expect.objectContaining({ pointer })] }),
      )
  })

  it('keeps logins for 180 days at least and lets no session idle for ever', () => {
    for (const [name, value] of [
      ['LOGS_KEPT_DAYS', '179'],
      ['SHARING_ACCESS_KEPT_DAYS', '179'],
      ['LOGS_KEPT_DAYS', '0'],
      ['SESSION_IDLE_MINUTES', '0'],
      ['SESSION_IDLE_MINUTES', '721'],
    ] as const)
      expect(() => loadConfig({ INIT_CWD: folder, [name]: value })).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID', faults: [expect.objectContaining({ pointer: `/${name}` })] }),
      )
  })

  it('reports every fault at once by name, never by value', async () => {
    const error = await toThrowWithCode(
      () =>
        loadConfig({
          PORT: '99999',
          BASE_URL: 'http://host/with/path',
          DATABASE_URL: 'mysql://root:geheim@db/x',
          KEY_PASSPHRASE: 'kurz',
          SM2_SEALS: 'yes',
          LOG_LEVEL: 'loud',
        }),
      'CONFIG_INVALID',
    )
    const faults = error.faults as { pointer: string }[]
    expect(faults.map(({ pointer }) => pointer).sort()).toEqual([
      '/BASE_URL',
      '/DATABASE_URL',
      '/KEY_PASSPHRASE',
      '/LOG_LEVEL',
      '/PORT',
      '/SM2_SEALS',
    ])
    expect(JSON.stringify([error.message, faults])).not.toMatch(/geheim|kurz|99999|loud|with\/path/)
  })

  it('takes a token whole or not at all, its PIN only from a file', async () => {
    const token = { PKCS11_MODULE: '/usr/lib/hsm.so', PKCS11_TOKEN_LABEL: 'seals', PKCS11_PIN_FILE: 'pin' }
    const load = (settings: Record<string, string>) => loadConfig({ INIT_CWD: folder, ...settings })
    expect(load({}).token).toBeUndefined()
    const taken = { module: '/usr/lib/hsm.so', label: 'seals', pinFile: join(folder, 'pin') }
    expect(load(token).token).toEqual({ ...taken, keys: ['seals'] })
    expect(load({ ...token, PKCS11_KEYS: 'seals, authorities' }).token?.keys).toEqual(['seals', 'authorities'])
    const { PKCS11_PIN_FILE: _file, ...withoutPin } = token
    const refused = await toThrowWithCode(() => load({ ...withoutPin, PKCS11_KEYS: 'everything' }), 'CONFIG_INVALID')
    expect(refused).toMatchObject({ faults: [{ pointer: '/PKCS11_PIN_FILE' }, { pointer: '/PKCS11_KEYS' }] })
    await toThrowWithCode(() => load({ PKCS11_KEYS: 'seals' }), 'CONFIG_INVALID')
  })

  it('takes a store for documents whole or not at all, its key only from a file, without credentials in the address', async () => {
    const read = (more: Record<string, string>) => loadConfig({ INIT_CWD: folder, ...more }).blobsS3
    const url = 'https://s3.example/bucket/house'
    expect(read({})).toBeUndefined()
    expect(read({ BLOBS_S3_URL: `${url}/`, BLOBS_S3_KEY_FILE: 'key.json' })).toEqual({
      url,
      region: 'us-east-1',
      keyFile: join(folder, 'key.json'),
    })
    expect(read({ BLOBS_S3_URL: url, BLOBS_S3_KEY_FILE: '/k', BLOBS_S3_REGION: 'cn-north-1' })?.region).toBe(
      'cn-north-1',
    )
    for (const half of [
      { BLOBS_S3_URL: url },
      { BLOBS_S3_KEY_FILE: 'key.json' },
      { BLOBS_S3_REGION: 'cn-north-1' },
      { BLOBS_S3_URL: 'https://s3.example/', BLOBS_S3_KEY_FILE: 'key.json' },
      { BLOBS_S3_URL: 'https://me:secret@s3.example/bucket', BLOBS_S3_KEY_FILE: 'key.json' },
      { BLOBS_S3_URL: url, BLOBS_S3_KEY_FILE: 'key.json', BLOBS_S3_REGION: 'no region' },
    ])
      await toThrowWithCode(() => read(half), 'CONFIG_INVALID')
  })

  it('refuses the embedded database, a made-up secret and an address without TLS in production', async () => {
    const error = await toThrowWithCode(
      () => loadConfig({ NODE_ENV: 'production', BASE_URL: 'http://licences.example', INIT_CWD: folder }),
      'CONFIG_INVALID',
    )
    const faults = error.faults as { pointer: string }[]
    expect(faults.map(({ pointer }) => pointer).sort()).toEqual(['/BASE_URL', '/DATABASE_URL', '/KEY_PASSPHRASE'])
  })

  it.each(['-1', '1.5', '8080x', '0x50', '１２'])('refuses the port %j', (PORT) => {
    expect(() => loadConfig({ PORT, KEY_PASSPHRASE: passphrase })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })
})

describe('loadVerifierConfig', () => {
  it('asks for roots and nothing else, and needs neither key nor database', () => {
    const config = loadVerifierConfig({ INIT_CWD: '/home/someone', TRUST_ANCHORS: 'trust, /etc/roots.pem' })
    expect(config).toMatchObject({ trustAnchors: ['/home/someone/trust', '/etc/roots.pem'], resultsKeptMinutes: 15 })
    expect([config.trustList, config.statusUrl, 'passphrase' in config]).toEqual([undefined, undefined, false])
  })

  it('takes addresses and files of lists, and where the register answers', () => {
    const load = (TRUST_LISTS: string) =>
      loadVerifierConfig({
        INIT_CWD: '/home/someone',
        TRUST_ANCHORS: 'trust',
        TRUST_LISTS,
        LICENCE_STATUS_URL: 'https://licences.example/',
      })
    expect(load('lists/own.jwt').trustList).toBe('/home/someone/lists/own.jwt')
    expect(load('https://licences.example/trust-list')).toMatchObject({
      trustList: 'https://licences.example/trust-list',
      statusUrl: 'https://licences.example',
    })
  })

  it('tells every fault at once', async () => {
    const error = await toThrowWithCode(
      () =>
        loadVerifierConfig({ LICENCE_STATUS_URL: 'https://x/path', RESULTS_KEPT_MINUTES: '0', NODE_ENV: 'production' }),
      'CONFIG_INVALID',
    )
    const faults = error.faults as { pointer: string }[]
    const pointers = ['/BASE_URL', '/LICENCE_STATUS_URL', '/RESULTS_KEPT_MINUTES', '/TRUST_ANCHORS']
    expect(faults.map(({ pointer }) => pointer).sort()).toEqual(pointers)
  })
})

describe('callerFolder', () => {
  it('is where the command was typed', () => {
    expect(callerFolder({ INIT_CWD: '/home/someone' })).toBe('/home/someone')
    expect(callerFolder({})).toBe(process.cwd())
  })
})
