// Security keys (WebAuthn) and the confirmation that dangerous acts ask for, with a key in software.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { routeDefiner } from '../../platform/http/index.ts'
import type { Database } from '../../platform/index.ts'
import { forEachEngine } from '../support/database.ts'
import { type SoftwareAuthenticator, softwareAuthenticator, type Wrong } from '../support/software-authenticator.ts'
import { market, office, type ServedDirectory, serveDirectory } from './served-directory.ts'

const MINUTE = 60_000
const base = '/api/sessions/current'
const define = routeDefiner<'seals:keep'>()
const dangerous = define({
  method: 'post',
  path: '/api/danger',
  permission: 'seals:keep',
  stepUp: true,
  summary: 'Probe',
  answers: { 200: { description: 'passed' } },
  handle: ({ principal }) => ({ status: 200, json: { at: principal.steppedUpAt ?? null } }),
})

forEachEngine('security keys', ({ open }) => {
  const origin = 'http://localhost:8080'
  let database: Database
  let served: ServedDirectory
  type Session = Record<string, string>

  beforeAll(async () => {
    database = await open()
    served = await serveDirectory(database, { baseUrl: origin, extra: { routes: [dangerous], problems: {} } })
  })
  afterAll(() => served?.close())

  const post = (path: string, headers: Session, body?: object) =>
    served.call(base + path, { method: 'POST', headers, ...(body && { body }) })
  const danger = async (headers: Session) => {
    const { status, json } = await served.call('/api/danger', { method: 'POST', headers })
    return status === 200 ? 200 : (json.code as string)
  }
  const register = async (headers: Session, key: SoftwareAuthenticator, wrong?: Wrong) => {
    const options = await post('/security-keys/options', headers)
    if (options.status !== 200) return options
    return post('/security-keys', headers, { name: '抽屉里的', response: key.create(options.json, origin, wrong) })
  }
  const confirm = async (headers: Session, key: SoftwareAuthenticator, wrong?: Wrong) => {
    const options = await post('/step-up/options', headers)
    if (options.status !== 200) return options
    return post('/step-up', headers, { response: key.get(options.json, origin, wrong) })
  }

  it('are asked for by a dangerous route only once there is one, and let it pass for five minutes', async () => {
    const keeper = await served.logIn('market-keeper')
    expect(await danger(keeper)).toBe(200)
    expect((await confirm(keeper, softwareAuthenticator())).json.code).toBe('SECURITY_KEY_NOT_FOUND')
    const key = softwareAuthenticator()
    const added = await register(keeper, key)
    expect([added.status, added.json]).toEqual([201, { id: key.id }])
    expect(await danger(keeper)).toBe('STEP_UP_REQUIRED')
    const confirmed = await confirm(keeper, key)
    expect([confirmed.status, new Date(confirmed.json.until).getTime()]).toEqual([
      200,
      served.clock.now().getTime() + 5 * MINUTE,
    ])
    const current = await served.call(base, { headers: keeper })
    expect(current.json.account.steppedUpUntil).toBe(confirmed.json.until)
    expect(await danger(keeper)).toBe(200)
    served.clock.advance(5 * MINUTE - 1)
    expect(await danger(keeper)).toBe(200)
    served.clock.advance(1)
    expect(await danger(keeper)).toBe('STEP_UP_REQUIRED')
  })

  it('answer a process that another one asked for: challenge and confirmation outlive a restart', async () => {
    const session = await served.logIn('market-seal-user')
    const key = softwareAuthenticator()
    await register(session, key)
    const options = (await post('/step-up/options', session)).json
    const other = await serveDirectory(database, { baseUrl: origin, clock: served.clock, noAccounts: true })
    try {
      const body = { response: key.get(options, origin) }
      expect((await other.call(`${base}/step-up`, { headers: session, body })).status).toBe(200)
    } finally {
      await other.close()
    }
    const current = await served.call(base, { headers: session })
    expect(current.json.account.steppedUpUntil).not.toBeNull()
  })

  it('confirm one session, not the others of the person, nor the next', async () => {
    const here = await served.logIn('housing-keeper')
    const there = await served.logIn('housing-keeper')
    const key = softwareAuthenticator()
    await register(here, key)
    expect((await confirm(here, key)).status).toBe(200)
    expect([await danger(here), await danger(there)]).toEqual([200, 'STEP_UP_REQUIRED'])
    const options = (await post('/step-up/options', here)).json
    expect((await post('/step-up', there, { response: key.get(options, origin) })).json.code).toBe('CHALLENGE_ENDED')
    expect(await danger(await served.logIn('housing-keeper'))).toBe('STEP_UP_REQUIRED')
  })

  it.each<[string, Wrong]>([
    ['for another site', { origin: 'https://evil.example' }],
    ['for another host', { rpId: 'evil.example' }],
    ['to another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['of another kind', { type: 'webauthn.create' }],
    ['without the person having proved who they are', { withoutUser: true }],
    ['with a broken signature', { breakSignature: true }],
    ['with a count that was told before', { counter: 1 }],
  ])('refuse an answer %s, and its challenge is spent', async (what, wrong) => {
    const session = await served.logIn('civil-keeper')
    const key = softwareAuthenticator()
    await database.query(
      'delete from directory.security_key where account_id = (select id from directory.account where username = $1)',
      ['civil-keeper'],
    )
    expect((await register(session, key)).status).toBe(201)
    for (let i = 0; i < 2; i++) expect((await confirm(session, key)).status).toBe(200)
    served.clock.advance(6 * MINUTE)
    const options = (await post('/step-up/options', session)).json
    const refused = await post('/step-up', session, { response: key.get(options, origin, wrong) })
    expect([what, refused.status, refused.json.code]).toEqual([what, 403, 'SECURITY_KEY_REFUSED'])
    const right = await post('/step-up', session, { response: key.get(options, origin) })
    expect(right.json.code).toBe('CHALLENGE_ENDED')
    expect(await danger(session)).toBe('STEP_UP_REQUIRED')
  })

  it('refuse an answer that is shown twice, that comes late, and that is junk', async () => {
    const session = await served.logIn('land-keeper')
    const key = softwareAuthenticator({ counts: false })
    expect((await register(session, key)).status).toBe(201)
    const options = (await post('/step-up/options', session)).json
    const response = key.get(options, origin)
    const both = await Promise.all([1, 2, 3, 4].map(() => post('/step-up', session, { response })))
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
    served.clock.advance(6 * MINUTE)
    const late = (await post('/step-up/options', session)).json
    served.clock.advance(3 * MINUTE)
    expect((await post('/step-up', session, { response: key.get(late, origin) })).json.code).toBe('CHALLENGE_ENDED')
    for (const junk of [{}, { id: 1 }, { ...response, id: 'x' }, { ...response, response: { signature: '' } }]) {
      await post('/step-up/options', session)
      const { status } = await post('/step-up', session, { response: junk })
      expect([403, 422]).toContain(status)
    }
    expect(await danger(session)).toBe('STEP_UP_REQUIRED')
  })

  it('are several, each added with one that is there, none to two people, and listed without their inside', async () => {
    const session = await served.logIn('transport-keeper')
    const [first, second] = [softwareAuthenticator(), softwareAuthenticator()]
    expect((await register(session, first)).status).toBe(201)
    expect((await register(session, second)).json.code).toBe('STEP_UP_REQUIRED')
    expect((await confirm(session, first)).status).toBe(200)
    expect((await register(session, first)).json.code).toBe('SECURITY_KEY_EXISTS')
    expect((await register(session, second)).status).toBe(201)
    const other = await served.logIn('transport-applicant')
    expect((await register(other, second)).json.code).toBe('SECURITY_KEY_EXISTS')
    const listed = await served.call(`${base}/security-keys`, { headers: session })
    expect(listed.json.items.map(({ id }: { id: string }) => id).sort()).toEqual([first.id, second.id].sort())
    expect(listed.text).not.toMatch(/publicKey|counter/)
    served.clock.advance(6 * MINUTE)
    const remove = (id: string) => served.call(`${base}/security-keys/${id}`, { method: 'DELETE', headers: session })
    expect((await remove(first.id)).json.code).toBe('STEP_UP_REQUIRED')
    expect((await confirm(session, second)).status).toBe(200)
    expect((await remove(first.id)).status).toBe(204)
    expect((await remove(first.id)).json.code).toBe('SECURITY_KEY_NOT_FOUND')
    expect((await confirm(session, first)).json.code).toBe('SECURITY_KEY_REFUSED')
  })

  it.each<[string, Wrong]>([
    ['an attestation that was not asked for', { fmt: 'android-safetynet' }],
    ['another site', { origin: 'https://evil.example' }],
    ['another challenge', { challenge: 'AAAA' }],
    ['nobody who proved who they are', { withoutUser: true }],
  ])('are not registered with %s', async (_what, wrong) => {
    const session = await served.logIn('market-seal-approver')
    expect((await register(session, softwareAuthenticator(), wrong)).json.code).toBe('SECURITY_KEY_REFUSED')
    expect((await served.call(`${base}/security-keys`, { headers: session })).json.items).toEqual([])
  })

  it('that are lost are removed by an administrator, not by the person themselves', async () => {
    const session = await served.logIn('land-applicant')
    const key = softwareAuthenticator()
    await register(session, key)
    const [person] = await served.directory.people({ text: 'land-applicant' })
    const path = `/api/accounts/${person!.id}/security-keys`
    const marketKey = await served.keyOf(market, 'administrator')
    expect((await served.call(path, { method: 'DELETE', key: marketKey })).json.code).toBe('ACCOUNT_NOT_FOUND')
    const administrator = await served.keyOf(office, 'administrator')
    expect((await served.call(path, { method: 'DELETE', key: administrator })).status).toBe(204)
    expect((await confirm(session, key)).json.code).toBe('SESSION_ENDED')
    const again = await served.logIn('land-applicant')
    expect((await confirm(again, key)).json.code).toBe('SECURITY_KEY_NOT_FOUND')
  })

  it('are for people: machines have none', async () => {
    const key = await served.keyOf(market, 'seal-keeper')
    for (const path of ['/security-keys/options', '/step-up/options'])
      expect((await served.call(base + path, { method: 'POST', key })).json.code).toBe('PERSON_REQUIRED')
  })
})

forEachEngine('dangerous acts in production', ({ open }) => {
  it('are for people with a security key alone, not for machines', async () => {
    const origin = 'https://licences.example'
    const served = await serveDirectory(await open(), {
      baseUrl: origin,
      isProduction: true,
      noAccounts: true,
      extra: { routes: [dangerous], problems: {} },
    })
    try {
      const department = { code: market, name: { zh: '市监局', en: 'Market' }, areaCode: '330199', parentCode: null }
      await served.directory.saveDepartment(department)
      const account = { username: 'keeper', name: '王五', password: 'a keeper of seals', departmentCode: market }
      await served.directory.makeAccount({ ...account, roles: ['seal-keeper'] })
      const session = await served.logIn('keeper', 'a keeper of seals')
      const ask = (how: object) => served.call('/api/danger', { method: 'POST', ...how })
      expect((await ask({ headers: session })).json.code).toBe('STEP_UP_REQUIRED')
      expect((await ask({ key: await served.keyOf(market, 'seal-keeper') })).json.code).toBe('STEP_UP_REQUIRED')
      const key = softwareAuthenticator()
      const creation = await served.call(`${base}/security-keys/options`, { method: 'POST', headers: session })
      const body = { name: 'x', response: key.create(creation.json, origin) }
      expect((await served.call(`${base}/security-keys`, { headers: session, body })).status).toBe(201)
      expect((await ask({ headers: session })).json.code).toBe('STEP_UP_REQUIRED')
      const request = await served.call(`${base}/step-up/options`, { method: 'POST', headers: session })
      const answer = { response: key.get(request.json, origin) }
      expect((await served.call(`${base}/step-up`, { headers: session, body: answer })).status).toBe(200)
      expect((await ask({ headers: session })).status).toBe(200)
      const system = { id: 's', name: 's', kind: 'system' as const, departmentCode: market, roles: [] }
      await served.directory.requireStepUp(system)
    } finally {
      await served.close()
    }
  })
})
