// Holders of licences log in: by a provider that says who they are, or by word alone in a demonstration. What is kept of them is a keyed
// hash and a masked name.
import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { HolderFacts } from '../../directory/index.ts'
import { publicRoute, routeDefiner } from '../../platform/http/index.ts'
import { type Database, systemClock } from '../../platform/index.ts'
import { testClock } from '../support/clock.ts'
import { forEachEngine } from '../support/database.ts'
import { startOpenidProvider, type TestProvider } from '../support/openid-provider.ts'
import { type ServedDirectory, serveDirectory } from './served-directory.ts'

const NUMBER = '330199199001011234'
const NAME = '欧阳小三'
const holderOf = ({ code, name, codeType }: HolderFacts) => ({
  key: createHmac('sha256', 'a key of this test').update(code).digest('hex'),
  maskedName: codeType === '001' ? name : `${name[0]}**`,
  isCompany: codeType === '001',
})
const whoAmI = {
  routes: [
    routeDefiner<'wallet:use'>()({
      method: 'get',
      path: '/api/wallet/who',
      permission: 'wallet:use',
      summary: 'Who asks',
      answers: { 200: { description: 'The principal' } },
      handle: ({ principal }) => ({ status: 200, json: principal }),
    }),
    publicRoute({
      method: 'get',
      path: '/anyone',
      permission: 'authenticated',
      summary: 'Anyone known',
      answers: { 200: { description: 'Somebody' } },
      handle: () => ({ status: 200, json: {} }),
    }),
  ],
  problems: {},
}

forEachEngine('login of holders', ({ open }) => {
  let database: Database
  let provider: TestProvider
  let served: ServedDirectory
  let demo: ServedDirectory

  beforeAll(async () => {
    database = await open()
    provider = await startOpenidProvider({ id: 'wallet', secret: 's' })
    const clock = testClock(systemClock.now())
    const oidc = { issuer: provider.issuer, clientId: 'wallet', clientSecret: 's', label: '浙里办' }
    served = await serveDirectory(database, { clock, holders: { holderOf, oidc }, extra: whoAmI })
    demo = await serveDirectory(database, { clock, holders: { holderOf }, extra: whoAmI, noAccounts: true })
  })
  afterEach(() => {
    provider.lies = {}
    provider.person = { sub: 'x', id_number: NUMBER, name: NAME, acr: 'urn:assurance:3' }
    served.clock.set(systemClock.now())
  })
  afterAll(async () => {
    await demo?.close()
    await served?.close()
    await provider?.close()
  })

  const cookieIn = (headers: Headers, name: string) =>
    headers
      .getSetCookie()
      .map((line) => line.split(';')[0]!)
      .find((pair) => pair.startsWith(`${name}=`))
  const fromOurPage = (cookie: string) => ({ headers: { cookie, 'sec-fetch-site': 'same-origin' } })
  /** From the start of a login through the provider and back. */
  const logIn = async (person: object = { id_number: NUMBER, name: NAME, acr: '3' }) => {
    provider.person = { sub: 'somebody', ...person }
    served.clock.advance(2000)
    const begun = await served.call('/api/holder-sessions/oidc/start')
    const response = await fetch(begun.headers.get('location')!, { redirect: 'manual' })
    const back = new URL(response.headers.get('location')!)
    expect(back.pathname).toBe('/api/holder-sessions/oidc/callback')
    const cookie = cookieIn(begun.headers, 'zhengyin_login')!
    return {
      path: back.pathname + back.search,
      cookie,
      finish: () => served.call(back.pathname + back.search, { headers: { cookie } }),
    }
  }

  it('by verified claims: a session for the wallet alone, of somebody known by a keyed hash', async () => {
    const returned = await (await logIn()).finish()
    expect(returned.status).toBe(200)
    expect(returned.text).toContain('url=/wallet')
    const line = returned.headers.getSetCookie().find((one) => one.startsWith('zhengyin_holder='))!
    expect(line).toMatch(/; Path=\/api\/wallet; HttpOnly; SameSite=Strict/)
    const cookie = line.split(';')[0]!
    const { json } = await served.call('/api/wallet/who', fromOurPage(cookie))
    expect(json).toEqual({
      id: `holder:${holderOf({ code: NUMBER, name: NAME, codeType: '111' }).key}`,
      name: '欧**',
      kind: 'person',
      departmentCode: '',
      roles: ['holder'],
      isOutside: true,
    })
    expect((await served.call('/api/wallet/session', fromOurPage(cookie))).json).toEqual({
      holder: { name: '欧**', isCompany: false, assurance: 3 },
    })
  })

  it('a company is one by the kind of its number', async () => {
    const returned = await (
      await logIn({ id_number: '91330199MA00000000', id_type: '001', name: '云汀茶社', acr: '4' })
    ).finish()
    const cookie = cookieIn(returned.headers, 'zhengyin_holder')!
    const { json } = await served.call('/api/wallet/who', fromOurPage(cookie))
    expect([json.name, json.roles]).toEqual(['云汀茶社', ['holder', 'company']])
  })

  it('is refused below the level asked for, without a number or a name, and when the provider lies', async () => {
    const codeOf = async (person?: object) => (await (await logIn(person)).finish()).json?.code
    expect(await codeOf({ id_number: NUMBER, name: NAME, acr: '2' })).toBe('HOLDER_ASSURANCE_TOO_LOW')
    expect(await codeOf({ id_number: NUMBER, name: NAME })).toBe('HOLDER_ASSURANCE_TOO_LOW')
    expect(await codeOf({ name: NAME, acr: '4' })).toBe('OIDC_LOGIN_REFUSED')
    expect(await codeOf({ id_number: NUMBER, acr: '4' })).toBe('OIDC_LOGIN_REFUSED')
    expect(await codeOf({ id_number: 'x'.repeat(65), name: NAME, acr: '4' })).toBe('OIDC_LOGIN_REFUSED')
    const begun = await logIn()
    provider.lies = { foreignKey: true }
    expect((await begun.finish()).json.code).toBe('OIDC_LOGIN_REFUSED')
  })

  it('is finished once, in the browser that began it, and never as a login of people', async () => {
    const one = await logIn()
    expect((await served.call(one.path)).json.code).toBe('OIDC_STATE_UNKNOWN')
    expect((await one.finish()).status).toBe(200)
    expect((await one.finish()).json.code).toBe('OIDC_STATE_UNKNOWN')
    const two = await logIn()
    const asPeople = two.path.replace('/api/holder-sessions/', '/api/sessions/')
    expect((await served.call(asPeople, { headers: { cookie: two.cookie } })).json.code).toBe('OIDC_OFF')
  })

  it('by word alone is for demonstrations', async () => {
    const body = { name: NAME, code: NUMBER }
    const { status, json } = await demo.call('/api/holder-sessions', { body })
    expect([status, json]).toEqual([201, { holder: { name: '欧**', isCompany: false, assurance: 0 } }])
    expect((await demo.call('/api/holder-sessions/methods')).json).toEqual({ demo: true, oidc: null })
    expect((await demo.call('/api/holder-sessions/oidc/start')).json.code).toBe('HOLDER_LOGIN_OFF')
    const foreign = { body, headers: { 'sec-fetch-site': 'cross-site' } }
    expect((await demo.call('/api/holder-sessions', foreign)).json.code).toBe('CROSS_SITE_REQUEST')
    expect((await demo.call('/api/holder-sessions', { body: { name: NAME } })).status).toBe(422)
  })

  it('a holder is nobody outside the wallet, and a clerk is nobody inside it', async () => {
    const cookie = cookieIn((await (await logIn()).finish()).headers, 'zhengyin_holder')!
    for (const path of ['/anyone', '/api/sessions/current', '/api/accounts'])
      expect([path, (await served.call(path, fromOurPage(cookie))).json.code]).toEqual([path, 'PERMISSION_DENIED'])
    const clerk = await served.logIn('market-issuer')
    expect((await served.call('/api/wallet/who', { headers: clerk })).json.code).toBe('PERMISSION_DENIED')
    expect((await served.call('/anyone', { headers: clerk })).status).toBe(200)
  })

  it('ends when it is logged out, left idle, or grows old; a changing request of another site never counts', async () => {
    const start = async () => fromOurPage(cookieIn((await (await logIn()).finish()).headers, 'zhengyin_holder')!)
    const one = await start()
    expect((await served.call('/api/wallet/session', { ...one, method: 'DELETE' })).status).toBe(204)
    expect((await served.call('/api/wallet/who', one)).json.code).toBe('SESSION_ENDED')
    const two = await start()
    const foreign = { method: 'DELETE', headers: { ...two.headers, 'sec-fetch-site': 'cross-site' } }
    expect((await served.call('/api/wallet/session', foreign)).json.code).toBe('CROSS_SITE_REQUEST')
    served.clock.advance(31 * 60_000)
    expect((await served.call('/api/wallet/who', two)).json.code).toBe('SESSION_ENDED')
    const three = await start()
    for (let minutes = 0; minutes < 12 * 60; minutes += 20) {
      served.clock.advance(20 * 60_000)
      await served.call('/api/wallet/who', three)
    }
    expect((await served.call('/api/wallet/who', three)).json.code).toBe('SESSION_ENDED')
    expect((await served.call('/api/wallet/who', fromOurPage(`zhengyin_holder=${'A'.repeat(43)}`))).json.code).toBe(
      'SESSION_ENDED',
    )
  })

  it('leaves no number and no name in any row or line of the log', async () => {
    await (await logIn()).finish()
    await demo.call('/api/holder-sessions', { body: { name: NAME, code: NUMBER } })
    const tables = await database.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'directory'`,
    )
    expect(tables.map(({ name }) => name)).toContain('holder_session')
    for (const { name } of tables) {
      const rows = JSON.stringify(await database.query(`select t::text as row from directory.${name} t`))
      expect([name, rows.includes(NUMBER), rows.includes(NAME)]).toEqual([name, false, false])
    }
    const logged = served.logged() + demo.logged()
    expect(logged.length).toBeGreaterThan(100)
    expect(logged).not.toContain(NUMBER)
    expect(logged).not.toContain(NAME)
  })

  it('is on record by the keyed hash, and the record cannot be changed', async () => {
    await (await logIn()).finish()
    const rows = await database.query<{ event: string; key: string | null }>(
      `select event, holder_key as key from directory.holder_login where event = 'logged in'`,
    )
    expect(rows.some(({ key }) => key === holderOf({ code: NUMBER, name: NAME, codeType: '111' }).key)).toBe(true)
    await expect(database.query('delete from directory.holder_login')).rejects.toThrow(/kept for 180 days/)
    await expect(database.query(`update directory.holder_login set event = 'refused'`)).rejects.toThrow(/never changed/)
  })
})
