// register: how long the hot questions to a large register take, at its full size and at a tenth, in PostgreSQL; and its status lists.
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { dayOf } from '../licence-format/index.ts'
import { asOfNow } from '../licence-service/operations/life/due-orders.ts'
import { publishStatusLists } from '../licence-service/operations/publish-status-lists.ts'
import { findOpenOrder } from '../licence-service/store/acts.ts'
import { findByHolderKey, findLicence } from '../licence-service/store/licences.ts'
import { listLicences } from '../licence-service/store/listed-licences.ts'
import { changesAfter } from '../licence-service/store/outbox.ts'
import { entriesOf } from '../licence-service/store/register.ts'
import { markPlaces } from '../licence-service/store/status-lists.ts'
import { type Database, migrate, openDatabase, packageRoot, systemClock } from '../platform/index.ts'
import { type ScratchPostgres, startScratchPostgres } from '../tools/scratch-postgres.ts'
import { areaOf, growRegister, holderKey, identifierOf, typeCodes } from './register-data.ts'
import { type Row, row } from './row.ts'

/** `--full`: ten million, with a tenth measured on the way. CI takes a size that ends in a minute. */
const sizes = process.argv.includes('--full')
  ? [1_000_000, 10_000_000]
  : [process.env['CI'] === 'true' ? 200_000 : 1_000_000]
const CALLS = 2_000
/** What a caller is given who names no number, and what the console asks for. */
const PAGE = 50
const CONSOLE_PAGE = 20
const CHANGED_PLACES = 1_000
const GOAL_MS = 20

type Question = (database: Database, size: number) => Promise<unknown>

/** Each asks as the service does, about licences drawn at random. */
const questions: Readonly<Record<string, Question>> = {
  holder: async (database, size) => {
    const now = new Date()
    const search = { codeMac: holderKey(randomInt(size)), typeCodes, day: dayOf(now), most: PAGE }
    return asOfNow(database, await findByHolderKey(database, search), now)
  },
  search: (database, size) => search(database, size, PAGE),
  'search.console': (database, size) => search(database, size, CONSOLE_PAGE + 1),
  status: async (database, size) => {
    const identifier = identifierOf(randomInt(size))
    await findLicence(database, identifier)
    await entriesOf(database, identifier)
    await findOpenOrder(database, identifier)
  },
  feed: (database, size) => changesAfter(database, BigInt(randomInt(size)), 200),
}

async function search(database: Database, size: number, limit: number): Promise<unknown> {
  const n = randomInt(size)
  const before = BigInt(randomInt(size))
  const filter = { areaCode: areaOf(n), typeCode: typeCodes[n % typeCodes.length], before, limit }
  return asOfNow(database, await listLicences(database, filter), new Date())
}

const quantile = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!

/** Milliseconds of each call, sorted, after as many again that only warm the caches. */
async function time(question: Question, database: Database, size: number): Promise<number[]> {
  const taken: number[] = []
  for (let call = 0; call < 2 * CALLS; call++) {
    const begin = performance.now()
    await question(database, size)
    if (call >= CALLS) taken.push(performance.now() - begin)
  }
  return taken.sort((a, b) => a - b)
}

/** Publishing as the service does it; the signature, a fraction of a millisecond, is left out. */
async function timeLists(database: Database): Promise<number> {
  const begin = performance.now()
  await publishStatusLists({
    database,
    baseUrl: 'https://zhengyin.example',
    clock: systemClock,
    listSigner: { signStatusList: async (payload) => payload.status_list.lst },
  })
  return performance.now() - begin
}

async function* listRows(database: Database, size: number): AsyncIterable<Row> {
  const rebuild = async () => {
    await database.query('update licence.status_lists set bits = null')
    return timeLists(database)
  }
  await rebuild()
  const seconds = (await rebuild()) / 1000
  const lists = await database.query<{ token: string }>('select token from licence.status_lists order by list_id')
  const longest = Math.max(...lists.map(({ token }) => token.length))
  const note = `${lists.length} lists of ${size} licences, a tenth ended; the longest is ${Math.round(longest / 1024)} KiB; goal < 10 s`
  yield row('statuslist.rebuild', seconds, 's', note)
  const changed: number[] = []
  for (let time = 0; time < 20; time++) {
    const places = Array.from({ length: CHANGED_PLACES }, () => ({ list: 0, place: randomInt(1 << 20) }))
    await database.transaction(async (tx) => {
      // What changes is written first, as in the service: nothing has to be fetched from the disk for the list.
      await tx.query(
        `update licence.licences l set state = l.state from licence.status_places p
         where p.list = 0 and p.place = any($1) and l.identifier = p.identifier`,
        [places.map(({ place }) => place)],
      )
      await markPlaces(tx, places)
    })
    changed.push(await timeLists(database))
  }
  const median = quantile(
    changed.sort((a, b) => a - b),
    0.5,
  )
  yield row('statuslist.changed', median, 'ms', `one list, ${CHANGED_PLACES} places changed; goal < 100 ms`)
}

/** As a server with memory of its own is set; what it is set to out of the box is for a tenth of this. */
async function tune(postgres: ScratchPostgres): Promise<void> {
  const admin = await openDatabase({ url: postgres.url, maxConnections: 1 })
  for (const setting of ["shared_buffers = '4GB'", "max_wal_size = '16GB'", 'random_page_cost = 1.1', 'jit = off'])
    await admin.query(`alter system set ${setting}`)
  await admin.close()
  postgres.crash()
  postgres.start()
}

/** The rows of the group; where PostgreSQL is installed. */
export async function* rows(only: string | undefined): AsyncIterable<Row> {
  const postgres = await startScratchPostgres()
  if (!postgres) {
    console.error('register is left out: PostgreSQL 15 or newer is not installed')
    return
  }
  await tune(postgres)
  const database = await openDatabase({ url: postgres.url })
  try {
    await migrate(database, {
      schema: 'licence',
      folder: join(packageRoot, 'licence-service', 'store', 'migrations'),
    })
    let from = 0
    for (const size of sizes) {
      const begin = performance.now()
      await growRegister(database, from, size)
      const rate = Math.round(((size - from) * 1000) / (performance.now() - begin))
      from = size
      for (const [name, question] of Object.entries(questions)) {
        if (only !== undefined && only !== `register.${name}.p99`) continue
        const taken = await time(question, database, size)
        const note = `${size} licences (made ${rate} a second), median ${quantile(taken, 0.5).toFixed(2)} ms; goal < ${GOAL_MS} ms`
        yield row(`register.${name}.p99`, quantile(taken, 0.99), 'ms', note)
      }
      if (only === undefined || only.startsWith('statuslist')) yield* listRows(database, size)
    }
  } finally {
    await database.close()
    postgres.stop()
  }
}
