// Login by an OpenID provider, against one on loopback that can lie: who is let in, and what cannot be replayed, guessed or redirected.
import { generateKeyPairSync } from 'node:crypto'
import { exportJWK, importSPKI } from 'jose'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Database, systemClock } from '../../platform/index.ts'
import { testClock } from '../support/clock.ts'
import { forEachEngine } from '../support/database.ts'
import { type Lies, startOpenidProvider, type TestProvider } from '../support/openid-provider.ts'
import { market, office, type ServedDirectory, serveDirectory } from './served-directory.ts'

forEachEngine('login by a provider', ({ open }) => {
  const origin = 'http://127.0.0.1'
  let database: Database
  let provider: TestProvider
  let served: ServedDirectory
  let byClaim: ServedDirectory
  let key: string

  beforeAll(async () => {
    database = await open()
    provider = await startOpenidProvider({ id: 'zhengyin', secret: 'a secret: of two' })
    const clock = testClock(systemClock.now())
    const oidc = { issuer: provider.issuer, clientId: 'zhengyin', clientSecret: 'a secret: of two' }
    served = await serveDirectory(database, { clock, oidc })
    byClaim = await serveDirectory(database, {
      clock,
      oidc: { ...oidc, usernameClaim: 'uid', label: '浙政钉' },
      passwordLogin: false,
    })
    key = await served.keyOf(office, 'administrator')
  })
  afterEach(() => {
    provider.lies = {}
    served.clock.set(systemClock.now())
  })
  afterAll(async () => {
    await served?.close()
    await byClaim?.close()
    await provider?.close()
  })

  const cookieIn = (headers: Headers, name: string) =>
    headers
      .getSetCookie()
      .map((line) => line.split(';')[0]!)
      .find((pair) => pair.startsWith(`${name}=`))
  const begin = async (at = served, to = '') => {
    at.clock.advance(2000)
    const { status, headers, json } = await at.call(`/api/sessions/oidc/start${to}`)
    return { status, json, cookie: cookieIn(headers, 'zhengyin_login')!, location: headers.get('location')!, headers }
  }
  /** Follows the browser to the provider and back; returns the path that it comes back to. */
  const visit = async (location: string) => {
    const response = await fetch(location, { redirect: 'manual' })
    const back = new URL(response.headers.get('location')!)
    expect(back.origin + back.pathname).toBe(`${origin}/api/sessions/oidc/callback`)
    return back.pathname + back.search
  }
  const comeBack = (path: string, cookie: string, at = served, headers: Record<string, string> = {}) =>
    at.call(path, { headers: { cookie, ...headers } })
  const logIn = async (at = served, to = '') => {
    const { cookie, location } = await begin(at, to)
    return comeBack(await visit(location), cookie, at)
  }
  const linkOf = async (username: string, subject: string | null) => {
    const [person] = await served.directory.people({ text: username })
    const method = subject === null ? 'DELETE' : 'PUT'
    const body = subject === null ? {} : { body: { subject } }
    return served.call(`/api/accounts/${person!.id}/oidc-link`, { method, key, ...body })
  }

  it('sends the browser off with state, nonce and a challenge, and a cookie that outlives a redirection but no script', async () => {
    const { status, location, headers } = await begin()
    expect(status).toBe(302)
    const url = new URL(location)
    expect(url.origin + url.pathname).toBe(`${provider.issuer}/authorize`)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'zhengyin',
      response_type: 'code',
      scope: 'openid profile',
      redirect_uri: `${origin}/api/sessions/oidc/callback`,
      code_challenge_method: 'S256',
    })
    for (const name of ['state', 'nonce', 'code_challenge']) expect(url.searchParams.get(name)).toMatch(/^[\w-]{43}$/)
    expect(headers.get('set-cookie')).toMatch(
      /^zhengyin_login=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/,
    )
    const stored = JSON.stringify(
      await database.query(`select encode(state_digest, 'base64') as s from directory.oidc_login`),
    )
    expect(stored).not.toContain(url.searchParams.get('state'))
  })

  it('lets in whom an administrator linked, and leads them to the page that they asked for', async () => {
    provider.person = { sub: 'gov-4711' }
    const before = await logIn()
    expect([before.status, before.json.code]).toEqual([403, 'OIDC_NO_ACCOUNT'])
    expect((await linkOf('market-keeper', 'gov-4711')).status).toBe(204)
    const { status, text, headers } = await logIn(served, '?to=/seals%3Ftab=mine')
    expect(status).toBe(200)
    expect(text).toContain('<meta http-equiv="refresh" content="0;url=/seals?tab=mine">')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    const cookie = cookieIn(headers, 'zhengyin_session')!
    const { json } = await served.call('/api/sessions/current', { headers: { cookie } })
    expect(json.account).toMatchObject({ departmentCode: market, roles: ['seal-keeper'] })
    expect(headers.getSetCookie().some((line) => /^zhengyin_login=;.*Max-Age=0/.test(line))).toBe(true)
    expect((await linkOf('market-applicant', 'gov-4711')).json.code).toBe('OIDC_LINK_EXISTS')
    expect((await linkOf('market-keeper', null)).status).toBe(204)
    expect((await logIn()).json.code).toBe('OIDC_NO_ACCOUNT')
  })

  it('lets in by a claim only where the settings name it, and nobody whose account is closed', async () => {
    provider.person = { sub: 'gov-1', uid: ' Civil-Applicant ', preferred_username: 'city-administrator' }
    expect((await logIn()).json.code).toBe('OIDC_NO_ACCOUNT')
    const { status, headers } = await logIn(byClaim)
    expect(status).toBe(200)
    const cookie = cookieIn(headers, 'zhengyin_session')!
    const { json } = await byClaim.call('/api/sessions/current', { headers: { cookie } })
    expect(json.account.name).toBe('云汀市民政局印章经办人')
    await served.directory.disableAccount('civil-applicant')
    expect((await logIn(byClaim)).json.code).toBe('OIDC_NO_ACCOUNT')
    for (const uid of [undefined, 7, '', ['civil-keeper'], 'nobody'])
      expect((provider.person = { sub: 'gov-1', uid }) && (await logIn(byClaim)).json.code).toBe('OIDC_NO_ACCOUNT')
  })

  it('takes a login once, in the browser that began it, within ten minutes', async () => {
    provider.person = { sub: 'gov-2' }
    expect((await linkOf('land-keeper', 'gov-2')).status).toBe(204)
    const first = await begin()
    const path = await visit(first.location)
    const stranger = await begin()
    for (const cookie of ['', 'zhengyin_login=x', stranger.cookie]) {
      const { status, json } = await comeBack(path, cookie)
      expect([status, json.code]).toEqual([400, 'OIDC_STATE_UNKNOWN'])
    }
    const answers = await Promise.all([1, 2, 3].map(() => comeBack(path, first.cookie)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400])
    const late = await begin()
    const latePath = await visit(late.location)
    served.clock.advance(600_000)
    expect((await comeBack(latePath, late.cookie)).json.code).toBe('OIDC_STATE_UNKNOWN')
    expect((await comeBack('/api/sessions/oidc/callback', first.cookie)).json.code).toBe('OIDC_STATE_UNKNOWN')
    expect((await comeBack('/api/sessions/oidc/callback?state=x&code=y', '')).json.code).toBe('OIDC_STATE_UNKNOWN')
  })

  it.each<[string, Lies]>([
    ['another nonce', { nonce: 'another' }],
    ['another issuer', { issuer: 'https://evil.example' }],
    ['another audience', { audience: 'another-client' }],
    ['an ended token', { ended: true }],
    ['a token signed by another key', { foreignKey: true }],
    ['a refusal', { error: 'access_denied' }],
  ])('refuses an answer with %s', async (_what, lies) => {
    provider.person = { sub: 'gov-2' }
    provider.lies = lies
    const { status, json } = await logIn()
    expect([status, json.code]).toEqual([403, 'OIDC_LOGIN_REFUSED'])
    expect(JSON.stringify(json)).not.toMatch(/nonce|another|evil/)
    provider.lies = {}
    expect((await logIn()).status).toBe(200)
  })

  it('refuses a code of somebody else in place of the own', async () => {
    const [mine, theirs] = [await begin(), await begin()]
    const [minePath, theirPath] = [await visit(mine.location), await visit(theirs.location)]
    const swapped = new URL(minePath, origin)
    swapped.searchParams.set('code', new URL(theirPath, origin).searchParams.get('code')!)
    const { json } = await comeBack(swapped.pathname + swapped.search, mine.cookie)
    expect(json.code).toBe('OIDC_LOGIN_REFUSED')
  })

  it('tells a person in two languages what went wrong, without a word of the sender', async () => {
    const path = '/api/sessions/oidc/callback?state=<script>&error_description=<b>hello'
    const { status, text, headers } = await comeBack(path, '', served, { accept: 'text/html,*/*' })
    expect([status, headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8'])
    expect(text).toContain('请重新登录')
    expect(text).toContain('OIDC_STATE_UNKNOWN')
    expect(text).not.toMatch(/script|hello/)
  })

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/%5Cevil"onload=',
    'javascript:alert(1)',
    'issue',
    '/a b',
    '/x"><script>',
    '',
  ])('leads to no page but our own: %j', async (to) => {
    served.clock.advance(2000)
    const { status, text } = await served.call(`/api/sessions/oidc/start?to=${encodeURIComponent(to)}`)
    if (to === '/%5Cevil"onload=' || status === 422)
      expect([status, text.includes('REQUEST_INVALID')]).toEqual([422, true])
    else expect(to).toBe('never')
  })

  it('says so when the provider is silent, before and after, and goes on when it is back', async () => {
    const fresh = await serveDirectory(database, {
      clock: served.clock,
      oidc: { issuer: provider.issuer, clientId: 'zhengyin', clientSecret: 'a secret: of two' },
      noAccounts: true,
    })
    try {
      provider.lies = { silent: true }
      const down = await begin(fresh)
      expect([down.status, down.json.code]).toEqual([503, 'OIDC_UNAVAILABLE'])
      provider.lies = {}
      const { cookie, location } = await begin(fresh)
      const path = await visit(location)
      provider.lies = { silent: true }
      expect((await comeBack(path, cookie, fresh)).json.code).toBe('OIDC_UNAVAILABLE')
    } finally {
      await fresh.close()
    }
  })

  it('proves the house to the provider with a private key where it has one', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const publicJwk = await exportJWK(await importSPKI(pem, 'ES256'))
    const other = await startOpenidProvider({ id: 'by-key', publicJwk })
    const clientKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const oidc = { issuer: other.issuer, clientId: 'by-key', clientKeyPem, usernameClaim: 'uid' }
    const at = await serveDirectory(database, { clock: served.clock, oidc, noAccounts: true })
    try {
      other.person = { sub: 'x', uid: 'housing-keeper' }
      expect((await logIn(at)).status).toBe(200)
    } finally {
      await at.close()
      await other.close()
    }
  })

  it('is offered to the login page, beside the password or in its place', async () => {
    expect((await served.call('/api/sessions/methods')).json).toEqual({
      password: true,
      oidc: { label: '统一身份认证' },
    })
    expect((await byClaim.call('/api/sessions/methods')).json).toEqual({ password: false, oidc: { label: '浙政钉' } })
    const login = { body: { username: 'market-viewer', password: 'demo-market-viewer' } }
    expect((await byClaim.call('/api/sessions', login)).json.code).toBe('PASSWORD_LOGIN_OFF')
    const without = await serveDirectory(database, { noAccounts: true })
    try {
      expect((await without.call('/api/sessions/methods')).json).toEqual({ password: true, oidc: null })
      expect((await without.call('/api/sessions/oidc/start')).json.code).toBe('OIDC_OFF')
    } finally {
      await without.close()
    }
  })
})
