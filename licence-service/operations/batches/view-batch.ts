import type { Principal } from '../../../platform/index.ts'
import { type BatchState, endingActs, nextActs, type Progress, progressOf, type RowState } from '../../domain/batch.ts'
import { isOpenAt, type RangedDepartment } from '../../domain/department-range.ts'
import { LicenceError } from '../../errors.ts'
import { paceOf } from '../../store/batch-chunks.ts'
import { listRows } from '../../store/batch-rows.ts'
import { type BatchRow, listBatches as selectBatches } from '../../store/batches.ts'
import type { Deps } from '../deps.ts'
import { actedFor } from '../life/life-facts.ts'
import { batchOf } from './take-batch.ts'

const PACE_OF_MS = 60_000

/** How fast a batch goes and when it will be done, by what its chunks settled over the last minute. */
async function progressOfBatch(deps: Deps, batch: BatchRow): Promise<Progress> {
  const { phase, state, batchId } = batch
  if (!phase || !['minting', 'checking', 'rolling-back'].includes(state)) return { rate: null, remainingSeconds: null }
  const now = deps.clock.now().getTime()
  const since = Math.max(now - PACE_OF_MS, batch.stateSince.getTime())
  if (phase === 'check') return progressOf(batch.checked, now - batch.stateSince.getTime(), batch.rows - batch.checked)
  const settled = await paceOf(deps.database, batchId, phase, new Date(since))
  return progressOf(settled, now - since, phase === 'mint' ? batch.valid : batch.issued)
}

/** A batch as people follow it. */
export const viewBatch = async (deps: Deps, batch: BatchRow) => toView(deps, batch, await deps.facts.departments())

async function toView(deps: Deps, batch: BatchRow, departments: readonly RangedDepartment[]) {
  const now = deps.clock.now()
  const isClosed = departments.some((one) => one.code === batch.departmentCode && !isOpenAt(one, now))
  const { rows, checked, valid, faulty, duplicate, claimed, issued, refused, dead, rolledBack } = batch
  return {
    batchId: batch.batchId,
    typeCode: batch.typeCode,
    title: batch.title,
    kind: batch.kind,
    state: batch.state,
    stateSince: batch.stateSince,
    note: batch.note,
    resumeAt: batch.resumeAt,
    uploadedBy: batch.uploadedBy.name,
    uploadedAt: batch.uploadedAt,
    startedBy: batch.startedBy?.name ?? null,
    startedAt: batch.startedAt,
    rolledBackBy: batch.rolledBackBy?.name ?? null,
    endedAt: batch.endedAt,
    isKept: batch.wrappedDataKey !== null,
    columns: batch.columns,
    mapping: batch.mapping,
    uniqueBy: batch.uniqueBy,
    unusedFiles: batch.unusedFiles,
    counts: { rows, checked, valid, faulty, duplicate, claimed, issued, refused, dead, rolledBack },
    nextActs: nextActs(batch.state, batch, isClosed ? endingActs : undefined),
    ...(await progressOfBatch(deps, batch)),
  }
}
export type BatchView = Awaited<ReturnType<typeof viewBatch>>

export async function listBatches(
  deps: Deps,
  caller: Principal,
  { limit, cursor, state }: { limit: number; cursor?: string | undefined; state?: BatchState | undefined },
): Promise<{ items: BatchView[]; next: string | null }> {
  const before = cursor === undefined ? null : cursorOf(cursor)
  const rows = await selectBatches(deps.database, await actedFor(deps, caller), {
    ...{ before, state: state ?? null, limit: limit + 1 },
  })
  const page = rows.slice(0, limit)
  const items: BatchView[] = []
  const departments = await deps.facts.departments()
  for (const row of page) items.push(await toView(deps, row, departments))
  return { items, next: rows.length > limit ? String(page.at(-1)!.sequence) : null }
}

function cursorOf(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new LicenceError('LICENCE_CURSOR_INVALID', 'the cursor is not one of this list')
  return BigInt(text)
}

/** Rows by their numbers; nothing of a holder is in them. */
export async function listBatchRows(
  deps: Deps,
  caller: Principal,
  batchId: string,
  { limit, cursor, states }: { limit: number; cursor?: string | undefined; states: readonly RowState[] | null },
) {
  await batchOf(deps, caller, batchId)
  const after = cursor === undefined ? 0n : cursorOf(cursor)
  if (after > 2_147_483_647n) throw new LicenceError('LICENCE_CURSOR_INVALID', 'the cursor is not one of this list')
  const rows = await listRows(deps.database, batchId, { after: Number(after), states, limit: limit + 1 })
  const page = rows.slice(0, limit)
  const items = page.map(({ row, state, faults, identifier, attempts, lastFault }) => ({
    ...{ row, state, faults: faults ?? [], identifier, attempts, lastFault },
  }))
  return { items, next: rows.length > limit ? String(page.at(-1)!.row) : null }
}
