import { isText } from '../../../platform/index.ts'
import { fileFault } from './file-fault.ts'

/** What is wrong with a cell as it stands in the file, before anything is known of licences. */
export type CellFaultCode =
  | 'CELL_FORMULA'
  | 'CELL_MERGED'
  | 'CELL_ERROR'
  | 'CELL_TOO_LONG'
  | 'CELL_NUMBER_IMPRECISE'
  | 'CELL_DATE_IMPOSSIBLE'
  | 'ROW_TOO_LONG'
  | 'ROW_NOT_JSON'

export interface CellFault {
  /** From 0; null for the whole row. */
  readonly column: number | null
  readonly code: CellFaultCode
}

/** A row as it was read. */
export interface ReadRow {
  /** As a person counts them in the file: from 1, with the header. */
  readonly row: number
  /** Texts in the order of the columns; of JSON Lines the object itself. */
  readonly cells: readonly string[] | Readonly<Record<string, unknown>>
  readonly faults: readonly CellFault[]
}

/** A file opened for reading: what its columns are called, and its rows as they come. */
export interface RowSource {
  readonly columns: readonly string[]
  readonly rows: AsyncIterable<ReadRow>
}

export const MOST_COLUMNS = 200
/** What a cell of a spreadsheet can hold at most. */
export const LONGEST_CELL = 32_767
export const MOST_ROWS = 1_048_576

/** A number of a person or an organisation, or a telephone's: a row that has one is no header, and its other cells may be names. */
const CODE = /\d{11}|[0-9A-Z]{2}\d{6}[0-9A-Z]{10}/
const DIGITS = /\d{6}/

/**
 * Names of columns from a header's cells: trimmed, and by their letters where there is no name. Names are kept in plain, so that what
 * looks like data is none.
 * @throws LicenceError BATCH_FILE_INVALID for a name that is no text
 */
export function columnNames(header: readonly string[]): string[] {
  // Excel writes any sign as `_x0000_`, halves of characters and NUL too; these names stand in the database, and no cell of a row does.
  if (!header.every(isText)) throw fileFault('COLUMN_NAME_NOT_TEXT')
  const names = header.map((text) => cutText(text.normalize('NFKC').replaceAll(/\s+/g, ' ').trim()))
  while (names.length > 0 && names.at(-1) === '') names.pop()
  const isData = names.some((name) => CODE.test(name))
  return names.map((name, index) => (name && !isData && !DIGITS.test(name) ? name : columnLetters(index)))
}

/** At most a hundred units, and no half of a character at their end. */
const cutText = (text: string): string => text.slice(0, 100).replace(/[\ud800-\udbff]$/, '')

/** 0 → A, 26 → AA. */
function columnLetters(index: number): string {
  let letters = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters
  return letters
}

export const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '')
