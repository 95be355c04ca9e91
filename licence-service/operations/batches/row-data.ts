// A row on record as data of its type, with its pictures: for the check, for the samples and for minting alike.
import { LicenceError } from '../../errors.ts'
import type { BatchRow } from '../../store/batches.ts'
import type { Deps, Template } from '../deps.ts'
import { type BatchBox, openBatchBox, readPictures } from './batch-box.ts'
import { createRowMapper, type RowMapper } from './map-row.ts'
import { createScanCellReader, type ScanCellReader, type ScanCells } from './scan-cells.ts'

export interface BatchReader {
  readonly batch: BatchRow
  readonly box: BatchBox
  readonly template: Template
  readonly mapper: RowMapper
  /** Whether rows bring pictures, which make them large. */
  readonly hasPictures: boolean
  /** What a row says of its scans; undefined where the batch has none. */
  readonly scanCells: ScanCellReader | undefined
}

/** @throws LicenceError LICENCE_TYPE_UNKNOWN, TEMPLATE_NOT_PUBLISHED, BATCH_FORGOTTEN, BATCH_MAPPING_INVALID */
export function createBatchReader(deps: Deps, batch: BatchRow): BatchReader {
  const template = deps.templates.current(batch.typeCode)
  if (!template) {
    const isTypeThere = deps.templates.entry(batch.typeCode)?.state === 'published'
    const code = isTypeThere ? 'TEMPLATE_NOT_PUBLISHED' : 'LICENCE_TYPE_UNKNOWN'
    throw new LicenceError(code, 'the type, or its template, was retired')
  }
  if (!batch.mapping) throw new LicenceError('BATCH_MAPPING_INVALID', 'the batch has no mapping')
  return {
    batch,
    box: openBatchBox(deps, batch),
    template,
    mapper: createRowMapper(template.definition, batch.columns, batch.mapping),
    hasPictures: template.definition.fields.some(({ type }) => type === 'picture'),
    scanCells: batch.mapping.scans && createScanCellReader(batch.columns, batch.mapping.scans),
  }
}

export interface RowData {
  readonly data: Readonly<Record<string, unknown>>
  /** Fields whose file is in no ZIP of the batch. */
  readonly missing: readonly string[]
  /** The names of the files that are. */
  readonly pictures: readonly string[]
  readonly scans: ScanCells | undefined
}

/** What the row enters, its pictures in base64. */
export async function dataOfRow(
  deps: Deps,
  { batch, box, mapper, scanCells }: BatchReader,
  row: { readonly row: number; readonly sealedRow: Uint8Array | null },
): Promise<RowData> {
  if (!row.sealedRow) throw new LicenceError('BATCH_FORGOTTEN', 'what this batch said of its holders is no longer kept')
  const cells = box.openRow(row.row, row.sealedRow)
  const { data, pictures } = mapper.map(cells)
  const files = pictures.map(({ file }) => file)
  const found = await readPictures(deps, deps.database, box, batch.batchId, files)
  const missing: string[] = []
  for (const { field, file } of pictures) {
    const picture = found.get(file)
    if (picture === undefined) missing.push(field)
    else data[field] = picture
  }
  return { data, missing, pictures: [...found.keys()], scans: scanCells?.(cells) }
}
