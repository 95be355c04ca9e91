// Who used which seal on what, when.
import type { Principal } from '../../../platform/index.ts'
import { listSealIds, listUses, type UseFilter, type UsePlace, type UseRecord } from '../../store/use-records.ts'
import { findReadableSeal, type Library, readableDepartments, recordRead } from './readers.ts'

export interface UseSearch extends UseFilter {
  /** All seals that the caller may look at, when left out. */
  readonly sealId?: string
}

const EXPORT_SLICE = 1000

async function sealsOf(deps: Library, principal: Principal, { sealId }: UseSearch): Promise<readonly string[]> {
  if (sealId !== undefined) return [(await findReadableSeal(deps, principal, sealId, 'uses')).id]
  return listSealIds(deps.database, await readableDepartments(deps, principal, 'uses'))
}

const filterOnRecord = ({ sealId: _, from, to, ...rest }: UseSearch): Record<string, unknown> => ({
  ...rest,
  ...(from && { from: from.toISOString() }),
  ...(to && { to: to.toISOString() }),
})

/**
 * A page of the uses of a seal, or of all that the caller may look at, newest first. Every page leaves a row. Throws `SEAL_ROLE_MISSING`,
 * `SEAL_NOT_FOUND`.
 */
export async function searchUses(
  deps: Library,
  principal: Principal,
  search: UseSearch,
  { after, limit }: { readonly after: UsePlace | null; readonly limit: number },
): Promise<{ readonly uses: readonly UseRecord[]; readonly next: UsePlace | null }> {
  const sealIds = await sealsOf(deps, principal, search)
  await recordRead(deps, principal, { kind: 'search', sealId: search.sealId ?? null, filter: filterOnRecord(search) })
  const uses = await listUses(deps.database, sealIds, search, after, limit + 1)
  const page = uses.slice(0, limit)
  return { uses: page, next: uses.length > limit ? placeOf(page.at(-1)!) : null }
}

/** The same without an end, in slices; the row is left before the first. */
export async function exportUses(
  deps: Library,
  principal: Principal,
  search: UseSearch,
): Promise<AsyncIterable<readonly UseRecord[]>> {
  const sealIds = await sealsOf(deps, principal, search)
  await recordRead(deps, principal, { kind: 'export', sealId: search.sealId ?? null, filter: filterOnRecord(search) })
  return slices((after: UsePlace | null) => listUses(deps.database, sealIds, search, after, EXPORT_SLICE), placeOf)
}

const placeOf = ({ useId, phase }: UseRecord): UsePlace => ({ useId, phase })

/** Pages one after the other, until one is not full. */
export async function* slices<Row, Place>(
  read: (after: Place | null) => Promise<readonly Row[]>,
  placeOf: (row: Row) => Place,
): AsyncGenerator<readonly Row[]> {
  for (let after: Place | null = null; ; ) {
    const rows = await read(after)
    yield rows
    if (rows.length < EXPORT_SLICE) return
    after = placeOf(rows.at(-1)!)
  }
}

export { EXPORT_SLICE }
