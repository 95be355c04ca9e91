// The drill of a lost seal on a running house: from the report to the refused use, and to what relying parties read; then its ledger.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLedgerFolder } from '../../bin/ledger-folder.ts'
import { demoDepartments } from '../../directory/index.ts'
import { parseTrustList, serviceStateAt } from '../../licence-format/index.ts'
import { businessLicence, exampleOf, type RunningHouse, startHouse } from '../support/running-house.ts'

const market = demoDepartments.find(({ stem }) => stem === 'market')!.code

describe('a lost seal', () => {
  let running: RunningHouse
  let keeper: string
  let auditor: string
  let sealId: string
  beforeAll(async () => {
    running = await startHouse()
    const { directory } = running.house
    const keyOf = (departmentCode: string, role: 'seal-keeper' | 'auditor') =>
      directory.makeApiKey({ name: role, departmentCode, roles: [role], expiresAt: null })
    keeper = await keyOf(market, 'seal-keeper')
    auditor = await keyOf((await directory.department(market))!.parentCode!, 'auditor')
    sealId = (await running.call('/api/seals', { key: keeper })).json.items[0].id
  })
  afterAll(() => running?.close())

  const issue = (once: string) =>
    running.call('/api/licences', {
      key: running.issuers.market,
      once,
      body: { typeCode: businessLicence, data: exampleOf(businessLicence) },
    })
  const stateOnTrustList = async () => {
    const { list } = parseTrustList((await running.call('/trust-list')).text)
    const [certificate] = await running.house.seals.certificates(market)
    const services = list.entities.flatMap((entity) => entity.services)
    const service = services.find(
      (one) => Buffer.compare(Buffer.from(one.certificate), Buffer.from(certificate!.certificate)) === 0,
    )
    return service && serviceStateAt(service, running.clock.now())
  }
  const link = () => running.house.seals.ledger.link()

  it('is refused within a second of the report, and told on the trust list within five minutes', async () => {
    expect((await issue('before')).status).toBe(201)
    expect(await stateOnTrustList()).toBe('granted')
    running.clock.advance(60_000)
    const started = performance.now()
    const report = await running.call(`/api/seals/${sealId}/actions`, {
      key: keeper,
      once: 'lost',
      body: { action: 'report-lost', reason: '遗失' },
    })
    expect(report.json).toMatchObject({ state: 'lost' })
    const refused = await issue('after')
    const tookMs = performance.now() - started
    expect([refused.status, refused.json.code]).toEqual([409, 'SEAL_LOST'])
    // Time of a machine that does other work beside: the two calls alone take some 50 ms.
    expect(tookMs).toBeLessThan(1000)
    await expect.poll(stateOnTrustList, { timeout: 60_000, interval: 500 }).toBe('withdrawn')
    expect(performance.now() - started).toBeLessThan(300_000)
  })

  it('leaves every use in the ledger, for its keeper and an auditor above to search, and for nobody else', async () => {
    await link()
    const read = (key: string, query = '') => running.call(`/api/seal-ledger?sealId=${sealId}${query}`, { key })
    const mine = await read(keeper, '&phase=sealed')
    expect(mine.status).toBe(200)
    expect(mine.json.items.length).toBeGreaterThan(0)
    expect(mine.json.items[0]).toMatchObject({ sealId, phase: 'sealed', sequence: expect.any(Number) })
    expect((await read(auditor)).status).toBe(200)
    expect((await read(running.issuers.market)).status).toBe(403)
    const [other] = (await running.call('/api/seals', { key: running.issuers.housing })).json.items
    const notMine = await running.call(`/api/seal-ledger?sealId=${other.id}`, { key: keeper })
    expect([notMine.status, notMine.json.code]).toEqual([404, 'SEAL_NOT_FOUND'])
    expect((await read(keeper, '&limit=0')).status).toBe(422)
    const page = await read(keeper, '&limit=1')
    expect((await read(keeper, `&limit=1&after=${page.json.next}`)).json.items[0].useId).toBeDefined()
  })

  it('is exported as CSV that spreadsheets read, and as JSON Lines', async () => {
    const csv = await running.call(`/api/seal-ledger/export?sealId=${sealId}`, { key: keeper })
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect([...csv.bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const lines = csv.text.trim().split('\r\n')
    expect(lines[0]).toContain('"时间","阶段"')
    const jsonl = await running.call(`/api/seal-ledger/export?sealId=${sealId}&format=jsonl`, { key: keeper })
    const rows = jsonl.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { sealId: string })
    expect(rows).toHaveLength(lines.length - 1)
    expect(new Set(rows.map((row) => row.sealId))).toEqual(new Set([sealId]))
    const affected = await running.call(
      `/api/seals/${sealId}/affected/export?since=${running.clock.now().toISOString()}&lang=en`,
      { key: auditor },
    )
    expect(affected.text).toContain('"earlier","time-stamp"')
  })

  it('stands in a chain that is whole, with a signed head outside the database', async () => {
    await link()
    const { house } = running
    const trust = { anchors: house.roots().anchors }
    const witness = await readLedgerFolder(`${running.dataDir}/ledger`)
    const report = await house.seals.ledger.check({ trust, witness })
    expect(report).toMatchObject({ sound: true, head: { signed: true, outside: true } })
    expect(report.checkpoints).toMatchObject({ signed: 1, timeStamped: 1 })
    await house.database.script(`set session_replication_role = 'replica';
      delete from seal.seal_uses where phase = 'sealed' and use_id = (select max(use_id::text)::uuid from seal.seal_uses);
      set session_replication_role = 'origin'`)
    const after = await house.seals.ledger.check({ trust, witness })
    expect(after.faultsByCode).toEqual({ ROW_REMOVED: 1 })
  })
})
