// batch.*: a spreadsheet of 100,000 rows, checked and minted by three worker processes of which two are killed. `--rows=5000` for less.
// Wants PostgreSQL and a quiet machine: it is the one bench that uses every core for minutes.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { openDatabase, systemClock } from '../platform/index.ts'
import { batchPeople, launchWorker, memoryOf, type WorkerProcess } from '../test/support/batch-house.ts'
import { toXlsx, transportData, transportHeader, transportLicence, transportRow } from '../test/support/batch-rows.ts'
import { askDss, askPyhanko, javaJudges } from '../test/support/judges.ts'
import { launchServer, type ServerProcess } from '../test/support/server-process.ts'
import { isMissing, judgesPython, run } from '../test/support/tools.ts'
import { startScratchPostgres } from '../tools/scratch-postgres.ts'
import { median } from './measure.ts'
import { type Row, row } from './row.ts'

const WORKERS = 3
const KILLED_AT = [0.2, 0.5]
const SINGLE_EVERY_MS = 500
/** Documents that are verified at the end. */
const SAMPLE = 1_000

const flag = (name: string, usual: number): number =>
  Number(process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split('=')[1] ?? usual)

export async function* rows(): AsyncIterable<Row> {
  const count = flag('rows', 100_000)
  const postgres = await startScratchPostgres()
  if (!postgres) throw new Error('the bench of batches needs PostgreSQL 15 or newer')
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-bench-batch-'))
  const settings = { DATABASE_URL: postgres.url, LOG_LEVEL: 'error' }
  const running: { kill(): Promise<void> }[] = []
  try {
    const server = await launchServer(folder, settings)
    running.push(server)
    const workers = await Promise.all(
      Array.from({ length: WORKERS }, () => launchWorker(folder, { ...settings, WORKERS: '0' })),
    )
    running.push(...workers)
    yield* measure(server, workers, count, postgres.url, folder)
  } finally {
    for (const one of running) await one.kill()
    postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function* measure(
  server: ServerProcess,
  workers: readonly WorkerProcess[],
  count: number,
  databaseUrl: string,
  folder: string,
): AsyncIterable<Row> {
  const people = await batchPeople(server)
  const machine = `${WORKERS} workers, ${cpus().length} cores, ${count} rows, road transport licences`
  function* table() {
    yield transportHeader
    for (let index = 0; index < count; index++) yield transportRow(index)
  }
  const file = await toXlsx(table())
  const before = performance.now()
  const batchId = await people.check(file)
  const report = await people.issuer(`/api/batches/${batchId}/report.xlsx`)
  const checkSeconds = (performance.now() - before) / 1000
  yield row(
    'batch.check',
    checkSeconds,
    's',
    `${machine}, ${(file.length / 2 ** 20).toFixed(1)} MiB, report ${report.bytes.length} B`,
  )

  await people.start(batchId)
  const begun = performance.now()
  const singles: number[] = []
  let isOver = false
  const asking = (async () => {
    for (let index = 0; !isOver; index++) {
      const at = performance.now()
      await people.issuer('/api/licences', {
        body: { typeCode: transportLicence, data: transportData(50_000_000 + index) },
      })
      singles.push(performance.now() - at)
      await delay(SINGLE_EVERY_MS)
    }
  })()
  const memory: number[] = []
  const survivor = workers[WORKERS - 1]!
  const sampling = setInterval(() => memory.push(memoryOf(survivor).now), 1000)
  for (const [index, part] of KILLED_AT.entries()) {
    await people.until(batchId, ({ counts }) => counts.issued >= count * part, 500)
    await delay(Math.random() * 1000)
    await workers[index]!.kill()
  }
  const done = await people.until(batchId, ({ state }) => state === 'done', 1000)
  clearInterval(sampling)
  const seconds = (performance.now() - begun) / 1000
  isOver = true
  await asking
  await expectExactly(databaseUrl, batchId, count, done.counts)
  yield row(
    'batch.mint',
    count / seconds,
    'licences/s',
    `${machine}, two workers killed; exactly ${count}, no identifier twice`,
  )
  const half = memory.slice(0, Math.ceil(memory.length / 2))
  yield row(
    'batch.memory',
    memoryOf(survivor).most,
    'MiB',
    `largest of a worker; ${Math.max(...half)} at most in the first half`,
  )
  const slow = singles.toSorted((a, b) => a - b)[Math.ceil(singles.length * 0.99) - 1]!
  yield row(
    'batch.single.p99',
    slow,
    'ms',
    `median ${median(singles).toFixed(0)}, ${singles.length} single licences beside the batch, one every ${SINGLE_EVERY_MS} ms`,
  )
  const ended = systemClock.now()
  const files = await sampleOf(people, batchId, count, folder)
  await listSince(ended, join(folder, 'trust'))
  yield* judged(files, join(folder, 'trust'))
}

/** Throws unless every row is one licence in force. */
async function expectExactly(
  url: string,
  batchId: string,
  count: number,
  counts: { readonly issued: number },
): Promise<void> {
  const database = await openDatabase({ url, maxConnections: 1 })
  try {
    const [found] = await database.query<{ licences: number; identifiers: number }>(
      `select count(*)::integer as licences, count(distinct l.identifier)::integer as identifiers
       from licence.batch_rows r join licence.licences l on l.identifier = r.identifier and l.state = 'in force'
       where r.batch_id = $1 and r.state = 'issued'`,
      [batchId],
    )
    if (counts.issued !== count || found!.licences !== count || found!.identifiers !== count)
      throw new Error(`${count} rows became ${JSON.stringify({ ...found, issued: counts.issued })}`)
  } finally {
    await database.close()
  }
}

/** Files of documents spread over the batch. */
async function sampleOf(
  people: Awaited<ReturnType<typeof batchPeople>>,
  batchId: string,
  count: number,
  folder: string,
): Promise<string[]> {
  const wanted = Math.min(SAMPLE, count)
  const files: string[] = []
  mkdirSync(join(folder, 'sample'))
  for (let index = 0; index < wanted; index++) {
    const after = Math.floor((index * count) / wanted)
    const { items } = (await people.issuer(`/api/batches/${batchId}/rows?limit=1&cursor=${after}`)).json
    const { bytes } = await people.issuer(`/api/licences/${items[0].identifier}/document`)
    files.push(join(folder, 'sample', `${items[0].identifier}.pdf`))
    writeFileSync(files.at(-1)!, bytes)
  }
  return files
}

/** Waits for a status list that knows of the last licences: it is signed anew some seconds after they are in force. */
async function listSince(instant: Date, trust: string): Promise<void> {
  const issuedAt = (name: string): number => {
    const [, payload] = readFileSync(join(trust, name), 'latin1').split('.')
    return JSON.parse(Buffer.from(payload!, 'base64url').toString()).iat * 1000
  }
  const lists = () => readdirSync(trust).filter((name) => /^status-list-.*\.jwt$/.test(name))
  const end = instant.getTime() + LONGEST_WAIT_MS
  while (Date.now() < end && !lists().some((name) => issuedAt(name) >= instant.getTime())) await delay(1000)
}

/** A list that nothing changed since is not signed anew before it ages. */
const LONGEST_WAIT_MS = 90_000

/** How many of the documents the house's own verifier accepts, EU DSS and pyHanko pass, offline, with the house's roots and lists. */
function* judged(files: readonly string[], trust: string): Iterable<Row> {
  const own = run(process.execPath, ['bin/zhengyin.ts', 'verify', '--json', '--offline', '--trust', trust, ...files])
  if (own.status !== 0) throw new Error(`the house's own verifier refuses some of ${files.length} documents`)
  yield row('batch.verified', files.length, 'documents', 'accepted of as many, spread over the batch')
  const questions = files.map((file) => ({ file, trust, at: systemClock.now() }))
  const judges = [
    { name: 'EU DSS', ask: () => askDss(questions), isMissing: isMissing(...javaJudges) },
    { name: 'pyHanko', ask: () => askPyhanko(questions), isMissing: isMissing(judgesPython) },
  ]
  for (const { name, ask } of judges.filter((judge) => !judge.isMissing)) {
    const passed = ask().filter(
      ({ signatures }) => signatures.length === 1 && /^(TOTAL_)?PASSED$/.test(signatures[0]!.indication),
    )
    if (passed.length !== files.length) throw new Error(`${name} passes ${passed.length} of ${files.length} documents`)
    yield row('batch.judged', passed.length, 'documents', `passed by ${name} of as many`)
  }
}
