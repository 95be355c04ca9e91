// Insiders and bad moments: samples drawn until they suit, two second persons at once, an approval of what changed, a cancellation at the end.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toCsv, transportData, transportHeader, transportLicence, transportRow } from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { type BatchDesk, openDesk, type Person } from './batch-desk.ts'

const table = (from: number, to: number) =>
  toCsv([transportHeader, ...Array.from({ length: to - from }, (_, index) => transportRow(from + index))])
const approve = { decision: 'approve' }

describe.each(engines)('a batch in the hands of several on $name', ({ open }) => {
  let desk: BatchDesk
  beforeAll(async () => {
    desk = await openDesk(await open())
  })
  afterAll(() => desk.close())
  const post = (batchId: string, act: string, body?: object, by: Person = 'clerk') =>
    desk.ask('POST', `/api/batches/${batchId}/${act}`, { by, ...(body && { body }) })
  const samples = async (batchId: string): Promise<number[]> =>
    (await desk.ask('GET', `/api/batches/${batchId}/samples`)).json.items.map(({ row }: { row: number }) => row)
  const lookAtAll = async (batchId: string, by: Person) => {
    for (const row of await samples(batchId)) await post(batchId, `samples/${row}/previews`, undefined, by)
  }

  it('keeps what was drawn however often somebody draws, and draws more on top', async () => {
    const { batchId } = await desk.takeChecked(table(0, 40), transportLicence)
    await post(batchId, 'samples', {})
    const first = await samples(batchId)
    expect(first).toHaveLength(7)
    await post(batchId, 'samples', {})
    expect(await samples(batchId)).toEqual(first)
    await post(batchId, 'samples', { count: 12 })
    const more = await samples(batchId)
    expect(more).toHaveLength(12)
    expect(more).toEqual(expect.arrayContaining(first))
    await post(batchId, 'checks')
    await desk.until(batchId, 'checked')
    await post(batchId, 'samples', {})
    const again = await samples(batchId)
    expect(again).toHaveLength(19)
    expect(again).toEqual(expect.arrayContaining(more))
  })

  it('wants every sample looked at anew once rows came that were not there at the first look', async () => {
    const opened = await desk.ask('POST', '/api/batches', { body: { typeCode: transportLicence, title: '逐行' } })
    const { batchId } = opened.json
    const add = (rows: object[]) => desk.ask('POST', `/api/batches/${batchId}/rows`, { body: { rows } })
    await add([100, 101, 102].map(transportData))
    await post(batchId, 'checks')
    await desk.until(batchId, 'checked')
    await post(batchId, 'samples', {})
    await lookAtAll(batchId, 'reviewer')
    await add([transportData(103)])
    expect((await post(batchId, 'samples/approvals', approve, 'reviewer')).json.code).toBe('BATCH_STATE_REFUSED')
    await post(batchId, 'checks')
    await desk.until(batchId, 'checked')
    await post(batchId, 'samples', {})
    expect(await samples(batchId)).toHaveLength(4)
    expect((await post(batchId, 'samples/approvals', approve, 'reviewer')).json.code).toBe('BATCH_SAMPLES_UNSEEN')
    await lookAtAll(batchId, 'reviewer')
    expect((await post(batchId, 'samples/approvals', approve, 'reviewer')).status).toBe(200)
    expect((await post(batchId, 'samples/approvals', approve, 'reviewer')).json.code).toBe('BATCH_STATE_REFUSED')
  })

  it('is decided by one of two second persons who decide at once, and started once', async () => {
    const { batchId } = await desk.takeChecked(table(200, 205), transportLicence)
    await post(batchId, 'samples', {})
    await lookAtAll(batchId, 'reviewer')
    const decisions = await Promise.all([
      post(batchId, 'samples/approvals', approve, 'reviewer'),
      post(batchId, 'samples/approvals', { decision: 'refuse' }, 'allRounder'),
    ])
    expect(decisions.map(({ status }) => status).sort()).toEqual([200, 409])
    if (decisions[0].status !== 200) return
    const starts = await Promise.all([1, 2, 3].map(() => post(batchId, 'starts')))
    expect(starts.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await desk.until(batchId, 'done')).toMatchObject({ counts: { issued: 5 } })
  })

  it('counts every row once and each licence it made, at whatever moment it is cancelled', async () => {
    for (const [round, delay] of [0, 60, 250].entries()) {
      const { batchId } = await desk.takeChecked(table(300 + 20 * round, 320 + 20 * round), transportLicence)
      await desk.start(batchId)
      await new Promise((resolve) => setTimeout(resolve, delay))
      const { status } = await post(batchId, 'cancellations')
      expect([200, 409]).toContain(status)
      const last = status === 200 ? 'cancelled' : 'done'
      const settled = async () => {
        const { counts } = await desk.until(batchId, last)
        return counts.issued + counts.valid
      }
      while ((await settled()) !== 20) await new Promise((resolve) => setTimeout(resolve, 40))
      const { counts } = await desk.until(batchId, last)
      const [made] = await desk.house.database.query<{ licences: number }>(
        `select count(*)::integer as licences from licence.licences l join licence.idempotency_keys k using (identifier)
         where k.key like $1 and l.state = 'in force'`,
        [`batch:${batchId}:%`],
      )
      expect([round, made!.licences]).toEqual([round, counts.issued])
    }
  })

  it('is taken back once by two who ask for it at once', async () => {
    const { batchId } = await desk.takeChecked(table(400, 403), transportLicence)
    await desk.start(batchId)
    await desk.until(batchId, 'done')
    const reason = { reason: '数据有误' }
    const asked = await Promise.all([
      post(batchId, 'rollbacks', reason, 'reviewer'),
      post(batchId, 'rollbacks', reason, 'allRounder'),
    ])
    expect(asked.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(await desk.until(batchId, 'rolled-back')).toMatchObject({ counts: { rolledBack: 3, issued: 0 } })
  })
})
