// Which files of a batch's ZIPs are scans of a row's paper, and whether they can be kept: found at the check, so that minting has no surprise.
import { MOST_SCANS, type ScanGrade, toGrade } from '../../domain/scan.ts'
import { type BatchFile, filesByBeginning, filesByName } from '../../store/batch-scans.ts'
import type { Deps } from '../deps.ts'
import { examineScanFile } from '../intake/scan-file.ts'
import { beginningMac, namePlace, openBatchFile, pageNumber, pictureMac } from './batch-box.ts'
import type { RowScanFaultCode } from './fault-words.ts'
import type { BatchReader } from './row-data.ts'
import type { ScanCells } from './scan-cells.ts'

export interface FoundScans {
  readonly files: readonly BatchFile[]
  /** Of all of them; null where there is none, or none is told. */
  readonly grade: ScanGrade | null
  /** `inGrade`: of the grade's column, else of the files'. */
  readonly faults: readonly { readonly code: RowScanFaultCode; readonly inGrade: boolean }[]
}

/** Finds a row's scans, looks into each of them, and tells all that is wrong. */
export async function findScans(deps: Deps, reader: BatchReader, said: ScanCells): Promise<FoundScans> {
  const { isRequired, grade: usual } = reader.batch.mapping!.scans!
  const { files, isMissing } = await filesOf(deps, reader, said)
  const faults: { code: RowScanFaultCode; inGrade: boolean }[] = []
  const fault = (code: RowScanFaultCode, inGrade = false) => void faults.push({ code, inGrade })
  if (isMissing) fault('SCAN_FILE_MISSING')
  else if (files.length === 0 && isRequired) fault('SCAN_REQUIRED')
  else if (files.length > MOST_SCANS) fault('SCAN_TOO_MANY')
  const grade = said.grade === '' ? usual : toGrade(said.grade)
  if (files.length > 0 && grade === undefined)
    fault(said.grade === '' ? 'SCAN_GRADE_MISSING' : 'SCAN_GRADE_UNKNOWN', true)
  if (faults.length === 0)
    for (const file of files) {
      const examined = await examineScanFile(deps, await openBatchFile(deps, reader.box, file))
      if ('fault' in examined) fault(examined.fault)
    }
  return { files, grade: grade ?? null, faults }
}

async function filesOf(deps: Deps, reader: BatchReader, { names }: ScanCells) {
  const { batchId, mapping } = reader.batch
  if (names.length === 0) return { files: [], isMissing: false }
  if (mapping!.scans!.by === 'beginnings') {
    const files = await filesByBeginning(deps.database, batchId, beginningMac(deps, batchId, names[0]!), MOST_SCANS + 1)
    return { files: inOrder(reader, files), isMissing: false }
  }
  // More than may be kept are looked for no further.
  const macs = names.slice(0, MOST_SCANS + 1).map((name) => pictureMac(deps, batchId, name))
  const found = new Map((await filesByName(deps.database, batchId, macs)).map((file) => [hex(file.mac), file]))
  const wanted = new Set(macs.map(hex))
  const files = [...wanted].flatMap((mac) => found.get(mac) ?? [])
  return { files, isMissing: files.length < wanted.size }
}

const hex = (mac: Uint8Array): string => Buffer.from(mac).toString('hex')

/** Pages as people count them: 2 before 10, and before both the file without a number. */
function inOrder({ box }: BatchReader, files: readonly BatchFile[]): BatchFile[] {
  const paged = files.map((file) => {
    const name = file.sealedName ? Buffer.from(box.openBytes(namePlace(file.mac), file.sealedName)).toString() : ''
    return { file, name, page: pageNumber(name) }
  })
  const isBefore = (one: string, other: string) => (one < other ? -1 : 1)
  return paged.toSorted((one, other) => one.page - other.page || isBefore(one.name, other.name)).map(({ file }) => file)
}
