// Some rows, drawn by chance, are looked at by a second person before a batch is minted.
import type { Principal } from '../../../platform/index.ts'
import { usualSample } from '../../domain/batch.ts'
import { examineScan, type ScanGrade, type ScanMediaType } from '../../domain/scan.ts'
import { LicenceError } from '../../errors.ts'
import { findRow, rowsAt } from '../../store/batch-rows.ts'
import { addSamples, keepSamples, listSamples, recordLook, type SampleRow } from '../../store/batch-samples.ts'
import { scansOfRows } from '../../store/batch-scans.ts'
import { type BatchRow, moveBatch } from '../../store/batches.ts'
import { recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import { previewLicence } from '../preview-licence.ts'
import { namePlace, openBatchBox, openBatchFile } from './batch-box.ts'
import { actOn, requireAnother } from './control-batch.ts'
import { createBatchReader, dataOfRow } from './row-data.ts'
import { batchOf } from './take-batch.ts'

/**
 * Draws rows among the good ones, each as likely as any other; never fewer than is usual, whatever was asked for. What was drawn before
 * stays drawn, also over another check: nobody draws until the rows come that suit them.
 * @throws LicenceError BATCH_NOT_FOUND, BATCH_STATE_REFUSED, BATCH_NOTHING_VALID
 */
export const drawSamples = (
  deps: Deps,
  caller: Principal,
  batchId: string,
  wanted: number | undefined,
): Promise<BatchRow> =>
  actOn(deps, caller, batchId, 'sample', async (tx, { valid, state: from }, state) => {
    if (valid === 0) throw new LicenceError('BATCH_NOTHING_VALID', 'no row of this batch is good')
    const kept = await keepSamples(tx, batchId)
    const least = Math.max(wanted ?? 0, usualSample(valid))
    // Since another check, rows that nobody drew from may have come: as many as ever are drawn anew.
    const more = from === 'sampled' ? Math.max(0, least - kept) : least
    const others = valid - kept
    const rows = await rowsAt(tx, batchId, drawPlaces(deps, others, Math.min(more, others)))
    const at = deps.clock.now()
    await addSamples(
      tx,
      batchId,
      rows.map(({ row }) => row),
      at,
      caller.id,
    )
    await moveBatch(tx, batchId, { state, at, phase: null })
  })

/** Different places below `size`, uniformly: 48 random bits each, so that no place is likelier by what can be noticed. */
function drawPlaces(deps: Deps, size: number, count: number): number[] {
  const drawn = new Set<number>()
  while (drawn.size < count) {
    const bytes = Buffer.from(deps.ids.bytes(6 * (count - drawn.size)))
    for (let at = 0; at < bytes.length; at += 6) drawn.add(bytes.readUIntBE(at, 6) % size)
  }
  return [...drawn]
}

/** The samples of a batch, and who looked at them. */
export async function samplesOf(deps: Deps, caller: Principal, batchId: string): Promise<SampleRow[]> {
  await batchOf(deps, caller, batchId)
  return listSamples(deps.database, batchId)
}

/**
 * A sample as the licence it would become: a specimen. That it was looked at is on record.
 * @throws LicenceError BATCH_NOT_FOUND, BATCH_ROW_NOT_FOUND, LICENCE_DATA_INVALID
 */
export async function previewSample(deps: Deps, caller: Principal, batchId: string, row: number): Promise<Uint8Array> {
  const batch = await batchOf(deps, caller, batchId)
  const at = deps.clock.now()
  const isSample = await deps.database.transaction(async (tx) => {
    const isThere = await recordLook(tx, batchId, row, at, caller.id)
    if (isThere)
      await recordAudit(tx, caller, at, [{ action: 'look at sample', identifier: batchId, detail: String(row) }])
    return isThere
  })
  const found = isSample && (await findRow(deps.database, batchId, row))
  if (!found) throw new LicenceError('BATCH_ROW_NOT_FOUND', 'this row is no sample of the batch')
  const { data } = await dataOfRow(deps, createBatchReader(deps, batch), found)
  return previewLicence(deps, caller, { typeCode: batch.typeCode, data })
}

export interface SampleScan {
  /** From 0, in the order of the row's scans. */
  readonly place: number
  readonly name: string
  readonly grade: ScanGrade
}

/** The scans of a row's paper, to be held against its sample. */
export async function listSampleScans(
  deps: Deps,
  caller: Principal,
  batchId: string,
  row: number,
): Promise<SampleScan[]> {
  const { box, scans } = await scansOfSample(deps, caller, batchId, row)
  return scans.map(({ mac, sealedName, grade }, place) => {
    const name = sealedName ? Buffer.from(box.openBytes(namePlace(mac), sealedName)).toString() : ''
    return { place, name, grade }
  })
}

/**
 * One of them as it was in its ZIP; that it was looked at is on record.
 * @throws LicenceError BATCH_NOT_FOUND, BATCH_ROW_NOT_FOUND, BATCH_FORGOTTEN, SCAN_NOT_FOUND
 */
export async function readSampleScan(
  deps: Deps,
  caller: Principal,
  { batchId, row, place }: { readonly batchId: string; readonly row: number; readonly place: number },
): Promise<{ readonly bytes: Uint8Array; readonly mediaType: ScanMediaType }> {
  const { box, scans } = await scansOfSample(deps, caller, batchId, row)
  const scan = scans[place]
  const bytes = scan && (await openBatchFile(deps, box, scan))
  const examined = bytes && examineScan(bytes)
  if (!examined || 'fault' in examined) throw new LicenceError('SCAN_NOT_FOUND', 'the row has no such scan')
  const detail = `${row} ${place}`
  await deps.database.transaction((tx) =>
    recordAudit(tx, caller, deps.clock.now(), [{ action: 'look at sample scan', identifier: batchId, detail }]),
  )
  return { bytes, mediaType: examined.mediaType }
}

async function scansOfSample(deps: Deps, caller: Principal, batchId: string, row: number) {
  const batch = await batchOf(deps, caller, batchId)
  const isSample = (await listSamples(deps.database, batchId)).some((sample) => sample.row === row)
  if (!isSample) throw new LicenceError('BATCH_ROW_NOT_FOUND', 'this row is no sample of the batch')
  return { box: openBatchBox(deps, batch), scans: await scansOfRows(deps.database, batchId, [row]) }
}

/**
 * The second person's word. Approving needs every sample looked at by that person.
 * @throws LicenceError BATCH_NOT_FOUND, BATCH_STATE_REFUSED, BATCH_SAME_PERSON, BATCH_SAMPLES_UNSEEN
 */
export const decideSamples = (
  deps: Deps,
  caller: Principal,
  batchId: string,
  decision: 'approve' | 'refuse',
): Promise<BatchRow> =>
  actOn(deps, caller, batchId, decision, async (tx, batch, state) => {
    await requireAnother(tx, batch, caller)
    const unseen = (await listSamples(tx, batchId)).filter(({ lookedBy }) => lookedBy !== caller.id)
    if (decision === 'approve' && unseen.length > 0)
      throw new LicenceError('BATCH_SAMPLES_UNSEEN', `${unseen.length} of the samples were not looked at yet`)
    const note = decision === 'refuse' ? 'SAMPLES_REFUSED' : null
    await moveBatch(tx, batchId, { state, at: deps.clock.now(), phase: null, note })
  })
