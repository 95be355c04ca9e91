import type { Queryable } from '../../platform/index.ts'
import type { SealFacts } from '../domain/seal-policy.ts'
import { freshCount, type UseCount } from '../domain/use-count.ts'

/** Uses are counted by what they make: each up to the quota of its authorisation. */
export type UseKind = 'document' | 'statement'

/** What the policy asks of seals, which cannot change before this transaction is done. */
export async function holdSeals(tx: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, SealFacts>> {
  const rows = await tx.query<SealFacts>(
    `select id, department_code as "departmentCode", state, type_codes as "typeCodes", kind_code as "kindCode" from seal.seals
     where id = any($1) order by id for share`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

interface CountRow {
  authorisation_id: bigint
  day: string
  taken_on_day: number
  minute: Date
  taken_in_minute: number
}

/** What the authorisations have spent; nobody else takes of them before this transaction is done. */
export async function holdCounts(
  tx: Queryable,
  kind: UseKind,
  ids: readonly string[],
  at: Date,
): Promise<Map<string, UseCount>> {
  const held = await selectCounts(tx, kind, ids)
  if (held.size === ids.length) return held
  const { day, minute } = freshCount(at)
  await tx.query(
    `insert into seal.authorisation_counts (authorisation_id, kind, day, taken_on_day, minute, taken_in_minute)
     select id, $2, $3, 0, $4, 0 from unnest($1::bigint[]) id order by id on conflict do nothing`,
    [ids, kind, day, minute],
  )
  return selectCounts(tx, kind, ids)
}

async function selectCounts(tx: Queryable, kind: UseKind, ids: readonly string[]): Promise<Map<string, UseCount>> {
  const rows = await tx.query<CountRow>(
    `select authorisation_id, day, taken_on_day, minute, taken_in_minute from seal.authorisation_counts
     where authorisation_id = any($1) and kind = $2 order by authorisation_id for update`,
    [ids, kind],
  )
  return new Map(
    rows.map((row) => [
      String(row.authorisation_id),
      { day: row.day, takenOnDay: row.taken_on_day, minute: row.minute, takenInMinute: row.taken_in_minute },
    ]),
  )
}

/** Writes what is spent now. */
export async function saveCounts(
  tx: Queryable,
  kind: UseKind,
  counts: readonly (readonly [id: string, count: UseCount])[],
): Promise<void> {
  if (counts.length === 0) return
  await tx.query(
    `update seal.authorisation_counts c set day = n.day, taken_on_day = n.taken_on_day, minute = n.minute,
       taken_in_minute = n.taken_in_minute
     from unnest($2::bigint[], $3::date[], $4::integer[], $5::timestamptz[], $6::integer[])
       n (id, day, taken_on_day, minute, taken_in_minute)
     where c.authorisation_id = n.id and c.kind = $1`,
    [
      kind,
      counts.map(([id]) => id),
      counts.map(([, count]) => count.day),
      counts.map(([, count]) => count.takenOnDay),
      counts.map(([, count]) => count.minute),
      counts.map(([, count]) => count.takenInMinute),
    ],
  )
}

/** What a use is counted by: once, however often it is tried. */
export interface CountedUse {
  readonly authorisationId: string
  readonly identifier: string
  readonly digest: Uint8Array
}

const countedIn = {
  document: `select authorisation_id, identifier, unsigned_digest as digest from seal.seal_uses
    where phase = 'intended' and authorisation_id = any($1)
      and (identifier, unsigned_digest) in (select * from unnest($2::text[], $3::bytea[]))`,
  statement: `select authorisation_id, identifier, data_digest as digest from seal.statement_uses
    where phase = 'intended' and authorisation_id = any($1)
      and (identifier, data_digest) in (select * from unnest($2::text[], $3::bytea[]))`,
} as const satisfies Record<UseKind, string>

/** Earlier attempts at these uses, which have been counted by one of these authorisations. */
export async function findCountedUses(
  tx: Queryable,
  kind: UseKind,
  authorisationIds: readonly string[],
  keys: readonly { readonly identifier: string; readonly digest: Uint8Array }[],
): Promise<CountedUse[]> {
  const rows = await tx.query<{ authorisation_id: bigint; identifier: string; digest: Uint8Array }>(countedIn[kind], [
    authorisationIds,
    keys.map(({ identifier }) => identifier),
    keys.map(({ digest }) => digest),
  ])
  return rows.map((row) => ({
    authorisationId: String(row.authorisation_id),
    identifier: row.identifier,
    digest: row.digest,
  }))
}
