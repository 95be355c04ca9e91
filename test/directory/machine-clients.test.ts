// Machines with keys of their own: tokens against signed assertions (RFC 7523), asked for by hand and by an OAuth client of others.
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import * as oauth from 'openid-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Database, systemClock, systemIds } from '../../platform/index.ts'
import { testClock } from '../support/clock.ts'
import { forEachEngine } from '../support/database.ts'
import { housing, market, office, type ServedDirectory, serveDirectory } from './served-directory.ts'

const MINUTE = 60_000
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

forEachEngine('machine clients', ({ open }) => {
  let database: Database
  let served: ServedDirectory
  let administrator: string
  let clientId: string
  let privateKey: CryptoKey
  let origin: string

  beforeAll(async () => {
    // On the real clock, because the OAuth client of others knows no other.
    database = await open()
    served = await serveDirectory(database, { clock: testClock(systemClock.now()) })
    origin = 'http://127.0.0.1'
    administrator = await served.keyOf(office, 'administrator')
    const pair = await generateKeyPair('ES256', { extractable: true })
    privateKey = pair.privateKey
    const made = await register({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one' }] })
    expect(made.status).toBe(201)
    clientId = made.json.clientId
  })
  afterAll(() => served?.close())

  const register = (more: object, key = administrator) =>
    served.call('/api/machine-clients', {
      key,
      body: { name: '协同办公系统', departmentCode: market, roles: ['seal-user'], ...more },
    })
  interface Claims {
    iss?: string
    sub?: string
    aud?: string
    jti?: string | undefined
    seconds?: number
    header?: { alg?: string; kid?: string }
    key?: CryptoKey
  }
  const assertionOf = (claims: Claims = {}) => {
    const { iss = clientId, sub = clientId, aud = `${origin}/api/oauth/token`, seconds = 60 } = claims
    const jti = 'jti' in claims ? claims.jti : systemIds.uuid()
    const now = Math.floor(served.clock.now().getTime() / 1000)
    return new SignJWT({ iss, sub, aud, exp: now + seconds, ...(jti !== undefined && { jti }) })
      .setProtectedHeader({ alg: 'ES256', ...claims.header })
      .sign(claims.key ?? privateKey)
  }
  const ask = (form: Record<string, string> | string) =>
    served.call('/api/oauth/token', {
      method: 'POST',
      bytes: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  const askWith = (assertion: string, more: Record<string, string> = {}) =>
    ask({
      grant_type: 'client_credentials',
      client_assertion_type: JWT_BEARER,
      client_assertion: assertion,
      ...more,
    })
  const who = (key: string) => served.call('/api/sessions/current', { key })

  it('get a token of ten minutes with the roles of the client', async () => {
    const { status, json, headers } = await askWith(await assertionOf())
    expect([status, json.token_type, json.expires_in, json.scope]).toEqual([200, 'Bearer', 600, 'seal-user'])
    expect(headers.get('cache-control')).toBe('no-store')
    const current = await who(json.access_token)
    expect(current.json.account).toMatchObject({ id: clientId, departmentCode: market, roles: ['seal-user'] })
    served.clock.advance(10 * MINUTE - 1000)
    expect((await who(json.access_token)).status).toBe(200)
    served.clock.advance(1000)
    expect((await who(json.access_token)).json.code).toBe('ACCESS_TOKEN_REFUSED')
    expect(served.logged()).not.toContain(json.access_token)
  })

  it('are served as an OAuth client of others expects it (RFC 8414, RFC 6749)', async () => {
    served.clock.set(systemClock.now())
    const { json } = await served.call('/.well-known/oauth-authorization-server')
    const metadata = { ...json, token_endpoint: `${served.url}/api/oauth/token` }
    const config = new oauth.Configuration(metadata, clientId, {}, oauth.PrivateKeyJwt({ key: privateKey, kid: 'one' }))
    oauth.allowInsecureRequests(config)
    const answer = await oauth.clientCredentialsGrant(config)
    expect([answer.token_type, answer.expires_in]).toEqual(['bearer', 600])
    expect((await who(answer.access_token)).status).toBe(200)
    const other = await generateKeyPair('ES256')
    const stranger = new oauth.Configuration(metadata, clientId, {}, oauth.PrivateKeyJwt(other.privateKey))
    oauth.allowInsecureRequests(stranger)
    await expect(oauth.clientCredentialsGrant(stranger)).rejects.toMatchObject({ error: 'invalid_client' })
  })

  it('show an assertion once, also when they show it many times at one instant', async () => {
    const assertion = await assertionOf()
    const answers = await Promise.all(Array.from({ length: 8 }, () => askWith(assertion)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)])
    expect(answers.find(({ status }) => status === 401)!.json).toMatchObject({
      error: 'invalid_client',
      code: 'ASSERTION_REFUSED',
    })
  })

  it.each<[string, Claims]>([
    ['for somebody else', { aud: 'https://other.example/token' }],
    ['by another issuer', { iss: '00000000-0000-7000-8000-000000000000' }],
    ['about another subject', { sub: 'root' }],
    ['by nobody readable', { iss: "x' or 1=1" }],
    ['without a name of its own', { jti: undefined }],
    ['with an empty name', { jti: '' }],
    ['that ended', { seconds: -20 }],
    ['that ends too late', { seconds: 400 }],
    ['by an unknown key of the client', { header: { kid: 'two' } }],
  ])('are refused an assertion %s', async (_what, claims) => {
    const { status, json } = await askWith(await assertionOf(claims))
    expect([status, json.error]).toEqual([401, 'invalid_client'])
  })

  it('are refused assertions without a signature, with a shared secret, by another key, and changed ones', async () => {
    const good = await assertionOf()
    const [header, body, signature] = good.split('.') as [string, string, string]
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    const secret = await new SignJWT({ iss: clientId, sub: clientId, aud: origin, jti: '1', exp: 9_999_999_999 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(JSON.stringify(await exportJWK((await generateKeyPair('ES256')).publicKey))))
    const stranger = await assertionOf({ key: (await generateKeyPair('ES256')).privateKey })
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`
    for (const one of [`${none}.${body}.`, secret, stranger, `${header}.${body}.${flipped}`, 'a.b.c', ''])
      expect((await askWith(one)).status).toBeGreaterThanOrEqual(400)
    expect((await askWith(good, { client_id: systemIds.uuid() })).status).toBe(401)
    expect((await askWith(good, { client_id: clientId })).status).toBe(200)
  })

  it('get tokens that count in every process on the database, and whose assertion counts in one of them alone', async () => {
    const other = await serveDirectory(database, { clock: served.clock, noAccounts: true })
    try {
      const assertion = await assertionOf()
      const { json } = await askWith(assertion)
      expect((await other.call('/api/sessions/current', { key: json.access_token })).status).toBe(200)
      const again = await other.call('/api/oauth/token', {
        method: 'POST',
        bytes: new URLSearchParams({
          grant_type: 'client_credentials',
          client_assertion_type: JWT_BEARER,
          client_assertion: assertion,
        }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
      expect(again.status).toBe(401)
    } finally {
      await other.close()
    }
  })

  it('are told what is wrong with a request that is none', async () => {
    const assertion = await assertionOf()
    const junk: [string | Record<string, string>, string][] = [
      ['', 'invalid_request'],
      ['grant_type=client_credentials', 'invalid_request'],
      [`client_assertion=${assertion}&client_assertion=${assertion}`, 'invalid_request'],
      [
        { grant_type: 'password', client_assertion_type: JWT_BEARER, client_assertion: assertion },
        'unsupported_grant_type',
      ],
    ]
    for (const [form, error] of junk) {
      const { status, json } = await ask(form)
      expect([status, json.error]).toEqual([400, error])
    }
    expect((await served.call('/api/oauth/token', { body: {} })).status).toBe(415)
  })

  it('are registered with public keys of a fit kind, in the own range', async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    const fit = await exportJWK(pair.publicKey)
    const bad = [
      await exportJWK(pair.privateKey),
      { kty: 'oct', k: 'c2VjcmV0' },
      { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' },
      { kty: 'RSA', n: Buffer.alloc(128, 1).toString('base64url'), e: 'AQAB' },
      {},
    ]
    for (const [i, key] of bad.entries()) {
      const { json } = await register({ keys: [fit, key] })
      expect([i, json.code, json.errors?.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([
        i,
        'CLIENT_KEY_INVALID',
        ['/keys/1'],
      ])
    }
    expect((await register({ keys: [fit], roles: ['issuer', 'auditor'] })).json.code).toBe('ROLES_OF_TWO_POWERS')
    const marketKey = await served.keyOf(market, 'administrator')
    const foreign = await register({ keys: [fit], departmentCode: housing }, marketKey)
    expect(foreign.json.code).toBe('DEPARTMENT_OUT_OF_RANGE')
  })

  it('change their keys, and end with their tokens at once', async () => {
    const before = (await askWith(await assertionOf())).json.access_token
    const pair = await generateKeyPair('EdDSA', { extractable: true })
    const path = `/api/machine-clients/${clientId}`
    const keys = [await exportJWK(pair.publicKey)]
    const housingKey = await served.keyOf(housing, 'administrator')
    const foreign = await served.call(`${path}/keys`, { method: 'PUT', key: housingKey, body: { keys } })
    expect(foreign.json.code).toBe('CLIENT_NOT_FOUND')
    const changed = await served.call(`${path}/keys`, { method: 'PUT', key: administrator, body: { keys } })
    expect(changed.status).toBe(204)
    expect((await who(before)).status).toBe(401)
    expect((await askWith(await assertionOf())).status).toBe(401)
    const fresh = await assertionOf({ key: pair.privateKey, header: { alg: 'EdDSA' } })
    const token = (await askWith(fresh)).json.access_token
    expect((await who(token)).status).toBe(200)
    const machine = { id: clientId, name: 'x', kind: 'machine' as const, departmentCode: market, roles: [] }
    expect(await served.directory.mayNow(machine, 'seals:use')).toBe(true)
    expect((await served.call(path, { method: 'DELETE', key: administrator })).status).toBe(204)
    expect(await served.directory.mayNow(machine, 'seals:use')).toBe(false)
    expect((await who(token)).status).toBe(401)
    const again = await assertionOf({ key: pair.privateKey, header: { alg: 'EdDSA' } })
    expect((await askWith(again)).status).toBe(401)
    expect((await served.call(path, { method: 'DELETE', key: administrator })).json.code).toBe('CLIENT_NOT_FOUND')
  })
})
