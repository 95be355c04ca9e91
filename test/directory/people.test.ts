// Administrators and the people of their departments: who may change whom, and what is on record about it.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database, Principal } from '../../platform/index.ts'
import { forEachEngine } from '../support/database.ts'
import { centre, civil, housing, market, office, type ServedDirectory, serveDirectory } from './served-directory.ts'

forEachEngine('administering people', ({ open }) => {
  let database: Database
  let served: ServedDirectory
  let key: string
  let marketKey: string

  beforeAll(async () => {
    database = await open()
    served = await serveDirectory(database)
    key = await served.keyOf(office, 'administrator')
    marketKey = await served.keyOf(market, 'administrator')
  })
  afterAll(() => served?.close())

  const idOf = async (username: string) => {
    const { json } = await served.call(`/api/accounts?q=${username}`, { key })
    return json.items.find((one: { username: string }) => one.username === username).id as string
  }
  const make = (username: string, more: object = {}, by = key) =>
    served.call('/api/accounts', {
      key: by,
      body: { username, name: '王五', departmentCode: market, roles: ['seal-keeper'], ...more },
    })
  const auditOf = async (subject: string) => {
    const auditor = await served.keyOf(office, 'auditor')
    let [after, found] = ['0', [] as { action: string; subject: string; detail: object; actorName: string }[]]
    for (;;) {
      const { json } = await served.call(`/api/directory-audit?after=${after}`, { key: auditor })
      if (json.items.length === 0) return found
      found = [...found, ...json.items.filter((item: { subject: string }) => item.subject === subject)]
      after = json.next
    }
  }

  it('makes an account with its first post, and puts who made it on record', async () => {
    const { status, json } = await make('wang.wu', { title: '办公室主任', password: 'a password of wang wu' })
    expect(status).toBe(201)
    expect(json).toMatchObject({
      username: 'wang.wu',
      departmentCode: market,
      roles: ['seal-keeper'],
      closedAt: null,
      posts: [{ departmentCode: market, title: '办公室主任', roles: ['seal-keeper'], until: null }],
    })
    expect(await auditOf(json.id)).toMatchObject([
      { action: 'account made', actorName: 'administrator', detail: { username: 'wang.wu', roles: ['seal-keeper'] } },
    ])
    await served.logIn('wang.wu', 'a password of wang wu')
    expect(served.logged()).not.toContain('a password of wang wu')
    expect((await make('wang.wu')).json.code).toBe('ACCOUNT_EXISTS')
  })

  it('refuses a post out of range, of two powers, in no department, and leaves nothing behind', async () => {
    const attempts: [object, string, string][] = [
      [{ departmentCode: housing }, marketKey, 'DEPARTMENT_OUT_OF_RANGE'],
      [{ departmentCode: office }, marketKey, 'DEPARTMENT_OUT_OF_RANGE'],
      [{ roles: ['seal-keeper', 'issuer'] }, key, 'ROLES_OF_TWO_POWERS'],
      [{ roles: ['mayor'] }, key, 'REQUEST_INVALID'],
      [{ departmentCode: '11330199MB33099995' }, key, 'DEPARTMENT_NOT_FOUND'],
      [{ password: 'short' }, key, 'ACCOUNT_INVALID'],
    ]
    for (const [more, by, code] of attempts) {
      const { json } = await make('nobody.yet', more, by)
      expect([more, json.code]).toEqual([more, code])
    }
    expect((await served.directory.usernames()).has('nobody.yet')).toBe(false)
    expect((await served.directory.people({ text: 'nobody.yet' })).length).toBe(0)
  })

  it('lists the own range page by page in the order of names', async () => {
    const all: string[] = []
    let after = ''
    for (;;) {
      const { json } = await served.call(`/api/accounts?state=all${after && `&after=${after}`}`, { key })
      all.push(...json.items.map(({ username }: { username: string }) => username))
      if (json.next === null) break
      after = json.next
    }
    expect(all).toEqual([...(await served.directory.usernames())].sort())
    const { json } = await served.call('/api/accounts', { key: marketKey })
    expect(new Set(json.items.map((one: { departmentCode: string }) => one.departmentCode))).toEqual(new Set([market]))
    const keepers = await served.call(`/api/accounts?role=seal-keeper&departmentCode=${housing}`, { key })
    expect(keepers.json.items.map(({ username }: { username: string }) => username)).toEqual(['housing-keeper'])
    expect((await served.call(`/api/accounts?departmentCode=${housing}`, { key: marketKey })).json.items).toEqual([])
  })

  it('gives another post: the one before ends, sessions end, and the former holder can be asked for', async () => {
    const id = await idOf('civil-keeper')
    const session = await served.logIn('civil-keeper')
    const { status, json } = await served.call(`/api/accounts/${id}/post`, {
      method: 'PUT',
      key,
      body: { departmentCode: housing, roles: ['seal-applicant'], title: '科长' },
    })
    expect(status).toBe(200)
    expect(json.posts).toMatchObject([
      { departmentCode: civil, roles: ['seal-keeper'], until: expect.any(String) },
      { departmentCode: housing, roles: ['seal-applicant'], title: '科长', until: null },
    ])
    expect((await served.call('/api/sessions/current', { headers: session })).status).toBe(401)
    const reviewer = await served.keyOf(centre, 'seal-reviewer')
    const former = await served.call(`/api/people/former?role=seal-keeper&departmentCode=${civil}`, { key: reviewer })
    expect(former.json.items).toMatchObject([{ accountId: id, departmentCode: civil, hasLeft: false }])
    const people = await served.call(`/api/people?role=seal-applicant&departmentCode=${housing}`, { key: reviewer })
    expect(people.json.items.map((one: { id: string }) => one.id)).toContain(id)
    expect(JSON.stringify(people.json)).not.toContain('username')
  })

  it('closes the account of a keeper who left: post and sessions end, and the name is not given again', async () => {
    const id = await idOf('wang.wu')
    const { json } = await served.call(`/api/accounts/${id}/closures`, { method: 'POST', key: marketKey })
    expect(json).toMatchObject({ closedAt: expect.any(String), posts: [{ until: expect.any(String) }] })
    expect(await served.directory.formerHolders('seal-keeper', [market])).toMatchObject([
      { accountId: id, hasLeft: true },
    ])
    const again = await served.call(`/api/accounts/${id}/closures`, { method: 'POST', key: marketKey })
    expect([again.status, again.json.code]).toEqual([409, 'ACCOUNT_CLOSED'])
    expect((await make('wang.wu')).json.code).toBe('ACCOUNT_EXISTS')
    expect((await auditOf(id)).map(({ action }) => action)).toEqual(['account made', 'account closed'])
  })

  it('lets nobody change the own account, nor anybody out of range', async () => {
    const own = await served.logIn('city-administrator')
    const ownId = await idOf('city-administrator')
    const housingKeeper = await idOf('housing-keeper')
    const attempts: [string, string, object | undefined][] = [
      ['PUT', 'post', { departmentCode: office, roles: ['seal-reviewer'] }],
      ['PUT', 'password', { password: 'another password' }],
      ['POST', 'closures', undefined],
    ]
    for (const [method, what, body] of attempts) {
      const more = { method, ...(body && { body }) }
      const self = await served.call(`/api/accounts/${ownId}/${what}`, { ...more, headers: own })
      expect([what, self.status, self.json.code]).toEqual([what, 403, 'OWN_ACCOUNT'])
      const other = await served.call(`/api/accounts/${housingKeeper}/${what}`, { ...more, key: marketKey })
      expect([what, other.status, other.json.code]).toEqual([what, 404, 'ACCOUNT_NOT_FOUND'])
    }
    expect((await served.call(`/api/accounts/${housingKeeper}`, { key: marketKey })).status).toBe(404)
    const [administrator] = await served.directory.people({ text: 'city-administrator' })
    expect(administrator!.roles).toEqual(['administrator'])
  })

  it('resets a password and ends the sessions, and lets a person change the own one with the present one', async () => {
    const id = await idOf('land-viewer')
    const before = await served.logIn('land-viewer')
    const reset = { method: 'PUT', key, body: { password: 'given by somebody' } }
    expect((await served.call(`/api/accounts/${id}/password`, reset)).status).toBe(204)
    expect((await served.call('/api/sessions/current', { headers: before })).status).toBe(401)
    const [here, there] = [
      await served.logIn('land-viewer', 'given by somebody'),
      await served.logIn('land-viewer', 'given by somebody'),
    ]
    const change = (current: string, password: string) =>
      served.call('/api/sessions/current/password', { method: 'PUT', headers: here, body: { current, password } })
    expect((await change('wrong one', 'my own password')).json.code).toBe('PASSWORD_WRONG')
    expect((await change('given by somebody', 'short')).json.code).toBe('PASSWORD_UNFIT')
    expect((await change('given by somebody', 'my own password')).status).toBe(204)
    expect((await served.call('/api/sessions/current', { headers: here })).status).toBe(200)
    expect((await served.call('/api/sessions/current', { headers: there })).status).toBe(401)
    await served.logIn('land-viewer', 'my own password')
    expect((await auditOf(id)).map(({ action }) => action)).toEqual(['password reset', 'password changed'])
    for (let i = 0; i < 5; i++) expect((await change('guess', 'my own password')).json.code).toBe('PASSWORD_WRONG')
    expect((await change('guess', 'my own password')).json.code).toBe('LOGIN_THROTTLED')
  })

  it('lets machines change no password of their own, having none', async () => {
    const body = { current: 'x', password: 'another password' }
    const { json } = await served.call('/api/sessions/current/password', { method: 'PUT', key, body })
    expect(json.code).toBe('PERSON_REQUIRED')
  })

  it('asks what the caller is at the moment of the change, not of the login', async () => {
    const id = await idOf('transport-viewer')
    const principal: Principal = {
      id: await idOf('city-administrator'),
      name: 'x',
      kind: 'person',
      departmentCode: office,
      roles: ['administrator'],
    }
    expect(await served.directory.mayNow(principal, 'directory:administer')).toBe(true)
    expect(await served.directory.mayNow(principal, 'seals:review')).toBe(false)
    expect(await served.directory.mayNow({ ...principal, departmentCode: 'ELSEWHERE' }, 'directory:administer')).toBe(
      false,
    )
    expect(await served.directory.mayNow({ ...principal, id }, 'directory:administer')).toBe(false)
    const machine = { ...principal, kind: 'machine' as const, id: key.split('_')[1]! }
    expect(await served.directory.mayNow(machine, 'directory:administer')).toBe(true)
    const last = await served.keyOf(office, 'administrator')
    await served.directory.revokeApiKey(last.split('_')[1]!)
    expect(await served.directory.mayNow({ ...machine, id: last.split('_')[1]! }, 'directory:administer')).toBe(false)
  })

  it('makes and revokes API keys in the own range, and shows a secret once', async () => {
    const body = { name: '审批系统', departmentCode: market, roles: ['issuer'] }
    const made = await served.call('/api/api-keys', { key: marketKey, body })
    expect(made.status).toBe(201)
    const prefix = made.json.key.split('_')[1]
    const listed = await served.call('/api/api-keys', { key: marketKey })
    expect(listed.json.items.find((one: { prefix: string }) => one.prefix === prefix)).toMatchObject({
      name: '审批系统',
    })
    expect(listed.text).not.toContain(made.json.key.split('_')[2])
    const housingKey = await served.keyOf(housing, 'administrator')
    const foreign = await served.call(`/api/api-keys/${prefix}`, { method: 'DELETE', key: housingKey })
    expect([foreign.status, foreign.json.code]).toEqual([404, 'API_KEY_NOT_FOUND'])
    expect((await served.call('/api/api-keys', { key: housingKey, body })).json.code).toBe('DEPARTMENT_OUT_OF_RANGE')
    const two = { ...body, roles: ['issuer', 'auditor'] }
    expect((await served.call('/api/api-keys', { key: marketKey, body: two })).json.code).toBe('ROLES_OF_TWO_POWERS')
    expect((await served.call(`/api/api-keys/${prefix}`, { method: 'DELETE', key: marketKey })).status).toBe(204)
    expect((await served.call('/api/sessions/current', { key: made.json.key })).status).toBe(401)
    expect((await auditOf(prefix)).map(({ action }) => action)).toEqual(['api key made', 'api key revoked'])
  })

  it('closes an account once when twenty ask at a time, and puts one row on record', async () => {
    const id = (await make('many.hands')).json.id as string
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => served.call(`/api/accounts/${id}/closures`, { method: 'POST', key })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ json }) => json.code === 'ACCOUNT_CLOSED')).toHaveLength(19)
    expect((await auditOf(id)).filter(({ action }) => action === 'account closed')).toHaveLength(1)
  })

  it('keeps one open post for each open account, whatever was changed meanwhile', async () => {
    const id = (await make('often.moved')).json.id as string
    await Promise.all(
      [market, housing, civil, office, market, housing].map((departmentCode) =>
        served.call(`/api/accounts/${id}/post`, { method: 'PUT', key, body: { departmentCode, roles: ['viewer'] } }),
      ),
    )
    const odd = await database.query(
      `select a.username from directory.account a
         left join directory.post p on p.account_id = a.id and p.until_at is null
        where (a.disabled_at is null) <> (p.id is not null)
           or (p.id is not null and (p.department_code <> a.department_code or p.roles <> a.roles))`,
    )
    expect(odd).toEqual([])
  })

  it('keeps its audit and the logins of 180 days against deletion, and forgets older ones when told', async () => {
    await expect(database.query('delete from directory.audit')).rejects.toThrow(/never changed/)
    await expect(database.query(`update directory.audit set action = 'x'`)).rejects.toThrow(/never changed/)
    const insert = (id: string, at: string) =>
      database.query(
        `insert into directory.login_audit (id, at, event, client_address) values ($1, ${at}, 'refused', 'x')`,
        [id],
      )
    const count = async () =>
      (await database.query<{ n: bigint }>('select count(*) as n from directory.login_audit'))[0]!.n
    await insert('00000000-0000-7000-8000-000000000001', `now() - interval '900 days'`)
    await insert('00000000-0000-7000-8000-000000000002', `now() - interval '179 days'`)
    await expect(
      database.query(`delete from directory.login_audit where at < now() - interval '1 day'`),
    ).rejects.toThrow(/kept for 180 days/)
    const before = await count()
    expect(await served.directory.sweepLogs()).toBe(1)
    expect(await count()).toBe(before - 1n)
    await expect(serveDirectory(database, { logsKeptDays: 179 })).rejects.toThrow(RangeError)
  })
})
