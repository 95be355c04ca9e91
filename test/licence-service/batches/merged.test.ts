// A batch whose department is merged into another: the successor, which has its licences in hand, reads it and takes it back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DepartmentFact } from '../../../licence-service/index.ts'
import { toCsv, transportData, transportHeader, transportLicence, transportRow } from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { departments } from '../../support/service.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'

const [trade, market] = departments
const HOUR = 3_600_000

describe.each(engines)('the batches of a department that is merged into another on $name', ({ open }) => {
  let desk: BatchDesk
  let closedAt: Date | null = null
  let done: string
  let checked: string
  let rows: string
  const facts = (): DepartmentFact[] => [{ ...trade, closedAt, successorCode: market.code }, market]
  const table = (from: number) => toCsv([transportHeader, transportRow(from), transportRow(from + 1)])
  beforeAll(async () => {
    desk = await openDesk(await open(), { departments: facts })
    done = (await desk.takeChecked(table(0), transportLicence)).batchId
    await desk.start(done)
    await desk.until(done, 'done')
    checked = (await desk.takeChecked(table(10), transportLicence)).batchId
    const body = { typeCode: transportLicence, title: '逐行' }
    rows = (await desk.ask('POST', '/api/batches', { body })).json.batchId
  })
  afterAll(() => desk.close())

  const ask = (method: string, batchId: string, path: string, body?: object) =>
    desk.ask(method, `/api/batches/${batchId}${path}`, { by: 'otherReviewer', ...(body && { body }) })
  const listed = async () =>
    (await desk.ask('GET', '/api/batches', { by: 'otherClerk' })).json.items.map(
      ({ batchId }: { batchId: string }) => batchId,
    )

  it('are not the successor’s while it is open', async () => {
    closedAt = new Date(desk.house.clock.now().getTime() + HOUR)
    expect(await listed()).toEqual([])
    expect((await ask('GET', done, '')).status).toBe(404)
    expect((await ask('POST', done, '/rollbacks', { reason: '数据有误' })).json.code).toBe('BATCH_NOT_FOUND')
  })

  it('are read by it from then on, with nothing offered but their end', async () => {
    desk.house.clock.advance(2 * HOUR)
    await desk.house.licences.takeOverTypes()
    expect((await listed()).sort()).toEqual([done, checked, rows].sort())
    expect((await ask('GET', done, '')).json.nextActs).toEqual(['roll-back'])
    expect((await ask('GET', checked, '')).json.nextActs).toEqual(['cancel'])
    expect((await ask('GET', done, '/rows')).json.items).toHaveLength(2)
  })

  it('are ended, and make no licence under either name', async () => {
    const asClerk = (batchId: string, path: string, body: object = {}) =>
      desk.ask('POST', `/api/batches/${batchId}/${path}`, { by: 'otherClerk', body })
    for (const refused of [
      await asClerk(checked, 'samples', {}),
      await asClerk(done, 'retries', {}),
      await asClerk(rows, 'rows', { rows: [transportData(20)] }),
    ])
      expect([refused.status, refused.json.code]).toEqual([403, 'LICENCE_TYPE_NOT_ASSIGNED'])
    const cancelled = await desk.ask('POST', `/api/batches/${checked}/cancellations`, { by: 'otherClerk' })
    expect(cancelled.json.state).toBe('cancelled')
  })

  it('are rolled back by it, on record as its act', async () => {
    const { items } = (await ask('GET', done, '/rows')).json
    expect((await ask('POST', done, '/rollbacks', { reason: '数据有误' })).status).toBe(200)
    for (let tries = 0; tries < 200 && (await ask('GET', done, '')).json.state !== 'rolled-back'; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50))
    expect((await ask('GET', done, '')).json.counts).toMatchObject({ rolledBack: 2, issued: 0 })
    for (const { identifier } of items)
      expect((await desk.house.licences.readStatus(identifier)).status).toBe('cancelled')
    const acts = await desk.house.database.query(
      `select distinct actor, department_code as department from licence.audit_records where action in ('roll-back batch', 'cancel')`,
    )
    expect(acts).toEqual([{ actor: 'other-reviewer', department: market.code }])
  })
})
