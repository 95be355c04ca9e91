// `npm start`: everything in one process. The embedded database opens in a thread of its own, and keys are derived in others, while this
// one reads the rest of the house.
import { loadConfig, openDatabase, systemClock } from '../platform/index.ts'
import { databaseLocationOf } from './database.ts'
import { describeFailure } from './failure.ts'
import { tellFirstStart } from './first-start.ts'
import { expectFreePort } from './free-port.ts'

function fail(error: unknown): void {
  console.error(describeFailure(error))
  process.exit(1)
}

async function start(): Promise<void> {
  const config = loadConfig()
  await expectFreePort(config)
  tellFirstStart(config)
  const database = openDatabase(databaseLocationOf(config))
  const keys = import('./key-stores.ts')
  const keyStores = keys.then(({ openKeyStores }) => openKeyStores({ ...config, clock: systemClock }))
  // After what opens the keys: read beside it, everything else would come first.
  const serving = keys
    .then(() => import('./serve.ts'))
    .then(({ serve }) => serve(config, { database, keyStores }, fail))
  try {
    await Promise.all([database, keyStores, serving])
  } catch (error) {
    // A process that ends in the middle of it would leave a folder half made.
    const { closeKeyStores } = await keys
    await Promise.allSettled([database.then((opened) => opened.close()), keyStores.then(closeKeyStores), serving])
    throw error
  }
}

await start().catch(fail)
