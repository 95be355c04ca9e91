import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayRoles } from '../../directory/index.ts'
import { type Authority, createApp, type Listening, listen } from '../../platform/http/index.ts'
import { createLog, type Principal, systemIds } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import {
  businessLicence,
  clerk,
  departments,
  exampleOf,
  type House,
  openHouse,
  otherClerk,
} from '../support/service.ts'

const viewer: Principal = { ...clerk, id: 'viewer', roles: ['viewer'] }
const people: Record<string, Principal> = { clerk, otherClerk, viewer }
const authority: Authority = {
  authenticate: async ({ headers }) => people[String(headers['x-test-person'])],
  isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
}

describe('the HTTP interface of the licence service', () => {
  let house: House
  let server: Listening
  let count = 0
  beforeAll(async () => {
    house = await openHouse(await engines[0]!.open())
    const app = createApp({
      routeSets: [house.licences.routes],
      authority,
      ids: systemIds,
      log: createLog({ level: 'silent' }),
      baseUrl: 'https://licence.example.test',
      isProduction: false,
      api: { title: 'Licences', version: '1' },
    })
    server = await listen(app, { host: '127.0.0.1', port: 0 })
  })
  afterAll(async () => {
    await server?.stop()
    await house.close()
  })

  const call = (
    method: string,
    path: string,
    {
      body,
      person = 'clerk',
      headers = {},
    }: { body?: unknown; person?: string; headers?: Record<string, string> } = {},
  ) =>
    fetch(`${server.url}${path}`, {
      method,
      headers: {
        'x-test-person': person,
        ...(/\/(suspensions|restorations|revocations|holder-links)$/.test(path)
          ? { 'idempotency-key': `change ${++count}`.replace(' ', '-') }
          : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const problemOf = async (response: Response) => ({
    status: response.status,
    ...((await response.json()) as { code: string; errors?: { pointer: string }[] }),
  })
  const mint = (
    key = `http ${++count}`,
    body: unknown = { typeCode: businessLicence, data: exampleOf() },
    person = 'clerk',
  ) => call('POST', '/api/licences', { body, person, headers: { 'idempotency-key': `"${key}"` } })
  const minted = async () => {
    const response = await mint()
    expect(response.status).toBe(201)
    return (await response.json()) as { identifier: string; number: string; links: { verification: string } }
  }
  const newLink = async (identifier: string) => {
    const response = await call('POST', `/api/licences/${identifier}/holder-links`)
    expect(response.status).toBe(201)
    const link = (await response.json()) as { url: string; expiresAt: string; qrSvg: string }
    return { ...link, token: link.url.split('/h/')[1]! }
  }
  const open = (token: string, lastSix: string) =>
    call('POST', `/api/holder-links/${token}/openings`, { body: { lastSix }, person: '' })
  const lastSix = () => String(exampleOf()['creditCode']).slice(-6)

  it('mints a licence and answers where it is found', async () => {
    const response = await mint()
    expect(response.status).toBe(201)
    const licence = (await response.json()) as Record<string, unknown> & { identifier: string; links: object }
    expect(response.headers.get('location')).toContain(licence.identifier)
    expect(licence).toMatchObject({ status: 'in force', dataDigest: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(licence.links).toMatchObject({
      verification: expect.stringMatching(/^HTTPS:\/\/LICENCE\.EXAMPLE\.TEST\/Q\/[A-Z2-7]+$/),
    })
  })

  it('answers a repeated key with the same licence, and another body with a problem', async () => {
    const first = await (await mint('again')).json()
    expect(await (await mint('again')).json()).toEqual(first)
    const other = await mint('again', { typeCode: businessLicence, data: { ...exampleOf(), address: '云汀市别处' } })
    expect(await problemOf(other)).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' })
  })

  it('points at every fault of the data', async () => {
    const { name: _name, ...data } = exampleOf()
    const problem = await problemOf(
      await mint(undefined, { typeCode: businessLicence, data: { ...data, establishedOn: '2026-02-30', more: 1 } }),
    )
    expect(problem).toMatchObject({ status: 422, code: 'LICENCE_DATA_INVALID' })
    expect(problem.errors!.map(({ pointer }) => pointer).sort()).toEqual([
      '/data/establishedOn',
      '/data/more',
      '/data/name',
    ])
  })

  it('refuses what is no request', async () => {
    expect(await problemOf(await mint(undefined, '{"typeCode":'))).toMatchObject({
      status: 400,
      code: 'REQUEST_BODY_NOT_JSON',
    })
    expect(
      await problemOf(await mint(undefined, { typeCode: businessLicence, data: exampleOf(), extra: 1 })),
    ).toMatchObject({ code: 'REQUEST_INVALID' })
    const huge = { typeCode: businessLicence, data: { ...exampleOf(), photo: 'A'.repeat(17 << 20) } }
    expect(await problemOf(await mint(undefined, huge))).toMatchObject({ status: 413, code: 'REQUEST_BODY_TOO_LARGE' })
    const keyless = await call('POST', '/api/licences', { body: { typeCode: businessLicence, data: exampleOf() } })
    expect(await problemOf(keyless)).toMatchObject({ status: 400, code: 'IDEMPOTENCY_KEY_MISSING' })
    expect(
      await problemOf(await mint(undefined, { typeCode: businessLicence, data: exampleOf(), level: 'B-X' })),
    ).toMatchObject({ code: 'LEVEL_NOT_AVAILABLE' })
  })

  it('records a change once for its key, answers repeats alike, and refuses the key for anything else', async () => {
    const { identifier } = await minted()
    const change = (path: string, reason: string) =>
      call('POST', `/api/licences/${identifier}/${path}`, { body: { reason }, headers: { 'idempotency-key': 'once' } })
    const first = await change('suspensions', '待核查')
    expect(first.status).toBe(201)
    expect(await (await change('suspensions', '待核查')).json()).toEqual(await first.json())
    expect(await problemOf(await change('suspensions', '另一理由'))).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    expect(await problemOf(await change('revocations', '待核查'))).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    expect(await problemOf(await mint('once'))).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    const { history } = (await (await call('GET', `/api/licences/${identifier}`)).json()) as { history: object[] }
    expect(history).toHaveLength(3)
  })

  it('hands over the same link for the same key', async () => {
    const { identifier } = await minted()
    const link = async (key: string) =>
      (await call('POST', `/api/licences/${identifier}/holder-links`, { headers: { 'idempotency-key': key } })).json()
    const first = await link('link-1')
    expect(await link('link-1')).toEqual(first)
    expect((await link('link-2')) as object).not.toEqual(first)
  })

  it('lets issuers issue and viewers read', async () => {
    const { identifier } = await minted()
    expect((await mint(undefined, undefined, 'viewer')).status).toBe(403)
    expect((await mint(undefined, undefined, 'nobody')).status).toBe(401)
    expect((await call('GET', `/api/licences/${identifier}`, { person: 'viewer' })).status).toBe(200)
    const body = { reason: '越权' }
    expect((await call('POST', `/api/licences/${identifier}/suspensions`, { body, person: 'viewer' })).status).toBe(403)
    expect((await call('POST', `/api/licences/${identifier}/holder-links`, { person: 'viewer' })).status).toBe(403)
  })

  it('shows a licence with data and history to its own department only', async () => {
    const { identifier } = await minted()
    await call('POST', `/api/licences/${identifier}/suspensions`, { body: { reason: '待核查' } })
    const licence = await (await call('GET', `/api/licences/${identifier}`)).json()
    expect(licence).toMatchObject({
      status: 'suspended',
      data: { holders: [{ name: exampleOf()['name'] }] },
      history: [
        { event: 'prepare' },
        { event: 'enter into force' },
        { event: 'suspend', reason: '待核查', by: clerk.id },
      ],
    })
    const foreign = await call('GET', `/api/licences/${identifier}`, { person: 'otherClerk' })
    expect(await problemOf(foreign)).toMatchObject({ status: 404, code: 'LICENCE_NOT_FOUND' })
  })

  it('sends the document under its identifier, kept by no cache', async () => {
    const { identifier } = await minted()
    const response = await call('GET', `/api/licences/${identifier}/document`)
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${identifier}.pdf"`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(
      Buffer.from(await response.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
  })

  it('lists page by page, holders masked where they are people, own department only', async () => {
    for (let i = 0; i < 3; i++) await minted()
    const seen: string[] = []
    let cursor = ''
    do {
      const page = (await (await call('GET', `/api/licences?limit=2${cursor && `&cursor=${cursor}`}`)).json()) as {
        items: { identifier: string }[]
        next: string | null
      }
      seen.push(...page.items.map(({ identifier }) => identifier))
      cursor = page.next ?? ''
    } while (cursor)
    const [all] = await house.database.query<{ count: bigint }>(
      'select count(*) from licence.licences where department_code = $1',
      [clerk.departmentCode],
    )
    expect(new Set(seen).size).toBe(Number(all!.count))
    const suspended = (await (await call('GET', '/api/licences?status=suspended')).json()) as {
      items: { status: string }[]
    }
    expect(suspended.items.every(({ status }) => status === 'suspended')).toBe(true)
    expect(await (await call('GET', '/api/licences', { person: 'otherClerk' })).json()).toEqual({
      items: [],
      next: null,
    })
    const nobody = '00000000-0000-0000-0000-000000000000'
    for (const text of [`2026-01-01T00:00:00.000Z ${'-'.repeat(36)}`, `2026-99-01T00:00:00.000Z ${nobody}`]) {
      const cursor = Buffer.from(text).toString('base64url')
      const problem = await problemOf(await call('GET', `/api/licence-orders?cursor=${cursor}`))
      expect(problem).toMatchObject({ code: 'LICENCE_CURSOR_INVALID' })
    }
    for (const cursor of [`2026-99-99.${nobody}`, `2026-01-01.${'-'.repeat(36)}`])
      expect(await problemOf(await call('GET', `/api/disputes?cursor=${cursor}`))).toMatchObject({
        code: 'LICENCE_CURSOR_INVALID',
      })
    expect(await problemOf(await call('GET', '/api/statistics/issuance?from=0000-01-01&to=0000-01-02'))).toMatchObject({
      code: 'REQUEST_INVALID',
    })
    expect(await problemOf(await call('GET', '/api/licences?cursor=zzz'))).toMatchObject({
      code: 'LICENCE_CURSOR_INVALID',
    })
  })

  it('tells anyone the status, and nothing of identifiers that do not exist', async () => {
    const { identifier } = await minted()
    const known = await call('GET', `/api/licences/${identifier}/status`, { person: '' })
    expect(await known.json()).toMatchObject({ status: 'in force', validFrom: expect.any(String) })
    const wrong = await call(
      'GET',
      `/api/licences/${identifier.slice(0, -1)}${identifier.endsWith('A') ? 'B' : 'A'}/status`,
      { person: '' },
    )
    expect(await problemOf(wrong)).toMatchObject({ status: 422 })
    const before = await call('GET', `/api/licences/${identifier}/status?asOf=2020-01-01T00:00:00Z`, { person: '' })
    expect(await before.json()).toMatchObject({ status: 'unknown', dataDigest: null })
  })

  it('replaces a licence', async () => {
    const { identifier, number } = await minted()
    const response = await call('POST', `/api/licences/${identifier}/replacements`, {
      body: { reason: '变更住所', data: { ...exampleOf(), address: '云汀市新址' } },
      headers: { 'idempotency-key': `http-${++count}` },
    })
    expect(response.status).toBe(201)
    expect(await response.json()).toMatchObject({ number, status: 'in force' })
    expect(await (await call('GET', `/api/licences/${identifier}/status`)).json()).toMatchObject({
      status: 'superseded',
    })
  })

  it('previews a specimen without recording anything', async () => {
    const before = await house.database.query('select count(*) from licence.licences')
    const response = await call('POST', '/api/licences/previews', {
      body: { typeCode: businessLicence, data: exampleOf() },
    })
    expect(response.headers.get('content-type')).toBe('application/pdf')
    expect(await house.database.query('select count(*) from licence.licences')).toEqual(before)
    const faulty = await call('POST', '/api/licences/previews', { body: { typeCode: businessLicence, data: {} } })
    expect(await problemOf(faulty)).toMatchObject({ status: 422, code: 'LICENCE_DATA_INVALID' })
  })

  it('publishes catalogue, lists and description without login', async () => {
    const { types } = (await (await call('GET', '/api/catalogue', { person: '' })).json()) as {
      types: { typeCode: string; issuers: { code: string }[] }[]
    }
    expect(types.find(({ typeCode }) => typeCode === businessLicence)!.issuers.map(({ code }) => code)).toEqual(
      departments.map(({ code }) => code),
    )
    const definition = await (await call('GET', `/api/catalogue/${businessLicence}`, { person: '' })).json()
    expect(definition).toMatchObject({
      typeCode: businessLicence,
      fields: expect.any(Array),
      example: expect.any(Object),
    })
    expect(definition).not.toHaveProperty('layout')
    expect((await call('GET', '/status-lists/0', { person: '' })).headers.get('content-type')).toBe(
      'application/statuslist+jwt',
    )
    expect((await call('GET', '/trust-list', { person: '' })).headers.get('content-type')).toBe('application/jwt')
    expect(await problemOf(await call('GET', '/status-lists/99', { person: '' }))).toMatchObject({
      status: 404,
      code: 'STATUS_LIST_NOT_FOUND',
    })
    const { paths } = (await (await call('GET', '/openapi.json')).json()) as { paths: object }
    expect(Object.keys(paths)).toContain('/api/licences/{identifier}/replacements')
  })

  describe('a holder link', () => {
    it('says what it leads to, but not to whom', async () => {
      const { token, qrSvg } = await newLink((await minted()).identifier)
      expect(qrSvg).toContain('<svg')
      const seen = await (await call('GET', `/api/holder-links/${token}`, { person: '' })).json()
      expect(seen).toMatchObject({
        typeName: { zh: '营业执照' },
        issuer: departments[0].name,
        attemptsLeft: 5,
        locked: false,
      })
      expect(JSON.stringify(seen)).not.toContain(exampleOf()['name'])
      expect((await call('GET', '/api/holder-links/nothing', { person: '' })).status).toBe(404)
    })

    it('opens with the last six characters, in whatever spelling, and gives fields and document for a while', async () => {
      const { identifier } = await minted()
      const { token } = await newLink(identifier)
      const response = await open(token, ` ${lastSix().toLowerCase().slice(0, 3)} ${lastSix().slice(3)} `)
      expect(response.status).toBe(200)
      const opened = (await response.json()) as {
        accessToken: string
        licence: { fields: { label: { zh: string }; value: unknown }[] }
      }
      expect(opened.licence.fields.some(({ value }) => value === exampleOf()['name'])).toBe(true)
      const document = (accessToken: string) =>
        call('GET', `/api/holder-links/${token}/document`, {
          person: '',
          headers: { authorization: `Bearer ${accessToken}` },
        })
      expect((await document(opened.accessToken)).headers.get('content-disposition')).toContain(identifier)
      expect((await document('A'.repeat(43))).status).toBe(401)
      const other = await newLink(identifier)
      expect(
        (
          await call('GET', `/api/holder-links/${other.token}/document`, {
            headers: { authorization: `Bearer ${opened.accessToken}` },
          })
        ).status,
      ).toBe(401)
      house.clock.advance(10 * 60_000)
      expect((await document(opened.accessToken)).status).toBe(401)
      const { looks } = (await (await call('GET', `/api/licences/${identifier}`)).json()) as {
        looks: { what: string }[]
      }
      expect(looks.map(({ what }) => what)).toEqual(['opened', 'document'])
    })

    it('is throttled after the second wrong attempt and locked for good after the fifth', async () => {
      const { token } = await newLink((await minted()).identifier)
      expect((await open(token, '000000')).status).toBe(403)
      expect((await open(token, '000000')).status).toBe(403)
      const tooSoon = await open(token, lastSix())
      expect(tooSoon.status).toBe(429)
      expect(Number(tooSoon.headers.get('retry-after'))).toBeGreaterThan(0)
      for (const expected of [403, 403, 423]) {
        house.clock.advance(60_000)
        expect((await open(token, '000000')).status).toBe(expected)
      }
      house.clock.advance(60_000)
      expect((await open(token, lastSix())).status).toBe(423)
      expect(await (await call('GET', `/api/holder-links/${token}`, { person: '' })).json()).toMatchObject({
        locked: true,
        attemptsLeft: 0,
      })
    })

    it('lets no more than five guesses pass when they all come at once', async () => {
      const { token } = await newLink((await minted()).identifier)
      const answers = await Promise.all(Array.from({ length: 20 }, () => open(token, '000000')))
      expect(answers.filter(({ status }) => status === 403).length).toBeLessThanOrEqual(5)
      const [link] = await house.database.query<{ attempts: number }>(
        'select attempts from licence.holder_links order by created_at desc, link desc limit 1',
      )
      expect(link!.attempts).toBeLessThanOrEqual(5)
    })

    it('expires', async () => {
      const { token } = await newLink((await minted()).identifier)
      house.clock.advance(72 * 3_600_000)
      expect((await open(token, lastSix())).status).toBe(410)
      expect((await call('GET', `/api/holder-links/${token}`, { person: '' })).status).toBe(410)
    })

    it('is not made for a licence of another department', async () => {
      const { identifier } = await minted()
      const response = await call('POST', `/api/licences/${identifier}/holder-links`, { person: 'otherClerk' })
      expect(await problemOf(response)).toMatchObject({ status: 404, code: 'LICENCE_NOT_FOUND' })
    })
  })
})
