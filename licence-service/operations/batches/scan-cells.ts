import type { ScanMapping } from '../../domain/batch.ts'
import { isTexts, linesOf } from './map-row.ts'
import type { ReadRow } from './read-row.ts'

/** What a row says of its scans. */
export interface ScanCells {
  /** Names of files, or the one thing with which their names begin; empty where the cell is. */
  readonly names: readonly string[]
  /** As it is written; empty where nothing is. */
  readonly grade: string
}
export type ScanCellReader = (cells: ReadRow['cells']) => ScanCells

/** Reads scans out of a batch's rows. A cell names several files line by line or with semicolons, a JSON row by an array too. */
export function createScanCellReader(
  columns: readonly string[],
  { column, gradeColumn, by }: ScanMapping,
): ScanCellReader {
  const textsOf = (cells: ReadRow['cells'], name: string): readonly string[] => {
    const value: unknown = isTexts(cells) ? cells[columns.indexOf(name)] : cells[name]
    const texts: readonly unknown[] = Array.isArray(value) ? value : [value]
    return texts.filter((text) => typeof text === 'string').map((text) => text.trim())
  }
  return (cells) => {
    const said = textsOf(cells, column)
    const names = by === 'file-names' ? said.flatMap(linesOf) : said
    const grade = gradeColumn === undefined ? '' : (textsOf(cells, gradeColumn)[0] ?? '')
    return { names: [...new Set(names)].filter((name) => name !== ''), grade }
  }
}
