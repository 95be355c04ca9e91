// From file to rows on record: one process reads, a thousand rows a transaction, and goes on where another stopped.
import type { Transaction } from '../../../platform/index.ts'
import { CHUNK_ROWS, LEASE_MS } from '../../domain/batch.ts'
import { LicenceError } from '../../errors.ts'
import { insertChunks } from '../../store/batch-chunks.ts'
import { claimReading, endReading, renewReading } from '../../store/batch-reading.ts'
import { insertRows } from '../../store/batch-rows.ts'
import { addCounts, type BatchRow, findBatch, moveBatch } from '../../store/batches.ts'
import type { Deps } from '../deps.ts'
import { type BatchBox, openBatchBox, openFiles, type RowFault } from './batch-box.ts'
import { cellFaultWords } from './fault-words.ts'
import { openSource } from './open-source.ts'
import type { ReadRow } from './read-row.ts'

const GROUP = 5 * CHUNK_ROWS

/** Reads the batch that waits longest for it; false where none does. */
export async function readNextBatch(deps: Deps, worker: string, isStopping: () => boolean): Promise<boolean> {
  const now = deps.clock.now()
  const batchId = await claimReading(deps.database, worker, now, new Date(now.getTime() + LEASE_MS))
  const batch = batchId && (await findBatch(deps.database, batchId))
  if (!batch) return false
  try {
    await readBatch(deps, batch, worker, isStopping)
  } catch (error) {
    if (!(error instanceof LicenceError)) throw error
    await stopReading(deps, batch, worker, error.faults?.[0]?.code ?? error.code)
  }
  return true
}

/** A file that turns out bad in its midst: the batch stands as uploaded again, with the reason. */
async function stopReading(deps: Deps, { batchId }: BatchRow, worker: string, note: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    if (!(await renewReading(tx, batchId, worker, deps.clock.now(), null))) return
    await moveBatch(tx, batchId, { state: 'mapped', at: deps.clock.now(), phase: null, note })
  })
}

async function readBatch(deps: Deps, batch: BatchRow, worker: string, isStopping: () => boolean): Promise<void> {
  const { batchId } = batch
  const box = openBatchBox(deps, batch)
  const source = await openSource(batch.kind, () => openFiles(deps, box, batchId), batch.mapping ?? {})
  let chunk = batch.chunks
  let group: ReadRow[] = []
  const store = async (): Promise<boolean> => {
    const rows = group
    group = []
    const chunks = cutChunks(rows, chunk)
    chunk += chunks.length
    return deps.database.transaction((tx) => storeRows(deps, tx, batch, box, worker, rows, chunks))
  }
  for await (const row of source.rows) {
    if (row.row <= batch.lastRow) continue
    group.push(row)
    if (group.length < GROUP) continue
    if (!(await store()) || isStopping()) return
  }
  if (group.length > 0 && !(await store())) return
  await deps.database.transaction(async (tx) => {
    const rows = await endReading(tx, batchId, worker)
    if (rows === 0)
      await moveBatch(tx, batchId, { state: 'mapped', at: deps.clock.now(), phase: null, note: 'FILE_EMPTY' })
  })
}

function cutChunks(rows: readonly ReadRow[], first: number) {
  const chunks: { chunk: number; firstRow: number; lastRow: number }[] = []
  for (let at = 0; at < rows.length; at += CHUNK_ROWS) {
    const last = rows[Math.min(at + CHUNK_ROWS, rows.length) - 1]!
    chunks.push({ chunk: first + chunks.length, firstRow: rows[at]!.row, lastRow: last.row })
  }
  return chunks
}

async function storeRows(
  deps: Deps,
  tx: Transaction,
  { batchId }: BatchRow,
  box: BatchBox,
  worker: string,
  rows: readonly ReadRow[],
  chunks: ReturnType<typeof cutChunks>,
): Promise<boolean> {
  const until = new Date(deps.clock.now().getTime() + LEASE_MS)
  const progress = { lastRow: rows.at(-1)!.row, chunks: chunks.length }
  if (!(await renewReading(tx, batchId, worker, until, progress))) return false
  await insertRows(
    tx,
    batchId,
    rows.map(({ row, cells, faults }) => ({
      row,
      sealedRow: box.sealRow(row, cells),
      sealedFaults: faults.length === 0 ? null : box.sealFaults(row, faults.map(toRowFault)),
    })),
  )
  await insertChunks(tx, batchId, 'check', chunks)
  await addCounts(tx, batchId, { rows: rows.length })
  return true
}

const toRowFault = ({ column, code }: ReadRow['faults'][number]): RowFault => ({
  column,
  code,
  ...cellFaultWords[code],
})
