// The chain as it is written: notes of rows that wait, links, heads, checkpoints. What reads it all again is `ledger-check.ts`.
import type { Queryable, Transaction } from '../../platform/index.ts'
import type { ChainEnd, EntryKey, EntryRow, Link } from '../domain/ledger.ts'
import { isMissingTable } from './missing-table.ts'

/** A row that waits to be linked. */
export interface Note extends EntryKey {
  readonly pendingId: bigint
}

/** The chain as its one row tells it. */
export interface Chain extends ChainEnd {
  readonly chainId: Uint8Array
  /** How far a head was signed; null before the first. */
  readonly signedSequence: number | null
  readonly signedHead: string | null
}

interface ChainRow {
  chain_id: Uint8Array
  sequence: bigint
  link_digest: Uint8Array
  signed_sequence: bigint | null
  signed_head: string | null
}

const toChain = (row: ChainRow): Chain => ({
  chainId: row.chain_id,
  sequence: Number(row.sequence),
  linkDigest: row.link_digest,
  signedSequence: row.signed_sequence === null ? null : Number(row.signed_sequence),
  signedHead: row.signed_head,
})

const CHAIN_COLUMNS = 'chain_id, sequence, link_digest, signed_sequence, signed_head'

/** Begins the chain under this name; without effect where one has begun. Its first link follows the name. */
export async function beginChain(db: Queryable, chainId: Uint8Array, at: Date): Promise<void> {
  await db.query(
    `insert into seal.ledger_chain (chain_id, sequence, link_digest, begun_at) values ($1, 0, $1, $2) on conflict do nothing`,
    [chainId, at],
  )
}

/** The chain, or undefined before it has begun. */
export async function findChain(db: Queryable): Promise<Chain | undefined> {
  const rows = await db.query<ChainRow>(`select ${CHAIN_COLUMNS} from seal.ledger_chain`)
  return rows.map(toChain)[0]
}

/** Locks the chain for this transaction; undefined while another one holds it, or before it has begun. */
export async function lockChain(tx: Transaction): Promise<Chain | undefined> {
  const rows = await tx.query<ChainRow>(`select ${CHAIN_COLUMNS} from seal.ledger_chain for update skip locked`)
  return rows.map(toChain)[0]
}

/** The next rows that wait, in the order of their notes. */
export async function listNotes(tx: Queryable, most: number): Promise<Note[]> {
  const rows = await tx.query<{ pending_id: bigint; table_name: string; entry_key: string }>(
    `select pending_id, table_name, entry_key from seal.ledger_pending order by pending_id limit $1`,
    [most],
  )
  return rows.map((row) => ({ pendingId: row.pending_id, table: row.table_name, key: row.entry_key }))
}

/** Whether the database holds a ledger; an older one has none. */
export async function hasLedger(db: Queryable): Promise<boolean> {
  try {
    await db.query('select 1 from seal.ledger_chain')
    return true
  } catch (error) {
    if (isMissingTable(error)) return false
    throw error
  }
}

/** One column of a primary key. */
interface KeyColumn {
  readonly name: string
  readonly type: string
}

export type KeysOfTables = ReadonlyMap<string, readonly KeyColumn[]>

/** The primary keys of these tables of the schema; a table that is not there is left out. */
export async function readKeys(db: Queryable, tables: readonly string[]): Promise<KeysOfTables> {
  const rows = await db.query<{ table_name: string; name: string; type: string }>(
    `select c.relname as table_name, a.attname as name, format_type(a.atttypid, null) as type
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_index i on i.indrelid = c.oid and i.indisprimary,
       unnest(i.indkey) with ordinality k(number, place), pg_attribute a
     where n.nspname = 'seal' and c.relname = any($1) and a.attrelid = c.oid and a.attnum = k.number
     order by c.relname, k.place`,
    [tables],
  )
  const keys = new Map<string, KeyColumn[]>()
  for (const { table_name, name, type } of rows) keys.set(table_name, [...(keys.get(table_name) ?? []), { name, type }])
  return keys
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The key of a row as its note has it. */
export const keyExpression = (columns: readonly KeyColumn[], row: string): string =>
  `jsonb_build_array(${columns.map(({ name }) => `${row}.${quoted(name)}::text`).join(', ')})::text`

/** A row's texts by column, without nulls. */
const entryExpression = (row: string): string =>
  `(select jsonb_object_agg(e.key, e.value) from jsonb_each_text(to_jsonb(${row})) e where e.value is not null)::text`

/** Texts of times and octets must not depend on the settings of whoever asks: to be said once in each transaction that reads entries. */
export async function fixTextForms(tx: Transaction): Promise<void> {
  await tx.query(
    `select set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true), set_config('bytea_output', 'hex', true),
       set_config('extra_float_digits', '1', true), set_config('IntervalStyle', 'postgres', true)`,
  )
}

/** The rows of one table by their keys, after `fixTextForms`; a row that is not there is left out. */
export async function readEntries(
  tx: Queryable,
  table: string,
  columns: readonly KeyColumn[],
  keys: readonly string[],
): Promise<ReadonlyMap<string, EntryRow>> {
  const isSame = columns
    .map(({ name, type }, place) => `t.${quoted(name)} = (k.key::jsonb ->> ${place})::${type}`)
    .join(' and ')
  const rows = await tx.query<{ key: string; entry: string }>(
    `select k.key, ${entryExpression('t')} as entry from unnest($1::text[]) k(key) join seal.${quoted(table)} t on ${isSame}`,
    [keys],
  )
  return new Map(rows.map(({ key, entry }) => [key, JSON.parse(entry) as EntryRow]))
}

/** Which of these keys of a table are linked already. */
export async function findLinkedKeys(
  tx: Queryable,
  table: string,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ entry_key: string }>(
    `select entry_key from seal.ledger_links where table_name = $1 and entry_key = any($2)`,
    [table, keys],
  )
  return new Set(rows.map(({ entry_key }) => entry_key))
}

/** Puts links behind the chain's end, moves the end and removes the notes, in the transaction that holds the chain. */
export async function appendLinks(tx: Transaction, links: readonly Link[], notes: readonly Note[]): Promise<void> {
  const end = links.at(-1)
  if (end) {
    await tx.query(
      `insert into seal.ledger_links (sequence, table_name, entry_key, entry_digest, previous_digest, link_digest, linked_at)
       select u.*, $7::timestamptz from unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[]) u`,
      [
        links.map(({ sequence }) => sequence),
        links.map(({ table }) => table),
        links.map(({ key }) => key),
        links.map(({ entryDigest }) => entryDigest),
        links.map(({ previousDigest }) => previousDigest),
        links.map(({ linkDigest }) => linkDigest),
        end.linkedAt,
      ],
    )
    await tx.query(`update seal.ledger_chain set sequence = $1, link_digest = $2`, [end.sequence, end.linkDigest])
  }
  await tx.query(`delete from seal.ledger_pending where pending_id = any($1::bigint[])`, [
    notes.map(({ pendingId }) => pendingId),
  ])
}

/** Puts a signed head on record; an older one than is there changes nothing. */
export async function recordHead(db: Queryable, sequence: number, head: string): Promise<void> {
  await db.query(
    `update seal.ledger_chain set signed_sequence = $1, signed_head = $2 where coalesce(signed_sequence, -1) < $1 and sequence >= $1`,
    [sequence, head],
  )
}

/** A head that stays on record. */
export interface Checkpoint extends ChainEnd {
  /** Counted from 1, without gaps. */
  readonly number: number
  readonly cause: 'daily' | 'stop'
  readonly signedAt: Date
  /** `ledger-head+jwt`; null where nobody certifies a key for it. */
  readonly statement: string | null
  /** RFC 3161 token over SHA-256 of the statement. */
  readonly timeStamp: Uint8Array | null
}

interface CheckpointRow {
  number: number
  sequence: bigint
  link_digest: Uint8Array
  cause: Checkpoint['cause']
  signed_at: Date
  statement: string | null
  time_stamp: Uint8Array | null
}

const toCheckpoint = (row: CheckpointRow): Checkpoint => ({
  number: row.number,
  sequence: Number(row.sequence),
  linkDigest: row.link_digest,
  cause: row.cause,
  signedAt: row.signed_at,
  statement: row.statement,
  timeStamp: row.time_stamp,
})

const CHECKPOINT_COLUMNS = 'number, sequence, link_digest, cause, signed_at, statement, time_stamp'

export async function findLastCheckpoint(db: Queryable): Promise<Checkpoint | undefined> {
  const rows = await db.query<CheckpointRow>(
    `select ${CHECKPOINT_COLUMNS} from seal.ledger_checkpoints order by number desc limit 1`,
  )
  return rows.map(toCheckpoint)[0]
}

/** Checkpoints from this number on, in order. */
export async function listCheckpoints(db: Queryable, from: number, most: number): Promise<Checkpoint[]> {
  const rows = await db.query<CheckpointRow>(
    `select ${CHECKPOINT_COLUMNS} from seal.ledger_checkpoints where number >= $1 order by number limit $2`,
    [from, most],
  )
  return rows.map(toCheckpoint)
}

/** Puts a checkpoint on record; false when its number is taken. */
export async function insertCheckpoint(db: Queryable, checkpoint: Checkpoint): Promise<boolean> {
  const { number, sequence, linkDigest, cause, signedAt, statement, timeStamp } = checkpoint
  const rows = await db.query(
    `insert into seal.ledger_checkpoints (number, sequence, link_digest, cause, signed_at, statement, time_stamp)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning number`,
    [number, sequence, linkDigest, cause, signedAt, statement, timeStamp],
  )
  return rows.length === 1
}
