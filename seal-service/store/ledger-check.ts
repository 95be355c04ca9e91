// The ledger as its checker reads it: links in slices, rows without a link, rows that wait too long, guards that are off.
import type { Queryable } from '../../platform/index.ts'
import { type EntryKey, LINKED_WITHIN_MS, type Link } from '../domain/ledger.ts'
import { type KeysOfTables, keyExpression } from './ledger.ts'

interface LinkRow {
  sequence: bigint
  table_name: string
  entry_key: string
  entry_digest: Uint8Array
  previous_digest: Uint8Array
  link_digest: Uint8Array
  linked_at: Date
}

/** Links behind a sequence, in order. */
export async function listLinks(db: Queryable, after: number, most: number): Promise<Link[]> {
  const rows = await db.query<LinkRow>(
    `select sequence, table_name, entry_key, entry_digest, previous_digest, link_digest, linked_at
     from seal.ledger_links where sequence > $1 order by sequence limit $2`,
    [after, most],
  )
  return rows.map((row) => ({
    sequence: Number(row.sequence),
    table: row.table_name,
    key: row.entry_key,
    entryDigest: row.entry_digest,
    previousDigest: row.previous_digest,
    linkDigest: row.link_digest,
    linkedAt: row.linked_at,
  }))
}

export async function findLinkDigest(db: Queryable, sequence: number): Promise<Uint8Array | undefined> {
  const rows = await db.query<{ link_digest: Uint8Array }>(
    `select link_digest from seal.ledger_links where sequence = $1`,
    [sequence],
  )
  return rows[0]?.link_digest
}

/** Tables that the database holds to be in the ledger. */
export async function listLedgerTables(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ table_name: string }>(`select table_name from seal.ledger_tables order by table_name`)
  return rows.map(({ table_name }) => table_name)
}

/** Rows of a table that are neither linked nor noted. */
export async function listUnlinkedRows(
  db: Queryable,
  table: string,
  keys: KeysOfTables,
  most: number,
): Promise<EntryKey[]> {
  const columns = keys.get(table) ?? []
  const rows = await db.query<{ key: string }>(
    `select k.key from seal."${table}" t, lateral (select ${keyExpression(columns, 't')} as key) k
     where not exists (select from seal.ledger_links l where l.table_name = $1 and l.entry_key = k.key)
       and not exists (select from seal.ledger_pending p where p.table_name = $1 and p.entry_key = k.key)
     order by ${columns.map(({ name }) => `t."${name}"`).join(', ')} limit $2`,
    [table, most],
  )
  return rows.map(({ key }) => ({ table, key }))
}

/** Seals in another state than their last step or note says. */
export async function listStatesAgainstEvents(db: Queryable, most: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select s.id from seal.seals s,
       lateral (select state from seal.seal_events where seal_id = s.id order by id desc limit 1) last
     where last.state <> s.state order by s.id limit $1`,
    [most],
  )
  return rows.map(({ id }) => id)
}

/** How many rows wait to be linked, and those of them that wait too long. */
export async function readWaiting(
  db: Queryable,
  most: number,
): Promise<{ readonly waiting: number; readonly overdue: number; readonly rows: readonly EntryKey[] }> {
  const isOverdue = `noted_at < clock_timestamp() - interval '${LINKED_WITHIN_MS} milliseconds'`
  const [counts] = await db.query<{ waiting: bigint; overdue: bigint }>(
    `select count(*) as waiting, count(*) filter (where ${isOverdue}) as overdue from seal.ledger_pending`,
  )
  const rows = await db.query<{ table_name: string; entry_key: string }>(
    `select table_name, entry_key from seal.ledger_pending where ${isOverdue} order by pending_id limit $1`,
    [most],
  )
  return {
    waiting: Number(counts!.waiting),
    overdue: Number(counts!.overdue),
    rows: rows.map(({ table_name, entry_key }) => ({ table: table_name, key: entry_key })),
  }
}

/** Which of these triggers of the schema are there and at work. */
export async function findWorkingTriggers(db: Queryable, names: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ name: string }>(
    `select t.tgname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'seal' and t.tgenabled in ('O', 'A') and t.tgname = any($1)`,
    [names],
  )
  return new Set(rows.map(({ name }) => name))
}

/** Tables of millions of rows are read whole: this transaction may take its time. */
export async function liftTimeLimit(tx: Queryable): Promise<void> {
  await tx.query(`select set_config('statement_timeout', '0', true)`)
}
