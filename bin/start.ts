// `npm start`: everything in one process. The embedded database opens in a thread of its own while this one reads the rest of the house.
import { loadConfig, openDatabase } from '../platform/index.ts'
import { databaseLocationOf } from './database.ts'
import { describeFailure } from './failure.ts'

function fail(error: unknown): void {
  console.error(describeFailure(error))
  process.exit(1)
}

async function start(): Promise<void> {
  const config = loadConfig()
  const database = openDatabase(databaseLocationOf(config))
  try {
    await Promise.all([database, import('./serve.ts').then(({ serve }) => serve(config, database, fail))])
  } catch (error) {
    // A process that ends in the middle of it would leave a folder half made.
    await Promise.allSettled([database.then((opened) => opened.close())])
    throw error
  }
}

await start().catch(fail)
