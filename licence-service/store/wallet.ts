import type { Queryable } from '../../platform/index.ts'

/** Identifiers of a holder's licences that are or were on the register, in their order, after one of them. */
export async function identifiersOfHolder(
  db: Queryable,
  query: {
    readonly holderMac: Uint8Array
    readonly typeCodes: readonly string[] | null
    readonly after: string | null
    readonly limit: number
  },
): Promise<string[]> {
  const found: string[] = []
  for (let { after } = query; found.length < query.limit; ) {
    // In two steps: joined, the planner reads whole partitions where it misjudges how few there are.
    const candidates = await db.query<{ identifier: string }>(
      `select distinct identifier from licence.holders
       where code_mac = $1 and ($2::text[] is null or split_part(identifier, '.', 6) = any($2))
         and ($3::text is null or identifier > $3)
       order by identifier limit $4`,
      [query.holderMac, query.typeCodes, after, query.limit],
    )
    const identifiers = candidates.map(({ identifier }) => identifier)
    const rows = await db.query<{ identifier: string }>(
      `select identifier from licence.licences where identifier = any($1) and state not in ('prepared', 'rejected')
       order by identifier`,
      [identifiers],
    )
    found.push(...rows.map(({ identifier }) => identifier))
    if (identifiers.length < query.limit) break
    after = identifiers.at(-1)!
  }
  return found.slice(0, query.limit)
}

/** All licences of the holder `$1`, as a list that an index is asked with. */
const OWN = 'any(array(select distinct identifier from licence.holders where code_mac = $1))'

export async function isHolderOf(db: Queryable, holderMac: Uint8Array, identifier: string): Promise<boolean> {
  const rows = await db.query('select 1 from licence.holders where code_mac = $1 and identifier = $2 limit 1', [
    holderMac,
    identifier,
  ])
  return rows.length > 0
}

/** One time that somebody looked: a department, the holder, or whoever had a link. */
export interface Look {
  readonly look: string
  readonly at: Date
  readonly identifier: string
  readonly by: 'person' | 'machine' | 'holder' | 'agent' | 'link'
  readonly departmentCode: string
  readonly what: string
}

/**
 * Looks at a holder's licences up to an instant, newest first. What departments fetched for matters of their own is in the sharing
 * service's log and not here.
 */
export const looksOfHolder = (db: Queryable, holderMac: Uint8Array, until: Date, limit: number): Promise<Look[]> =>
  db.query<Look>(
    `select * from (
       select 'r' || lpad(r.read::text, 19, '0') as look, r.at, r.identifier, r.reader_kind as by, r.department_code as "departmentCode", r.what
       from licence.reads r where r.identifier = ${OWN} and r.matter_code is null and r.reader_kind <> 'system' and r.at <= $2
       union all
       select 'l' || lpad(k.look::text, 19, '0'), k.at, k.identifier, 'link', '', k.what
       from licence.holder_link_looks k where k.identifier = ${OWN} and k.at <= $2
     ) looks order by at desc, look desc limit $3`,
    [holderMac, until, limit],
  )

/** What happened to a holder's licences. */
export interface NoticeRow {
  readonly entry: bigint
  readonly identifier: string
  readonly event: string
  readonly state: string
  readonly effectiveAt: Date
  readonly recordedAt: Date
  readonly related: string | null
}

/** Entries of the register about a holder's licences before a number, newest first; what never got out of the house is none. */
export const noticesOfHolder = (
  db: Queryable,
  holderMac: Uint8Array,
  before: bigint | null,
  limit: number,
): Promise<NoticeRow[]> =>
  db.query<NoticeRow>(
    `select e.entry, e.identifier, e.event, e.state, e.effective_at as "effectiveAt", e.recorded_at as "recordedAt", e.related
     from licence.register_entries e
     where e.identifier = ${OWN} and e.event not in ('prepare', 'reject') and ($2::bigint is null or e.entry < $2)
     order by e.entry desc limit $3`,
    [holderMac, before?.toString() ?? null, limit],
  )

/** The last entry that the holder has read about; none: zero. */
export async function lastSeenNotice(db: Queryable, holderMac: Uint8Array): Promise<bigint> {
  const [row] = await db.query<{ entry: bigint }>('select entry from licence.notices_seen where holder_mac = $1', [
    holderMac,
  ])
  return row?.entry ?? 0n
}

/** Never goes back. */
export async function markNoticesSeen(db: Queryable, holderMac: Uint8Array, entry: bigint, at: Date): Promise<void> {
  await db.query(
    `insert into licence.notices_seen as s (holder_mac, entry, seen_at) values ($1, $2, $3)
     on conflict (holder_mac) do update set entry = excluded.entry, seen_at = excluded.seen_at where s.entry < excluded.entry`,
    [holderMac, entry.toString(), at],
  )
}
