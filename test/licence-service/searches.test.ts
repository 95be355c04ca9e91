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
})
