import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { makeDatabaseImage } from '../../platform/db/open-database.ts'
import { type Database, openDatabase, packagePath } from '../../platform/index.ts'

const postgresUrl = process.env['TEST_DATABASE_URL']

/** An empty PGlite folder as a file, made once a version: loading it takes a tenth of creating one. */
async function pgliteImage(): Promise<string> {
  const { version } = JSON.parse(
    readFileSync(packagePath('node_modules', '@electric-sql', 'pglite', 'package.json'), 'utf8'),
  ) as { version: string }
  const folder = packagePath('node_modules', '.cache', 'zhengyin')
  const image = join(folder, `pglite-${version}.tar`)
  if (!existsSync(image)) {
    mkdirSync(folder, { recursive: true })
    const unfinished = `${image}.${randomUUID()}`
    writeFileSync(unfinished, await makeDatabaseImage())
    renameSync(unfinished, image)
  }
  return image
}

/** A new empty database in memory (PGlite). Whoever opens it closes it. */
export async function openTestDatabase(): Promise<Database> {
  return openDatabase({ memory: true, image: await pgliteImage() })
}

export interface TestEngine {
  readonly name: 'pglite' | 'postgres'
  /** Another handle on the suite's one database; all are closed after the suite. On PGlite it is always the same one. */
  open(): Promise<Database>
}

/** Runs a suite on PGlite, and on PostgreSQL too when TEST_DATABASE_URL is set, each time on a database of its own that is dropped after it. */
export function forEachEngine(name: string, suite: (engine: TestEngine) => void): void {
  describe(`${name} on pglite`, () => pgliteSuite(suite))
  if (postgresUrl) describe(`${name} on postgres`, () => postgresSuite(postgresUrl, suite))
}

function pgliteSuite(suite: (engine: TestEngine) => void): void {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase()
  })
  afterAll(() => database?.close())
  suite({ name: 'pglite', open: async () => database })
}

function postgresSuite(serverUrl: string, suite: (engine: TestEngine) => void): void {
  const databaseName = `test_${randomUUID().replaceAll('-', '')}`
  const url = new URL(serverUrl)
  url.pathname = `/${databaseName}`
  const opened: Database[] = []
  let server: Database
  beforeAll(async () => {
    server = await openDatabase({ url: serverUrl, maxConnections: 1 })
    await server.script(`create database ${databaseName}`)
  })
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()))
    await server?.script(`drop database if exists ${databaseName} with (force)`)
    await server?.close()
  })
  suite({
    name: 'postgres',
    open: async () => {
      const database = await openDatabase({ url: url.href })
      opened.push(database)
      return database
    },
  })
}
