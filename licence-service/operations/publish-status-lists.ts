import { createStatusList, setStatus, statusListPayload, statusWord } from '../../licence-format/index.ts'
import { LicenceError } from '../errors.ts'
import { findList, type ListRow, listedStates, listsToPublish, storeList } from '../store/status-lists.ts'
import type { Deps } from './deps.ts'

/** How long a reader may keep a list; with the publishing interval a change is seen within five minutes. */
const STATUS_LIST_TTL_SECONDS = 240
const LIFETIME_MS = 24 * 3_600_000
/** A list that nothing changed is signed again at this age, well before it expires. */
const REFRESH_MS = 6 * 3_600_000

/** Signs the lists that changed since they were last signed, or grow old. Safe to run in several processes at once. */
export async function publishStatusLists(deps: Deps): Promise<void> {
  const now = deps.clock.now()
  for (const row of await listsToPublish(deps.database, new Date(now.getTime() - REFRESH_MS)))
    await publishList(deps, row, now)
}

async function publishList(deps: Deps, { list: id, revision }: ListRow, now: Date): Promise<string> {
  const list = createStatusList()
  for (const { place, state } of await listedStates(deps.database, id))
    setStatus(list, place, statusWord(state).listValue!)
  const facts = {
    address: `${deps.baseUrl}/status-lists/${id}`,
    issuedAt: now,
    expiresAt: new Date(now.getTime() + LIFETIME_MS),
  }
  const token = await deps.listSigner.signStatusList(
    await statusListPayload(list, { ...facts, ttlSeconds: STATUS_LIST_TTL_SECONDS }),
  )
  await storeList(deps.database, id, revision, token, now)
  return token
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
