// Many at once over the real HTTP door: one licence for one key, one winner of each race, no more guesses than allowed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  businessLicence,
  exampleOf,
  marriageCertificate,
  type Reply,
  type RunningHouse,
  type Send,
  startHouse,
  typeCodeOf,
} from '../support/running-house.ts'

let running: RunningHouse
beforeAll(async () => {
  running = await startHouse()
})
afterAll(() => running?.close())

const call = (path: string, options?: Send) => running.call(path, options)
let keys = 0
const newKey = () => `at-once-${++keys}`
const body = () => ({ typeCode: businessLicence, data: exampleOf(businessLicence) })
const mint = (once = newKey()) => call('/api/licences', { key: running.issuers.market, once, body: body() })
const mintedIdentifier = async (): Promise<string> => (await mint()).json.identifier
const query = (sql: string, params: unknown[] = []) =>
  running.house.database.query<{ count: bigint; identifier: string }>(sql, params)
const statusOf = async (identifier: string) => (await call(`/api/licences/${identifier}/status`)).json

const tally = (replies: readonly Reply[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { status, json } of replies) {
    const name = status < 300 ? String(status) : `${status} ${json?.code}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('a hundred mints at once', () => {
  it('with one key make one licence and get one answer', async () => {
    const once = newKey()
    const replies = await Promise.all(Array.from({ length: 100 }, () => mint(once)))
    expect(tally(replies)).toEqual({ 201: 100 })
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    const rows = await query('select identifier from licence.idempotency_keys where key = $1', [once])
    expect(rows).toHaveLength(1)
    const [entries] = await query('select count(*) as count from licence.register_entries where identifier = $1', [
      rows[0]!.identifier,
    ])
    expect(entries!.count).toBe(2n)
  })

  it('with one key and two bodies make one licence; whoever came with the other body is told so', async () => {
    const once = newKey()
    const other = { ...body(), data: { ...body().data, legalRepresentative: '顾言' } }
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        call('/api/licences', { key: running.issuers.market, once, body: n % 2 ? other : body() }),
      ),
    )
    expect(tally(replies)).toEqual({ 201: 10, '422 IDEMPOTENCY_KEY_REUSED': 10 })
  })

  it('of different keys make as many licences, with numbers, places and serials of their own', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, () => mint()))
    expect(tally(replies)).toEqual({ 201: 50 })
    expect(new Set(replies.map(({ json }) => json.identifier)).size).toBe(50)
    expect(new Set(replies.map(({ json }) => json.number)).size).toBe(50)
    for (const { json } of replies.slice(0, 5)) {
      const document = await call(`/api/licences/${json.identifier}/document`, { key: running.issuers.market })
      await running.house.licences.publishLists()
      const report = await call('/api/verifications', {
        bytes: document.bytes,
        headers: { 'content-type': 'application/pdf' },
      })
      expect(report.json.verdict).toBe('accepted')
      expect(report.json.licence.identifier).toBe(json.identifier)
    }
  })

  it('with one key of two departments make two licences', async () => {
    const once = newKey()
    const theirs = { typeCode: marriageCertificate, data: exampleOf(marriageCertificate) }
    const replies = await Promise.all([
      ...Array.from({ length: 5 }, () => mint(once)),
      ...Array.from({ length: 5 }, () => call('/api/licences', { key: running.issuers.civil, once, body: theirs })),
    ])
    expect(tally(replies)).toEqual({ 201: 10 })
    expect(new Set(replies.map(({ json }) => json.identifier)).size).toBe(2)
  })
})

describe('changes of one licence at once', () => {
  const change = (identifier: string, what: string, more: object = {}) =>
    call(`/api/licences/${identifier}/${what}`, { key: running.issuers.market, body: { reason: '依法办理', ...more } })
  const replace = (identifier: string, once = newKey()) =>
    call(`/api/licences/${identifier}/replacements`, {
      key: running.issuers.market,
      once,
      body: { reason: '换发', data: body().data },
    })

  it.each(['revocations', 'suspensions'])('%s: one is recorded, the others are refused', async (what) => {
    const identifier = await mintedIdentifier()
    const replies = await Promise.all(Array.from({ length: 10 }, () => change(identifier, what)))
    expect(tally(replies)).toEqual({ 201: 1, '409 LICENCE_TRANSITION_REFUSED': 9 })
    const [entries] = await query('select count(*) as count from licence.register_entries where identifier = $1', [
      identifier,
    ])
    expect(entries!.count).toBe(3n)
  })

  it('replacements of different keys: one new version, linked both ways', async () => {
    const identifier = await mintedIdentifier()
    const replies = await Promise.all(Array.from({ length: 10 }, () => replace(identifier)))
    const winners = replies.filter(({ status }) => status === 201)
    expect(winners).toHaveLength(1)
    for (const { status, json } of replies.filter((reply) => !winners.includes(reply)))
      expect([status, json.code]).toEqual([
        409,
        expect.stringMatching(/LICENCE_REPLACEMENT_UNDER_WAY|LICENCE_TRANSITION_REFUSED/),
      ])
    const next = winners[0]!.json.identifier
    expect(await statusOf(identifier)).toMatchObject({ status: 'superseded', replacedBy: next })
    expect(await statusOf(next)).toMatchObject({ status: 'in force', replaces: identifier })
  })

  it('replacements with one key: one new version and one answer', async () => {
    const identifier = await mintedIdentifier()
    const once = newKey()
    const replies = await Promise.all(Array.from({ length: 10 }, () => replace(identifier, once)))
    expect(tally(replies)).toEqual({ 201: 10 })
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    expect((await replace(identifier, once)).json).toEqual(replies[0]!.json)
  })

  it('a revocation against a replacement: never both versions good, never a revoked one replaced', async () => {
    for (let round = 0; round < 6; round++) {
      const identifier = await mintedIdentifier()
      const later = new Promise((resolve) => setTimeout(resolve, round * 15)).then(() =>
        change(identifier, 'revocations'),
      )
      const [replaced, revoked] = await Promise.all([replace(identifier), later])
      const old = await statusOf(identifier)
      if (replaced.status === 201) {
        expect({ old: old.status, revoked: revoked.status }).toEqual({ old: 'superseded', revoked: 409 })
        expect((await statusOf(replaced.json.identifier)).status).toBe('in force')
      } else {
        expect({ old: old.status, revoked: revoked.status }).toEqual({ old: 'revoked', revoked: 201 })
        expect(replaced.json.code).toMatch(/LICENCE_TRANSITION_REFUSED|LICENCE_REJECTED/)
        expect(replaced.status).toBe(409)
      }
      const good = await query(
        `select count(*) as count from licence.licences where state = 'in force' and (identifier = $1 or replaces = $1)`,
        [identifier],
      )
      expect(good[0]!.count).toBe(replaced.status === 201 ? 1n : 0n)
    }
  })

  it('is refused with an effective time to come, before the last change, or that is no time', async () => {
    const identifier = await mintedIdentifier()
    const revoke = (effectiveAt: string) => change(identifier, 'revocations', { effectiveAt })
    for (const effectiveAt of ['2999-01-01T00:00:00Z', '1999-01-01T00:00:00Z', '0000-01-01T00:00:00Z']) {
      const reply = await revoke(effectiveAt)
      expect([reply.status, reply.json.code]).toEqual([422, 'LICENCE_EFFECTIVE_TIME_REFUSED'])
    }
    for (const effectiveAt of ['now', '2026-02-30T00:00:00Z', '2026-01-01']) {
      const reply = await revoke(effectiveAt)
      expect([reply.status, reply.json.errors?.[0].pointer]).toEqual([422, '/effectiveAt'])
    }
    expect((await change(identifier, 'suspensions', { reason: '  ' })).status).toBe(422)
    expect((await statusOf(identifier)).status).toBe('in force')
  })

  it('of another department is answered as one that never was', async () => {
    const identifier = await mintedIdentifier()
    const never = identifier.replace(/\.\d{3}\.[0-9A-Z]$/, '') // without version and check character
    const unknown = await (async () => {
      const { formatIdentifier, parseIdentifier } = await import('../../licence-format/index.ts')
      return formatIdentifier({ ...parseIdentifier(identifier), serial: 'ZZZZZZZZZZZZZZZZZZZZ' })
    })()
    expect(never).not.toBe(identifier)
    const stranger = { key: running.issuers.civil }
    const reason = { reason: '依法办理' }
    const calls: [string, Send][] = [
      ['', {}],
      ['/document', {}],
      ['/suspensions', { body: reason }],
      ['/restorations', { body: reason }],
      ['/revocations', { body: reason }],
      ['/holder-links', { method: 'POST' }],
    ]
    for (const [path, options] of calls) {
      const [known, missing] = await Promise.all(
        [identifier, unknown].map((one) => call(`/api/licences/${one}${path}`, { ...stranger, ...options })),
      )
      const bare = ({ status, json }: Reply) => ({ status, code: json.code, title: json.title, detail: json.detail })
      expect(bare(known!)).toEqual(bare(missing!))
      expect(bare(known!)).toMatchObject({ status: 404, code: 'LICENCE_NOT_FOUND' })
    }
    expect((await statusOf(identifier)).status).toBe('in force')
  })
})

describe('a holder link', () => {
  const linkTo = async (identifier: string, stem: 'market' | 'civil' | 'land' = 'market'): Promise<string> => {
    const made = await call(`/api/licences/${identifier}/holder-links`, { method: 'POST', key: running.issuers[stem] })
    expect(made.status).toBe(201)
    return `/api/holder-links/${made.json.url.split('/').at(-1)}`
  }
  const newLink = async () => linkTo(await mintedIdentifier())
  const open = (link: string, lastSix: unknown) => call(`${link}/openings`, { body: { lastSix } })
  const right = () => String(body().data['creditCode']).slice(-6)
  /** Lets the throttle by address forget. */
  const rest = () => running.clock.advance(60_000)

  it('takes no more than five guesses, fifty at once or a minute apart', async () => {
    rest()
    const link = await newLink()
    const guesses = await Promise.all(Array.from({ length: 50 }, (_, n) => open(link, `00000${n % 10}`)))
    const counts = tally(guesses)
    expect(counts['403 HOLDER_LINK_WRONG_CHARACTERS'] ?? 0).toBeLessThanOrEqual(4)
    expect(counts['403 HOLDER_LINK_WRONG_CHARACTERS'] ?? 0).toBeGreaterThan(0)
    expect(Object.keys(counts).every((name) => /^(403|423|429)/.test(name))).toBe(true)
    const answers: string[] = []
    for (let n = 0; n < 6; n++) {
      rest()
      const { json, headers } = await open(link, '999999')
      answers.push(json.code)
      if (json.code === 'HOLDER_LINK_TOO_SOON') expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    const [row] = await running.house.database.query<{ attempts: number }>(
      'select max(attempts) as attempts from licence.holder_links',
    )
    expect(row!.attempts).toBe(5)
    expect(answers.at(-1)).toBe('HOLDER_LINK_LOCKED')
    const late = await open(link, right())
    expect([late.status, late.json.code]).toEqual([423, 'HOLDER_LINK_LOCKED'])
    expect((await call(link)).json).toMatchObject({ locked: true, attemptsLeft: 0 })
  })

  it('is slower after each wrong guess, also for the right one', async () => {
    rest()
    const link = await newLink()
    for (let n = 0; n < 2; n++) expect((await open(link, '000000')).status).toBe(403)
    const soon = await open(link, right())
    expect([soon.status, soon.json.code]).toEqual([429, 'HOLDER_LINK_TOO_SOON'])
    running.clock.advance(2000)
    expect((await open(link, right())).status).toBe(200)
  })

  it('opens the document with its own access token only, and only for a while', async () => {
    rest()
    const [link, other] = [await newLink(), await newLink()]
    const opened = await open(link, right().toLowerCase())
    expect(opened.status).toBe(200)
    const read = (from: string, token?: string) => call(`${from}/document`, token === undefined ? {} : { key: token })
    const { accessToken } = opened.json
    expect((await read(link, accessToken)).headers.get('content-type')).toBe('application/pdf')
    const refused = [
      await read(link),
      await read(link, 'A'.repeat(43)),
      await read(other, accessToken),
      await read(link, running.issuers.market),
    ]
    for (const { status, json } of refused) expect([status, json.code]).toEqual([401, 'HOLDER_LINK_ACCESS_REFUSED'])
    running.clock.advance(10 * 60_000)
    expect((await read(link, accessToken)).json.code).toBe('HOLDER_LINK_ACCESS_REFUSED')
  })

  it('ends after its time, also for the right characters', async () => {
    rest()
    const link = await newLink()
    running.clock.advance(73 * 3_600_000)
    for (const reply of [await call(link), await open(link, right())])
      expect([reply.status, reply.json.code]).toEqual([410, 'HOLDER_LINK_EXPIRED'])
  })

  it('is opened by no fewer than six characters, whoever of the holders has no number', async () => {
    rest()
    const typeCode = typeCodeOf('不动产权证书')
    const { coOwnerIdNumber: _, ...data } = exampleOf(typeCode)
    const issued = await call('/api/licences', { key: running.issuers.land, once: newKey(), body: { typeCode, data } })
    if (issued.status === 422) return
    expect(issued.status).toBe(201)
    for (const lastSix of ['', '      ', '------', '—', '4']) {
      const link = await linkTo(issued.json.identifier, 'land')
      const reply = await open(link, lastSix)
      expect([lastSix, reply.status]).not.toEqual([lastSix, 200])
    }
  })

  it('is refused a body of another shape without losing a guess', async () => {
    rest()
    const link = await newLink()
    for (const lastSix of [123456, null, 'x'.repeat(33), ['1']]) expect((await open(link, lastSix)).status).toBe(422)
    expect((await call(link)).json.attemptsLeft).toBe(5)
  })
})

describe('a session', () => {
  const login = (password: string, headers: Record<string, string> = {}, username = 'civil-viewer') =>
    call('/api/sessions', { body: { username, password }, headers })
  const cookieOf = (reply: Reply) => reply.headers.get('set-cookie')!.split(';', 1)[0]!

  it('is locked out for a name after five wrong passwords, thirty at once', async () => {
    const replies: Reply[] = []
    for (let round = 0; round < 2; round++) {
      replies.push(...(await Promise.all(Array.from({ length: 15 }, () => login('wrong')))))
      running.clock.advance(30_000)
    }
    const counts = tally(replies)
    expect(counts['401 LOGIN_REFUSED']).toBe(5)
    expect((counts['429 LOGIN_THROTTLED'] ?? 0) + (counts['429 RATE_LIMITED'] ?? 0)).toBe(25)
    expect((await login('demo-civil-viewer')).status).toBe(429)
    running.clock.advance(15 * 60_000)
    expect((await login('demo-civil-viewer')).status).toBe(201)
  })

  it('changes nothing for another site, reads for its own person, and ends at log-out', async () => {
    running.clock.advance(60_000)
    expect((await login('demo-market-issuer', { 'sec-fetch-site': 'cross-site' }, 'market-issuer')).json.code).toBe(
      'CROSS_SITE_REQUEST',
    )
    const session = await login('demo-market-issuer', { 'sec-fetch-site': 'same-origin' }, 'market-issuer')
    expect(session.status).toBe(201)
    expect(session.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Strict|SameSite=Strict.*HttpOnly/i)
    const cookie = cookieOf(session)
    const own = { cookie, 'sec-fetch-site': 'same-origin' }
    const post = (headers: Record<string, string>) => call('/api/licences', { once: newKey(), body: body(), headers })
    for (const site of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}]) {
      const reply = await post({ cookie, ...(site as Record<string, string>) })
      expect([reply.status, reply.json.code]).toEqual([403, 'CROSS_SITE_REQUEST'])
    }
    expect((await post(own)).status).toBe(201)
    expect((await call('/api/sessions/current', { headers: { cookie } })).status).toBe(200)
    expect((await call('/api/sessions/current', { method: 'DELETE', headers: own })).status).toBe(204)
    for (const reply of [await post(own), await call('/api/sessions/current', { headers: { cookie } })])
      expect([reply.status, reply.json.code]).toEqual([401, 'SESSION_ENDED'])
  })
})

it('leaves no failure of ours and nothing of a holder in the log', () => {
  expect(
    running.logLines.filter((line) => /"level":"error"/.test(line)).filter((line) => !/"alarm"/.test(line)),
  ).toEqual([])
  const log = running.logLines.join('\n')
  for (const text of ['程亦舟', '330199199506143717', String(body().data['name']), String(body().data['creditCode'])])
    expect(log).not.toContain(text)
})
