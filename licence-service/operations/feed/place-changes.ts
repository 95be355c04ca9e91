import { hasUnplaced, placeChanges } from '../../store/outbox.ts'
import type { Deps } from '../deps.ts'

const AT_ONCE = 2_000

/** Gives positions to all changes that are committed; returns how many. */
export async function placeAllChanges({ database }: Pick<Deps, 'database'>, stopping?: AbortSignal): Promise<number> {
  let all = 0
  if (!(await hasUnplaced(database))) return 0
  for (;;) {
    const placed = await database.transaction((tx) => placeChanges(tx, AT_ONCE))
    all += placed
    if (placed < AT_ONCE || stopping?.aborted) return all
  }
}
