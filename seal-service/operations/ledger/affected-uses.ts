// What a compromise affects: a seal's uses, divided into those that are proven to be earlier and those that are in doubt.
import type { Principal } from '../../../platform/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { SealError } from '../../errors.ts'
import {
  type AffectedStanding,
  type AffectedUse,
  countAffected,
  findCheckpointBefore,
  type Judging,
  listAffected,
} from '../../store/affected.ts'
import { findEarliestCompromise } from '../../store/compromises.ts'
import { readStampsOf } from './read-stamps.ts'
import { findReadableSeal, type Library, recordRead } from './readers.ts'
import { EXPORT_SLICE, slices } from './search-uses.ts'

export interface AffectedSearch {
  readonly sealId: string
  /** Since when the key is not its owner's alone; left out: as the compromise on record says. */
  readonly since?: Date
  readonly standing?: AffectedStanding
}

export interface AffectedPage {
  readonly since: Date
  /** The last signed checkpoint from before. */
  readonly checkpoint: { readonly number: number; readonly sequence: number; readonly signedAt: Date } | null
  readonly counts: { readonly earlier: number; readonly doubtful: number }
  readonly uses: readonly AffectedUse[]
  /** The use that this page ends with; null: the last page. */
  readonly next: string | null
}

/** How the seal's uses are judged. Throws `SEAL_NOT_COMPROMISED` where no time is given and none is on record. */
export async function judgeSince(deps: Dependencies, { sealId, since }: AffectedSearch): Promise<Judging> {
  const at = since ?? (await findEarliestCompromise(deps.database, sealId))?.since
  if (at === undefined)
    throw new SealError('SEAL_NOT_COMPROMISED', `no compromise of seal ${sealId} is on record: say since when`)
  await readStampsOf(deps, sealId)
  return { sealId, since: at, covered: await findCheckpointBefore(deps.database, at) }
}

const filterOnRecord = ({ since, standing }: AffectedSearch): Record<string, unknown> => ({
  ...(since && { since: since.toISOString() }),
  ...(standing && { standing }),
})

/**
 * A page of the uses of a seal in the order of their time. Earlier is what a time stamp in its CMS or a signed checkpoint of the ledger
 * proves to be before `since`; all else is in doubt. Throws `SEAL_ROLE_MISSING`, `SEAL_NOT_FOUND`,
 * `SEAL_NOT_COMPROMISED`.
 */
export async function listAffectedUses(
  deps: Library,
  principal: Principal,
  search: AffectedSearch,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<AffectedPage> {
  await findReadableSeal(deps, principal, search.sealId, 'compromise')
  const judging = await judgeSince(deps, search)
  await recordRead(deps, principal, { kind: 'affected', sealId: search.sealId, filter: filterOnRecord(search) })
  const uses = await listAffected(deps.database, judging, search.standing ?? null, after, limit + 1)
  const page = uses.slice(0, limit)
  const checkpoint = await findCheckpointBefore(deps.database, judging.since)
  return {
    since: judging.since,
    checkpoint,
    counts: await countAffected(deps.database, judging),
    uses: page,
    next: uses.length > limit ? page.at(-1)!.useId : null,
  }
}

/** The same without an end, in slices; the row is left before the first. */
export async function exportAffectedUses(
  deps: Library,
  principal: Principal,
  search: AffectedSearch,
): Promise<AsyncIterable<readonly AffectedUse[]>> {
  await findReadableSeal(deps, principal, search.sealId, 'compromise')
  const judging = await judgeSince(deps, search)
  await recordRead(deps, principal, { kind: 'affected-export', sealId: search.sealId, filter: filterOnRecord(search) })
  return affectedSlices(deps, judging, search.standing ?? null)
}

/** Every affected use of one standing, or of both, in slices. */
function affectedSlices(
  { database }: Dependencies,
  judging: Judging,
  standing: AffectedStanding | null,
): AsyncIterable<readonly AffectedUse[]> {
  return slices(
    (after: string | null) => listAffected(database, judging, standing, after, EXPORT_SLICE),
    ({ useId }) => useId,
  )
}
