// A batch minted by three worker processes, two of them killed: every row one licence, none twice, nothing left.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../platform/index.ts'
import { findPostgres, startScratchPostgres } from '../../tools/scratch-postgres.ts'
import { batchPeople, launchWorker, nicenessOf } from '../support/batch-house.ts'
import { toXlsx, transportHeader, transportRow } from '../support/batch-rows.ts'
import { launchServer } from '../support/server-process.ts'

const ROWS = Number(process.env['TEST_BATCH_ROWS'] ?? 5_000)
const cleanUps: (() => unknown)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

describe.skipIf(!findPostgres())('a batch with three workers, two of them killed', () => {
  it('becomes exactly as many licences as it has rows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zhengyin-batch-'))
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
    const postgres = (await startScratchPostgres())!
    cleanUps.push(() => postgres.stop())
    const settings = { DATABASE_URL: postgres.url, WORKERS: '0' }
    const server = await launchServer(folder, { ...settings, LOG_LEVEL: 'warn' })
    cleanUps.push(() => server.kill())
    const workers = await Promise.all(Array.from({ length: 3 }, () => launchWorker(folder, settings)))
    for (const worker of workers) cleanUps.push(() => worker.kill())
    // Whoever waits for the server comes first, whatever a worker's threads do: compile, collect garbage, write files.
    if (existsSync('/proc/self/task'))
      for (const worker of workers) expect(new Set(nicenessOf(worker))).toEqual(new Set([19]))
    const people = await batchPeople(server)

    const rows = Array.from({ length: ROWS }, (_, index) => transportRow(index))
    const batchId = await people.check(await toXlsx([transportHeader, ...rows]))
    expect((await people.view(batchId)).counts).toMatchObject({ rows: ROWS, valid: ROWS, faulty: 0 })
    await people.start(batchId)
    for (const [index, part] of [0.15, 0.4].entries()) {
      await people.until(batchId, ({ counts }) => counts.issued >= ROWS * part, 50)
      await delay(Math.random() * 500)
      await workers[index]!.kill()
    }
    const done = await people.until(batchId, ({ state }) => state === 'done')
    expect(done.counts).toMatchObject({ valid: 0, issued: ROWS, refused: 0, dead: 0, claimed: 0, duplicate: 0 })

    const database = await openDatabase({ url: postgres.url, maxConnections: 1 })
    cleanUps.push(() => database.close())
    const [found] = await database.query(
      `select count(*)::integer as licences, count(distinct identifier)::integer as identifiers, count(distinct serial)::integer as serials,
         count(distinct printed_number)::integer as numbers from licence.licences
       where state = 'in force' and identifier in (select identifier from licence.batch_rows where batch_id = $1)`,
      [batchId],
    )
    expect(found).toEqual({ licences: ROWS, identifiers: ROWS, serials: ROWS, numbers: ROWS })
    const [left] = await database.query(
      `select count(*)::integer as prepared from licence.licences where state = 'prepared'`,
    )
    expect(left).toEqual({ prepared: 0 })
    const { items } = (await people.issuer(`/api/batches/${batchId}/rows?limit=3`)).json
    for (const { identifier } of items) {
      const pdf = (await people.issuer(`/api/licences/${identifier}/document`)).bytes
      const verdict = await server.call('/api/verifications', {
        bytes: pdf,
        headers: { 'content-type': 'application/pdf' },
      })
      expect(verdict.json?.verdict).toBe('accepted')
    }
  }, 600_000)
})
