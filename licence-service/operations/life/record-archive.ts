// Licences that ended are put away: nothing happens to them any more, and their documents are kept provable for good (B-LTA).
import { dayOf } from '../../../licence-format/index.ts'
import type { Principal, Queryable } from '../../../platform/index.ts'
import { departmentStatus } from '../../domain/validity.ts'
import { listToArchive, markArchived } from '../../store/acts.ts'
import { appendEntries, entriesOf, recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import { openBox } from '../sealed-content.ts'
import { type Held, lockHeld } from './life-facts.ts'
import type { ActDone } from './record-act.ts'

/** Puts a licence that is held away, in the caller's transaction; one whose data are erased has no reason on record. */
export async function recordArchive(
  deps: Deps,
  tx: Queryable,
  by: Pick<Principal, 'id' | 'kind' | 'departmentCode'>,
  { row }: Held,
  reason: string | null,
): Promise<ActDone> {
  const recordedAt = deps.clock.now()
  const last = (await entriesOf(tx, row.identifier)).at(-1)!.effectiveAt
  const effectiveAt = last > recordedAt ? last : recordedAt
  const { identifier, departmentCode, dataDigest, sealedDigest, state } = row
  await markArchived(tx, identifier, recordedAt)
  await appendEntries(tx, [
    {
      ...{ identifier, departmentCode, dataDigest, sealedDigest, event: 'archive', state, effectiveAt, recordedAt },
      sealedReason:
        reason !== null && row.wrappedDataKey ? openBox(deps, row).seal('reason', Buffer.from(reason)) : null,
      recordedBy: by.id,
      related: null,
    },
  ])
  await recordAudit(tx, by, recordedAt, [{ action: 'archive', identifier }])
  return { identifier, status: departmentStatus(state, row, recordedAt), effectiveAt, recordedAt }
}

const ROUND = 200
const DAY_MS = 86_400_000
const SYSTEM = { id: 'system:archive', kind: 'system' } as const

/** Puts away what ended, or had its last day, longer ago than its type's entry says; answers how many. */
export async function archiveEnded(deps: Deps, stopping: AbortSignal): Promise<number> {
  const now = deps.clock.now()
  let archived = 0
  for (const { typeCode, retention } of deps.templates.list()) {
    const before = new Date(now.getTime() - retention.archiveAfterDays * DAY_MS)
    for (let after = ''; !stopping.aborted; ) {
      const due = await listToArchive(deps.database, { typeCode, before, lastDay: dayOf(before), after, limit: ROUND })
      for (const identifier of due)
        archived += await deps.database.transaction(async (tx) => {
          const held = await lockHeld(tx, identifier)
          if (!held || held.row.archivedAt !== null || held.order) return 0
          await recordArchive(deps, tx, { ...SYSTEM, departmentCode: held.row.departmentCode }, held, null)
          return 1
        })
      if (due.length < ROUND) break
      after = due.at(-1)!
    }
  }
  return archived
}
