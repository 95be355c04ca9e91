import type { Database, Queryable } from '../../platform/index.ts'
import type { LicenceState } from '../domain/licence.ts'
import { UNFLUSHED } from './unflushed.ts'

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

/** Whose place it is: a licence's, or that of a copy made from it. */
interface PlaceOwner {
  readonly identifier: string
  readonly copyId?: Uint8Array
}

const newestOf = (kind: string) =>
  `(select list_id from licence.status_lists where kind = ${kind} order by list_id desc limit 1)`

/**
 * The list of a kind now being filled, with room for `count` more, which counts as taken at once; opens the next one where none has.
 * Outside any transaction, since whoever asks next would wait for its end. Room that is not used then stays empty.
 */
export async function takeRoom(database: Database, count: number, kind: ListKind = 'licences'): Promise<number> {
  for (;;) {
    const [open] = await database.query<{ list: number }>(
      `with ${UNFLUSHED}
       update licence.list_room set allotted = allotted + $1 from unflushed
       where list = ${newestOf('$2')} and allotted + $1 <= $3 returning list`,
      [count, kind, FULL_AT],
    )
    if (open) return open.list
    await openNextList(database, count, kind)
  }
}

/** Does nothing where another process was first. */
const openNextList = (database: Database, count: number, kind: ListKind): Promise<unknown> =>
  database.query(
    `with opened as (
       insert into licence.status_lists (list_id, kind)
       select (select coalesce(max(list_id), -1) + 1 from licence.status_lists), $1
       where not exists (select from licence.list_room where list = ${newestOf('$1')} and allotted + $2 <= $3)
       on conflict do nothing returning list_id
     )
     insert into licence.list_room (list) select list_id from opened`,
    [kind, count, FULL_AT],
  )

/**
 * Gives each owner a place of a list, drawn with `draw` among the free ones, and marks them as changed; answers them in the owners' order.
 * Nobody waits for another but where two draw the very same place: then for the first one's transaction, and the second draws again.
 */
export async function takePlaces(
  tx: Queryable,
  list: number,
  owners: readonly PlaceOwner[],
  draw: (count: number) => number[],
): Promise<number[]> {
  const waiting = new Map(owners.map((owner) => [ownerKey(owner), owner]))
  const places = new Map<string, number>()
  while (waiting.size > 0) {
    const drawn = [...new Set(draw(2 * waiting.size + 8))]
    for (const { owner, place } of await insertPlaces(tx, list, [...waiting.values()], drawn)) {
      places.set(owner, place)
      waiting.delete(owner)
    }
  }
  await markPlaces(
    tx,
    [...places.values()].map((place) => ({ list, place })),
  )
  return owners.map((owner) => places.get(ownerKey(owner))!)
}

const hexOf = (bytes: Uint8Array | undefined) => (bytes === undefined ? null : Buffer.from(bytes).toString('hex'))
const ownerKey = ({ identifier, copyId }: PlaceOwner) => hexOf(copyId) ?? identifier

/** Pairs owners with those places that look free, in the order drawn; some may be gone by then. Written in one order: two never wait crosswise. */
const insertPlaces = (
  tx: Queryable,
  list: number,
  owners: readonly PlaceOwner[],
  drawn: readonly number[],
): Promise<{ owner: string; place: number }[]> =>
  tx.query(
    `with free as (
       select place, row_number() over (order by n) as n from unnest($2::integer[]) with ordinality as drawn (place, n)
       where not exists (select from licence.status_places p where p.list = $1 and p.place = drawn.place)
     )
     insert into licence.status_places (list, place, identifier, copy_id)
     select $1, free.place, o.identifier, decode(o.copy_id, 'hex')
     from unnest($3::text[], $4::text[]) with ordinality as o (identifier, copy_id, n) join free on free.n = o.n
     order by free.place on conflict do nothing returning place, coalesce(encode(copy_id, 'hex'), identifier) as owner`,
    [list, drawn, owners.map(({ identifier }) => identifier), owners.map(({ copyId }) => hexOf(copyId))],
  )

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
export const listsToPublish = (db: Queryable, staleBefore: Date, now: Date): Promise<ListRow[]> =>
  db.query<ListRow>(
    `select ${columns} from licence.status_lists l
     where revision > published_revision or bits is null or signed_at is null or signed_at < $1 or signed_at > $2
       or exists (select from licence.status_changes c where c.list = l.list_id)
     order by list_id`,
    [staleBefore, now],
  )

/**
 * The list as it was last made, held until the transaction ends, but for whoever takes places of it; `bits` is null where it is to be made
 * from the tables.
 */
export async function lockList(
  tx: Queryable,
  list: number,
): Promise<(ListRow & { readonly bits: Uint8Array | null }) | undefined> {
  const rows = await tx.query<ListRow & { bits: Uint8Array | null }>(
    `select ${columns}, bits from licence.status_lists where list_id = $1 for no key update`,
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
