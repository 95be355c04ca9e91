// `npm run start:worker`: works batches off beside a server, on its PostgreSQL and its data folder; any number of them. No address, no
// lists, no clocks of seals or revocation: what it does not do, the server does.
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism, setPriority } from 'node:os'
import { createLog, loadConfig, systemClock, systemIds } from '../platform/index.ts'
import { CommandError } from './errors.ts'
import { describeFailure } from './failure.ts'
import { openHouse } from './wire.ts'

/** Behind the server, where both share a machine: somebody waits for that one. */
const NICENESS = 19
const THREADS = '/proc/self/task'
/** A second chunk fills the waits of the first where a core is left for it; on two cores it only makes single licences wait. */
const CHUNKS_AT_ONCE = availableParallelism() > 2 ? 2 : 1
const signals = ['SIGINT', 'SIGTERM'] as const

async function start(): Promise<void> {
  const config = loadConfig()
  if (config.databaseUrl === undefined)
    throw new CommandError(
      'WORKER_NEEDS_POSTGRESQL',
      'the embedded database has room for one process: set DATABASE_URL',
    )
  standBack()
  const log = createLog({ level: config.logLevel })
  const house = await openHouse({
    ...config,
    batchWork: { isWorker: true, atOnce: config.batchAtOnce ?? CHUNKS_AT_ONCE },
    clock: systemClock,
    ids: systemIds,
    log,
  })
  process.stdout.write('working on batches\n')
  const stopOnce = () => {
    for (const signal of signals) process.off(signal, stopOnce)
    log.info('stopping')
    clearInterval(alive)
    house.close().catch(fail)
  }
  // Every timer of the house lets a process end.
  const alive = setInterval(() => undefined, 60_000)
  for (const signal of signals) process.once(signal, stopOnce)
}

/** On Linux every thread has a priority of its own, and those that compile and collect garbage run already. */
function standBack(): void {
  const threads = existsSync(THREADS) ? readdirSync(THREADS).map(Number) : [process.pid]
  for (const thread of threads) setPriority(thread, NICENESS)
}

function fail(error: unknown): void {
  console.error(describeFailure(error))
  process.exit(1)
}

await start().catch(fail)
