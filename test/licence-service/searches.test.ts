import { readXlsx } from 'hucre'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { businessLicence, exampleOf, type RunningHouse, startHouse } from '../support/running-house.ts'

describe('POST /api/licences/searches', () => {
  let running: RunningHouse
  const issued: string[] = []
  const search = async (body: object, key = running.viewers.market) =>
    running.call('/api/licences/searches', { key, body })
  const found = async (body: object): Promise<string[]> =>
    (await search(body)).json.items.map((item: { identifier: string }) => item.identifier)
  const { creditCode: code, name } = exampleOf(businessLicence) as Record<string, string>

  beforeAll(async () => {
    running = await startHouse()
    for (const [index, given] of [{}, {}, { name: '云汀市另一家公司' }].entries()) {
      const { json, status, text } = await running.call('/api/licences', {
        key: running.issuers.market,
        once: `searched-${index}`,
        body: { typeCode: businessLicence, data: { ...exampleOf(businessLicence), ...given } },
      })
      if (status !== 201) throw new Error(text)
      issued.unshift(json.identifier)
    }
  })
  afterAll(() => running?.close())

  it('finds by the holder’s code in any case, by the whole name, by both and by identifier', async () => {
    const [other, second, first] = issued
    expect(await found({ holderCode: code!.toLowerCase() })).toEqual(issued)
    expect(await found({ holderName: name })).toEqual([second, first])
    expect(await found({ holderName: '云汀市另一家公司', holderCode: code })).toEqual([other])
    expect(await found({ holderName: name!.slice(0, 4) })).toEqual([])
    expect(await found({ identifier: first })).toEqual([first])
    expect(await found({ identifier: first, holderName: '云汀市另一家公司' })).toEqual([])
  })

  it('holds against every condition at once, and pages by its cursor to the end', async () => {
    expect(await found({ holderCode: code, status: 'revoked' })).toEqual([])
    expect(await found({ holderCode: code, status: 'in force', typeCode: businessLicence })).toEqual(issued)
    const seen: string[] = []
    for (let cursor: string | undefined, turns = 0; turns < 4; turns++) {
      const { json } = await search({ holderCode: code, limit: 1, ...(cursor && { cursor }) })
      seen.push(...json.items.map((item: { identifier: string }) => item.identifier))
      if (json.next === null) break
      cursor = json.next
    }
    expect(seen).toEqual(issued)
  })

  it('finds nothing of another department, masks names, and refuses what it does not know', async () => {
    expect((await search({ holderCode: code }, running.viewers.housing)).json.items).toEqual([])
    expect(JSON.stringify((await search({ holderCode: code })).json)).not.toContain(code)
    for (const body of [{ holder: 'x' }, { holderName: '' }, { limit: 201 }, { identifier: 'x'.repeat(121) }])
      expect((await search(body)).status).toBe(422)
    expect((await search({ cursor: 'x' })).json.code).toBe('LICENCE_CURSOR_INVALID')
  })

  const exported = (body: object, key = running.viewers.market) => running.call('/api/licences/exports', { key, body })
  const exportsOnRecord = () =>
    running.house.database.query<{ count: number }>(
      `select count::int from licence.reads where what = 'export' and identifier is null order by read`,
    )

  it('gives all that a search finds as a file, in either language, on record, without codes of holders', async () => {
    const before = (await exportsOnRecord()).length
    const answer = await exported({ holderCode: code, lang: 'en' })
    expect(answer.status).toBe(200)
    const [head, ...lines] = answer.text.replace('\uFEFF', '').trimEnd().split('\r\n')
    expect(head).toBe('"Number","Identifier","Type","Holder","Status","Issued on","Valid until","Origin"')
    expect(lines.map((line) => line.split('","')[1])).toEqual(issued)
    expect(lines[0]).toContain('"in force"')
    expect(answer.text).not.toContain(code)
    expect((await exported({ holderCode: code })).text).toContain('"有效"')
    const asLines = (await exported({ identifier: issued[0], format: 'jsonl' })).text.trimEnd().split('\n')
    expect(asLines.map((line) => JSON.parse(line).identifier)).toEqual([issued[0]])
    const sheet = (await readXlsx((await exported({ holderCode: code, format: 'xlsx' })).bytes)).sheets[0]!
    expect(sheet.rows.map((row) => row[1])).toEqual(['电子证照标识', ...issued])
    expect(typeof sheet.rows[1]![0]).toBe('string')
    expect((await exportsOnRecord()).slice(before).map(({ count }) => count)).toEqual([3, 3, 1, 3])
  })

  it('exports nothing of another department, a head alone where nothing fits, and refuses as a search does', async () => {
    const elsewhere = await exported({ holderCode: code, lang: 'en' }, running.viewers.housing)
    expect(elsewhere.text.trimEnd().split('\r\n')).toHaveLength(1)
    for (const body of [{ limit: 1 }, { cursor: 'x' }, { holderName: '' }, { format: 'xml' }])
      expect((await exported(body)).status).toBe(422)
    expect((await running.call('/api/licences/exports', { body: {} })).status).toBe(401)
  })

  it('goes on past a licence whose data are damaged, in lists, searches and exports', async () => {
    const [damaged] = issued
    const flip = () =>
      running.house.database.query(
        'update licence.licences set sealed_data = set_byte(sealed_data, 40, get_byte(sealed_data, 40) # 1) where identifier = $1',
        [damaged],
      )
    await flip()
    const holders = (await search({})).json.items.map((item: { identifier: string; holder: string }) => [
      item.identifier,
      item.holder !== '',
    ])
    expect(holders).toEqual(issued.map((identifier) => [identifier, identifier !== damaged]))
    expect((await exported({ format: 'jsonl' })).text.trimEnd().split('\n')).toHaveLength(issued.length)
    expect((await running.call('/api/licences', { key: running.viewers.market })).status).toBe(200)
    const one = await running.call(`/api/licences/${damaged}`, { key: running.viewers.market })
    expect(one.json.code).toBe('LICENCE_CONTENT_DAMAGED')
    await flip()
  })

  it('exports more than fits a page, each licence once', async () => {
    const many = Array.from({ length: 201 }, (_, index) => `many-${index}`)
    for (let start = 0; start < many.length; start += 20)
      await Promise.all(
        many.slice(start, start + 20).map((once) =>
          running.call('/api/licences', {
            ...{ key: running.issuers.market, once },
            body: { typeCode: businessLicence, data: { ...exampleOf(businessLicence), name: '云汀市多证有限公司' } },
          }),
        ),
      )
    const lines = (await exported({ holderName: '云汀市多证有限公司', format: 'jsonl' })).text.trimEnd().split('\n')
    expect(new Set(lines.map((line) => JSON.parse(line).identifier)).size).toBe(201)
    expect(lines).toHaveLength(201)
  })
})
