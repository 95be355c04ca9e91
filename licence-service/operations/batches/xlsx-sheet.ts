// The rows of a sheet, cut out of its XML as it is inflated: nothing but the row at hand is kept.
import { fileFault } from './file-fault.ts'
import { type CellFault, type CellFaultCode, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS } from './read-row.ts'
import { attribute, decodeXml, elementsOf, refuseOddXml, textOfRuns, xmlDecoder } from './xlsx-text.ts'

/** A cell that lies in a merged area, as places from 0. */
export interface MergedArea {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

export interface SheetFacts {
  /** Namespace prefix with its colon, or nothing. */
  readonly prefix: string
  readonly merged: readonly MergedArea[]
}

export interface SheetContext extends SheetFacts {
  readonly strings: readonly string[]
  /** By style number: whether it shows numbers as dates. */
  readonly isDate: readonly boolean[]
  readonly is1904: boolean
}

export interface SheetRow {
  readonly row: number
  readonly cells: string[]
  readonly faults: CellFault[]
}

/** Far more than a row of 200 full cells is in XML. */
const LONGEST_ROW = 32 << 20
const MOST_AREAS = 100_000
const LONGEST_TAIL = 16 << 20

/** Goes through a sheet once for what stands after its rows: merged cells. */
export async function readSheetFacts(pieces: AsyncIterable<Uint8Array>): Promise<SheetFacts> {
  const decoder = xmlDecoder()
  let head = ''
  let prefix: string | undefined
  let tail: string | undefined
  let carried = ''
  const take = (text: string) => {
    if (prefix === undefined) {
      head += text
      const root = /<(?:([A-Za-z_][\w.-]{0,30}):)?worksheet[\s>]/.exec(head)
      if (!root) {
        if (head.length > 100_000) throw fileFault('XML_NOT_ALLOWED')
        return
      }
      prefix = root[1] ? `${root[1]}:` : ''
      text = head
      head = ''
    }
    if (tail !== undefined) {
      tail += text
      if (tail.length > LONGEST_TAIL) throw fileFault('XML_NOT_ALLOWED')
      return
    }
    const joined = carried + text
    refuseOddXml(joined)
    const end = joined.indexOf(`</${prefix}sheetData>`)
    if (end >= 0) tail = joined.slice(end)
    else carried = joined.slice(-40)
  }
  for await (const piece of pieces) take(decoder.write(piece))
  take(decoder.end())
  if (prefix === undefined) throw fileFault('XML_NOT_ALLOWED')
  return { prefix, merged: tail === undefined ? [] : mergedAreas(tail, prefix) }
}

function mergedAreas(tail: string, prefix: string): MergedArea[] {
  const areas: MergedArea[] = []
  for (const [, tag] of tail.matchAll(new RegExp(`<${prefix}mergeCell\\s([^<>]*?)/?>`, 'g'))) {
    const [from, to] = (attribute(tag!, 'ref') ?? '').split(':')
    const [start, end] = [placeOf(from ?? ''), placeOf(to ?? from ?? '')]
    if (!start || !end || areas.length >= MOST_AREAS) throw fileFault('XML_NOT_ALLOWED')
    areas.push({ top: start.row, left: start.column, bottom: end.row, right: end.column })
  }
  return areas
}

/** `B12` as places from 0; undefined for anything else. */
function placeOf(reference: string): { row: number; column: number } | undefined {
  const match = /^\$?([A-Z]{1,3})\$?([1-9]\d{0,6})$/.exec(reference)
  if (!match) return undefined
  let column = 0
  for (const letter of match[1]!) column = column * 26 + letter.charCodeAt(0) - 64
  return { row: Number(match[2]) - 1, column: column - 1 }
}

/**
 * The rows of a sheet with something in them, in their order.
 * @throws LicenceError BATCH_FILE_INVALID for what is no sheet, has too many rows or columns, or names rows out of order
 */
export async function* readSheetRows(
  pieces: AsyncIterable<Uint8Array>,
  context: SheetContext,
): AsyncGenerator<SheetRow> {
  const { prefix } = context
  const decoder = xmlDecoder()
  const reader = createRowReader(context)
  const [rowStart, rowEnd, dataEnd] = [`<${prefix}row`, `</${prefix}row>`, `</${prefix}sheetData>`]
  let text = ''
  let isOver = false
  /** A row that is not whole is looked at again when twice as much is there: a long one is not gone through for every piece. */
  let enough = 0
  function* cut(): Generator<SheetRow> {
    let at = 0
    const over = text.indexOf(dataEnd)
    while (!isOver) {
      const start = text.indexOf(rowStart, at)
      if (over >= 0 && (start < 0 || over < start)) {
        isOver = true
        break
      }
      if (start < 0) {
        at = Math.max(at, text.length - rowStart.length - dataEnd.length)
        break
      }
      const tagEnd = text.indexOf('>', start)
      if (tagEnd < 0) {
        at = start
        break
      }
      const tag = text.slice(start + rowStart.length, tagEnd)
      if (tag.endsWith('/')) {
        reader.skip(tag)
        at = tagEnd + 1
        continue
      }
      const end = text.indexOf(rowEnd, tagEnd)
      if (end < 0) {
        at = start
        break
      }
      const row = reader.read(tag, text.slice(tagEnd + 1, end))
      if (row) yield row
      at = end + rowEnd.length
    }
    text = text.slice(at)
    if (text.length > LONGEST_ROW) throw fileFault('RECORD_TOO_LONG')
    enough = text.length * 2
  }
  for await (const piece of pieces) {
    text += decoder.write(piece)
    if (text.length < enough) continue
    yield* cut()
    if (isOver) return
  }
  text += decoder.end()
  yield* cut()
  if (!isOver && text.includes(rowStart)) throw fileFault('FILE_DAMAGED')
}

function createRowReader(context: SheetContext) {
  const { prefix } = context
  const valuePattern = new RegExp(`<${prefix}v(?:\\s[^<>]*)?>([^<]*)</${prefix}v>`)
  const formula = `<${prefix}f`
  const mergedByRow = mergedColumns(context.merged)
  let last = 0
  const numberOf = (tag: string): number => {
    const given = attribute(tag, 'r')
    const row = given === undefined ? last + 1 : /^[1-9]\d{0,6}$/.test(given) ? Number(given) : 0
    if (row <= last) throw fileFault('XML_NOT_ALLOWED')
    if (row > MOST_ROWS) throw fileFault('TOO_MANY_ROWS')
    last = row
    return row
  }
  return {
    skip: (tag: string): void => void numberOf(tag),
    read(tag: string, xml: string): SheetRow | undefined {
      const row = numberOf(tag)
      const cells: string[] = []
      const faults: CellFault[] = []
      let next = 0
      for (const { attributes, content } of elementsOf(xml, `${prefix}c`)) {
        const reference = attribute(attributes, 'r')
        const place = reference === undefined ? { row: row - 1, column: next } : placeOf(reference)
        if (!place || place.row !== row - 1 || place.column < next) throw fileFault('XML_NOT_ALLOWED')
        next = place.column + 1
        if (content === undefined || content === '') continue
        const value = readCell(attributes, content)
        if (value.text === '' && !value.fault) continue
        if (place.column >= MOST_COLUMNS) throw fileFault('TOO_MANY_COLUMNS')
        while (cells.length < place.column) cells.push('')
        cells.push(value.text)
        if (value.fault) faults.push({ column: place.column, code: value.fault })
      }
      for (const column of mergedByRow(row - 1)) faults.push({ column, code: 'CELL_MERGED' })
      return cells.length === 0 && faults.length === 0 ? undefined : { row, cells, faults }
    },
  }

  function readCell(attributes: string, content: string): { text: string; fault?: CellFaultCode } {
    // What a formula shows was computed elsewhere, and may be anything.
    if (content.includes(formula)) return { text: '', fault: 'CELL_FORMULA' }
    const type = attribute(attributes, 't') ?? 'n'
    if (type === 'inlineStr') return checkedLength(textOfRuns(content, prefix))
    const value = valuePattern.exec(content)?.[1]
    if (value === undefined) return { text: '' }
    if (type === 's') {
      const shared = context.strings[/^\d{1,8}$/.test(value) ? Number(value) : -1]
      if (shared === undefined) throw fileFault('FILE_DAMAGED')
      return checkedLength(shared)
    }
    if (type === 'str' || type === 'd') return checkedLength(decodeXml(value))
    if (type === 'b') return { text: value === '1' ? 'TRUE' : 'FALSE' }
    if (type !== 'n') return { text: '', fault: 'CELL_ERROR' }
    const style = Number(attribute(attributes, 's') ?? 0)
    return readNumber(value.trim(), context.isDate[style] === true, context.is1904)
  }
}

const checkedLength = (text: string): { text: string; fault?: CellFaultCode } =>
  text.length > LONGEST_CELL ? { text: '', fault: 'CELL_TOO_LONG' } : { text }

/** Which columns begin a merged area in a row, each once however many areas lie over another; rows are asked for in their order. */
function mergedColumns(areas: readonly MergedArea[]): (row: number) => readonly number[] {
  const sorted = areas.toSorted((a, b) => a.top - b.top)
  const lastRows = new Map<number, number>()
  let next = 0
  return (row) => {
    for (; next < sorted.length && sorted[next]!.top <= row; next++) {
      const column = Math.min(sorted[next]!.left, MOST_COLUMNS - 1)
      lastRows.set(column, Math.max(lastRows.get(column) ?? 0, sorted[next]!.bottom))
    }
    for (const [column, bottom] of lastRows) if (bottom < row) lastRows.delete(column)
    return [...lastRows.keys()]
  }
}

/** Digits that a double holds for certain: beyond them a spreadsheet has silently changed the number. */
const MOST_DIGITS = 15
const DAY_MS = 86_400_000

/** A number cell as a person reads it: a day where its style says so. */
function readNumber(text: string, isDate: boolean, is1904: boolean): { text: string; fault?: CellFaultCode } {
  if (!/^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(text)) return { text: '', fault: 'CELL_ERROR' }
  const value = Number(text)
  if (isDate) return dateOf(value, is1904)
  if (Number.isInteger(value)) {
    if (Math.abs(value) >= 10 ** MOST_DIGITS) return { text: '', fault: 'CELL_NUMBER_IMPRECISE' }
    return { text: String(value) }
  }
  // 17 digits are what a double is written with; 15 are what was typed.
  return { text: String(Number(value.toPrecision(MOST_DIGITS))) }
}

/** Days since 1899-12-30; 1900 has a 29 February that never was, so day 60 is none, and those before it are one less. */
function dateOf(serial: number, is1904: boolean): { text: string; fault?: CellFaultCode } {
  const days = Math.floor(serial)
  if (serial < 0 || serial >= 2_958_466 || (!is1904 && (days === 60 || days === 0)))
    return { text: '', fault: 'CELL_DATE_IMPOSSIBLE' }
  const epoch = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30)
  const seconds = Math.round((serial - days) * 86_400)
  const iso = new Date(epoch + days * DAY_MS + seconds * 1000).toISOString()
  return { text: seconds === 0 ? iso.slice(0, 10) : iso.slice(0, 19) }
}
