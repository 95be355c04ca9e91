// What is kept about people, behind the house's real door: every opening of data is on record, figures, disputes with their deadline,
// erasure by two people.
import { readXlsx } from 'hucre'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { afterWorkingDays } from '../../licence-service/domain/working-days.ts'
import {
  businessLicence,
  exampleOf,
  type Reply,
  type RunningHouse,
  type Send,
  startHouse,
  typeCodeOf,
} from '../support/running-house.ts'

let running: RunningHouse
let identifier: string
let holder: { name: string; code: string }
const keys: Record<string, string> = {}
let cookie: string

const asHolder = { headers: {} as Record<string, string> }
const wallet = (path: string, options: Send = {}) => running.call(`/api/wallet${path}`, { ...options, ...asHolder })

async function issue(typeCode = businessLicence): Promise<string> {
  const { json, status, text } = await running.call('/api/licences', {
    key: running.issuers.market,
    once: crypto.randomUUID(),
    body: { typeCode, data: exampleOf(typeCode) },
  })
  if (status !== 201) throw new Error(text)
  return json.identifier
}

const until = async (ask: () => Promise<boolean>) => {
  for (let tries = 0; tries < 100; tries++) {
    if (await ask()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it did not come')
}

beforeAll(async () => {
  running = await startHouse()
  const [market, housing] = await Promise.all(
    ['市场监督管理局', '住房和城乡建设局'].map(
      async (name) =>
        (await running.house.directory.departments()).find((one) => one.name.zh === `云汀市${name}`)!.code,
    ),
  )
  const keyOf = (departmentCode: string, name: string, ...roles: ('licence-reviewer' | 'licence-user' | 'viewer')[]) =>
    running.house.directory.makeApiKey({ name, departmentCode, roles, expiresAt: null })
  keys['reviewer'] = await keyOf(market!, 'one', 'licence-reviewer')
  keys['second'] = await keyOf(market!, 'two', 'licence-reviewer')
  keys['user'] = await keyOf(housing!, 'user', 'licence-user')
  identifier = await issue()
  const { json } = await running.call(`/api/licences/${identifier}`, { key: running.viewers.market })
  ;[holder] = json.data.holders
  const login = await running.call('/api/holder-sessions', { body: { name: holder.name, code: holder.code } })
  cookie = login.headers.getSetCookie()[0]!.split(';')[0]!
  asHolder.headers = { cookie, 'sec-fetch-site': 'same-origin' }
}, 180_000)
afterAll(() => running?.close())

const countReads = async () =>
  Number((await running.house.database.query<{ n: bigint }>('select count(*) as n from licence.reads'))[0]!.n)

describe('who read a licence, and how long that is kept', () => {
  const readsOf = async (limit: number, cursor?: string): Promise<Reply['json']> => {
    const query = `limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`
    return (await running.call(`/api/licences/${identifier}/reads?${query}`, { key: keys['reviewer']! })).json
  }

  it('is told to reviewers of its department, page by page: colleagues by their id, holders not', async () => {
    await running.call(`/api/licences/${identifier}`, { key: running.viewers.market })
    await wallet(`/licences/${identifier}`)
    const all = (await readsOf(50)).items
    expect(all[0]).toMatchObject({ readerKind: 'holder', reader: null, what: 'data', matterCode: null })
    expect(all[1]).toMatchObject({ readerKind: 'machine', reader: expect.any(String), what: 'data' })
    const paged = []
    for (let page = await readsOf(1); ; page = await readsOf(1, page.next)) {
      paged.push(...page.items)
      if (page.next === null) break
    }
    expect(paged).toEqual(all)
    expect(all.length).toBeGreaterThan(2)
  })

  it('is told to nobody else, and not by a cursor that is none', async () => {
    const at = `/api/licences/${identifier}/reads`
    expect((await running.call(at, { key: running.viewers.market })).status).toBe(403)
    const other = await running.house.directory.makeApiKey({
      ...{ name: 'other', roles: ['licence-reviewer'], expiresAt: null },
      departmentCode: (await running.house.directory.departments()).find(({ name }) => name.zh === '云汀市交通运输局')!
        .code,
    })
    expect((await running.call(at, { key: other })).json.code).toBe('LICENCE_NOT_FOUND')
    expect((await readsOf(1, 'x')).code).toBe('LICENCE_CURSOR_INVALID')
  })

  it('says the days by which things are kept, and which of them an operator set', async () => {
    const ask = async () => (await running.call('/api/retention', { key: keys['reviewer']! })).json.items
    expect(await ask()).toContainEqual({ what: 'reads', days: 1_096, isRule: false })
    await running.house.database.query(`insert into licence.retention_rules values ('disputes', 400, now())`)
    expect(await ask()).toContainEqual({ what: 'disputes', days: 400, isRule: true })
    await running.house.database.query(`delete from licence.retention_rules where what = 'disputes'`)
  })
})

describe('every route that gives out what belongs to holders', () => {
  /** Routes that need a licence of ours, by their permission; a new one is taken in by itself. */
  it('leaves a read, generated from the description of the routes', async () => {
    const { json } = await running.call('/openapi.json')
    const giving = Object.entries<
      Record<string, { 'x-permission'?: string; parameters?: { in: string; required?: boolean }[] }>
    >(json.paths)
      .filter(([path]) => /\/licences(\/\{identifier\}(\/document)?)?$/.test(path) && path.startsWith('/api/'))
      .flatMap(([path, methods]) => (methods['get'] ? [{ path, permission: methods['get']['x-permission'] }] : []))
      .filter(({ permission }) => permission === 'licences:read' || permission === 'wallet:use')
    expect(giving.map(({ path }) => path).sort()).toEqual(
      expect.arrayContaining([
        '/api/licences',
        '/api/licences/{identifier}',
        '/api/licences/{identifier}/document',
        '/api/wallet/licences',
        '/api/wallet/licences/{identifier}',
        '/api/wallet/licences/{identifier}/document',
      ]),
    )
    for (const { path, permission } of giving) {
      const before = await countReads()
      const options = permission === 'wallet:use' ? asHolder : { key: running.viewers.market }
      const { status, text } = await running.call(path.replace('{identifier}', identifier), options)
      expect([path, status]).toEqual([path, 200])
      if (text.includes(holder.name) || text.startsWith('%PDF') || path.endsWith('/licences'))
        expect([path, await countReads()]).toEqual([path, before + 1])
    }
  })

  it('leaves none where nothing was given out', async () => {
    const before = await countReads()
    await running.call(`/api/licences/${identifier}`, { key: running.issuers.housing })
    await running.call(`/api/licences/${identifier}/status`)
    expect(await countReads()).toBe(before)
  })

  it('fails when the read cannot be written down', async () => {
    await running.house.database.query(
      'alter table licence.reads add constraint broken check (what <> $$document$$) not valid',
    )
    const broken = await running.call(`/api/licences/${identifier}/document`, { key: running.viewers.market })
    await running.house.database.query('alter table licence.reads drop constraint broken')
    expect([broken.status, broken.text.includes('%PDF')]).toEqual([500, false])
  })
})

describe('figures', () => {
  // Days of figures are China's.
  const day = () => new Date(running.clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
  const span = () =>
    `from=2020-01-01&to=${new Date(running.clock.now().getTime() + 3 * 86_400_000).toISOString().slice(0, 10)}`
  const ask = async (path: string, key = running.viewers.market): Promise<Reply['json']> =>
    (await running.call(`/api/statistics/${path}`, { key })).json
  const settled = () =>
    until(async () => (await running.house.database.query('select 1 from licence.figure_changes limit 1')).length === 0)
  const ofType = async (statistic: string, typeCode = businessLicence, key?: string) =>
    (await ask(`${statistic}?${span()}&by=type`, key)).items.find((one: { key: string }) => one.key === typeCode)

  it('count what was issued and what is in force, and follow every change', async () => {
    await settled()
    const before = (await ofType('status')).figures
    const issuedBefore = (await ofType('issuance')).figures.issued
    const second = await issue()
    await settled()
    expect((await ofType('issuance')).figures.issued).toBe(issuedBefore + 1)
    expect((await ofType('status')).figures.inForce).toBe(before.inForce + 1)
    const change = (act: string) =>
      running.call(`/api/licences/${second}/${act}`, {
        key: running.issuers.market,
        body: { reason: '核查' },
      })
    expect((await change('suspensions')).status).toBe(201)
    await settled()
    expect((await ofType('status')).figures).toMatchObject({ inForce: before.inForce, suspended: 1 })
    expect((await change('restorations')).status).toBe(201)
    expect((await change('revocations')).status).toBe(201)
    await settled()
    expect((await ofType('status')).figures).toMatchObject({ inForce: before.inForce, restored: 1, revoked: 1 })
    const { name } = await ofType('status')
    expect(name.zh).toBe('营业执照')
  }, 60_000)

  it('know when licences come into force and expire by their days', async () => {
    await issue(typeCodeOf('食品经营许可证'))
    const [row] = await running.house.database.query<{ until: string | null; type: string }>(
      `select valid_until as until, type_code as type from licence.licences where valid_until is not null and state = 'in force' limit 1`,
    )
    if (!row?.until) throw new Error('an example with an end is needed')
    await settled()
    const at = async (to: string) =>
      (await ask(`status?from=2020-01-01&to=${to}&by=type`)).items.find((one: { key: string }) => one.key === row.type)
        ?.figures.inForce ?? 0
    const afterEnd = new Date(Date.parse(row.until) + 86_400_000).toISOString().slice(0, 10)
    const onLast = new Date(Date.parse(row.until)).toISOString().slice(0, 10)
    const query = (to: string) => `status?from=${to}&to=${to}&by=type`
    const count = async (to: string) =>
      (await ask(query(to))).items.find((one: { key: string }) => one.key === row.type)?.figures.inForce ?? 0
    expect(await count(afterEnd)).toBeLessThan(await count(onLast))
    expect(await at(day())).toBeGreaterThan(0)
  })

  it('tell use by holders, and keep few of another department to themselves', async () => {
    await settled()
    expect((await ofType('use')).figures.byHolders).toBeGreaterThan(1)
    expect(
      (await ask(`issuance?${span()}&by=type`, running.viewers.transport)).items.some(
        (one: { key: string }) => one.key === businessLicence,
      ),
    ).toBe(false)
  })

  it('come as a file for spreadsheets, and refuse what is no span', async () => {
    const file = await running.call(`/api/statistics/issuance/export.csv?${span()}&by=type`, {
      key: running.viewers.market,
    })
    expect([file.status, file.bytes[0], file.headers.get('content-disposition')]).toEqual([
      200,
      0xef,
      'attachment; filename="issuance.csv"',
    ])
    expect(file.text).toContain('营业执照')
    expect((await ask('issuance?from=2026-02-01&to=2026-01-01')).code).toBe('STATISTICS_SPAN_REFUSED')
    expect((await running.call('/api/statistics/issuance?from=x&to=y', { key: running.viewers.market })).status).toBe(
      422,
    )
  })

  it('come as XLSX too: figures are numbers, texts are texts and none of them a formula', async () => {
    const file = await running.call(`/api/statistics/issuance/export.xlsx?${span()}&by=type`, {
      key: running.viewers.market,
    })
    expect([file.status, file.headers.get('content-disposition')]).toEqual([
      200,
      'attachment; filename="issuance.xlsx"',
    ])
    const { sheets } = await readXlsx(file.bytes)
    const [head, ...lines] = sheets[0]!.rows
    expect(head).toEqual(['key', 'name', 'issued'])
    expect(lines.find(([key]) => key === businessLicence)?.slice(1)).toEqual(['营业执照', expect.any(Number)])
  })

  it('tell quality: seconds to the register, and disputes', async () => {
    await settled()
    const { figures } = await ofType('quality')
    expect(figures.secondsToRegister).toBeGreaterThanOrEqual(0)
    expect(figures.issued).toBeGreaterThan(1)
  })
})

describe('a dispute', () => {
  const about = (more: object = {}) => ({ identifier, words: '住所的门牌号不对，应为 38 号', ...more })

  it('has ten working days, weekends aside', () => {
    expect(afterWorkingDays(new Date('2026-11-20T08:00:00Z'), 10)).toBe('2026-12-04')
    expect(afterWorkingDays(new Date('2026-11-21T08:00:00Z'), 1)).toBe('2026-11-23')
    expect(afterWorkingDays(new Date('2026-11-22T17:00:00Z'), 1)).toBe('2026-11-24')
  })

  it('is raised by the holder once, answered by the department once, and read by both', async () => {
    const raised = await wallet('/disputes', { body: about({ field: 'name' }), once: 'dispute-one' })
    expect([raised.status, raised.json.state]).toEqual([201, 'open'])
    expect((await wallet('/disputes', { body: about({ field: 'name' }), once: 'dispute-one' })).json.dispute).toBe(
      raised.json.dispute,
    )
    const another = await issue()
    for (const other of [{}, { field: 'name', words: '另有所指' }, { field: 'name', identifier: another }])
      expect((await wallet('/disputes', { body: about(other), once: 'dispute-one' })).json.code).toBe(
        'IDEMPOTENCY_KEY_REUSED',
      )
    expect((await wallet('/disputes', { body: about({ field: 'name' }), once: 'dispute-two' })).json.code).toBe(
      'DISPUTE_OPEN',
    )
    expect((await wallet('/disputes', { body: about({ field: 'nothing' }), once: 'dispute-three' })).json.code).toBe(
      'DISPUTE_FIELD_UNKNOWN',
    )
    const listed = (await running.call('/api/disputes', { key: running.viewers.market })).json.items
    expect(listed).toMatchObject([
      { dispute: raised.json.dispute, words: about().words, isLate: false, raisedByKind: 'holder' },
    ])
    const named = { typeName: { zh: '营业执照' }, field: { zh: '名称' }, replacedBy: null }
    expect([listed[0].about, (await wallet('/disputes')).json.items[0].about]).toMatchObject([named, named])
    expect(listed[0].about.number).toMatch(/\d/)
    expect((await running.call('/api/disputes', { key: running.viewers.housing })).json.items).toEqual([])
    const path = `/api/disputes/${raised.json.dispute}/answers`
    const body = { words: '经核对，登记无误。' }
    expect((await running.call(path, { key: running.issuers.housing, body })).json.code).toBe('DISPUTE_NOT_FOUND')
    expect((await running.call(path, { key: running.issuers.market, body })).json.state).toBe('refused')
    expect((await running.call(path, { key: running.issuers.market, body })).json.code).toBe('DISPUTE_ANSWERED')
    expect((await wallet('/disputes')).json.items[0]).toMatchObject({ state: 'refused', answer: body.words })
    const rows = JSON.stringify(await running.house.database.query('select t::text as row from licence.disputes t'))
    expect(rows).not.toContain('门牌')
  })

  it('of another department is put right by a new version and by nothing else', async () => {
    const disputed = await issue()
    const body = { identifier: disputed, words: '法定代表人已变更' }
    const raised = (await running.call('/api/disputes', { key: keys['user']!, body, once: 'dispute-of-user' })).json
    expect([raised.raisedByKind, raised.about]).toEqual(['department', null])
    const path = `/api/disputes/${raised.dispute}/corrections`
    const answer = (correctedBy: string) =>
      running.call(path, { key: running.issuers.market, body: { words: '已更正', correctedBy } })
    expect((await answer(identifier)).json.code).toBe('DISPUTE_CORRECTION_MISSING')
    const replaced = await running.call(`/api/licences/${disputed}/replacements`, {
      key: running.issuers.market,
      once: 'correction-of-dispute',
      body: { data: exampleOf(businessLicence), reason: '更正' },
    })
    expect(replaced.status).toBe(201)
    const [listed] = (await running.call('/api/disputes', { key: running.viewers.market })).json.items
    expect(listed.about.replacedBy).toBe(replaced.json.identifier)
    expect((await answer(replaced.json.identifier)).json).toMatchObject({
      state: 'corrected',
      correctedBy: replaced.json.identifier,
    })
  }, 60_000)

  it('grows late, and the late ones come first', async () => {
    const other = await issue()
    const body = (about: string) => ({ identifier: about, words: '有误' })
    await running.call('/api/disputes', { key: keys['user']!, body: body(other), once: 'late-one' })
    const items = (await running.call('/api/disputes', { key: running.viewers.market })).json.items
    const days = items.map(({ answerUntil }: { answerUntil: string }) => answerUntil)
    expect(days).toEqual([...days].sort())
  })
})

describe('erasure', () => {
  const ask = (about: string, cause: string, key = keys['reviewer']!, once = crypto.randomUUID()) =>
    running.call(`/api/licences/${about}/erasures`, { key, body: { cause }, once })
  const decide = (erasure: string, path: string, key: string) =>
    running.call(`/api/erasures/${erasure}/${path}`, { key, method: 'POST' })

  it('is refused while the licence stands, and while it is kept', async () => {
    const one = await issue()
    expect((await ask(one, 'court-order')).json.code).toBe('ERASURE_REFUSED')
    await running.call(`/api/licences/${one}/revocations`, {
      key: running.issuers.market,
      body: { reason: '吊销' },
    })
    expect((await ask(one, 'retention-over')).json.code).toBe('ERASURE_REFUSED')
    expect((await ask(one, 'holder-asked')).json.code).toBe('ERASURE_REFUSED')
    const once = crypto.randomUUID()
    const order = await ask(one, 'court-order', keys['reviewer'], once)
    expect(order.status).toBe(201)
    expect((await ask(one, 'court-order', keys['reviewer'], once)).json.erasure).toBe(order.json.erasure)
    for (const [about, cause] of [
      [one, 'issued-in-error'],
      [identifier, 'court-order'],
    ] as const)
      expect((await ask(about, cause, keys['reviewer'], once)).json.code).toBe('IDEMPOTENCY_KEY_REUSED')
    expect((await ask(one, 'court-order', keys['second']!)).json.code).toBe('ERASURE_OPEN')
    expect((await decide(order.json.erasure, 'refusals', keys['second']!)).json.state).toBe('refused')
    expect((await running.call(`/api/licences/${one}`, { key: running.viewers.market })).json.data).not.toBeNull()
  }, 60_000)

  it('by two people leaves a register entry and nothing personal, whatever races', async () => {
    const type = typeCodeOf('食品经营许可证')
    const one = await issue(type)
    await running.call(`/api/licences/${one}/revocations`, {
      key: running.issuers.market,
      body: { reason: '秘密的原因' },
    })
    const { erasure } = (await ask(one, 'issued-in-error')).json
    expect((await decide(erasure, 'approvals', keys['reviewer']!)).json.code).toBe('ERASURE_SAME_PERSON')
    const both = await Promise.all([
      decide(erasure, 'approvals', keys['second']!),
      decide(erasure, 'approvals', keys['second']!),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409])
    const seen = (await running.call(`/api/licences/${one}`, { key: running.viewers.market })).json
    expect([seen.data, seen.status]).toEqual([null, 'revoked'])
    expect(seen.history.every(({ reason }: { reason: string | null }) => reason === null)).toBe(true)
    expect((await running.call(`/api/licences/${one}/document`, { key: running.viewers.market })).json.code).toBe(
      'LICENCE_ERASED',
    )
    expect((await running.call(`/api/licences/${one}/status`)).json.status).toBe('revoked')
    expect(await running.house.database.query('select 1 from licence.holders where identifier = $1', [one])).toEqual([])
    expect((await ask(one, 'court-order')).json.code).toBe('LICENCE_ERASED')
    const listed = (await running.call('/api/erasures', { key: keys['reviewer']! })).json.items
    expect(listed).toContainEqual(expect.objectContaining({ erasure, state: 'done', cause: 'issued-in-error' }))
  }, 60_000)
})
