import {
  createStatusList,
  type StatusList,
  setStatus,
  statusListPayload,
  statusWord,
} from '../../licence-format/index.ts'
import type { Queryable } from '../../platform/index.ts'
import { placeStateOf } from '../domain/copy.ts'
import { LicenceError } from '../errors.ts'
import { copyStatesAt } from '../store/copies.ts'
import {
  findList,
  listedStates,
  listsToPublish,
  lockList,
  statesAt,
  storeBits,
  storeList,
  takeMarks,
} from '../store/status-lists.ts'
import type { Deps } from './deps.ts'

/** How long a reader may keep a list; with the publishing interval a change is seen within five minutes. */
const STATUS_LIST_TTL_SECONDS = 240
const LIFETIME_MS = 24 * 3_600_000
/** A list that nothing changed is signed again at this age, well before it expires. */
const REFRESH_MS = 6 * 3_600_000

/** Marks read in one transaction: on the embedded engine everything else waits for it. */
const MARKS_AT_ONCE = 10_000

type ListDeps = Pick<Deps, 'database' | 'baseUrl' | 'clock'> & {
  readonly listSigner: Pick<Deps['listSigner'], 'signStatusList'>
}

interface MadeList {
  readonly list: StatusList
  readonly revision: bigint
  /** Whether more marks may stand there. */
  readonly more: boolean
}

/** Signs the lists that changed since they were last signed, grow old, or were signed while the clock was ahead. Safe to run in several processes at once. */
export async function publishStatusLists(deps: ListDeps): Promise<void> {
  const now = deps.clock.now()
  const staleBefore = new Date(now.getTime() - REFRESH_MS)
  for (const row of await listsToPublish(deps.database, staleBefore, now))
    await publishList(deps, row.list, now, staleBefore)
}

async function publishList(deps: ListDeps, id: number, now: Date, staleBefore: Date): Promise<void> {
  let made: MadeList | undefined
  do made = await deps.database.transaction((tx) => makeList(tx, id, { from: staleBefore, to: now }))
  while (made?.more)
  if (!made) return
  const facts = {
    address: `${deps.baseUrl}/status-lists/${id}`,
    issuedAt: now,
    expiresAt: new Date(now.getTime() + LIFETIME_MS),
  }
  const token = await deps.listSigner.signStatusList(
    await statusListPayload(made.list, { ...facts, ttlSeconds: STATUS_LIST_TTL_SECONDS }),
  )
  await storeList(deps.database, id, made.revision, token, now)
}

/**
 * Brings a list up to date by the places that changed, or from the tables where it was never made: marks first, states after, so that a
 * change which comes between them leaves its mark. Undefined where the list as signed, within the span, is the list as it is.
 */
async function makeList(
  tx: Queryable,
  id: number,
  span: { readonly from: Date; readonly to: Date },
): Promise<MadeList | undefined> {
  const row = await lockList(tx, id)
  if (!row) return undefined
  const marked = await takeMarks(tx, id, row.bits ? MARKS_AT_ONCE : null)
  const list = createStatusList()
  if (row.bits) list.bytes.set(row.bits)
  const isYoung = row.signedAt !== null && row.signedAt >= span.from && row.signedAt <= span.to
  const fresh = isYoung && row.revision === row.publishedRevision
  if (row.bits && marked.length === 0) return fresh ? undefined : { list, revision: row.revision, more: false }
  const states = await (row.bits ? statesAt(tx, id, marked) : listedStates(tx, id))
  for (const { place, state } of states) setStatus(list, place, statusWord(state).listValue!)
  for (const { place, state, original } of await copyStatesAt(tx, id, row.bits ? marked : null))
    setStatus(list, place, statusWord(placeStateOf(state, original)).listValue!)
  const revision = await storeBits(tx, id, list.bytes)
  return { list, revision, more: marked.length === MARKS_AT_ONCE }
}

/**
 * The signed list with a number.
 * @throws LicenceError STATUS_LIST_NOT_FOUND; LIST_NOT_PUBLISHED before the first publication
 */
export async function readStatusList(deps: Deps, id: number): Promise<string> {
  const row = await findList(deps.database, id)
  if (!row) throw new LicenceError('STATUS_LIST_NOT_FOUND', 'there is no status list with this number')
  if (row.token === null)
    throw new LicenceError('LIST_NOT_PUBLISHED', 'the list is being made', { retryAfterSeconds: 5 })
  return row.token
}

/** Every list signed so far, by its address: what a verifier without a network takes along. Lists are numbered from 0. */
export async function readStatusLists(deps: Deps): Promise<ReadonlyMap<string, string>> {
  const lists = new Map<string, string>()
  for (let id = 0; ; id++) {
    const row = await findList(deps.database, id)
    if (!row) return lists
    if (row.token !== null) lists.set(`${deps.baseUrl}/status-lists/${id}`, row.token)
  }
}
