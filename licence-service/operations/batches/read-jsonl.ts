import { isText } from '../../../platform/index.ts'
import { fileFault } from './file-fault.ts'
import { MOST_CSV_ROWS } from './read-csv.ts'
import { MOST_COLUMNS, type ReadRow, type RowSource } from './read-row.ts'

/** An object with a picture in base64 fits; a file in one line does not. */
const LONGEST_LINE = 8 << 20
const PIECE = 1 << 20
/** A table of a licence has three. */
const MOST_DEPTH = 8

/**
 * Opens JSON Lines in UTF-8: an object a line. What is no object is a fault of its row.
 * @param parts files one after the other, each ending its last line
 * @throws LicenceError BATCH_FILE_INVALID; so does reading the rows
 */
export function openJsonLines(parts: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>): RowSource {
  async function* rows(): AsyncGenerator<ReadRow> {
    let row = 0
    for await (const bytes of parts()) {
      for (const line of readLines(bytes)) {
        row++
        if (line.trim() === '') continue
        if (row > MOST_CSV_ROWS) throw fileFault('TOO_MANY_ROWS')
        const cells = parseObject(line)
        yield cells ? { row, cells, faults: [] } : { row, cells: {}, faults: [{ column: null, code: 'ROW_NOT_JSON' }] }
      }
    }
  }
  return { columns: [], rows: { [Symbol.asyncIterator]: rows } }
}

function* readLines(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  const decode = (piece: Uint8Array | undefined): string => {
    try {
      return piece ? decoder.decode(piece, { stream: true }) : decoder.decode()
    } catch (cause) {
      throw fileFault('ENCODING_UNKNOWN', cause)
    }
  }
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += decode(bytes.subarray(at, at + PIECE))
    const lines = text.split('\n')
    text = lines.pop()!
    if (text.length > LONGEST_LINE) throw fileFault('RECORD_TOO_LONG')
    yield* lines
  }
  text += decode(undefined)
  if (text !== '') yield text
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const isFit = Object.keys(value).length <= MOST_COLUMNS && isFitValue(value, 0)
  return isFit ? (value as Readonly<Record<string, unknown>>) : undefined
}

function isFitValue(value: unknown, depth: number): boolean {
  if (depth > MOST_DEPTH) return false
  if (typeof value === 'string') return isText(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(
    ([name, inner]) => name !== '__proto__' && isText(name) && isFitValue(inner, depth + 1),
  )
}
