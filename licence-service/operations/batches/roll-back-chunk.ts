// A batch is taken back: every licence it made is cancelled as issued in error, one act each, each with a key of its own.
import type { Principal } from '../../../platform/index.ts'
import { LEASE_MS, rowKey } from '../../domain/batch.ts'
import { ownKey } from '../../domain/own-key.ts'
import { LicenceError } from '../../errors.ts'
import { type Chunk, endChunk, releaseChunk, renewLease } from '../../store/batch-chunks.ts'
import { type BatchRowRow, dropClaims, readRows, type SettledRow, settleRows } from '../../store/batch-rows.ts'
import { addCounts, type BatchRow, moveBatch } from '../../store/batches.ts'
import { findKeys, type KeyRow, takeKeys } from '../../store/idempotency.ts'
import { entriesOf } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import type { StoredAnswer } from '../issue-outcome.ts'
import { act } from '../life/act.ts'
import { keyedHash } from '../sealed-content.ts'
import { openBatchBox } from './batch-box.ts'
import { codeOf, countsOf } from './row-fate.ts'
import type { Workplace } from './work.ts'

const GROUP = 20
const STATES = ['issued', 'minting', 'dead'] as const

/** Where the reason of a rollback is sealed. */
export const ROLLBACK_PLACE = 'rollback-reason'

export async function rollBackChunk(deps: Deps, batch: BatchRow, chunk: Chunk, place: Workplace): Promise<void> {
  const reason = Buffer.from(
    openBatchBox(deps, batch).openBytes(ROLLBACK_PLACE, batch.sealedRollbackReason!),
  ).toString()
  const by = actorFor(batch)
  for (let after = chunk.firstRow - 1; ; ) {
    if (place.isStopping()) return releaseChunk(deps.database, chunk, place.worker, null)
    const rows = await readRows(deps.database, batch.batchId, {
      ...{ from: after + 1, to: chunk.lastRow, states: STATES, limit: GROUP },
    })
    if (rows.length === 0) break
    after = rows.at(-1)!.row
    const settled: SettledRow[] = []
    for (const row of rows) settled.push(await rollBackRow(deps, place, batch, by, reason, row))
    const isHeld = await deps.database.transaction(async (tx) => {
      const until = new Date(deps.clock.now().getTime() + LEASE_MS)
      if (!(await renewLease(tx, chunk, place.worker, until, { settled: settled.length, underWay: false })))
        return false
      await addCounts(tx, batch.batchId, countsOf(await settleRows(tx, batch.batchId, STATES, settled)))
      const gone = settled.filter(({ state }) => state === 'rolled-back').map(({ row }) => row)
      await dropClaims(tx, batch.batchId, gone)
      return true
    })
    if (!isHeld) return
  }
  await deps.database.transaction(async (tx) => {
    const ended = await endChunk(tx, chunk, place.worker, deps.clock.now())
    if (ended?.isLast) await moveBatch(tx, batch.batchId, { state: 'rolled-back', at: deps.clock.now(), phase: null })
  })
}

/** The department that has the licences in hand acts; on record stands the second person who approved it. */
const actorFor = ({ rolledBackBy }: BatchRow): Principal => {
  const { id, name, departmentCode } = rolledBackBy!
  return { id, name, kind: 'system', departmentCode, roles: ['issuer'] }
}

async function rollBackRow(
  deps: Deps,
  place: Workplace,
  batch: BatchRow,
  by: Principal,
  reason: string,
  row: BatchRowRow,
): Promise<SettledRow> {
  const made = row.identifier === null ? await madeMeanwhile(deps, batch, row) : { identifier: row.identifier }
  if (made === 'nothing') return { row: row.row, state: 'refused', lastFault: row.lastFault }
  // Its licence may yet be completed: the rollback is asked for again then.
  if (made === 'on its way') return { row: row.row, state: 'dead', lastFault: 'LICENCE_ISSUANCE_INTERRUPTED' }
  const { identifier } = made
  // One key for each time the batch is rolled back: what is worked on twice is asked for once, and what was refused since is asked for anew.
  const key = ownKey('batch', batch.batchId, row.row, 'rollback', batch.stateSince.getTime())
  try {
    const answer = await act(deps, place.within, by, {
      ...{ identifier, action: 'cancel', cause: 'issued-in-error', reason, key },
    })
    if (answer.kind === 'done') return { row: row.row, state: 'rolled-back', identifier, lastFault: null }
    // The type wants a second person for every cancellation: it waits for one, licence by licence.
    return { row: row.row, state: 'issued', identifier, lastFault: 'LICENCE_ORDER_OPEN' }
  } catch (error) {
    if (!(error instanceof LicenceError)) throw error
    if (await isTakenBack(deps, identifier)) return { row: row.row, state: 'rolled-back', identifier, lastFault: null }
    // It ended otherwise, or an order about it is open: that stands.
    return { row: row.row, state: 'issued', identifier, lastFault: codeOf(error) }
  }
}

/** Whether a licence is cancelled as issued in error: by an order of an earlier rollback that was approved since, or by hand. */
const isTakenBack = async (deps: Deps, identifier: string): Promise<boolean> =>
  (await entriesOf(deps.database, identifier)).some(
    ({ event, cause }) => event === 'cancel' && cause === 'issued-in-error',
  )

/** A licence that was interrupted may have been completed since, by the service itself. */
async function madeMeanwhile(
  deps: Deps,
  batch: BatchRow,
  row: BatchRowRow,
): Promise<{ readonly identifier: string } | 'nothing' | 'on its way'> {
  const kept = await keyOrTombstone(deps, batch, row)
  if (!kept) return 'nothing'
  const { answer, identifier } = kept
  if (typeof answer !== 'object' || answer === null) return 'on its way'
  return 'issued' in answer ? { identifier } : 'nothing'
}

/**
 * What stands under the row's key. Where nothing does, the key is taken by a refusal: a worker that hung before it put its intent on
 * record comes too late then, and makes no licence that nobody takes back.
 */
async function keyOrTombstone(deps: Deps, batch: BatchRow, row: BatchRowRow): Promise<KeyRow | undefined> {
  const { batchId, departmentCode } = batch
  const key = rowKey(batchId, row.row, row.generation)
  const [kept] = await findKeys(deps.database, departmentCode, [key])
  if (kept) return kept
  const refused = { code: 'BATCH_STATE_REFUSED', message: 'the batch was rolled back' }
  const tombstone = {
    ...{ key, requestMac: keyedHash(deps, 'batch-rolled-back', key), identifier: batchId },
    answer: { refused } satisfies StoredAnswer,
  }
  const taken = await takeKeys(deps.database, departmentCode, deps.clock.now(), [tombstone])
  if (taken.length > 0) return undefined
  return (await findKeys(deps.database, departmentCode, [key]))[0]
}
