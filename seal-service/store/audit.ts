import type { Queryable } from '../../platform/index.ts'

/** A row that is linked into the ledger. */
export interface LinkedRow {
  readonly sequence: bigint
  readonly table: string
  readonly key: string
  readonly entryDigest: Uint8Array
  readonly linkDigest: Uint8Array
  readonly linkedAt: Date
}

/** Linked rows after a place in the chain, in its order. Places become visible in their order. */
export function listLinkedRows(db: Queryable, after: bigint, most: number): Promise<LinkedRow[]> {
  return db.query<LinkedRow>(
    `select sequence, table_name as "table", entry_key as "key", entry_digest as "entryDigest", link_digest as "linkDigest",
       linked_at as "linkedAt"
     from seal.ledger_links where sequence > $1 order by sequence limit $2`,
    [after, most],
  )
}

/** Whose seals, and whose statement keys, these are. */
export async function findOwners(
  db: Queryable,
  sealIds: readonly string[],
  kids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ id: string; code: string }>(
    `select id, department_code as code from seal.seals where id = any($1)
     union all select kid, department_code from seal.statement_keys where kid = any($2)`,
    [sealIds, kids],
  )
  return new Map(rows.map(({ id, code }) => [id, code]))
}
