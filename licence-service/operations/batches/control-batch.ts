// What people do with a batch, each act in one transaction under the batch's lock.
import type { Principal, Queryable, Transaction } from '../../../platform/index.ts'
import { afterAct, type BatchAct, endingActs, isRolledBackWhole, type Mapping } from '../../domain/batch.ts'
import { LicenceError } from '../../errors.ts'
import { openPhase, reopenChunks } from '../../store/batch-chunks.ts'
import { reviveRows } from '../../store/batch-rows.ts'
import {
  addCounts,
  type BatchRow,
  findBatch,
  forgetRows,
  lockBatch,
  moveBatch,
  rememberMapping,
  setMapping,
  setRollback,
  setStarter,
} from '../../store/batches.ts'
import { hasActed, recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import { actedFor } from '../life/life-facts.ts'
import { openBatchBox, openFiles } from './batch-box.ts'
import { checkMapping } from './mapping.ts'
import { openSource } from './open-source.ts'
import { ROLLBACK_PLACE } from './roll-back-chunk.ts'
import { countsOf } from './row-fate.ts'
import { batchInHand, batchOf, definitionFor, plain, requireMinting } from './take-batch.ts'

/**
 * Does an act under the batch's lock, if its state allows it, and puts it on record. A batch of a department that was merged is ended or
 * taken back by the successor, and nothing else.
 * @throws LicenceError BATCH_NOT_FOUND, LICENCE_TYPE_NOT_ASSIGNED, BATCH_STATE_REFUSED, BATCH_FORGOTTEN
 */
export async function actOn(
  deps: Deps,
  caller: Principal,
  batchId: string,
  act: BatchAct,
  work: (tx: Transaction, batch: BatchRow, to: BatchRow['state']) => Promise<void>,
): Promise<BatchRow> {
  const acted = await actedFor(deps, caller)
  await deps.database.transaction(async (tx) => {
    const batch = batchInHand(await lockBatch(tx, batchId), acted)
    if (!endingActs.includes(act)) requireMinting(batch, caller)
    const to = afterAct(batch.state, act)
    if (!batch.wrappedDataKey)
      throw new LicenceError('BATCH_FORGOTTEN', 'what this batch said of its holders is no longer kept')
    await work(tx, batch, to)
    await recordAudit(tx, caller, deps.clock.now(), [{ action: `${act} batch`, identifier: batchId }])
  })
  return (await findBatch(deps.database, batchId))!
}

export interface MappingOrder {
  readonly mapping: Mapping
  /** What makes two rows the same; where the catalogue says that a holder has one licence, that holds. */
  readonly uniqueBy?: 'row' | 'holder' | undefined
  /** A name under which the department finds it again. */
  readonly remember?: string | undefined
}

/**
 * Says which column becomes which field.
 * @throws LicenceError BATCH_NOT_FOUND, BATCH_STATE_REFUSED, BATCH_MAPPING_INVALID, BATCH_FILE_INVALID
 */
export async function mapBatch(deps: Deps, caller: Principal, batchId: string, order: MappingOrder): Promise<BatchRow> {
  const batch = await batchOf(deps, caller, batchId)
  afterAct(batch.state, 'map')
  const definition = await definitionFor(deps, batch.departmentCode, batch.typeCode)
  const { mapping } = order
  const columns = await columnsFor(deps, batch, mapping)
  checkMapping(definition, batch.kind === 'jsonl' ? null : columns, mapping)
  const isByHolder = deps.templates.entry(batch.typeCode)?.uniqueBy === 'holder'
  const uniqueBy = isByHolder ? 'holder' : (order.uniqueBy ?? 'row')
  const at = deps.clock.now()
  return actOn(deps, caller, batchId, 'map', async (tx, { departmentCode, typeCode }, state) => {
    await setMapping(tx, batchId, { columns, mapping, uniqueBy })
    await moveBatch(tx, batchId, { state, at, phase: null })
    // What stands in every row may be somebody's; it is the batch's, and goes with it.
    const { constants: _, ...kept } = mapping
    if (order.remember !== undefined)
      await rememberMapping(tx, { departmentCode, typeCode, name: order.remember, mapping: kept, at, by: caller.id })
  })
}

/** Another sheet, header or encoding may have other columns: the file is asked. */
async function columnsFor(deps: Deps, batch: BatchRow, mapping: Mapping): Promise<readonly string[]> {
  if (batch.kind === 'jsonl') return []
  const { sheet, headerRow, encoding } = mapping
  if (sheet === undefined && headerRow === undefined && encoding === undefined && !batch.mapping) return batch.columns
  const box = openBatchBox(deps, batch)
  return (await openSource(batch.kind, () => openFiles(deps, box, batch.batchId), mapping)).columns
}

/** Reads and checks every row, from the beginning. Throws BATCH_NOT_FOUND, BATCH_STATE_REFUSED. */
export const checkBatch = (deps: Deps, caller: Principal, batchId: string): Promise<BatchRow> =>
  actOn(deps, caller, batchId, 'check', async (tx, _batch, state) => {
    await forgetRows(tx, batchId)
    await moveBatch(tx, batchId, { state, at: deps.clock.now(), phase: 'check' })
  })

/** Begins to mint, in the name of whoever says so. Throws BATCH_NOT_FOUND, BATCH_STATE_REFUSED. */
export const startBatch = (deps: Deps, caller: Principal, batchId: string): Promise<BatchRow> =>
  actOn(deps, caller, batchId, 'start', async (tx, _batch, state) => {
    const at = deps.clock.now()
    await setStarter(tx, batchId, plain(caller), at)
    await openPhase(tx, batchId, 'mint')
    await moveBatch(tx, batchId, { state, at, phase: 'mint' })
  })

export const pauseBatch = (deps: Deps, caller: Principal, batchId: string): Promise<BatchRow> =>
  actOn(deps, caller, batchId, 'pause', (tx, _batch, state) => moveBatch(tx, batchId, { state, at: deps.clock.now() }))

/** Goes on, in the name of whoever says so. */
export const resumeBatch = (deps: Deps, caller: Principal, batchId: string): Promise<BatchRow> =>
  actOn(deps, caller, batchId, 'resume', async (tx, { phase }, state) => {
    if (phase !== 'mint') throw new LicenceError('BATCH_STATE_REFUSED', 'nothing of this batch is left to mint')
    await setStarter(tx, batchId, plain(caller), deps.clock.now())
    await moveBatch(tx, batchId, { state, at: deps.clock.now() })
  })

/** What is not begun will not be; rows whose licence is on its way are still settled. */
export const cancelBatch = (deps: Deps, caller: Principal, batchId: string): Promise<BatchRow> =>
  actOn(deps, caller, batchId, 'cancel', (tx, _batch, state) => moveBatch(tx, batchId, { state, at: deps.clock.now() }))

/**
 * Tries rows again that were refused, are dead, or gave way to another batch; all of them, or those named.
 * A refusal on record is set aside by another key; a row that was interrupted keeps its key, and so its licence.
 * @throws LicenceError BATCH_NOT_FOUND, BATCH_STATE_REFUSED, BATCH_NOTHING_TO_RETRY
 */
export const retryRows = (
  deps: Deps,
  caller: Principal,
  batchId: string,
  rows: readonly number[] | undefined,
): Promise<BatchRow> =>
  actOn(deps, caller, batchId, 'retry', async (tx, _batch, state) => {
    const revived = await reviveRows(tx, batchId, rows ?? null)
    if (revived.length === 0) throw new LicenceError('BATCH_NOTHING_TO_RETRY', 'no row of these was refused or is dead')
    await addCounts(tx, batchId, countsOf(revived))
    await reopenChunks(tx, batchId)
    await setStarter(tx, batchId, plain(caller), deps.clock.now())
    await moveBatch(tx, batchId, { state, at: deps.clock.now(), phase: 'mint' })
  })

/**
 * Cancels every licence of a batch as issued in error; by another person than the one who started it, there with a security key.
 * @throws LicenceError BATCH_NOT_FOUND, BATCH_STATE_REFUSED, BATCH_SAME_PERSON
 */
export async function rollBackBatch(deps: Deps, caller: Principal, batchId: string, reason: string): Promise<BatchRow> {
  await deps.people.requireStepUp(caller)
  return actOn(deps, caller, batchId, 'roll-back', async (tx, batch, state) => {
    await requireAnother(tx, batch, caller)
    if (!batch.startedBy) throw new LicenceError('BATCH_STATE_REFUSED', 'this batch made no licence')
    if (isRolledBackWhole(batch.state, batch))
      throw new LicenceError('BATCH_STATE_REFUSED', 'this batch is rolled back altogether')
    const sealed = openBatchBox(deps, batch).sealBytes(ROLLBACK_PLACE, Buffer.from(reason))
    await setRollback(tx, batchId, plain(caller), sealed)
    await openPhase(tx, batchId, 'roll-back')
    await moveBatch(tx, batchId, { state, at: deps.clock.now(), phase: 'roll-back' })
  })
}

/** What makes somebody one of those who made the batch, as the record names it. */
const MAKING = ['take', 'add to', 'map', 'start', 'resume', 'retry'].map((act) => `${act} batch`)

/** Another person is told by the account, never by the role: whoever had a hand in what the batch says or in its start is none, nor is a machine. */
export async function requireAnother(tx: Queryable, batch: BatchRow, caller: Principal): Promise<void> {
  const isNone =
    caller.kind === 'machine' ||
    [batch.uploadedBy.id, batch.startedBy?.id].includes(caller.id) ||
    (await hasActed(tx, caller.id, batch.batchId, MAKING))
  if (isNone)
    throw new LicenceError('BATCH_SAME_PERSON', 'this needs another person than those who made or started the batch')
}
