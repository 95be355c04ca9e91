// Scans of rows that were issued go over from their batch to their licences, one at a time in memory.
import { createHash } from 'node:crypto'
import type { Transaction } from '../../../platform/index.ts'
import { examineScan } from '../../domain/scan.ts'
import { LicenceError } from '../../errors.ts'
import { type RowScan, scansOfRows } from '../../store/batch-scans.ts'
import { findLicence } from '../../store/licences.ts'
import { recordAudit } from '../../store/register.ts'
import { insertScans } from '../../store/scans.ts'
import type { Deps } from '../deps.ts'
import { openBox } from '../sealed-content.ts'
import { openBatchFile } from './batch-box.ts'
import type { BatchReader } from './row-data.ts'
import { type Fate, fateOf } from './row-fate.ts'

type NewScan = Parameters<typeof insertScans>[2][number]

/** What becomes of rows, and the scans to be put on record with them, their files stored by then. */
export interface Kept {
  readonly fates: readonly Fate[]
  readonly scans: readonly NewScan[]
}

/** A row as it went to be issued, with what became of it. */
interface MintedRow {
  readonly attempts: number
  readonly fate: Fate
}

/**
 * Stores the scans of rows that were issued under the keys of their licences. A row whose scans cannot be stored is not settled as issued:
 * it comes again by its key, finds its licence, and stores them. What was stored before counts once, by its digest.
 * @param mayGoOn asked after each row, since files may take longer than a lease lasts
 */
export async function keepScans(
  deps: Deps,
  reader: BatchReader,
  rows: readonly MintedRow[],
  mayGoOn: () => Promise<boolean>,
): Promise<Kept | 'lost'> {
  const issued = rows.filter(({ fate }) => fate.settled.state === 'issued').map(({ fate }) => fate.settled.row)
  const of = Map.groupBy(await scansOfRows(deps.database, reader.batch.batchId, issued), ({ row }) => row)
  const fates: Fate[] = []
  const scans: NewScan[] = []
  for (const { attempts, fate } of rows) {
    const own = of.get(fate.settled.row)
    if (!own) {
      fates.push(fate)
      continue
    }
    const stored = await storeAll(deps, reader, fate.settled.identifier!, own).catch((error: unknown) => ({ error }))
    if ('error' in stored) fates.push(fateOf({ row: fate.settled.row, attempts }, { ok: false, error: stored.error }))
    else {
      fates.push(fate)
      scans.push(...stored)
    }
    if (!(await mayGoOn())) return 'lost'
  }
  return { fates, scans }
}

async function storeAll(deps: Deps, reader: BatchReader, identifier: string, files: readonly RowScan[]) {
  const licence = (await findLicence(deps.database, identifier))!
  // Its data were erased since: nothing of them is kept any more.
  if (!licence.wrappedDataKey) return []
  const box = openBox(deps, licence)
  const scans: NewScan[] = []
  for (const file of files) {
    const bytes = await openBatchFile(deps, reader.box, file)
    const examined = examineScan(bytes)
    if ('fault' in examined) throw new LicenceError('LICENCE_CONTENT_DAMAGED', 'a scan is not what it was at the check')
    const [blob] = await deps.blobs.putMany([box.seal('scan', bytes)])
    const digest = createHash('sha256').update(bytes).digest('hex')
    const scan = { scanId: deps.ids.uuid(), identifier, mediaType: examined.mediaType, bytes: bytes.length, digest }
    scans.push({ ...scan, blob: blob!, grade: file.grade })
  }
  return scans
}

/** Puts stored scans on record, in the name of whoever started the batch; those that are there are left as they are. */
export async function recordScans(
  deps: Deps,
  tx: Transaction,
  { batch }: BatchReader,
  scans: readonly NewScan[],
): Promise<void> {
  if (scans.length === 0) return
  const starter = batch.startedBy!
  const at = deps.clock.now()
  const added = await insertScans(tx, batch.departmentCode, scans, { by: starter.id, at })
  const records = scans
    .filter(({ scanId }) => added.has(scanId))
    .map(({ scanId, identifier, grade }) => ({ action: 'add-scan', identifier, detail: `${scanId} ${grade}` }))
  if (records.length > 0) await recordAudit(tx, starter, at, records)
}
