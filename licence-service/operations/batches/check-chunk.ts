// What a batch's rows are worth, before anybody is asked to mint them: a chunk at a time, in any process.
import { setImmediate } from 'node:timers/promises'
import { canonicalJson, dayOf } from '../../../licence-format/index.ts'
import type { Transaction } from '../../../platform/index.ts'
import { type ValidatedData, validateLicenceData } from '../../../templates/index.ts'
import { CHUNK_ROWS, LEASE_MS, MOST_ATTEMPTS } from '../../domain/batch.ts'
import { LicenceError } from '../../errors.ts'
import { type Chunk, endChunk, renewLease } from '../../store/batch-chunks.ts'
import {
  type BatchRowRow,
  type CheckedRow,
  claimedByOthers,
  claimsOf,
  holdersWithLicence,
  markDuplicates,
  readRows,
  settleChecked,
} from '../../store/batch-rows.ts'
import { countUnusedFiles, insertRowFiles, markSharedScans, type RowFile } from '../../store/batch-scans.ts'
import { addCounts, type BatchRow, lockBatch, moveBatch } from '../../store/batches.ts'
import type { Deps } from '../deps.ts'
import { foldHolderCode, holderCodeMac } from '../holder-key.ts'
import { keyedHash } from '../sealed-content.ts'
import { pictureMac, type RowFault } from './batch-box.ts'
import { type RowReasonCode, rowReasonWords } from './fault-words.ts'
import { type FoundScans, findScans } from './find-scans.ts'
import { type BatchReader, createBatchReader, dataOfRow } from './row-data.ts'

/** Other work gets its turn every few rows. */
const ROWS_A_TURN = 8
/** Attempts at a chunk of which no row could be checked: ten minutes. */
const ATTEMPTS_OF_ALL = 60

interface Found {
  readonly row: number
  readonly faults: RowFault[]
  readonly duplicateMac: Uint8Array | null
  readonly contentMac: Uint8Array | null
  readonly holders: readonly Uint8Array[]
  readonly files: readonly RowFile[]
}

const nobody = { duplicateMac: null, contentMac: null, holders: [] }

/** Checks the new rows of a chunk and ends it; the last one of a batch ends the check. */
export async function checkChunk(deps: Deps, batch: BatchRow, chunk: Chunk, worker: string): Promise<void> {
  const reader = createBatchReader(deps, batch)
  const rows = await readRows(deps.database, batch.batchId, {
    ...{ from: chunk.firstRow, to: chunk.lastRow, states: ['new'], limit: CHUNK_ROWS },
  })
  const found: Found[] = []
  const failed = createFailures(deps, chunk)
  let heldFrom = deps.clock.now().getTime()
  for (const [index, row] of rows.entries()) {
    found.push(await checkRow(deps, reader, row, failed).catch((error: unknown) => failed.forNow(row.row, error)))
    if (index % ROWS_A_TURN === ROWS_A_TURN - 1) await setImmediate()
    // Scans may take longer than a lease lasts.
    const now = deps.clock.now().getTime()
    if (now - heldFrom < LEASE_MS / 4) continue
    const held = { settled: 0, underWay: false }
    if (!(await renewLease(deps.database, chunk, worker, new Date(now + LEASE_MS), held))) return
    heldFrom = now
  }
  failed.throwUnlessOfRows(rows.length)
  const checked = (await withDuplicates(deps, batch, found)).map((one) => toChecked(reader, one))
  await deps.database.transaction(async (tx) => {
    const ended = await endChunk(tx, chunk, worker, deps.clock.now())
    if (!ended) return
    const written = await settleChecked(tx, batch.batchId, checked)
    await insertRowFiles(
      tx,
      batch.batchId,
      found.flatMap(({ files }) => files),
    )
    const count = (state: CheckedRow['state']) => written.filter((one) => one.state === state).length
    await addCounts(tx, batch.batchId, {
      ...{ checked: written.length, valid: count('valid'), faulty: count('faulty'), duplicate: count('duplicate') },
    })
    if (ended.isLast) await endCheck(deps, tx, batch.batchId)
  })
}

async function endCheck(deps: Deps, tx: Transaction, batchId: string): Promise<void> {
  // Cancelled meanwhile, it stays so.
  if ((await lockBatch(tx, batchId))?.state !== 'checking') return
  const duplicates = await markDuplicates(tx, batchId, 'DUPLICATE_IN_BATCH')
  if (duplicates > 0) await addCounts(tx, batchId, { valid: -duplicates, duplicate: duplicates })
  const shared = await markSharedScans(tx, batchId, 'SCAN_OF_SEVERAL_ROWS')
  if (shared > 0) await addCounts(tx, batchId, { valid: -shared, faulty: shared })
  await countUnusedFiles(tx, batchId)
  await moveBatch(tx, batchId, { state: 'checked', at: deps.clock.now(), phase: null })
}

async function checkRow(deps: Deps, reader: BatchReader, row: BatchRowRow, failed: Failures): Promise<Found> {
  const faults: RowFault[] = row.sealedFaults ? [...reader.box.openFaults(row.row, row.sealedFaults)] : []
  if (faults.some(({ column }) => column === null)) return { row: row.row, faults, ...nobody, files: [] }
  const { data, missing, pictures, scans: said } = await dataOfRow(deps, reader, row)
  const scans = said && (await findScans(deps, reader, said))
  const told = new Set(faults.map(({ column }) => column))
  const add = (column: number | null, code: string, words: { zh: string; en: string }) => {
    if (column === null || !told.has(column)) faults.push({ column, code, ...words })
    told.add(column)
  }
  for (const field of missing)
    add(reader.mapper.columnOf(`/${field}`), 'PICTURE_FILE_MISSING', rowReasonWords.PICTURE_FILE_MISSING)
  const { files, scanFaults } = filesOf(deps, reader, row.row, pictures, scans)
  faults.push(...scanFaults)
  try {
    const result = validateLicenceData(reader.template.compiled, data, { today: dayOf(deps.clock.now()) })
    if (!result.ok)
      for (const { pointer, code, detail } of result.faults) add(reader.mapper.columnOf(pointer), code, detail)
    if (!result.ok || faults.length > 0) return { row: row.row, faults, ...nobody, files }
    return { row: row.row, faults, files, ...identityOf(deps, reader.batch, result.value) }
  } catch (error) {
    // Nothing outside was asked: it would fail so for ever.
    return failed.forGood(row.row, error)
  }
}

type Failures = ReturnType<typeof createFailures>

/**
 * Rows whose check failed for a reason that nobody foresaw. A disk may be away for a while, so what was asked of others is tried again,
 * longer where it fails every row of the chunk; after that it is the rows' own, which must not keep their batch for ever.
 */
function createFailures(deps: Deps, { batchId, attempts }: Chunk) {
  const errors: unknown[] = []
  const forGood = (row: number, error: unknown): Found => {
    deps.log.error('a row of a batch could not be checked', { error, batchId, row })
    const faults = [{ column: null, code: 'ROW_NOT_UNDERSTOOD', ...rowReasonWords.ROW_NOT_UNDERSTOOD }]
    return { row, faults, ...nobody, files: [] }
  }
  return {
    forGood,
    forNow(row: number, error: unknown): Found {
      if (error instanceof LicenceError) throw error
      errors.push(error)
      return forGood(row, error)
    },
    throwUnlessOfRows(all: number): void {
      const enough = errors.length === all ? ATTEMPTS_OF_ALL : MOST_ATTEMPTS
      if (errors.length > 0 && attempts < enough) throw errors[0]
    },
  }
}

/** Which files of the ZIPs are the row's, scans before what is printed, and what is wrong with the scans. */
function filesOf(
  deps: Deps,
  { batch }: BatchReader,
  row: number,
  pictures: readonly string[],
  looked: FoundScans | undefined,
): { files: RowFile[]; scanFaults: RowFault[] } {
  const scans = looked?.files ?? []
  const isScan = new Set(scans.map(({ mac }) => hex(mac)))
  const printed = pictures.map((name) => pictureMac(deps, batch.batchId, name)).filter((mac) => !isScan.has(hex(mac)))
  const graded = scans.map(({ mac }) => ({ mac, grade: looked!.grade }))
  const files = [...graded, ...printed.map((mac) => ({ mac, grade: null }))]
  const { column, gradeColumn } = batch.mapping?.scans ?? {}
  const scanFaults = (looked?.faults ?? []).map(({ code, inGrade }): RowFault => {
    const at = batch.columns.indexOf((inGrade ? gradeColumn : undefined) ?? column ?? '')
    return { column: at < 0 ? null : at, code, ...rowReasonWords[code] }
  })
  return { files: files.map((file, place) => ({ ...file, row, place })), scanFaults }
}

/**
 * What makes two rows the same: their holders where each may have one licence of the type, else all that they say. What they say keeps
 * them from rows of other batches in either case. A holder without a code is nobody that another row could name.
 */
function identityOf(deps: Deps, { typeCode, uniqueBy }: BatchRow, { holders, fields }: ValidatedData) {
  const codes = holders.map(({ code }) => foldHolderCode(code)).toSorted()
  const known = codes.filter((code) => code !== '')
  const macOf = (said: object) => keyedHash(deps, 'batch-row', canonicalJson(said))
  const content = macOf({ typeCode, fields })
  const isByHolder = uniqueBy === 'holder' && known.length > 0
  return {
    duplicateMac: isByHolder ? macOf({ typeCode, codes }) : content,
    contentMac: isByHolder ? content : null,
    holders: known.map((code) => holderCodeMac(deps, code)),
  }
}

/** Against other batches, and where a holder may have but one licence against the register. */
async function withDuplicates(
  deps: Deps,
  batch: BatchRow,
  found: readonly Found[],
): Promise<(Found & { twin?: RowReasonCode })[]> {
  const macs = found.flatMap(claimsOf)
  if (macs.length === 0) return [...found]
  const today = dayOf(deps.clock.now())
  const claimed = await claimedByOthers(deps.database, batch, macs, today)
  const owners =
    batch.uniqueBy === 'holder'
      ? await holdersWithLicence(
          deps.database,
          batch.departmentCode,
          batch.typeCode,
          found.flatMap(({ holders }) => holders),
          today,
        )
      : new Set<string>()
  return found.map((one) => {
    if (claimsOf(one).some((mac) => claimed.has(hex(mac)))) return { ...one, twin: 'DUPLICATE_OF_BATCH' as const }
    if (one.holders.some((holder) => owners.has(hex(holder)))) return { ...one, twin: 'HOLDER_HAS_LICENCE' as const }
    return one
  })
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function toChecked({ box }: BatchReader, found: Found & { twin?: RowReasonCode }): CheckedRow {
  const { row, faults, duplicateMac, contentMac, twin } = found
  const all: RowFault[] = twin ? [{ column: null, code: twin, ...rowReasonWords[twin] }] : faults
  return {
    row,
    state: twin ? 'duplicate' : faults.length > 0 ? 'faulty' : 'valid',
    duplicateMac,
    contentMac,
    faults: all.length === 0 ? null : all.map(({ column, code }) => ({ column, code })),
    sealedFaults: all.length === 0 ? null : box.sealFaults(row, all),
  }
}
