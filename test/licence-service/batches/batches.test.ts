import { readXlsx } from 'hucre'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  creditCodeOf,
  toCsv,
  toXlsx,
  transportData,
  transportHeader,
  transportLicence,
  transportRow,
} from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { clerk } from '../../support/service.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => transportRow(from + index))

describe.each(engines)('a batch on $name', ({ open }) => {
  let desk: BatchDesk
  beforeAll(async () => {
    desk = await openDesk(await open())
  })
  afterAll(() => desk.close())

  it('goes from a spreadsheet by way of check and samples to licences, each once', async () => {
    const file = await toXlsx([transportHeader, ...rows(1000, 1230)])
    const checked = await desk.takeChecked(file, transportLicence)
    expect(checked).toMatchObject({ state: 'checked', counts: { rows: 230, checked: 230, valid: 230, faulty: 0 } })
    await desk.start(checked.batchId)
    const done = await desk.until(checked.batchId, 'done', 'paused', 'waiting')
    expect(done).toMatchObject({ state: 'done', counts: { valid: 0, issued: 230, refused: 0, dead: 0 } })
    const found = await desk.house.database.query<{ count: number; identifiers: number }>(
      `select count(*)::integer as count, count(distinct identifier)::integer as identifiers from licence.batch_rows where batch_id = $1 and state = 'issued'`,
      [checked.batchId],
    )
    expect(found).toEqual([{ count: 230, identifiers: 230 }])
    const { json } = await desk.ask('GET', `/api/batches/${checked.batchId}/rows?limit=2`)
    const status = await desk.house.licences.readStatus(json.items[0].identifier)
    expect(status.status).toBe('in force')
  })

  it('tells every fault beside its cell in a spreadsheet, where nothing is a formula', async () => {
    const bad = [
      ['=cmd|calc!A1', '91330199000000000X', '地址', '有限责任公司', '范围', '2026-11-01', '2028-10-31'],
      ['云汀市丙公司', creditCodeOf(2), '地址', '合伙', '范围', '2026/11/1', '2020年1月2日'],
    ]
    const checked = await desk.takeChecked(toCsv([transportHeader, ...rows(2000, 2003), ...bad]), transportLicence)
    expect(checked).toMatchObject({ counts: { rows: 5, valid: 3, faulty: 2 } })
    const { bytes } = await desk.ask('GET', `/api/batches/${checked.batchId}/report.xlsx`)
    const { sheets } = await readXlsx(bytes)
    const table = sheets[0]!.rows
    expect(table).toHaveLength(3)
    const header = table[0]!.map(String)
    const cell = (row: number, name: string) => table[row]![header.indexOf(name)]
    expect(cell(1, '业户名称')).toBe('=cmd|calc!A1')
    expect(cell(1, '统一社会信用代码 的问题')).toMatch(/校验码/)
    expect(cell(2, '经济性质 的问题')).toMatch(/可选范围/)
    expect(cell(2, '有效期至 的问题')).toMatch(/不能早于/)
    expect(cell(1, '行号')).toBe(5)
    const raw = Buffer.from(bytes).toString('latin1')
    expect(raw).not.toContain('<f>')
    const [audit] = await desk.house.database.query(
      `select actor from licence.audit_records where action = 'read batch report' and identifier = $1`,
      [checked.batchId],
    )
    expect(audit).toEqual({ actor: clerk.id })
  })

  it('remembers which column became which field, and nothing that stood in every row', async () => {
    const header = transportHeader.with(0, '')
    const batchId = await desk.take(toCsv([header, ...rows(2500, 2502)]), transportLicence)
    const { suggested } = (await desk.ask('GET', `/api/batches/${batchId}/mappings`)).json
    const constants = { operator: '云汀市绝无仅有公司' }
    const body = { mapping: { ...suggested, constants }, remember: '旧系统' }
    expect((await desk.ask('PUT', `/api/batches/${batchId}/mapping`, { body })).json.mapping.constants).toEqual(
      constants,
    )
    const { remembered } = (await desk.ask('GET', `/api/batches/${batchId}/mappings`)).json
    expect(remembered).toMatchObject([{ name: '旧系统', mapping: suggested }])
    expect(remembered[0].mapping).not.toHaveProperty('constants')
  })

  it('takes the same upload once, and another under the same key not at all', async () => {
    const key = crypto.randomUUID()
    const bytes = toCsv([transportHeader, ...rows(3000, 3002)])
    const first = await desk.take(bytes, transportLicence, { key })
    expect(await desk.take(bytes, transportLicence, { key })).toBe(first)
    const other = await desk.ask('POST', `/api/batches?typeCode=${transportLicence}&title=x`, { bytes, key })
    expect(other).toMatchObject({ status: 422, json: { code: 'IDEMPOTENCY_KEY_REUSED' } })
  })

  it('finds rows that say the same within a batch, and gives rows of two batches to one of them', async () => {
    const same = rows(4000, 4010)
    const one = await desk.takeChecked(toCsv([transportHeader, ...same, same[3]!]), transportLicence)
    expect(one).toMatchObject({ counts: { rows: 11, valid: 10, duplicate: 1 } })
    const two = await desk.takeChecked(toCsv([transportHeader, ...same, ...rows(4010, 4012)]), transportLicence)
    expect(two).toMatchObject({ counts: { valid: 12, duplicate: 0 } })
    await Promise.all([desk.start(one.batchId), desk.start(two.batchId)])
    const ended = await Promise.all([desk.until(one.batchId, 'done'), desk.until(two.batchId, 'done')])
    expect(ended[0].counts.issued + ended[1].counts.issued).toBe(12)
    expect(ended[0].counts.claimed + ended[1].counts.claimed).toBe(10)
    const three = await desk.takeChecked(toCsv([transportHeader, ...same]), transportLicence)
    expect(three).toMatchObject({ counts: { valid: 0, duplicate: 10 } })
  })

  it('takes rows through the API, the same once, and checks them by their fields', async () => {
    const opened = await desk.ask('POST', '/api/batches', { body: { typeCode: transportLicence, title: '接口' } })
    const { batchId } = opened.json
    const body = { rows: [transportData(5000), transportData(5001), { ...transportData(5002), creditCode: 'x' }] }
    const key = crypto.randomUUID()
    for (let time = 0; time < 2; time++)
      expect((await desk.ask('POST', `/api/batches/${batchId}/rows`, { body, key })).status).toBe(201)
    const again = await desk.ask('POST', `/api/batches/${batchId}/rows`, { body: { rows: [{}] }, key })
    expect(again.json.code).toBe('IDEMPOTENCY_KEY_REUSED')
    await desk.ask('POST', `/api/batches/${batchId}/checks`)
    expect(await desk.until(batchId, 'checked')).toMatchObject({ counts: { rows: 3, valid: 2, faulty: 1 } })
  })
})
