import { chmodSync, mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { lockFolder } from './data-dir-lock.ts'
import type { Database } from './database.ts'
import { RemotePglite } from './pglite-remote.ts'
import type { PgliteSession } from './pglite-stream.ts'

export type DatabaseLocation =
  /** PostgreSQL 15 or newer. */
  | { readonly url: string; readonly maxConnections?: number }
  /** PGlite in a worker thread, its files in this folder, which this process locks. For trial, not for production. */
  | { readonly folder: string }
  /** PGlite in this thread, gone when closed. `image` is a dumped data folder (tar), which saves creating one. For tests. */
  | { readonly memory: true; readonly image?: string }

const CONNECT_TIMEOUT_MS = 10_000
/** One connection serves all: waiting for it is normal under load, and cannot be a deadlock (a guard refuses that). */
const PGLITE_WAIT_MS = 60_000
const STATEMENT_TIMEOUT_MS = 60_000

/**
 * Opens a database. The engines are loaded only when asked for, since each costs start time.
 * Throws DATABASE_UNAVAILABLE, DATA_FOLDER_IN_USE.
 */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  const database =
    'url' in location ? await openPostgres(location.url, location.maxConnections ?? 10) : await openPglite(location)
  try {
    await database.query('select 1')
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

async function openPool(config: pg.PoolConfig): Promise<pg.Pool> {
  const [{ default: driver }, { typeParsers }] = await Promise.all([import('pg'), import('./pg-types.ts')])
  return new driver.Pool({ types: typeParsers, ...config })
}

async function openPostgres(url: string, max: number): Promise<Database> {
  const { PoolDatabase } = await import('./pool-database.ts')
  const pool = await openPool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    options: '-c TimeZone=UTC',
    keepAlive: true,
  })
  return new PoolDatabase('postgres', pool, async () => {})
}

async function openPglite(
  location: { readonly folder: string } | { readonly memory: true; readonly image?: string },
): Promise<Database> {
  const release = 'folder' in location ? lockFolder(location.folder) : () => {}
  let session: PgliteSession
  try {
    session = 'folder' in location ? hostPglite(location.folder) : await createPglite(location.image)
    await session.waitReady
  } catch (error) {
    release()
    throw error
  }
  const [{ PgliteStream }, { PoolDatabase }] = await Promise.all([
    import('./pglite-stream.ts'),
    import('./pool-database.ts'),
  ])
  const pool = await openPool({
    user: 'postgres',
    database: 'postgres',
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: PGLITE_WAIT_MS,
    stream: (() => new PgliteStream(session)) as never,
  })
  return new PoolDatabase('pglite', pool, async () => {
    await session.close()
    release()
  })
}

/** The thread is at work when this returns, whatever its caller does next. */
function hostPglite(folder: string): PgliteSession {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // PGlite's own files are open to everybody; the folder around them is what keeps others out, whoever made it.
  chmodSync(folder, 0o700)
  return new RemotePglite(folder)
}

async function createPglite(image: string | undefined): Promise<PgliteSession> {
  const { PGlite } = await import('@electric-sql/pglite')
  return PGlite.create(image === undefined ? {} : { loadDataDir: new Blob([await readFile(image)]) })
}

/** Writes an empty data folder as a tar file, for `{ memory: true, image }`. */
export async function makeDatabaseImage(): Promise<Uint8Array> {
  const { PGlite } = await import('@electric-sql/pglite')
  const lite = await PGlite.create()
  const image = await lite.dumpDataDir('none')
  await lite.close()
  return new Uint8Array(await image.arrayBuffer())
}
