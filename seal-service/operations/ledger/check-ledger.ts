// Recomputes the whole ledger from the rows and names whatever does not fit. Reads only; knows none of the linker's memory.
import type { Database, Queryable } from '../../../platform/index.ts'
import { digestEntry, digestLink, type EntryKey, type Link, ledgerTables, toHex } from '../../domain/ledger.ts'
import { findChain, fixTextForms, type KeysOfTables, readEntries, readKeys } from '../../store/ledger.ts'
import {
  findWorkingTriggers,
  liftTimeLimit,
  listLedgerTables,
  listLinks,
  listStatesAgainstEvents,
  listUnlinkedRows,
  readWaiting,
} from '../../store/ledger-check.ts'
import { createFaults, type Faults, type LedgerFault } from './ledger-faults.ts'
import { type HeadTrust, type KeptWitness, readTestimony, type Testimony } from './testimony.ts'

export interface LedgerCheckOptions {
  /** Whom to believe that signed heads; null: signatures are looked at, trust in whoever signed is not. */
  readonly trust: HeadTrust | null
  /** What was kept outside the database. */
  readonly witness: KeptWitness
  /** Told after each slice, with the number of the last link read. */
  readonly onProgress?: (sequence: number) => void
}

export interface LedgerReport {
  /** No fault at all. */
  readonly sound: boolean
  /** Hexadecimal; null where no chain has begun. */
  readonly chain: string | null
  /** Number of the last link. */
  readonly links: number
  readonly checkpoints: { readonly signed: number; readonly unsigned: number; readonly timeStamped: number }
  /** Whether somebody outside the database, and signed, bears witness of where the chain ends. */
  readonly head: { readonly sequence: number; readonly signed: boolean; readonly outside: boolean } | null
  /** Rows that wait to be linked, late or not. */
  readonly waiting: number
  readonly faultCount: number
  readonly faultsByCode: Readonly<Record<string, number>>
  /** The first thousand. */
  readonly faults: readonly LedgerFault[]
}

const SLICE = 2000
const MOST_NAMED = 1000
/** How far a link that was moved is looked for. */
const MOVED_AT_MOST = 1000

/** Checks the ledger of a database as of one moment; memory stays flat. What it finds is in the report: it throws for outages alone. */
export function checkLedger(database: Database, options: LedgerCheckOptions): Promise<LedgerReport> {
  return database.transaction((tx) => check(tx, options), { isolation: 'repeatable read' })
}

async function check(tx: Parameters<typeof fixTextForms>[0], options: LedgerCheckOptions): Promise<LedgerReport> {
  await fixTextForms(tx)
  await liftTimeLimit(tx)
  const faults = createFaults(MOST_NAMED)
  const chain = await findChain(tx)
  const testimony = await readTestimony(tx, chain, options, faults)
  const tables = [...new Set([...ledgerTables, ...(await listLedgerTables(tx))])].sort()
  const keys = await readKeys(tx, tables)
  const links = await walk(tx, chain?.chainId ?? new Uint8Array(32), testimony, faults, options)
  if (chain === undefined) {
    if (links > 0) faults.add({ code: 'CHAIN_END_CHANGED', detail: 'there are links and no chain' })
  } else {
    checkEnd(chain, links, testimony, faults)
  }
  for (const table of tables) {
    if (!keys.has(table)) faults.add({ code: 'TABLE_MISSING', table, detail: 'a table of the ledger is not there' })
    else await checkUnlinked(tx, table, keys, faults)
  }
  if (keys.has('seal_events')) await checkStates(tx, faults)
  await checkGuards(tx, tables, faults)
  const { waiting, overdue, rows } = await readWaiting(tx, MOST_NAMED)
  for (const row of rows)
    faults.add({ code: 'ROW_OVERDUE', ...row, detail: 'waits for more than 10 seconds to be linked' })
  faults.more('ROW_OVERDUE', overdue - rows.length)
  return {
    sound: faults.count() === 0,
    chain: chain === undefined ? null : toHex(chain.chainId),
    links,
    ...testimony.summary,
    waiting,
    ...faults.report(),
  }
}

/** Every link with its row, in order; returns the number of the last one. */
async function walk(
  tx: Queryable,
  chainId: Uint8Array,
  testimony: Testimony,
  faults: Faults,
  { onProgress }: LedgerCheckOptions,
): Promise<number> {
  let last: Pick<Link, 'sequence' | 'linkDigest'> & { readonly isSound: boolean } = {
    sequence: 0,
    linkDigest: chainId,
    isSound: true,
  }
  for (;;) {
    const slice = await listLinks(tx, last.sequence, SLICE)
    const rowFault = await compareRows(tx, slice)
    for (const link of slice) {
      if (link.sequence > last.sequence + 1) tellGap(last.sequence, link.sequence, faults)
      const isSound = checkLink(link, last, faults)
      const fault = rowFault(link)
      if (fault) faults.add({ ...fault, sequence: link.sequence, table: link.table, key: link.key })
      testimony.compare(link, faults)
      last = { sequence: link.sequence, linkDigest: link.linkDigest, isSound }
    }
    onProgress?.(last.sequence)
    if (slice.length < SLICE) return last.sequence
  }
}

function tellGap(before: number, after: number, faults: Faults): void {
  const [first, end] = [before + 1, after - 1]
  const which = first === end ? `link ${first} is` : `links ${first} to ${end} are`
  faults.add({ code: 'LINK_REMOVED', sequence: first, detail: `${which} not there` })
  faults.more('LINK_REMOVED', end - first)
}

function checkLink(
  link: Link,
  last: { readonly sequence: number; readonly linkDigest: Uint8Array; readonly isSound: boolean },
  faults: Faults,
): boolean {
  const { sequence, table, key } = link
  if (Buffer.compare(digestLink(link), link.linkDigest) !== 0) {
    const place = findPlace(link)
    if (place === undefined)
      faults.add({ code: 'LINK_CHANGED', sequence, table, key, detail: 'the link is not what its digest was made of' })
    else faults.add({ code: 'LINK_MOVED', sequence, table, key, detail: `the link was written as number ${place}` })
    return false
  }
  const follows = last.sequence === sequence - 1 && Buffer.compare(link.previousDigest, last.linkDigest) !== 0
  if (!follows || !last.isSound) return true
  faults.add({
    code: 'CHAIN_BROKEN',
    sequence,
    table,
    key,
    detail: 'another link stood before it: that one was replaced, or this one put in',
  })
  return true
}

function findPlace(link: Link): number | undefined {
  for (let away = 1; away <= MOVED_AT_MOST; away++) {
    for (const sequence of [link.sequence - away, link.sequence + away]) {
      if (sequence > 0 && Buffer.compare(digestLink({ ...link, sequence }), link.linkDigest) === 0) return sequence
    }
  }
  return undefined
}

/** Reads the rows of a slice of links, table by table. */
async function compareRows(
  tx: Queryable,
  links: readonly Link[],
): Promise<(link: Link) => Pick<LedgerFault, 'code' | 'detail'> | undefined> {
  const byTable = Map.groupBy(links, ({ table }) => table)
  const columns = await readKeys(tx, [...byTable.keys()])
  const found = new Map<string, Awaited<ReturnType<typeof readEntries>>>()
  for (const [table, ofTable] of byTable) {
    const known = columns.get(table)
    if (known === undefined) continue
    const keys = ofTable.map(({ key }) => key).filter((key) => isKey(key, known))
    found.set(table, await readEntries(tx, table, known, keys))
  }
  return ({ table, key, entryDigest }) => {
    const row = found.get(table)?.get(key)
    if (row === undefined) return { code: 'ROW_REMOVED', detail: 'the row is linked and not there' }
    if (Buffer.compare(digestEntry(table, row), entryDigest) === 0) return undefined
    return { code: 'ROW_CHANGED', detail: 'the row is not what it was when it was linked' }
  }
}

const KEY_FORMS: Readonly<Record<string, RegExp>> = {
  text: /^/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  smallint: /^-?\d{1,4}$/,
  integer: /^-?\d{1,9}$/,
  bigint: /^-?\d{1,18}$/,
}

/** A key that somebody wrote over must not stop the check: whatever the database could not read names no row. */
function isKey(key: string, columns: readonly { readonly type: string }[]): boolean {
  try {
    const parts: unknown = JSON.parse(key)
    if (!Array.isArray(parts) || parts.length !== columns.length) return false
    return columns.every(({ type }, at) => typeof parts[at] === 'string' && KEY_FORMS[type]?.test(parts[at]) === true)
  } catch {
    return false
  }
}

function checkEnd(
  chain: { readonly sequence: number; readonly linkDigest: Uint8Array },
  links: number,
  testimony: Testimony,
  faults: Faults,
): void {
  const told = testimony.furthest()
  const reached = Math.max(chain.sequence, told?.sequence ?? 0)
  if (reached > links) {
    const by = told !== undefined && told.sequence >= chain.sequence ? told.where : 'the chain itself'
    faults.add({
      code: 'CHAIN_CUT',
      sequence: links + 1,
      detail: `the chain ended at ${reached}, as ${by} says, and ends at ${links}`,
    })
    faults.more('CHAIN_CUT', reached - links - 1)
  }
  if (chain.sequence < links || (chain.sequence < reached && chain.sequence === links))
    faults.add({ code: 'CHAIN_END_CHANGED', sequence: chain.sequence, detail: `the chain says that it ends there` })
}

async function checkUnlinked(tx: Queryable, table: string, keys: KeysOfTables, faults: Faults): Promise<void> {
  const rows: EntryKey[] = await listUnlinkedRows(tx, table, keys, MOST_NAMED)
  for (const row of rows)
    faults.add({
      code: 'ROW_NOT_LINKED',
      ...row,
      detail: 'the row was put in past the ledger, or its link was removed',
    })
}

/** A seal's own row may change, and so is no part of the chain: what it says is held against the events, which are. */
async function checkStates(tx: Queryable, faults: Faults): Promise<void> {
  for (const id of await listStatesAgainstEvents(tx, MOST_NAMED))
    faults.add({
      code: 'STATE_CHANGED',
      table: 'seals',
      key: JSON.stringify([id]),
      detail: 'the seal is in another state than its last event says',
    })
}

/** Triggers that keep rows and note them. */
async function checkGuards(tx: Queryable, tables: readonly string[], faults: Faults): Promise<void> {
  const kept = [...tables, 'ledger_links', 'ledger_checkpoints', 'ledger_tables']
  const expected = [
    ...kept.flatMap((table) => [
      { table, trigger: `${table}_append_only` },
      { table, trigger: `${table}_keep_rows` },
    ]),
    ...tables.map((table) => ({ table, trigger: `${table}_in_ledger` })),
  ]
  const working = await findWorkingTriggers(
    tx,
    expected.map(({ trigger }) => trigger),
  )
  for (const { table, trigger } of expected) {
    if (!working.has(trigger)) faults.add({ code: 'GUARD_OFF', table, detail: `the trigger ${trigger} is not at work` })
  }
}
