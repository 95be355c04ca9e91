// A worker killed after each single step of reading, checking and minting: another one carries on, and what comes of it is what comes without a kill.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { creditCodeOf, toCsv, transportHeader, transportLicence, transportRow } from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { createMortal, type Mortal, type Step } from '../../support/mortal.ts'
import { pngOf } from '../../support/pictures.ts'
import { clerk, type House } from '../../support/service.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'
import { makeZip } from './make-zip.ts'

const ROWS = 3
const GONE_MS = 16_000
/** A reader says nothing of itself: it is followed when its lease is over. */
const READER_GONE_MS = 61_000
const scans = { column: '统一社会信用代码', by: 'beginnings', grade: 'B', isRequired: true }

/** The steps of a chunk of three rows with a scan each, in their order; `isSettled` where its rows are by then. */
const steps: readonly { name: string; step: Step; nth: number; isSettled?: true }[] = [
  { name: 'the chunk is leased', step: 'lease', nth: 1 },
  { name: 'the rows are on record as being made', step: 'transaction', nth: 1 },
  { name: 'the intent is on record', step: 'transaction', nth: 2 },
  { name: 'the statements are signed', step: 'statements', nth: 1 },
  { name: 'the documents are sealed', step: 'seals', nth: 1 },
  { name: 'the documents are stored', step: 'blobs', nth: 1 },
  { name: 'the licences are on the register', step: 'transaction', nth: 3 },
  { name: 'the first scan is stored', step: 'blobs', nth: 2 },
  { name: 'the last scan is stored', step: 'blobs', nth: 4 },
  { name: 'the rows are settled', step: 'transaction', nth: 4, isSettled: true },
  { name: 'the chunk is done', step: 'transaction', nth: 6, isSettled: true },
]

/** The steps of reading and checking the same, in their order. */
const checkingSteps: readonly { name: string; step: Step; nth: number }[] = [
  { name: 'its rows are read', step: 'transaction', nth: 1 },
  { name: 'reading is done', step: 'transaction', nth: 2 },
  { name: 'the chunk is leased for its check', step: 'lease', nth: 1 },
  { name: 'the chunk is checked', step: 'transaction', nth: 3 },
]

describe.each(engines)('a worker killed in a chunk on $name', ({ open }) => {
  let desk: BatchDesk
  let worker: { readonly mortal: Mortal; readonly house: House }
  const houses: { readonly mortal: Mortal; readonly house: House }[] = []
  const newWorker = async () => {
    const mortal = createMortal()
    worker = { mortal, house: await desk.house.reopen(mortal.wraps) }
    houses.push(worker)
  }
  beforeAll(async () => {
    // The server itself works on no batch here.
    desk = await openDesk(await open(), { batchWork: { isWorker: false, atOnce: 0 } })
    await newWorker()
  })
  afterAll(async () => {
    const last = houses.pop()
    for (const { mortal, house } of houses) {
      mortal.bury()
      await expect(house.close()).rejects.toThrow('killed')
    }
    await last?.house.close()
    await desk?.close()
  })

  const scanOf = (number: number) => pngOf(100, 100, number % 256)
  const mapped = async (first: number): Promise<string> => {
    const numbers = Array.from({ length: ROWS }, (_, index) => first + index)
    const batchId = await desk.take(toCsv([transportHeader, ...numbers.map(transportRow)]), transportLicence)
    const zip = makeZip(Object.fromEntries(numbers.map((number) => [`${creditCodeOf(number)}.png`, scanOf(number)])))
    await desk.ask('POST', `/api/batches/${batchId}/attachments`, { bytes: zip })
    const { suggested } = (await desk.ask('GET', `/api/batches/${batchId}/mappings`)).json
    await desk.ask('PUT', `/api/batches/${batchId}/mapping`, { body: { mapping: { ...suggested, scans } } })
    return batchId
  }
  const expectChecked = async (batchId: string): Promise<void> => {
    expect(await desk.until(batchId, 'checked')).toMatchObject({
      ...{ counts: { rows: ROWS, checked: ROWS, valid: ROWS, faulty: 0, duplicate: 0 }, unusedFiles: 0 },
    })
    const [found] = await desk.house.database.query(
      'select count(*)::integer as scans from licence.batch_row_files where batch_id = $1 and grade is not null',
      [batchId],
    )
    expect(found).toEqual({ scans: ROWS })
  }

  /** Every row one licence with its one scan, and of each thing that happens once, one on record. */
  const expectWhole = async (batchId: string, first: number): Promise<void> => {
    const { counts } = (await desk.ask('GET', `/api/batches/${batchId}`)).json
    expect(counts).toMatchObject({ rows: ROWS, valid: 0, issued: ROWS, refused: 0, dead: 0, claimed: 0, duplicate: 0 })
    const { database } = desk.house
    const found = await database.query(
      `select r.row, l.state, count(*) over () as rows,
         (select count(distinct identifier) from licence.idempotency_keys where key like $2) as licences,
         (select count(*) from licence.register_entries e where e.identifier = l.identifier and e.event = 'enter into force') as entries,
         (select count(*) from licence.audit_records a where a.identifier = l.identifier and a.action = 'add-scan') as added,
         (select count(*) from licence.scan_grades g join licence.scans s using (scan_id) where s.identifier = l.identifier) as grades,
         (select count(*) from seal.seal_uses u where u.identifier = l.identifier and u.phase = 'sealed') as seals,
         (select count(*) from licence.licences same where same.printed_number = l.printed_number) as numbers
       from licence.batch_rows r join licence.licences l on l.identifier = r.identifier where r.batch_id = $1 order by r.row`,
      [batchId, `batch:${batchId}:%`],
    )
    expect(found.map((row) => ({ ...(row as object) }))).toEqual(
      Array.from({ length: ROWS }, (_, index) => ({
        ...{ row: index + 2, state: 'in force', rows: BigInt(ROWS), licences: BigInt(ROWS) },
        ...{ entries: 1n, added: 1n, grades: 1n, seals: 1n, numbers: 1n },
      })),
    )
    const [left] = await database.query(
      `select count(*)::integer as left from licence.licences where state <> 'in force'`,
    )
    expect(left).toEqual({ left: 0 })
    const { items } = (await desk.ask('GET', `/api/batches/${batchId}/rows`)).json
    for (const [index, { identifier }] of items.entries()) {
      const path = `/api/licences/${identifier}/scans`
      const [scan] = (await desk.ask('GET', path)).json.items
      const { bytes } = await desk.ask('GET', `${path}/${scan.scanId}`)
      expect(digestOf(bytes)).toBe(digestOf(scanOf(first + index)))
      expect((await desk.house.licences.readDocument(clerk, identifier)).length).toBeGreaterThan(10_000)
    }
  }

  for (const [index, { name, step, nth }] of checkingSteps.entries())
    it(`once ${name} reads and checks every row once`, async () => {
      const batchId = await mapped(5_000 + 100 * index)
      const death = worker.mortal.dieAfter(step, nth)
      await desk.ask('POST', `/api/batches/${batchId}/checks`)
      await death
      desk.house.clock.advance(READER_GONE_MS)
      await newWorker()
      await expectChecked(batchId)
    })

  for (const [index, { name, step, nth, isSettled }] of steps.entries())
    it(`once ${name} loses nothing and doubles nothing`, async () => {
      const first = 100 * index
      const batchId = await mapped(first)
      await desk.ask('POST', `/api/batches/${batchId}/checks`)
      await expectChecked(batchId)
      const death = worker.mortal.dieAfter(step, nth)
      await desk.start(batchId)
      await death
      const { counts } = (await desk.ask('GET', `/api/batches/${batchId}`)).json
      expect(counts.issued).toBe(isSettled ? ROWS : 0)
      desk.house.clock.advance(GONE_MS)
      await newWorker()
      await desk.until(batchId, 'done')
      await expectWhole(batchId, first)
    })
})

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
