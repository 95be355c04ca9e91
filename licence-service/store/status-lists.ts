import type { Queryable } from '../../platform/index.ts'
import type { LicenceState } from '../domain/licence.ts'

export const LIST_SIZE = 1 << 20
/** Beyond this a draw meets too many taken places; a new list is opened. */
const FULL_AT = LIST_SIZE * 0.75

/** A place in a status list. */
export interface ListPlace {
  readonly list: number
  readonly place: number
}

/** Whose places a list has: licences' own, or those of copies made from them. */
export type ListKind = 'licences' | 'copies'

/**
 * Reserves `count` places in the list of its kind now being filled and answers its number and the places, each drawn with `draw` among the
 * free ones; they are marked as changed. The list's row stays locked until the transaction ends, so no two draws can meet. Whoever takes a
 * place writes it into `status_places`.
 */
export async function allotPlaces(
  tx: Queryable,
  count: number,
  draw: (count: number) => number[],
  kind: ListKind = 'licences',
): Promise<{ list: number; places: number[] }> {
  const list = await lockOpenList(tx, count, kind)
  const places = new Set<number>()
  while (places.size < count) {
    const drawn = [...new Set(draw(2 * (count - places.size) + 8))]
    const taken = await tx.query<{ place: number }>(
      'select place from licence.status_places where list = $1 and place = any($2)',
      [list, drawn],
    )
    const refused = new Set(taken.map(({ place }) => place))
    for (const place of drawn) if (!refused.has(place) && places.size < count) places.add(place)
  }
  await tx.query('update licence.status_lists set allotted = allotted + $2 where list_id = $1', [list, count])
  await markPlaces(
    tx,
    [...places].map((place) => ({ list, place })),
  )
  return { list, places: [...places] }
}

/** The list of a kind with room for `count` more, locked; opens the next one where none has. */
async function lockOpenList(tx: Queryable, count: number, kind: ListKind): Promise<number> {
  for (;;) {
    const [open] = await tx.query<{ list: number; allotted: number }>(
      `select list_id as list, allotted from licence.status_lists where kind = $1 order by list_id desc limit 1 for update`,
      [kind],
    )
    if (open && open.allotted + count <= FULL_AT) return open.list
    await tx.query(
      `insert into licence.status_lists (list_id, kind) select coalesce(max(list_id), -1) + 1, $1 from licence.status_lists
       on conflict do nothing`,
      [kind],
    )
  }
}

/** Marks places whose licence changed; the next publication reads them and signs their lists anew. */
export async function markPlaces(tx: Queryable, places: Iterable<ListPlace>): Promise<void> {
  const marked = [...places]
  if (marked.length === 0) return
  await tx.query(
    `insert into licence.status_changes (list, place) select list, place from unnest($1::integer[], $2::integer[]) as marked (list, place)`,
    [marked.map(({ list }) => list), marked.map(({ place }) => place)],
  )
}

export interface ListRow {
  readonly list: number
  readonly revision: bigint
  readonly publishedRevision: bigint
  readonly token: string | null
  readonly signedAt: Date | null
}

const columns = 'list_id as list, revision, published_revision as "publishedRevision", token, signed_at as "signedAt"'

export async function findList(db: Queryable, list: number): Promise<ListRow | undefined> {
  return (await db.query<ListRow>(`select ${columns} from licence.status_lists where list_id = $1`, [list]))[0]
}

/** Lists that changed since they were signed, are to be made anew, were never signed, or were signed before `staleBefore`. */
export const listsToPublish = (db: Queryable, staleBefore: Date): Promise<ListRow[]> =>
  db.query<ListRow>(
    `select ${columns} from licence.status_lists l
     where revision > published_revision or bits is null or signed_at is null or signed_at < $1
       or exists (select from licence.status_changes c where c.list = l.list_id)
     order by list_id`,
    [staleBefore],
  )

/** The list as it was last made, held until the transaction ends; `bits` is null where it is to be made from the tables. */
export async function lockList(
  tx: Queryable,
  list: number,
): Promise<(ListRow & { readonly bits: Uint8Array | null }) | undefined> {
  const rows = await tx.query<ListRow & { bits: Uint8Array | null }>(
    `select ${columns}, bits from licence.status_lists where list_id = $1 for update`,
    [list],
  )
  return rows[0]
}

/** Takes marks of a list away, oldest first, `limit` at most, and answers their places. */
export async function takeMarks(tx: Queryable, list: number, limit: number | null): Promise<number[]> {
  const rows = await tx.query<{ place: number }>(
    `delete from licence.status_changes where list = $1
       and change in (select change from licence.status_changes where list = $1 order by change limit $2) returning place`,
    [list, limit],
  )
  return rows.map(({ place }) => place)
}

/** A copy that stands reads as its original does; one that was ended with it is void, as what is cancelled. */
const COPY_STATE = `case c.state when 'in force' then l.state when 'ended' then 'cancelled' else c.state end`

/** Places of a list whose licence or copy is anything but in force. */
export const listedStates = (db: Queryable, list: number): Promise<{ place: number; state: LicenceState }[]> =>
  db.query(
    `select status_place as place, state from licence.licences where status_list = $1 and state <> 'in force'
     union all
     select c.status_place, ${COPY_STATE} from licence.copies c join licence.licences l on l.identifier = c.identifier
     where c.status_list = $1 and ${COPY_STATE} <> 'in force'`,
    [list],
  )

/** The present states of the licences and copies at some places of a list. */
export const statesAt = (
  db: Queryable,
  list: number,
  places: readonly number[],
): Promise<{ place: number; state: LicenceState }[]> =>
  db.query(
    `select p.place, case when p.copy_id is null then l.state else ${COPY_STATE} end as state
     from licence.status_places p join licence.licences l on l.identifier = p.identifier
       left join licence.copies c on c.copy_id = p.copy_id
     where p.list = $1 and p.place = any($2)`,
    [list, places],
  )

/** Stores a list as it was made now; answers its new revision. */
export async function storeBits(tx: Queryable, list: number, bits: Uint8Array): Promise<bigint> {
  const [row] = await tx.query<{ revision: bigint }>(
    'update licence.status_lists set bits = $2, revision = revision + 1 where list_id = $1 returning revision',
    [list, bits],
  )
  return row!.revision
}

/** Stores a signed list unless a newer revision was stored meanwhile. */
export async function storeList(
  db: Queryable,
  list: number,
  revision: bigint,
  token: string,
  signedAt: Date,
): Promise<void> {
  await db.query(
    `update licence.status_lists set published_revision = $2, token = $3, signed_at = $4 where list_id = $1 and published_revision <= $2`,
    [list, revision.toString(), token, signedAt],
  )
}
