import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDatabaseImage } from '../../platform/db/open-database.ts'
import { type Database, openDatabase } from '../../platform/index.ts'

export interface Engine {
  readonly name: 'PGlite' | 'PostgreSQL'
  /** A database of its own, empty. */
  open(): Promise<Database>
}

const url = process.env['TEST_DATABASE_URL']

/** Both engines where `TEST_DATABASE_URL` names a PostgreSQL, else the embedded one alone. */
export const engines: readonly Engine[] = [
  { name: 'PGlite', open: async () => openDatabase({ memory: true, image: await emptyImage() }) },
  ...(url ? [{ name: 'PostgreSQL' as const, open: () => openScratchDatabase(url) }] : []),
]

/** Making an empty PGlite takes seconds, loading one a fraction: kept in the temporary folder for all test files. */
async function emptyImage(): Promise<string> {
  const folder = join(tmpdir(), 'zhengyin-test-images')
  const path = join(folder, 'empty-0.5.16.tar')
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  const fresh = `${path}.${randomBytes(6).toString('hex')}`
  writeFileSync(fresh, await makeDatabaseImage())
  renameSync(fresh, path)
  return path
}

async function openScratchDatabase(server: string): Promise<Database> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = await openDatabase({ url: server, maxConnections: 1 })
  await admin.script(`create database ${name}`)
  await admin.close()
  const address = new URL(server)
  address.pathname = `/${name}`
  return openDatabase({ url: address.href, maxConnections: 4 })
}
