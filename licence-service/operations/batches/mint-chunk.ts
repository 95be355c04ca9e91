// A chunk's rows become licences. Every row has its key, so that a chunk done twice, or by two, makes the same licences once.
import { dayOf } from '../../../licence-format/index.ts'
import type { Transaction } from '../../../platform/index.ts'
import { LEASE_MS, pauseAfter, rowKey } from '../../domain/batch.ts'
import { type Chunk, endChunk, releaseChunk, renewLease } from '../../store/batch-chunks.ts'
import {
  type BatchRowRow,
  dropClaims,
  holdersWithLicence,
  readRows,
  type SettledRow,
  settleRows,
  takeClaims,
} from '../../store/batch-rows.ts'
import { addCounts, type BatchRow, findBatch, haltBatch, lockBatch, moveBatch } from '../../store/batches.ts'
import type { Deps } from '../deps.ts'
import { holderCodeMac } from '../holder-key.ts'
import type { IssueRequest } from '../issue-licences.ts'
import type { IssueOutcome } from '../issue-outcome.ts'
import { type Kept, keepScans, recordScans } from './keep-scans.ts'
import { type BatchReader, createBatchReader, dataOfRow } from './row-data.ts'
import { countsOf, type Fate, fateOf, type Halt } from './row-fate.ts'
import type { Workplace } from './work.ts'

/** Rows with pictures that are in memory together, and rows whose scans are stored between two records. */
const WITH_FILES = 20

/**
 * Mints what is left of a chunk, a group after the other, and gives the chunk back or ends it.
 * After a kill at any point the chunk comes back when its lease is over; keys and claims are the batch's own by then.
 */
export async function mintChunk(deps: Deps, batch: BatchRow, chunk: Chunk, place: Workplace): Promise<void> {
  const starter = batch.startedBy!
  const isAllowed = await deps.people.mayNow(starter, 'batches:run')
  if (!isAllowed && batch.state !== 'cancelled')
    return halt(deps, chunk, place, { note: 'BATCH_STARTER_LACKS_RIGHT', afterSeconds: null })
  const reader = createBatchReader(deps, batch)
  const size = reader.hasPictures || reader.scanCells ? Math.min(WITH_FILES, place.groupRows) : place.groupRows
  let after = chunk.firstRow - 1
  let isLeft = false
  let worst = 0
  for (;;) {
    if (place.isStopping()) return release(deps, chunk, place, null)
    const group = await deps.database.transaction((tx) => takeGroup(deps, tx, reader, chunk, place, { after, size }))
    if (group === 'lost') return
    if (group === 'stopped') return release(deps, chunk, place, null)
    if (group.last === null) break
    after = group.last
    if (group.rows.length === 0) continue
    const minted = await mintGroup(deps, reader, group.rows, place)
    const kept = await keepScans(deps, reader, minted, () => isStillHeld(deps, chunk, place))
    if (kept === 'lost') return
    const { fates } = kept
    const wanted = fates.find(({ halt }) => halt)?.halt
    const isHeld = await deps.database.transaction((tx) => settleGroup(deps, tx, reader, chunk, place, kept, wanted))
    if (!isHeld) return
    if (wanted) return release(deps, chunk, place, null)
    const waiting = fates.filter(({ settled }) => settled.state === 'minting')
    isLeft ||= waiting.length > 0
    worst = Math.max(worst, ...waiting.map(({ settled }) => settled.attempts ?? 0))
  }
  if (isLeft) return release(deps, chunk, place, new Date(deps.clock.now().getTime() + pauseAfter(worst)))
  await deps.database.transaction((tx) => endMintChunk(deps, tx, batch, chunk, place))
}

/** Rows may have been taken up again behind this worker's back: then the chunk is not done. */
async function endMintChunk(
  deps: Deps,
  tx: Transaction,
  batch: BatchRow,
  chunk: Chunk,
  place: Workplace,
): Promise<void> {
  if (!(await renewLease(tx, chunk, place.worker, leaseUntil(deps), { settled: 0, underWay: false }))) return
  const { firstRow: from, lastRow: to } = chunk
  const left = await readRows(tx, batch.batchId, { from, to, states: ['valid', 'minting'], limit: 1 })
  const now = await findBatch(tx, batch.batchId)
  if (left.length > 0 && now?.state !== 'cancelled') return releaseChunk(tx, chunk, place.worker, null)
  const ended = await endChunk(tx, chunk, place.worker, deps.clock.now())
  if (ended?.isLast) await endMinting(deps, tx, batch.batchId)
}

async function endMinting(deps: Deps, tx: Transaction, batchId: string): Promise<void> {
  const batch = await lockBatch(tx, batchId)
  if (batch && ['minting', 'waiting', 'paused'].includes(batch.state))
    await moveBatch(tx, batchId, { state: 'done', at: deps.clock.now(), phase: null })
}

const release = (deps: Deps, chunk: Chunk, place: Workplace, notBefore: Date | null): Promise<void> =>
  releaseChunk(deps.database, chunk, place.worker, notBefore)

async function halt(deps: Deps, chunk: Chunk, place: Workplace, why: Halt): Promise<void> {
  await haltBatch(deps.database, chunk.batchId, haltOf(deps, why))
  await release(deps, chunk, place, null)
}

const haltOf = (deps: Deps, { note, afterSeconds }: Halt) => {
  const at = deps.clock.now()
  return { note, at, resumeAt: afterSeconds === null ? null : new Date(at.getTime() + afterSeconds * 1000) }
}

const isStillHeld = (deps: Deps, chunk: Chunk, place: Workplace): Promise<boolean> =>
  renewLease(deps.database, chunk, place.worker, leaseUntil(deps), { settled: 0, underWay: true })

const leaseUntil = (deps: Deps): Date => new Date(deps.clock.now().getTime() + LEASE_MS)

type Group = { readonly rows: readonly BatchRowRow[]; readonly last: number | null }

/** The next rows, put on record as being minted, their claims taken; the others of the stretch are told why not. */
async function takeGroup(
  deps: Deps,
  tx: Transaction,
  reader: BatchReader,
  chunk: Chunk,
  place: Workplace,
  { after, size }: { after: number; size: number },
): Promise<Group | 'lost' | 'stopped'> {
  const { batchId } = chunk
  if (!(await renewLease(tx, chunk, place.worker, leaseUntil(deps), { settled: 0, underWay: true }))) return 'lost'
  const batch = await lockBatch(tx, batchId)
  const isCancelled = batch?.state === 'cancelled'
  if (!batch || !(isCancelled || batch.state === 'minting')) return 'stopped'
  const rows = await readRows(tx, batchId, {
    from: after + 1,
    to: chunk.lastRow,
    states: isCancelled ? ['minting'] : ['valid', 'minting'],
    limit: size,
  })
  if (rows.length === 0) return { rows, last: null }
  const fresh = rows.filter((row) => row.state === 'valid' && row.duplicateMac !== null)
  const claimed = await takeClaims(tx, batch, fresh, dayOf(deps.clock.now()))
  const owners = batch.uniqueBy === 'holder' ? await ownersAmong(deps, tx, reader, fresh) : new Set<number>()
  const moved = fresh.map(({ row }): SettledRow => {
    if (!claimed.has(row)) return { row, state: 'claimed', lastFault: 'DUPLICATE_OF_BATCH' }
    if (owners.has(row)) return { row, state: 'duplicate', lastFault: 'HOLDER_HAS_LICENCE' }
    return { row, state: 'minting', lastFault: null }
  })
  await addCounts(tx, batchId, countsOf(await settleRows(tx, batchId, ['valid'], moved)))
  const isMine = new Set(moved.filter(({ state }) => state === 'minting').map(({ row }) => row))
  // Half of its claims helps no row, and would keep another batch's from being made.
  const left = fresh.filter(({ row }) => !isMine.has(row)).map(({ row }) => row)
  await dropClaims(tx, batchId, left)
  return { rows: rows.filter(({ row, state }) => state === 'minting' || isMine.has(row)), last: rows.at(-1)!.row }
}

/** Rows whose holder was given a licence of the type since the check. */
async function ownersAmong(
  deps: Deps,
  tx: Transaction,
  reader: BatchReader,
  rows: readonly BatchRowRow[],
): Promise<Set<number>> {
  const macs = rows.map((row) => {
    // Holders are told by fields that are no pictures: none is read here, within the transaction.
    const { data } = reader.mapper.map(reader.box.openRow(row.row, row.sealedRow!))
    const codes = reader.template.definition.fields
      .filter(({ role }) => role === 'holder-code')
      .map(({ name }) => data[name])
    const said = codes.filter((code) => typeof code === 'string')
    return { row: row.row, macs: said.map((code) => holderCodeMac(deps, code)) }
  })
  const { departmentCode, typeCode } = reader.batch
  const owners = await holdersWithLicence(
    tx,
    departmentCode,
    typeCode,
    macs.flatMap((one) => one.macs),
    dayOf(deps.clock.now()),
  )
  const isOwner = (mac: Uint8Array) => owners.has(Buffer.from(mac).toString('hex'))
  return new Set(macs.filter((one) => one.macs.some(isOwner)).map(({ row }) => row))
}

async function mintGroup(
  deps: Deps,
  reader: BatchReader,
  rows: readonly BatchRowRow[],
  place: Workplace,
): Promise<{ attempts: number; fate: Fate }[]> {
  const { batch } = reader
  const requests: IssueRequest[] = []
  for (const row of rows) {
    const { data } = await dataOfRow(deps, reader, row)
    requests.push({ key: rowKey(batch.batchId, row.row, row.generation), typeCode: batch.typeCode, data })
  }
  const outcomes = await place
    .issue(batch.startedBy!, requests)
    .catch((error: unknown) => requests.map((): IssueOutcome => ({ ok: false, error })))
  return rows.map((row, index) => ({ attempts: row.attempts, fate: fateOf(row, outcomes[index]!) }))
}

/** Rows, scans, counts and lease in one transaction; false where the chunk is another's by now, who settles the same rows the same way. */
async function settleGroup(
  deps: Deps,
  tx: Transaction,
  reader: BatchReader,
  chunk: Chunk,
  place: Workplace,
  { fates, scans }: Kept,
  wanted: Halt | undefined,
): Promise<boolean> {
  const { batchId } = reader.batch
  const settled = fates.map((fate) => fate.settled)
  const underWay = settled.some(({ state }) => state === 'minting')
  const done = settled.filter(({ state }) => state !== 'minting').length
  if (!(await renewLease(tx, chunk, place.worker, leaseUntil(deps), { settled: done, underWay }))) return false
  await addCounts(tx, batchId, countsOf(await settleRows(tx, batchId, ['minting'], settled)))
  await recordScans(deps, tx, reader, scans)
  const free = settled.filter(({ state }) => state === 'refused').map(({ row }) => row)
  await dropClaims(tx, batchId, free)
  if (wanted) await haltBatch(tx, batchId, haltOf(deps, wanted))
  return true
}
