// A holder's wallet behind the house's real door: what they see, who looked, who acts for them; and what nobody else sees of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  businessLicence,
  exampleOf,
  marriageCertificate,
  type RunningHouse,
  type send,
  startHouse,
} from '../support/running-house.ts'

interface Who {
  readonly name: string
  readonly code: string
}

let running: RunningHouse
const issued: { identifier: string; number: string }[] = []
/** Holder of the business licences; the two of the marriage certificate. */
let company: Who
let spouses: Who[]

/** Logs in as a holder; what follows is sent as the wallet page sends it. */
async function walletOf(who: Who) {
  running.clock.advance(2_000)
  const { headers, status } = await running.call('/api/holder-sessions', { body: who })
  if (status !== 201) throw new Error(`login answered ${status}`)
  const cookie = headers.getSetCookie()[0]!.split(';')[0]!
  return (path: string, options: Parameters<typeof send>[1] = {}) =>
    running.call(`/api/wallet${path}`, {
      ...options,
      headers: { cookie, 'sec-fetch-site': 'same-origin', ...options.headers },
    })
}

async function issue(
  stem: 'market' | 'civil',
  typeCode: string,
  data: Record<string, unknown>,
): Promise<{ identifier: string; number: string }> {
  const { json, status, text } = await running.call('/api/licences', {
    key: running.issuers[stem],
    once: crypto.randomUUID(),
    body: { typeCode, data },
  })
  if (status !== 201) throw new Error(text)
  return json
}

/** Holders as the register has them. */
async function holdersOf(stem: 'market' | 'civil', identifier: string): Promise<Who[]> {
  const { json } = await running.call(`/api/licences/${identifier}`, { key: running.viewers[stem] })
  return json.data.holders.map(({ name, code }: Who) => ({ name, code }))
}

beforeAll(async () => {
  running = await startHouse()
  for (let round = 0; round < 2; round++)
    issued.push(await issue('market', businessLicence, exampleOf(businessLicence)))
  issued.push(await issue('civil', marriageCertificate, exampleOf(marriageCertificate)))
  company = (await holdersOf('market', issued[0]!.identifier))[0]!
  spouses = await holdersOf('civil', issued[2]!.identifier)
}, 120_000)
afterAll(() => running?.close())

const stranger: Who = { name: '路人甲', code: '330199198001010011' }

describe('the wallet', () => {
  it('shows a holder their licences and nobody else anything', async () => {
    const wallet = await walletOf(company)
    const { json } = await wallet('/licences')
    expect(json.items.map((one: { identifier: string }) => one.identifier).sort()).toEqual(
      issued
        .slice(0, 2)
        .map(({ identifier }) => identifier)
        .sort(),
    )
    expect(json.items[0]).toMatchObject({ status: 'in force', typeName: { zh: '营业执照' }, replaces: null })
    for (const who of spouses) {
      const items = (await (await walletOf(who))('/licences')).json.items
      expect(items.map((one: { identifier: string }) => one.identifier)).toEqual([issued[2]!.identifier])
    }
    expect((await (await walletOf(stranger))('/licences')).json).toEqual({ items: [], next: null })
  })

  it('pages through them', async () => {
    const wallet = await walletOf(company)
    const first = (await wallet('/licences?limit=1')).json
    const second = (await wallet(`/licences?limit=1&cursor=${first.next}`)).json
    expect([first.items.length, second.items.length, second.next]).toEqual([1, 1, null])
    expect(first.items[0].identifier).not.toBe(second.items[0].identifier)
  })

  it('opens one with its data, states and file; to others it is as absent as one that never was', async () => {
    const { identifier } = issued[0]!
    const wallet = await walletOf(company)
    const { json } = await wallet(`/licences/${identifier}`)
    expect(json.fields.some(({ value }: { value: unknown }) => value === company.name)).toBe(true)
    expect(json.history).toEqual([{ status: 'in force', from: expect.any(String) }])
    const file = await wallet(`/licences/${identifier}/document`)
    expect([file.status, file.text.slice(0, 5), file.headers.get('cache-control')]).toEqual([200, '%PDF-', 'no-store'])
    const other = await walletOf(stranger)
    for (const path of [`/licences/${identifier}`, `/licences/${identifier}/document`, '/licences/1.2.156.3005.2.00'])
      expect([path, (await other(path)).status]).toEqual([path, expect.toBeOneOf([404, 422])])
  })

  it('tells what happened, and what of it is new', async () => {
    const { identifier } = issued[0]!
    const wallet = await walletOf(company)
    const before = (await wallet('/notices')).json.items
    expect(before.map(({ event }: { event: string }) => event)).toEqual(['enter into force', 'enter into force'])
    expect((await wallet('/notices/seen', { method: 'PUT', body: { notice: before[0].notice } })).status).toBe(204)
    await running.call(`/api/licences/${identifier}/suspensions`, {
      key: running.issuers.market,
      body: { reason: '核查' },
    })
    const after = (await wallet('/notices')).json.items
    expect(after.map(({ event, isNew }: { event: string; isNew: boolean }) => [event, isNew])).toEqual([
      ['suspend', true],
      ['enter into force', false],
      ['enter into force', false],
    ])
    expect(JSON.stringify(after)).not.toContain('核查')
    expect((await wallet('/licences')).json.items.map(({ status }: { status: string }) => status).sort()).toEqual([
      'in force',
      'suspended',
    ])
    expect((await wallet('/notices/seen', { method: 'PUT', body: { notice: 'x' } })).json.code).toBe(
      'LICENCE_CURSOR_INVALID',
    )
  })
})

describe('who looked', () => {
  it('is complete: departments, whoever had a link, the holder; newest first, without the clerk', async () => {
    const { identifier } = issued[1]!
    const link = await running.call(`/api/licences/${identifier}/holder-links`, {
      method: 'POST',
      key: running.issuers.market,
    })
    await running.call(`/api/holder-links/${link.json.url.split('/').at(-1)}`)
    running.clock.advance(1000)
    await running.call(`/api/licences/${identifier}/document?for=picture`, { key: running.issuers.market })
    running.clock.advance(1000)
    await running.call(`/api/licences/${identifier}/document`, { key: running.issuers.market })
    running.clock.advance(1000)
    const wallet = await walletOf(company)
    await wallet(`/licences/${identifier}`)
    const { items } = (await wallet('/accesses?limit=200')).json
    const about = items.filter((one: { identifier: string }) => one.identifier === identifier)
    expect(about.map(({ by, what }: { by: string; what: string }) => [by, what]).slice(0, 4)).toEqual([
      ['holder', 'data'],
      ['machine', 'document'],
      ['machine', 'picture'],
      ['link', 'seen'],
    ])
    expect(about[1].department.zh).toBe('云汀市市场监督管理局')
    const times = items.map(({ at }: { at: string }) => at)
    expect(times).toEqual([...times].sort().reverse())
    const accountId = (
      await running.house.database.query<{ reader: string }>('select distinct reader from licence.reads')
    )[0]!
    expect(JSON.stringify(items)).not.toContain(accountId.reader)
    expect((await (await walletOf(stranger))('/accesses')).json.items).toEqual([])
  })

  it('is read page by page without loss or repetition, also where many looked at one instant', async () => {
    const wallet = await walletOf(company)
    const { identifier } = issued[0]!
    for (let count = 0; count < 5; count++)
      await running.call(`/api/licences/${identifier}/document`, { key: running.viewers.market })
    const whole = (await wallet('/accesses?limit=200')).json.items
    const pieces: unknown[] = []
    for (let cursor = ''; ; ) {
      const { items, next } = (await wallet(`/accesses?limit=2${cursor}`)).json
      pieces.push(...items)
      if (next === null) break
      cursor = `&cursor=${next}`
    }
    expect(pieces).toEqual(whole)
    expect((await wallet('/accesses?cursor=x')).json.code).toBe('LICENCE_CURSOR_INVALID')
  })
})

describe('an agent', () => {
  const agent: Who = { name: '经办人丙', code: '330199199505055559' }
  const body = (more: object = {}) => ({
    ...agent,
    scopes: ['read'],
    from: running.clock.now().toISOString(),
    until: new Date(running.clock.now().getTime() + 30 * 86_400_000).toISOString(),
    ...more,
  })

  it('is named by a company, sees what it may, and no more', async () => {
    const wallet = await walletOf(company)
    const named = await wallet('/agents', { body: body(), once: 'agent-1' })
    expect([named.status, named.json.agent, named.json.state]).toEqual([201, '经**丙', 'standing'])
    const again = await wallet('/agents', { body: body(), once: 'agent-1' })
    expect(again.json.agency).toBe(named.json.agency)
    for (const other of [{ scopes: ['read', 'download'] }, { typeCodes: [businessLicence] }, { code: stranger.code }])
      expect((await wallet('/agents', { body: body(other), once: 'agent-1' })).json.code).toBe('IDEMPOTENCY_KEY_REUSED')
    const theirs = await walletOf(agent)
    expect((await theirs('/agents')).json.forOthers).toMatchObject([
      { agency: named.json.agency, company: company.name },
    ])
    const acting = `agency=${named.json.agency}`
    expect((await theirs(`/licences?${acting}`)).json.items).toHaveLength(2)
    expect((await theirs('/licences')).json.items).toEqual([])
    const file = `/licences/${issued[0]!.identifier}/document?${acting}`
    expect((await theirs(file)).json.code).toBe('AGENT_SCOPE_EXCEEDED')
    expect((await (await walletOf(stranger))(`/licences?${acting}`)).json.code).toBe('AGENT_SCOPE_EXCEEDED')
    await theirs(`/licences/${issued[0]!.identifier}?${acting}`)
    const looked = (await (await walletOf(company))('/accesses')).json.items
    expect(looked.some(({ by, what }: { by: string; what: string }) => by === 'agent' && what === 'data')).toBe(true)
  })

  it('sees only the types named, only in their time, and nothing once either side has ended it', async () => {
    const wallet = await walletOf(company)
    const later = new Date(running.clock.now().getTime() + 86_400_000).toISOString()
    const narrow = (await wallet('/agents', { body: body({ typeCodes: [marriageCertificate] }), once: 'agent-2' })).json
    const early = (await wallet('/agents', { body: body({ from: later }), once: 'agent-3' })).json
    const theirs = await walletOf(agent)
    expect((await theirs(`/licences?agency=${narrow.agency}`)).json.items).toEqual([])
    expect((await theirs(`/licences/${issued[0]!.identifier}?agency=${narrow.agency}`)).status).toBe(404)
    expect((await theirs(`/licences?agency=${early.agency}`)).json.code).toBe('AGENT_SCOPE_EXCEEDED')
    expect((await theirs(`/agents/${narrow.agency}`, { method: 'DELETE' })).json.state).toBe('ended')
    expect((await theirs(`/licences?agency=${narrow.agency}`)).json.code).toBe('AGENT_SCOPE_EXCEEDED')
    expect((await (await walletOf(stranger))(`/agents/${early.agency}`, { method: 'DELETE' })).json.code).toBe(
      'AGENCY_NOT_FOUND',
    )
  })

  it('is named once, also by the repeat of a request whose time is over', async () => {
    const short = body({ until: new Date(running.clock.now().getTime() + 60_000).toISOString() })
    const wallet = await walletOf(company)
    const names = await Promise.all(Array.from({ length: 4 }, () => wallet('/agents', { body: short, once: 'short' })))
    expect(names.map(({ status }) => status)).toEqual([201, 201, 201, 201])
    running.clock.advance(120_000)
    const late = await (await walletOf(company))('/agents', { body: short, once: 'short' })
    expect([late.status, late.json.agency, late.json.state]).toEqual([201, names[0]!.json.agency, 'over'])
    expect((await (await walletOf(company))('/agents', { body: short, once: 'shorter' })).json.code).toBe(
      'AGENT_TIME_REFUSED',
    )
  })

  it('sees what they disputed for the company while they may dispute for it, and nothing of it afterwards', async () => {
    const wallet = await walletOf(company)
    const may = body({ scopes: ['dispute'] })
    const { agency } = (await wallet('/agents', { body: may, once: 'agent-disputes' })).json
    const theirs = await walletOf(agent)
    const dispute = { identifier: issued[0]!.identifier, words: '住所的门牌号不对', agency }
    expect((await theirs('/disputes', { body: dispute, once: 'agents-dispute' })).status).toBe(201)
    expect((await theirs(`/disputes?agency=${agency}`)).json.items).toMatchObject([{ words: dispute.words }])
    expect((await theirs('/disputes')).json.items).toEqual([])
    await wallet(`/agents/${agency}`, { method: 'DELETE' })
    expect((await theirs(`/disputes?agency=${agency}`)).json.code).toBe('AGENT_SCOPE_EXCEEDED')
    expect((await theirs('/disputes')).json.items).toEqual([])
  })

  it('is named by no person, not without end, and not for the past', async () => {
    const person = await walletOf(spouses[0]!)
    expect((await person('/agents', { body: body(), once: 'agent-of-person' })).json.code).toBe(
      'AGENT_FOR_COMPANIES_ONLY',
    )
    const wallet = await walletOf(company)
    const at = (days: number) => new Date(running.clock.now().getTime() + days * 86_400_000).toISOString()
    for (const [from, until] of [
      [-10, -1],
      [5, 5],
      [0, 2000],
    ] as const)
      expect(
        (await wallet('/agents', { body: body({ from: at(from), until: at(until) }), once: `agent-until-${until}` }))
          .json.code,
      ).toBe('AGENT_TIME_REFUSED')
    expect((await wallet('/agents', { body: { ...body(), scopes: [] }, once: 'agent-scopeless' })).status).toBe(422)
  })
})

describe('an export', () => {
  it('is one file with data, states and looks, and is on record', async () => {
    const wallet = await walletOf(company)
    const { text, headers } = await wallet('/export')
    expect(headers.get('content-disposition')).toContain('attachment')
    const whole = JSON.parse(text)
    expect(whole.licences).toHaveLength(2)
    expect(whole.licences[0].data.holders[0]).toMatchObject(company)
    expect(whole.accesses.length).toBeGreaterThan(3)
    const looked = (await wallet('/accesses')).json.items
    expect(looked.filter(({ what }: { what: string }) => what === 'export').length).toBeGreaterThan(1)
  })
})

describe('what is kept of holders', () => {
  it('holds no name and no number in the clear, in the tables of this room that wallets write, nor in the log', async () => {
    for (const table of ['reads', 'agents', 'notices_seen', 'holders']) {
      const rows = await running.house.database.query(`select t::text as row from licence.${table} t`)
      expect([table, rows.length > 0]).toEqual([table, true])
      const text = JSON.stringify(rows)
      for (const { name, code } of [company, ...spouses, { name: '经办人丙', code: '330199199505055559' }])
        expect([table, text.includes(code), text.includes(name)]).toEqual([table, false, false])
    }
    const log = running.logLines.join('\n')
    for (const { code } of [company, ...spouses, stranger]) expect(log).not.toContain(code)
  })
})
