// Scans of the paper that a licence is on (存量证照): evidence beside the licence, which they neither make nor change.
import { createHash } from 'node:crypto'
import type { Principal } from '../../../platform/index.ts'
import { MOST_SCANS, type ScanGrade, type ScanMediaType, scanRefused } from '../../domain/scan.ts'
import { LicenceError } from '../../errors.ts'
import { lockLicence } from '../../store/licences.ts'
import { recordRead } from '../../store/reads.ts'
import { recordAudit } from '../../store/register.ts'
import {
  gradesOf,
  insertGrade,
  insertScans,
  listStandings,
  type ScanRow,
  type ScanStanding,
  scansOf,
} from '../../store/scans.ts'
import { type AsJson, answerOnce, type Once } from '../answer-once.ts'
import type { Deps } from '../deps.ts'
import { actedFor } from '../life/life-facts.ts'
import { formatCursor, parseCursor } from '../list-licences.ts'
import { getOwnRow } from '../read-licence.ts'
import { openBox } from '../sealed-content.ts'
import { examineScanFile } from './scan-file.ts'

export interface ScanView {
  readonly scanId: string
  readonly mediaType: ScanMediaType
  readonly bytes: number
  readonly digest: string
  readonly addedBy: string
  readonly addedAt: Date
  readonly grade: ScanGrade
  readonly gradedBy: string
  readonly gradedAt: Date
}

/**
 * Attaches a scan with its grade. The same file again is the scan that is there.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_ERASED, SCAN_FILE_REFUSED, SCAN_TOO_MANY
 */
export async function addScan(
  deps: Deps,
  caller: Principal,
  identifier: string,
  { bytes, grade }: { readonly bytes: Uint8Array; readonly grade: ScanGrade },
): Promise<ScanView> {
  const row = await getOwnRow(deps, caller, identifier)
  const examined = await examineScanFile(deps, bytes)
  if ('fault' in examined) throw scanRefused(examined.fault)
  const { mediaType } = examined
  const [blob] = await deps.blobs.putMany([openBox(deps, row).seal('scan', bytes)])
  const digest = createHash('sha256').update(bytes).digest('hex')
  const addedAt = deps.clock.now()
  return deps.database.transaction(async (tx) => {
    // Held until the end, so that two at once do not both find room, and an erasure comes before this or after it.
    openBox(deps, (await lockLicence(tx, identifier))!)
    const there = await scansOf(tx, identifier)
    const known = there.find((one) => one.digest === digest)
    if (known) return toView(known)
    if (there.length >= MOST_SCANS) throw new LicenceError('SCAN_TOO_MANY', `a licence has at most ${MOST_SCANS} scans`)
    const scanId = deps.ids.uuid()
    const scan = { scanId, identifier, mediaType, bytes: bytes.length, digest, blob: blob!, grade }
    await insertScans(tx, row.departmentCode, [scan], { by: caller.id, at: addedAt })
    await recordAudit(tx, caller, addedAt, [{ action: 'add-scan', identifier, detail: `${scanId} ${grade}` }])
    return toView({ ...scan, addedBy: caller.id, addedAt, gradedBy: caller.id, gradedAt: addedAt })
  })
}

/** @throws LicenceError LICENCE_NOT_FOUND */
export async function listScans(deps: Deps, caller: Principal, identifier: string): Promise<ScanView[]> {
  await getOwnRow(deps, caller, identifier)
  return (await scansOf(deps.database, identifier)).map(toView)
}

/**
 * Scans of all licences that the caller's department has in hand, those added last first; of one grade, or of all.
 * @throws LicenceError LICENCE_CURSOR_INVALID
 */
export async function listScansByGrade(
  deps: Deps,
  caller: Principal,
  { grade, cursor, limit }: { grade?: ScanGrade | undefined; cursor?: string | undefined; limit: number },
): Promise<{ items: Omit<ScanStanding, 'sequence'>[]; next: string | null }> {
  const before = cursor === undefined ? null : parseCursor(cursor)
  const departmentCodes = [...(await actedFor(deps, caller))]
  const rows = await listStandings(deps.database, departmentCodes, { grade: grade ?? null, before, limit: limit + 1 })
  const page = rows.slice(0, limit)
  const next = rows.length > limit ? formatCursor(page.at(-1)!.sequence) : null
  return { items: page.map(({ sequence: _, ...scan }) => scan), next }
}

/**
 * The file as it was added; that it was read is on record before it leaves.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_ERASED, SCAN_NOT_FOUND, LICENCE_CONTENT_DAMAGED
 */
export async function readScan(
  deps: Deps,
  caller: Principal,
  identifier: string,
  scanId: string,
): Promise<{ readonly bytes: Uint8Array; readonly mediaType: ScanMediaType }> {
  const row = await getOwnRow(deps, caller, identifier)
  const scan = await findScan(deps, identifier, scanId)
  const bytes = openBox(deps, row).open('scan', await deps.blobs.get(scan.blob))
  const at = deps.clock.now()
  await deps.database.transaction(async (tx) => {
    await recordRead(tx, { at, reader: caller, identifier, what: 'document' })
    await recordAudit(tx, caller, at, [{ action: 'read-scan', identifier, detail: scanId }])
  })
  return { bytes, mediaType: scan.mediaType }
}

export interface Grading {
  readonly grade: ScanGrade
  readonly gradedBy: string
  readonly gradedAt: Date
}

/**
 * Says anew how good a scan is; what was said before stays on record. A repeat of the key says nothing more.
 * @throws LicenceError LICENCE_NOT_FOUND, SCAN_NOT_FOUND, IDEMPOTENCY_KEY_REUSED
 */
export async function gradeScan(
  deps: Deps,
  caller: Principal,
  identifier: string,
  { scanId, grade, once }: { readonly scanId: string; readonly grade: ScanGrade; readonly once: Once },
): Promise<AsJson<Grading[]>> {
  await getOwnRow(deps, caller, identifier)
  await findScan(deps, identifier, scanId)
  const at = deps.clock.now()
  return answerOnce(deps, caller, once, async (tx) => {
    await insertGrade(tx, scanId, grade, caller.id, at)
    await recordAudit(tx, caller, at, [{ action: 'grade-scan', identifier, detail: `${scanId} ${grade}` }])
    return gradesOf(tx, scanId)
  })
}

async function findScan(deps: Deps, identifier: string, scanId: string): Promise<ScanRow> {
  const scan = (await scansOf(deps.database, identifier)).find((one) => one.scanId === scanId)
  if (!scan) throw new LicenceError('SCAN_NOT_FOUND', 'the licence has no such scan')
  return scan
}

const toView = ({ blob: _blob, identifier: _identifier, ...scan }: ScanRow): ScanView => scan
