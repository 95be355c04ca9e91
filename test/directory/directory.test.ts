import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDirectory, type Directory, demoDepartments, demoOffices } from '../../directory/index.ts'
import { createApp, type Listening, listen, routeDefiner } from '../../platform/http/index.ts'
import type { Database } from '../../platform/index.ts'
import { testClock } from '../support/clock.ts'
import { forEachEngine } from '../support/database.ts'
import { testIds } from '../support/ids.ts'
import { testLog } from '../support/log.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'

const MINUTE = 60_000
const route = routeDefiner<'licences:issue' | 'licences:read'>()
const probe = (path: string, permission: 'licences:issue' | 'licences:read') =>
  route({
    method: 'post',
    path,
    permission,
    summary: 'Probe',
    answers: { 200: { description: 'passed' } },
    handle: ({ principal }) => ({ status: 200, json: principal }),
  })

forEachEngine('the directory', ({ open }) => {
  const clock = testClock()
  const { log, text } = testLog()
  const market = demoDepartments[0]!.code
  const person = { username: 'zhang.san', password: 'correct horse battery', name: '张三' }
  let database: Database
  let directory: Directory
  let server: Listening

  const make = (isProduction = false, baseUrl = 'http://127.0.0.1') =>
    createDirectory({ database, clock, ids: testIds(`${isProduction}${baseUrl}`), baseUrl, isProduction })

  beforeAll(async () => {
    database = await open()
    directory = make()
    await directory.start()
    await directory.makeDemoDepartments()
    await directory.makeAccount({ ...person, departmentCode: market, roles: ['viewer'] })
    const app = createApp({
      routeSets: [
        directory.routes,
        { routes: [probe('/api/issue', 'licences:issue'), probe('/api/read', 'licences:read')], problems: {} },
      ],
      authority: directory,
      ids: testIds('app'),
      log,
      baseUrl: 'http://127.0.0.1',
      isProduction: false,
    })
    server = await listen(app, { host: '127.0.0.1', port: 0 })
  })
  afterAll(() => server?.stop())

  const request = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
    fetch(server.url + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const logIn = async (username: string, password: string, headers: Record<string, string> = {}) => {
    clock.advance(10_000)
    return request('POST', '/api/sessions', headers, { username, password })
  }
  const cookieOf = async (username: string = person.username, password: string = person.password) => {
    const response = await logIn(username, password)
    expect(response.status).toBe(201)
    return response.headers.get('set-cookie')!.split(';')[0]!
  }
  const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code
  const own = { 'sec-fetch-site': 'same-origin' }

  it('logs a person in with a cookie that no script reads and no other site sends', async () => {
    const response = await logIn(' Zhang.San ', person.password)
    expect(response.status).toBe(201)
    expect(await response.json()).toEqual({
      account: {
        id: expect.any(String),
        name: '张三',
        departmentCode: market,
        departmentName: demoDepartments[0]!.name,
        roles: ['viewer'],
        steppedUpUntil: null,
      },
    })
    const cookie = response.headers.get('set-cookie')!
    expect(cookie).toMatch(/^zhengyin_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/)
    const current = await request('GET', '/api/sessions/current', { cookie: `other=1; ${cookie.split(';')[0]}` })
    expect(await current.json()).toMatchObject({ account: { name: '张三' } })
  })

  it('keeps only digests: no cookie and no password is in the database or the log', async () => {
    const cookie = await cookieOf()
    const stored = JSON.stringify(
      await database.query(
        `select encode(id_digest, 'hex') as a, (select string_agg(password, ',') from directory.account) as b from directory.session`,
      ),
    )
    for (const secret of [cookie.split('=')[1]!, person.password]) {
      expect(stored).not.toContain(secret)
      expect(text()).not.toContain(secret)
    }
  })

  it('gives a wrong password, an unknown name and a closed account one answer', async () => {
    await directory.makeAccount({ ...person, username: 'closed', departmentCode: market, roles: ['issuer'] })
    expect(await directory.disableAccount('closed')).toBe(true)
    expect(await directory.disableAccount('closed')).toBe(false)
    const answers = [
      await logIn('closed', person.password),
      await logIn('nobody', 'x'),
      await logIn(person.username, 'wrong'),
    ]
    const bodies = await Promise.all(
      answers.map(async (answer) => ({ ...((await answer.json()) as object), instance: '' })),
    )
    expect(bodies[0]).toMatchObject({ status: 401, code: 'LOGIN_REFUSED' })
    expect(bodies[1]).toEqual(bodies[0])
    expect(bodies[2]).toEqual(bodies[0])
  })

  it.each(['locked.known', 'locked.unknown'])(
    'refuses even the right password for 15 minutes after five wrong ones (%s)',
    async (username) => {
      if (username === 'locked.known')
        await directory.makeAccount({ ...person, username, departmentCode: market, roles: ['viewer'] })
      for (let i = 0; i < 5; i++) expect((await logIn(username, 'wrong')).status).toBe(401)
      const locked = await logIn(username, person.password)
      expect([locked.status, await codeOf(locked)]).toEqual([429, 'LOGIN_THROTTLED'])
      expect(Number(locked.headers.get('retry-after'))).toBe(15 * 60 - 10)
      clock.advance(14 * MINUTE)
      expect((await logIn(username, person.password)).status).toBe(429)
      clock.advance(MINUTE)
      expect((await logIn(username, person.password)).status).toBe(username === 'locked.known' ? 201 : 401)
    },
  )

  it('counts guesses made at once: of 12, at most five are looked at', async () => {
    clock.advance(60 * MINUTE)
    const statuses = await Promise.all(
      Array.from(
        { length: 12 },
        async () => (await request('POST', '/api/sessions', {}, { username: 'guessed', password: 'wrong' })).status,
      ),
    )
    expect(statuses.filter((status) => status === 401)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(7)
  })

  it('forgets wrong passwords after the right one', async () => {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 3; i++) expect((await logIn(person.username, 'wrong')).status).toBe(401)
      expect((await logIn(person.username, person.password)).status).toBe(201)
    }
  })

  it('reports both members of an empty login at once and refuses unknown ones', async () => {
    const response = await request('POST', '/api/sessions', {}, { user: 'x' })
    expect(await response.json()).toMatchObject({
      code: 'REQUEST_INVALID',
      errors: [{ pointer: '/username' }, { pointer: '/password' }, { pointer: '/user' }],
    })
  })

  it('ends a session after 30 idle minutes, and after 12 hours of use', async () => {
    const idle = { cookie: await cookieOf() }
    clock.advance(29 * MINUTE)
    expect((await request('GET', '/api/sessions/current', idle)).status).toBe(200)
    clock.advance(29 * MINUTE)
    expect((await request('GET', '/api/sessions/current', idle)).status).toBe(200)
    clock.advance(31 * MINUTE)
    expect(await codeOf(await request('GET', '/api/sessions/current', idle))).toBe('SESSION_ENDED')

    const busy = { cookie: await cookieOf() }
    for (let i = 0; i < 35; i++) {
      clock.advance(20 * MINUTE)
      expect((await request('GET', '/api/sessions/current', busy)).status).toBe(200)
    }
    clock.advance(20 * MINUTE)
    expect(await codeOf(await request('GET', '/api/sessions/current', busy))).toBe('SESSION_ENDED')
  })

  it('logs out: the cookie is cleared and dead', async () => {
    const cookie = await cookieOf()
    const response = await request('DELETE', '/api/sessions/current', { cookie, ...own })
    expect([response.status, response.headers.get('set-cookie')]).toEqual([
      204,
      'zhengyin_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0',
    ])
    expect((await request('GET', '/api/sessions/current', { cookie })).status).toBe(401)
  })

  it('ends the sessions of an account that is closed', async () => {
    await directory.makeAccount({ ...person, username: 'leaving', departmentCode: market, roles: ['viewer'] })
    const cookie = await cookieOf('leaving')
    await directory.disableAccount('leaving')
    expect((await request('GET', '/api/sessions/current', { cookie })).status).toBe(401)
  })

  it('asks who is there for a session', async () => {
    const response = await request('GET', '/api/sessions/current')
    expect([response.status, await codeOf(response)]).toEqual([401, 'AUTHENTICATION_REQUIRED'])
    for (const cookie of ['zhengyin_session=', 'zhengyin_session=forged', 'zhengyin_session']) {
      expect((await request('GET', '/api/sessions/current', { cookie })).status).toBe(401)
    }
  })

  it.each([
    ['its own page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['its own page in a browser without Sec-Fetch-Site', { origin: 'OWN' }, 200],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['another host of the same site', { 'sec-fetch-site': 'same-site', origin: 'OWN' }, 403],
    ['another origin', { origin: 'http://evil.example' }, 403],
    ['a sandboxed frame', { origin: 'null' }, 403],
    ['nobody says where', {}, 403],
  ])('takes a changing request with a cookie from %s or not', async (_from, headers, status) => {
    const cookie = await cookieOf()
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === 'OWN' ? server.url : value]),
    )
    const response = await request('POST', '/api/read', { cookie, ...sent })
    expect(response.status).toBe(status)
    if (status === 403) expect(await codeOf(response)).toBe('CROSS_SITE_REQUEST')
  })

  it('lets no other site log anybody in', async () => {
    expect((await logIn(person.username, person.password, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await logIn(person.username, person.password, own)).status).toBe(201)
  })

  it('lets a viewer read and not issue', async () => {
    const headers = { cookie: await cookieOf(), ...own }
    expect((await request('POST', '/api/read', headers)).status).toBe(200)
    expect(await codeOf(await request('POST', '/api/issue', headers))).toBe('PERMISSION_DENIED')
  })

  it('knows a machine by its key until its end or revocation, and for its department and roles only', async () => {
    const key = await directory.makeApiKey({
      name: 'approval system',
      departmentCode: market,
      roles: ['issuer'],
      expiresAt: new Date(clock.now().getTime() + 60 * MINUTE),
    })
    const bearer = { authorization: `Bearer ${key}` }
    const response = await request('POST', '/api/issue', bearer)
    expect(await response.json()).toEqual({
      id: key.split('_')[1],
      name: 'approval system',
      kind: 'machine',
      departmentCode: market,
      roles: ['issuer'],
    })
    const changed = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A')
    for (const token of [changed, 'zhengyin_AAAAAAAAAA_x', 'x', '']) {
      expect(await codeOf(await request('POST', '/api/issue', { authorization: `Bearer ${token}` }))).toBe(
        'API_KEY_REFUSED',
      )
    }
    expect((await request('POST', '/api/issue', { authorization: 'Basic eDp5' })).status).toBe(401)
    clock.advance(60 * MINUTE)
    expect((await request('POST', '/api/issue', bearer)).status).toBe(401)

    const endless = await directory.makeApiKey({
      name: 'x',
      departmentCode: market,
      roles: ['issuer'],
      expiresAt: null,
    })
    expect(await directory.revokeApiKey(endless.split('_')[1]!)).toBe(true)
    expect(await directory.revokeApiKey(endless.split('_')[1]!)).toBe(false)
    expect((await request('POST', '/api/issue', { authorization: `Bearer ${endless}` })).status).toBe(401)
    const stored = JSON.stringify(
      await database.query(`select encode(secret_digest, 'escape') as a from directory.api_key`),
    )
    expect(stored).not.toContain(endless.split('_')[2])
  })

  it('names all faults of a new account at once', async () => {
    const error = await toThrowWithCode(
      directory.makeAccount({ username: 'Big Name', name: ' ', password: 'short', departmentCode: market, roles: [] }),
      'ACCOUNT_INVALID',
    )
    expect((error.faults as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual([
      '/username',
      '/name',
      '/password',
      '/roles',
    ])
    await toThrowWithCode(
      directory.makeAccount({ ...person, departmentCode: market, roles: ['viewer'] }),
      'ACCOUNT_EXISTS',
    )
    await toThrowWithCode(
      directory.makeAccount({ ...person, username: 'other', departmentCode: '0', roles: ['viewer'] }),
      'DEPARTMENT_NOT_FOUND',
    )
    await toThrowWithCode(
      directory.makeApiKey({ name: 'x', departmentCode: '0', roles: ['viewer'], expiresAt: null }),
      'DEPARTMENT_NOT_FOUND',
    )
  })

  it('lists the departments to anyone', async () => {
    const { departments } = (await (await request('GET', '/api/departments')).json()) as {
      departments: { code: string }[]
    }
    expect(departments.map(({ code }) => code).sort()).toEqual(
      [...demoDepartments, ...demoOffices].map(({ code }) => code).sort(),
    )
    expect(await directory.department(market)).toMatchObject({ areaCode: '330199', parentCode: demoOffices[0]!.code })
    expect(await directory.department('0')).toBeUndefined()
  })

  it('keeps a record of logins that nobody can change', async () => {
    const events = await database.query<{ event: string }>(
      'select distinct event from directory.login_audit order by event',
    )
    expect(events.map(({ event }) => event)).toEqual(['logged in', 'logged out', 'refused', 'throttled'])
    await expect(database.query(`update directory.login_audit set event = 'refused'`)).rejects.toThrow(/never changed/)
    await database.query(
      `insert into directory.login_audit (id, at, event, client_address)
         values ('00000000-0000-7000-8000-000000000000', now(), 'refused', 'x')`,
    )
    await expect(database.query('delete from directory.login_audit')).rejects.toThrow(/never changed/)
  })

  it('writes of the departments of the demonstration only those that are not as they are told', async () => {
    let written = 0
    const watched: Database = {
      engine: database.engine,
      query: (sql, params) => database.query(sql, params),
      script: (sql) => database.script(sql),
      transaction: (work, options) => {
        written++
        return database.transaction(work, options)
      },
      close: () => database.close(),
    }
    const again = createDirectory({
      ...{ database: watched, clock, ids: testIds('again'), baseUrl: 'http://127.0.0.1' },
      isProduction: false,
    })
    const [first] = demoDepartments
    await directory.makeDemoDepartments()
    await directory.saveDepartment({ ...first!, name: { zh: '别名', en: 'Another name' }, actsForCode: null })
    await again.makeDemoDepartments()
    expect(written).toBe(1)
    expect((await directory.department(first!.code))?.name).toEqual(first!.name)
    await again.makeDemoDepartments()
    expect(written, 'nothing was left to write').toBe(1)
  })

  it('makes demo accounts and keys once, with which one can work', async () => {
    const first = await directory.makeDemoAccounts()
    expect(first.accounts).toHaveLength(85)
    expect(first.newApiKeys.map(({ departmentCode }) => departmentCode)).toEqual(
      demoDepartments.map(({ code }) => code),
    )
    const second = await directory.makeDemoAccounts()
    expect(second.accounts).toEqual(first.accounts)
    expect(second.newApiKeys).toEqual([])
    const issuer = first.accounts.find(({ roles }) => roles.includes('issuer'))!
    expect(
      (await request('POST', '/api/issue', { cookie: await cookieOf(issuer.username, issuer.password), ...own }))
        .status,
    ).toBe(200)
    expect((await request('POST', '/api/issue', { authorization: `Bearer ${first.newApiKeys[0]!.key}` })).status).toBe(
      200,
    )
  })

  it('refuses demo accounts in production, also those made before', async () => {
    const production = make(true, 'https://licences.example')
    await toThrowWithCode(production.makeDemoAccounts(), 'DEMO_ACCOUNTS_IN_PRODUCTION')
    await toThrowWithCode(production.start(), 'DEMO_ACCOUNTS_IN_PRODUCTION')
  })

  it('sends the cookie over TLS only where the address is https', async () => {
    const secure = make(false, 'https://licences.example')
    const login = secure.routes.routes.find(({ method, path }) => method === 'post' && path === '/api/sessions')!
    const answer = await login.handle({ body: person, headers: {}, method: 'POST', clientAddress: '' } as never)
    expect(answer.headers!['Set-Cookie']).toContain('; Secure')
  })
})
