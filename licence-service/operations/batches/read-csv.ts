import type { TextEncoding } from '../../domain/batch.ts'
import { fileFault } from './file-fault.ts'
import {
  type CellFault,
  columnNames,
  isBlank,
  LONGEST_CELL,
  MOST_COLUMNS,
  type ReadRow,
  type RowSource,
} from './read-row.ts'

/** Longer than any row of 200 cells of a licence. */
const LONGEST_RECORD = 4 << 20
/** CSV has no last row of its own; this is what a batch takes. */
export const MOST_CSV_ROWS = 2_000_000
const PIECE = 1 << 20

/**
 * Which encoding a text is in: what its mark says, else strict UTF-8, else strict GB 18030.
 * @throws LicenceError BATCH_FILE_INVALID when it is none of them
 */
export function encodingOf(bytes: Uint8Array): TextEncoding | 'utf-16le' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  // Text that happens to be both is hardly ever GB 18030: two Chinese characters seldom make three bytes of UTF-8.
  for (const encoding of ['utf-8', 'gb18030'] as const) if (isEncoded(bytes, encoding)) return encoding
  throw fileFault('ENCODING_UNKNOWN')
}

function isEncoded(bytes: Uint8Array, encoding: TextEncoding): boolean {
  try {
    for (const _ of decodePieces(bytes, encoding));
    return true
  } catch {
    return false
  }
}

/** The text piece by piece; throws where it is not in this encoding. NUL is in no table. */
function* decodePieces(bytes: Uint8Array, encoding: TextEncoding | 'utf-16le'): Generator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const checked = (text: string) => {
    if (text.includes('\0')) throw fileFault('FILE_KIND_UNKNOWN')
    return text
  }
  try {
    for (let at = 0; at < bytes.length; at += PIECE)
      yield checked(decoder.decode(bytes.subarray(at, at + PIECE), { stream: true }))
    yield checked(decoder.decode())
  } catch (cause) {
    throw fileFault('ENCODING_UNKNOWN', cause)
  }
}

/** The sign between cells: the one that the first line has most of, outside quotes. */
function delimiterOf(text: string): string {
  const line = (text.split(/\r?\n/, 1)[0] ?? '').replaceAll(/"[^"]*"/g, '')
  const said = /^sep=(.)$/.exec(line)?.[1]
  if (said) return said
  const count = (sign: string) => line.split(sign).length
  return [',', '\t', ';', '，'].reduce((best, sign) => (count(sign) > count(best) ? sign : best))
}

/**
 * Opens CSV (RFC 4180) in UTF-8 or GB 18030: its columns at once, its rows when they are asked for.
 * @throws LicenceError BATCH_FILE_INVALID; so does reading the rows
 */
export async function openCsv(
  bytes: Uint8Array,
  options: { readonly encoding?: TextEncoding | undefined; readonly headerRow?: number | undefined } = {},
): Promise<RowSource> {
  const encoding = encodingOf(bytes) === 'utf-16le' ? 'utf-16le' : (options.encoding ?? encodingOf(bytes))
  const records = () => readRecords(bytes, encoding)
  const header = await findHeader(records(), options.headerRow)
  const columns = columnNames(header.cells)
  if (columns.length > MOST_COLUMNS) throw fileFault('TOO_MANY_COLUMNS')
  async function* rows(): AsyncGenerator<ReadRow> {
    let count = 0
    for await (const { row, cells } of records()) {
      if (row <= header.row || isBlank(cells)) continue
      if (++count > MOST_CSV_ROWS) throw fileFault('TOO_MANY_ROWS')
      yield { row, ...checkCells(cells, columns.length) }
    }
  }
  return { columns, rows: { [Symbol.asyncIterator]: rows } }
}

async function findHeader(records: AsyncIterable<Record>, wanted: number | undefined): Promise<Record> {
  for await (const record of records)
    if (
      wanted === undefined ? !isBlank(record.cells) && !/^sep=.?$/.test(record.cells.join('')) : record.row === wanted
    )
      return record
  throw fileFault('FILE_EMPTY')
}

interface Record {
  readonly row: number
  readonly cells: readonly string[]
}

function checkCells(cells: readonly string[], columns: number): { cells: string[]; faults: CellFault[] } {
  const faults: CellFault[] = []
  if (cells.slice(columns).some((cell) => cell.trim() !== '')) faults.push({ column: null, code: 'ROW_TOO_LONG' })
  const kept = cells.slice(0, columns).map((cell, column) => {
    if (cell.length <= LONGEST_CELL) return cell
    faults.push({ column, code: 'CELL_TOO_LONG' })
    return ''
  })
  return { cells: kept, faults }
}

async function* readRecords(bytes: Uint8Array, encoding: TextEncoding | 'utf-16le'): AsyncGenerator<Record> {
  const pieces = decodePieces(bytes, encoding)
  const first = pieces.next()
  if (first.done) return
  const { parse } = await import('csv-parse')
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(first.value.replace(/^\ufeff/, '')),
    relax_column_count: true,
    max_record_size: LONGEST_RECORD,
    record_delimiter: ['\r\n', '\n', '\r'],
  })
  const feed = async () => {
    parser.write(first.value)
    for (const piece of pieces) {
      if (piece.length === 0) continue
      if (!parser.write(piece)) await new Promise((resolve) => parser.once('drain', resolve))
      if (parser.destroyed) return
    }
    parser.end()
  }
  const fed = feed().catch((error: unknown) => void parser.destroy(error instanceof Error ? error : undefined))
  let row = 0
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      row++
      yield { row, cells }
    }
    await fed
  } catch (cause) {
    if (cause instanceof Error && 'faults' in cause) throw cause
    throw fileFault('FILE_DAMAGED', cause)
  } finally {
    parser.destroy()
  }
}
