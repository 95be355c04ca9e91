import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '../errors.ts'
import { type Database, isSqlError, UNIQUE_VIOLATION } from './database.ts'

interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly digest: string
}

const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/
const SCHEMA_NAME = /^[a-z][a-z_]*$/
const DUPLICATE_OBJECTS = ['23505', '42P06', '42P07', '42710']

/**
 * Brings one schema up to the numbered files of a folder (`0001_accounts.sql` …), each in a transaction of its own whose first act
 * is its row in the ledger `<schema>.migration`; whoever loses that race finds the work done. Running again does no harm.
 * Throws DATABASE_NEWER when the database knows a migration that the folder does not, MIGRATION_CHANGED when a released file was edited.
 */
export async function migrate(
  database: Database,
  target: { readonly schema: string; readonly folder: string },
): Promise<void> {
  const { schema } = target
  if (!SCHEMA_NAME.test(schema)) throw new TypeError(`not a schema name: ${schema}`)
  const migrations = await readMigrations(target.folder)
  await createLedger(database, schema)
  const applied = await readLedger(database, schema)
  const newest = Math.max(0, ...applied.keys())
  if (newest > migrations.length) {
    throw new PlatformError(
      'DATABASE_NEWER',
      `schema ${schema} is at migration ${newest}, this program knows ${migrations.length}: start the newer program`,
    )
  }
  for (const migration of migrations) {
    const digest = applied.get(migration.number)
    if (digest === undefined) await apply(database, schema, migration)
    else refuseChanged(schema, migration, digest)
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file, index) => {
      const [, number, name] = FILE_NAME.exec(file) ?? []
      if (Number(number) !== index + 1)
        throw new TypeError(`${file}: migrations are named 0001_name.sql and numbered without gaps`)
      const sql = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n')
      return { number: index + 1, name: name!, sql, digest: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function createLedger(database: Database, schema: string): Promise<void> {
  const sql = `create schema if not exists ${schema};
    create table if not exists ${schema}.migration (
      number integer primary key, name text not null, digest text not null, applied_at timestamptz not null default now())`
  for (let attempt = 1; ; attempt++) {
    try {
      await database.script(sql)
      return
    } catch (error) {
      // "if not exists" is no lock: of two programs that start together one may meet the other's catalogue row.
      if (attempt === 5 || !DUPLICATE_OBJECTS.some((state) => isSqlError(error, state))) throw error
    }
  }
}

async function readLedger(database: Database, schema: string): Promise<Map<number, string>> {
  const rows = await database.query<{ number: number; digest: string }>(
    `select number, digest from ${schema}.migration`,
  )
  return new Map(rows.map(({ number, digest }) => [number, digest]))
}

async function apply(database: Database, schema: string, { number, name, sql, digest }: Migration): Promise<void> {
  try {
    await database.transaction(async (tx) => {
      await tx.query(`insert into ${schema}.migration (number, name, digest) values ($1, $2, $3)`, [
        number,
        name,
        digest,
      ])
      await tx.script(sql)
    })
  } catch (error) {
    if (!isSqlError(error, UNIQUE_VIOLATION, 'migration_pkey')) throw error
  }
}

function refuseChanged(schema: string, { number, name, digest }: Migration, applied: string): void {
  if (digest === applied) return
  throw new PlatformError(
    'MIGRATION_CHANGED',
    `migration ${number} (${name}) of schema ${schema} was edited after it had been applied: add a new one instead`,
  )
}
