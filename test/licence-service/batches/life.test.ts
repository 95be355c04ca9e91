// What happens to a batch beside its way to the end: pauses, delays, outages, other processes, and the way back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayRoles } from '../../../directory/index.ts'
import { dayOf } from '../../../licence-format/index.ts'
import { rowKey } from '../../../licence-service/domain/batch.ts'
import { type Chunk, endChunk } from '../../../licence-service/store/batch-chunks.ts'
import { claimedByOthers, holdersWithLicence } from '../../../licence-service/store/batch-rows.ts'
import { forgetBatches } from '../../../licence-service/store/batches.ts'
import type { Principal } from '../../../platform/index.ts'
import { SealError } from '../../../seal-service/index.ts'
import {
  creditCodeOf,
  toCsv,
  transportData,
  transportHeader,
  transportLicence,
  transportRow,
} from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { clerk } from '../../support/service.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'

const table = (from: number, to: number) =>
  toCsv([transportHeader, ...Array.from({ length: to - from }, (_, index) => transportRow(from + index))])

describe.each(engines)('the life of a batch on $name', ({ open }) => {
  let desk: BatchDesk
  let sealing: (identifiers: readonly string[]) => void = () => undefined
  let mayNow: (principal: Principal) => boolean = () => true
  beforeAll(async () => {
    desk = await openDesk(await open(), {
      sealer: (sealer) => ({
        ...sealer,
        sealDocuments: async (caller, requests) => {
          sealing(requests.map(({ identifier }) => identifier))
          return sealer.sealDocuments(caller, requests)
        },
      }),
      people: {
        isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
        mayNow: async (principal, permission) => mayNow(principal) && mayRoles(principal.roles, permission),
        requireStepUp: async () => undefined,
      },
    })
  })
  afterAll(() => desk.close())
  const post = (batchId: string, act: string, body?: object, by = 'clerk') =>
    desk.ask('POST', `/api/batches/${batchId}/${act}`, { by, ...(body && { body }) })

  it('is started only once another person looked at every sample', async () => {
    const { batchId } = await desk.takeChecked(table(0, 5), transportLicence)
    expect((await post(batchId, 'starts')).json.code).toBe('BATCH_STATE_REFUSED')
    await post(batchId, 'samples', { count: 2 })
    expect((await desk.ask('GET', `/api/batches/${batchId}/samples`)).json.items).toHaveLength(5)
    const approve = { decision: 'approve' }
    expect((await post(batchId, 'samples/approvals', approve)).status).toBe(403)
    expect((await post(batchId, 'samples/approvals', approve, 'reviewer')).json.code).toBe('BATCH_SAMPLES_UNSEEN')
    expect((await post(batchId, 'samples/approvals', { decision: 'refuse' }, 'reviewer')).json).toMatchObject({
      ...{ state: 'checked', note: 'SAMPLES_REFUSED' },
    })
    expect((await desk.ask('GET', `/api/batches/${batchId}`, { by: 'otherClerk' })).status).toBe(404)
  })

  it('has no second person in anybody who had a hand in what it says, nor in a machine', async () => {
    const { batchId } = await desk.takeChecked(table(50, 55), transportLicence)
    const { mapping } = (await desk.ask('GET', `/api/batches/${batchId}`)).json
    const mapped = await desk.ask('PUT', `/api/batches/${batchId}/mapping`, { by: 'allRounder', body: { mapping } })
    expect(mapped.status).toBe(200)
    await post(batchId, 'checks')
    await desk.until(batchId, 'checked')
    await post(batchId, 'samples', {})
    const refuse = { decision: 'refuse' }
    for (const by of ['allRounder', 'machine'])
      expect((await post(batchId, 'samples/approvals', refuse, by)).json.code).toBe('BATCH_SAME_PERSON')
    expect((await post(batchId, 'samples/approvals', refuse, 'reviewer')).status).toBe(200)

    const rows = (await desk.ask('POST', '/api/batches', { body: { typeCode: transportLicence, title: '逐行' } })).json
    const added = { by: 'allRounder', body: { rows: [transportData(56)] } } as const
    expect((await desk.ask('POST', `/api/batches/${rows.batchId}/rows`, added)).status).toBe(201)
    await post(rows.batchId, 'checks')
    await desk.until(rows.batchId, 'checked')
    await post(rows.batchId, 'samples', {})
    expect((await post(rows.batchId, 'samples/approvals', refuse, 'allRounder')).json.code).toBe('BATCH_SAME_PERSON')
  })

  it('waits while the quota of its seal is exhausted, and comes back by itself', async () => {
    const { batchId } = await desk.takeChecked(table(100, 110), transportLicence)
    sealing = () => {
      throw new SealError('SEAL_QUOTA_EXHAUSTED', 'none left today', { retryAfterSeconds: 3600 })
    }
    await desk.start(batchId)
    const waiting = await desk.until(batchId, 'waiting')
    expect(waiting).toMatchObject({ note: 'SEAL_QUOTA_EXHAUSTED', counts: { issued: 0, valid: 10 } })
    sealing = () => undefined
    desk.house.clock.advance(3_601_000)
    expect(await desk.until(batchId, 'done')).toMatchObject({ counts: { issued: 10, valid: 0 } })
  })

  it('pauses when its starter may no longer run it, and goes on in another name', async () => {
    const { batchId } = await desk.takeChecked(table(200, 205), transportLicence)
    mayNow = () => false
    await desk.start(batchId)
    expect(await desk.until(batchId, 'paused')).toMatchObject({
      note: 'BATCH_STARTER_LACKS_RIGHT',
      counts: { valid: 5 },
    })
    mayNow = () => true
    await post(batchId, 'resumptions')
    expect(await desk.until(batchId, 'done')).toMatchObject({ counts: { issued: 5 } })
  })

  it('lets rows die after five outages, keeps their keys, and brings them back to one licence each', async () => {
    const { batchId } = await desk.takeChecked(table(300, 304), transportLicence)
    sealing = () => {
      throw new Error('the seal service is away')
    }
    // Each attempt comes later than the one before.
    const ticking = setInterval(() => desk.house.clock.advance(120_000), 100)
    await desk.start(batchId)
    expect(await desk.until(batchId, 'done').finally(() => clearInterval(ticking))).toMatchObject({
      counts: { dead: 4, issued: 0, valid: 0 },
    })
    const letters = await desk.ask('GET', `/api/batches/${batchId}/dead-letters`)
    expect(letters.json.items).toHaveLength(4)
    sealing = () => undefined
    await desk.house.licences.resumeIssuance()
    await post(batchId, 'retries', {})
    expect(await desk.until(batchId, 'done')).toMatchObject({ counts: { dead: 0, issued: 4 } })
    const [made] = await desk.house.database.query(
      `select count(*)::integer as licences from licence.idempotency_keys where key like $1`,
      [`batch:${batchId}:%`],
    )
    expect(made).toEqual({ licences: 4 })
    expect((await post(batchId, 'retries', {})).json.code).toBe('BATCH_NOTHING_TO_RETRY')
    expect((await post(batchId, 'retries', { rows: [2 ** 31] })).json.code).toBe('REQUEST_INVALID')
  })

  it('stops when its seal is suspended, and mints the refused rows anew once it is not', async () => {
    const { batchId } = await desk.takeChecked(table(400, 403), transportLicence)
    sealing = () => {
      throw new SealError('SEAL_SUSPENDED', 'the seal is suspended')
    }
    await desk.start(batchId)
    const paused = await desk.until(batchId, 'paused', 'done')
    expect(paused).toMatchObject({ note: 'SEAL_SUSPENDED', counts: { refused: 3, issued: 0 } })
    sealing = () => undefined
    await post(batchId, 'retries', {})
    expect(await desk.until(batchId, 'done')).toMatchObject({ counts: { refused: 0, issued: 3 } })
  })

  it('is paused, cancelled, and leaves what was not begun alone', async () => {
    const { batchId } = await desk.takeChecked(table(500, 900), transportLicence)
    await desk.start(batchId)
    const paused = (await post(batchId, 'pauses')).json
    expect(paused.state).toBe('paused')
    expect((await post(batchId, 'pauses')).json.code).toBe('BATCH_STATE_REFUSED')
    const cancelled = (await post(batchId, 'cancellations')).json
    expect(cancelled.state).toBe('cancelled')
    expect(cancelled.counts.issued).toBeLessThan(400)
    expect((await post(batchId, 'starts')).json.code).toBe('BATCH_STATE_REFUSED')
  })

  it('is taken back by another person: every licence of it is cancelled', async () => {
    const { batchId } = await desk.takeChecked(table(1000, 1003), transportLicence)
    await desk.start(batchId)
    await desk.until(batchId, 'done')
    const { items } = (await desk.ask('GET', `/api/batches/${batchId}/rows`)).json
    expect((await post(batchId, 'rollbacks', { reason: '数据有误' })).status).toBe(403)
    await post(batchId, 'rollbacks', { reason: '数据有误' }, 'reviewer')
    expect(await desk.until(batchId, 'rolled-back')).toMatchObject({ counts: { rolledBack: 3, issued: 0 } })
    for (const { identifier } of items)
      expect((await desk.house.licences.readStatus(identifier)).status).toBe('cancelled')
    const [audit] = await desk.house.database.query(
      `select actor from licence.audit_records where action = 'roll-back batch' and identifier = $1`,
      [batchId],
    )
    expect(audit).toEqual({ actor: 'reviewer' })
    // Nothing is left to take back: it is neither offered again nor taken.
    const whole = (await desk.ask('GET', `/api/batches/${batchId}`, { by: 'reviewer' })).json
    expect([whole.nextActs.includes('roll-back'), typeof whole.rolledBackBy]).toEqual([false, 'string'])
    const again = await post(batchId, 'rollbacks', { reason: '再撤一次' }, 'reviewer')
    expect([again.status, again.json.code]).toEqual([409, 'BATCH_STATE_REFUSED'])
    expect((await desk.ask('GET', `/api/batches/${batchId}`)).json.state).toBe('rolled-back')
  })

  it('makes no licence any more for a row that was taken back while a worker hung before it', async () => {
    const { batchId } = await desk.takeChecked(table(1100, 1101), transportLicence)
    mayNow = () => false
    await desk.start(batchId)
    await desk.until(batchId, 'paused')
    mayNow = () => true
    const { database, licences, clock } = desk.house
    await database.query(`update licence.batch_rows set state = 'minting' where batch_id = $1`, [batchId])
    await post(batchId, 'rollbacks', { reason: '数据有误' }, 'reviewer')
    expect(await desk.until(batchId, 'rolled-back')).toMatchObject({ counts: { refused: 1, issued: 0 } })
    const late = { key: rowKey(batchId, 2, 0), typeCode: transportLicence, data: transportData(1100) }
    expect(await licences.issueLicences(clerk, [late])).toMatchObject([{ ok: false }])
    // Nor does the end of a chunk of the minting count towards the end of the rollback.
    await database.query(`update licence.batches set phase = 'roll-back', chunks_done = 0 where batch_id = $1`, [
      batchId,
    ])
    const [chunk] = await database.query<Chunk>(
      `update licence.batch_chunks set worker = 'late', done_at = null where batch_id = $1 and phase = 'mint'
       returning batch_id as "batchId", phase, chunk, first_row as "firstRow", last_row as "lastRow", attempts`,
      [batchId],
    )
    expect(await endChunk(database, chunk!, 'late', clock.now())).toEqual({ isLast: false })
  })

  it('keeps nobody from another licence by one that ended or ran out', async () => {
    const { database, licences, clock } = desk.house
    const { batchId } = await desk.takeChecked(table(1200, 1202), transportLicence)
    await desk.start(batchId)
    await desk.until(batchId, 'done')
    const { items } = (await desk.ask('GET', `/api/batches/${batchId}/rows`)).json
    await licences.revoke(clerk, { identifier: items[0].identifier, reason: '吊销' })
    const again = await desk.takeChecked(table(1200, 1202), transportLicence)
    expect(again).toMatchObject({ counts: { valid: 1, duplicate: 1 } })
    await desk.start(again.batchId)
    expect(await desk.until(again.batchId, 'done')).toMatchObject({ counts: { issued: 1, claimed: 0 } })

    const [claim] = await database.query<{ mac: Uint8Array }>(
      'select duplicate_mac as mac from licence.batch_claims where batch_id = $1',
      [batchId],
    )
    const [holder] = await database.query<{ mac: Uint8Array }>(
      'select code_mac as mac from licence.holders where identifier = $1',
      [items[1].identifier],
    )
    const { departmentCode } = clerk
    const key = { typeCode: transportLicence, departmentCode, batchId: again.batchId }
    const heldOn = async (day: string) => [
      (await claimedByOthers(database, key, [claim!.mac], day)).size,
      (await holdersWithLicence(database, departmentCode, transportLicence, [holder!.mac], day)).size,
    ]
    expect(await heldOn(dayOf(clock.now()))).toEqual([1, 1])
    expect(await heldOn('2040-01-01')).toEqual([0, 0])
  })

  it('keeps nothing of a holder in plain, neither in its rows nor in a log', async () => {
    const name = '云汀市绝无仅有公司'
    const row = transportRow(2000).with(0, name)
    const bad = transportRow(2001).with(0, name).with(1, creditCodeOf(1).replace(/.$/, '!'))
    await desk.takeChecked(toCsv([transportHeader, row, bad]), transportLicence)
    const tables = ['batches', 'batch_rows', 'batch_chunks', 'batch_files', 'batch_claims', 'audit_records']
    for (const table of tables) {
      const rows = await desk.house.database.query<{ text: string }>(`select t::text as text from licence.${table} t`)
      const plain = rows.map(({ text }) => text).join('\n')
      expect([table, plain.includes(name), plain.includes(Buffer.from(name).toString('hex'))]).toEqual([
        table,
        false,
        false,
      ])
    }
    expect(desk.house.logLines.join('\n')).not.toContain(name)
  })

  it('forgets what its rows say after its time, and keeps their numbers', async () => {
    const { batchId } = await desk.takeChecked(table(3000, 3003), transportLicence)
    await desk.start(batchId)
    await desk.until(batchId, 'done')
    const { database, clock } = desk.house
    const later = new Date(clock.now().getTime() + 1000)
    while ((await database.transaction((tx) => forgetBatches(tx, later, 20))) > 0);
    expect((await desk.ask('GET', `/api/batches/${batchId}/report.xlsx`)).json.code).toBe('BATCH_FORGOTTEN')
    expect((await post(batchId, 'rollbacks', { reason: 'x' }, 'reviewer')).json.code).toBe('BATCH_FORGOTTEN')
    const { items } = (await desk.ask('GET', `/api/batches/${batchId}/rows`)).json
    expect(items.map(({ state, identifier }: { state: string; identifier: string }) => [state, !!identifier])).toEqual(
      Array.from({ length: 3 }, () => ['issued', true]),
    )
    expect((await desk.ask('GET', `/api/batches/${batchId}`)).json).toMatchObject({ columns: [], mapping: null })
    const left = await database.query(
      'select 1 from licence.batch_rows where batch_id = $1 and sealed_row is not null',
      [batchId],
    )
    expect(left).toEqual([])
  })
})
