import type { Queryable } from '../../platform/index.ts'
import type { LicenceState } from '../domain/licence.ts'

export const LIST_SIZE = 1 << 20
/** Beyond this a draw meets too many taken places; a new list is opened. */
const FULL_AT = LIST_SIZE * 0.75

/**
 * Reserves `count` places in the list now being filled and answers its number and the places, each drawn with `draw` among the free
 * ones. The list's row stays locked until the transaction ends, so no two draws can meet.
 */
export async function allotPlaces(
  tx: Queryable,
  count: number,
  draw: (count: number) => number[],
): Promise<{ list: number; places: number[] }> {
  const [open] = await tx.query<{ list: number; allotted: number }>(
    `select list_id as list, allotted from licence.status_lists order by list_id desc limit 1 for update`,
  )
  let list = open?.list ?? 0
  if (!open || open.allotted + count > FULL_AT) {
    list = open ? open.list + 1 : 0
    await tx.query('insert into licence.status_lists (list_id) values ($1) on conflict do nothing', [list])
  }
  const places = new Set<number>()
  while (places.size < count) {
    const drawn = [...new Set(draw(2 * (count - places.size) + 8))]
    const taken = await tx.query<{ place: number }>(
      'select status_place as place from licence.licences where status_list = $1 and status_place = any($2)',
      [list, drawn],
    )
    const refused = new Set(taken.map(({ place }) => place))
    for (const place of drawn) if (!refused.has(place) && places.size < count) places.add(place)
  }
  await tx.query(
    'update licence.status_lists set allotted = allotted + $2, revision = revision + 1 where list_id = $1',
    [list, count],
  )
  return { list, places: [...places] }
}

/** Marks lists as changed; the next publication signs them anew. */
export async function markChanged(tx: Queryable, lists: Iterable<number>): Promise<void> {
  const sorted = [...new Set(lists)].sort((a, b) => a - b)
  for (const list of sorted)
    await tx.query('update licence.status_lists set revision = revision + 1 where list_id = $1', [list])
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

/** Lists that changed since they were signed, were never signed, or were signed before `staleBefore`. */
export const listsToPublish = (db: Queryable, staleBefore: Date): Promise<ListRow[]> =>
  db.query<ListRow>(
    `select ${columns} from licence.status_lists where revision > published_revision or signed_at is null or signed_at < $1 order by list_id`,
    [staleBefore],
  )

/** Places of a list whose licence is anything but in force. */
export const listedStates = (db: Queryable, list: number): Promise<{ place: number; state: LicenceState }[]> =>
  db.query(`select status_place as place, state from licence.licences where status_list = $1 and state <> 'in force'`, [
    list,
  ])

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
