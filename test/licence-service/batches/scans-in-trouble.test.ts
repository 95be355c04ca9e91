// Scans of a batch while things go wrong: files that cannot be stored for a while, scans that take longer than a lease, two workers at once.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Judge } from '../../../licence-service/index.ts'
import { verifyDocument } from '../../../verifier/index.ts'
import { makePdf } from '../../pades/documents.ts'
import { creditCodeOf, toCsv, transportHeader, transportLicence, transportRow } from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { pngOf } from '../../support/pictures.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'
import { makeZip } from './make-zip.ts'

const scans = { column: '统一社会信用代码', by: 'beginnings', grade: 'B', isRequired: true }

describe.each(engines)('scans of a batch in trouble on $name', ({ open }) => {
  let desk: BatchDesk
  /** Says of a round of files whether it is stored. */
  let mayStore: (files: number) => boolean = () => true
  let judged = 0
  let isSlow = false
  const judge: Judge = async (documents, evidence, policy, at) => {
    judged += documents.length
    if (isSlow) {
      desk.house.clock.advance(40_000)
      await delay(600)
    }
    return Promise.all(documents.map((document) => verifyDocument(document, evidence, policy, at)))
  }
  beforeAll(async () => {
    desk = await openDesk(await open(), {
      blobs: (blobs) => ({
        ...blobs,
        putMany: async (many) => {
          if (!mayStore(many.length)) throw new Error('the disk is away')
          return blobs.putMany(many)
        },
      }),
      judge,
    })
  })
  afterAll(() => desk.close())

  const take = async (numbers: readonly number[], files: Readonly<Record<string, Uint8Array>>): Promise<string> => {
    const batchId = await desk.take(toCsv([transportHeader, ...numbers.map(transportRow)]), transportLicence)
    await desk.ask('POST', `/api/batches/${batchId}/attachments`, { bytes: makeZip(files) })
    const { suggested } = (await desk.ask('GET', `/api/batches/${batchId}/mappings`)).json
    await desk.ask('PUT', `/api/batches/${batchId}/mapping`, { body: { mapping: { ...suggested, scans } } })
    await desk.ask('POST', `/api/batches/${batchId}/checks`)
    expect(await desk.until(batchId, 'checked')).toMatchObject({ counts: { valid: numbers.length } })
    return batchId
  }

  it('come to their licences once they can be stored, and no row is issued before', async () => {
    const numbers = [0, 1, 2]
    const files = Object.fromEntries(numbers.map((number) => [`${creditCodeOf(number)}.png`, pngOf(10, 10, number)]))
    const batchId = await take(numbers, files)
    // The documents of a group are stored together, scans one by one: the second of them is lost once.
    let single = 0
    mayStore = (count) => count > 1 || ++single !== 2
    await desk.start(batchId)
    while (single < 2) await delay(20)
    const ticking = setInterval(() => desk.house.clock.advance(5_000), 100)
    const done = await desk.until(batchId, 'done').finally(() => clearInterval(ticking))
    expect(done).toMatchObject({ counts: { issued: 3, refused: 0, dead: 0 } })
    mayStore = () => true
    const { items } = (await desk.ask('GET', `/api/batches/${batchId}/rows`)).json
    expect(items.map(({ attempts }: { attempts: number }) => attempts)).toEqual([0, 1, 0])
    for (const { identifier } of items)
      expect((await desk.ask('GET', `/api/licences/${identifier}/scans`)).json.items).toHaveLength(1)
  })

  it('are looked into once each, also where that takes longer than a lease and another worker waits', async () => {
    const numbers = [10, 11, 12, 13]
    const pdf = await makePdf()
    const other = await desk.house.reopen({ judge })
    judged = 0
    isSlow = true
    await take(numbers, Object.fromEntries(numbers.map((number) => [`${creditCodeOf(number)}.pdf`, pdf])))
    isSlow = false
    await other.close()
    expect(judged).toBe(numbers.length)
  })
})
