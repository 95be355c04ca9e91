// The ledger's arithmetic: what a row, a link and a chain are, as digests. The linker and the checker ask the same functions.
import { createHash } from 'node:crypto'
import { canonicalJson } from '../../licence-format/index.ts'

/** A row of a table in the ledger: its primary key as a JSON array of texts. */
export interface EntryKey {
  readonly table: string
  readonly key: string
}

/** A row as the ledger knows it: the text of every column that is not null (times in UTC, octets in hexadecimal with `\x`). */
export type EntryRow = Readonly<Record<string, string>>

/** What a link says of a row; its digest covers all of it. */
export interface LinkFacts extends EntryKey {
  /** Counted from 1, without gaps. */
  readonly sequence: number
  readonly entryDigest: Uint8Array
  /** Digest of the link before; of the first one the chain's name. */
  readonly previousDigest: Uint8Array
  readonly linkedAt: Date
}

export interface Link extends LinkFacts {
  readonly linkDigest: Uint8Array
}

/** Where a chain ends. */
export interface ChainEnd {
  readonly sequence: number
  readonly linkDigest: Uint8Array
}

/** Tables that are in the ledger whatever the database says of it. */
export const ledgerTables = ['seal_events', 'seal_uses', 'statement_uses', 'maker_uses', 'compromises', 'ledger_reads']

/** A row that is linked later than this after it was written is worth an alarm, in milliseconds. */
export const LINKED_WITHIN_MS = 10_000

/** SHA-256 over the canonical JSON (RFC 8785) of the whole row; `undefined`: the row that a note speaks of is not there. */
export function digestEntry(table: string, row: EntryRow | undefined): Uint8Array {
  return sha256(canonicalJson({ row: row ?? null, table }))
}

/** SHA-256 over the canonical JSON of the link's facts. */
export function digestLink({ sequence, table, key, entryDigest, previousDigest, linkedAt }: LinkFacts): Uint8Array {
  return sha256(
    canonicalJson({
      entry: toHex(entryDigest),
      key,
      linkedAt: linkedAt.toISOString(),
      previous: toHex(previousDigest),
      sequence,
      table,
    }),
  )
}

/** Links rows behind the end of a chain, in their order. */
export function linkAll(
  end: ChainEnd,
  entries: readonly (EntryKey & { readonly entryDigest: Uint8Array })[],
  linkedAt: Date,
): Link[] {
  let { sequence, linkDigest } = end
  return entries.map(({ table, key, entryDigest }) => {
    const facts: LinkFacts = {
      table,
      key,
      entryDigest,
      sequence: ++sequence,
      previousDigest: linkDigest,
      linkedAt,
    }
    linkDigest = digestLink(facts)
    return { ...facts, linkDigest }
  })
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

export const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
