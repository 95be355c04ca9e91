import type { FieldRow } from '../../licence-format/index.ts'
import { TemplateError } from '../errors.ts'
import type { Align, TableElement } from '../layout.ts'
import { defaultLeading, fitLines, middle, setLines } from './fitting.ts'
import { cellText } from './licence-text.ts'
import type { CompiledStyle, Press, Remainder } from './press.ts'
import { fillColour, strokeColour } from './units.ts'
import { across, type Drawer, upFrom, type Workshop } from './workshop.ts'

const padding = 4

interface TableColumn {
  readonly name: string
  readonly title: string
  readonly titleEn: string | undefined
  readonly type: 'text' | 'number' | 'date'
  readonly x: number
  readonly width: number
  readonly align: Align
}

interface CompiledTable {
  readonly field: string
  readonly columns: readonly TableColumn[]
  readonly width: number
  readonly rowHeight: number
  readonly style: CompiledStyle
  readonly headingStyle: CompiledStyle
  readonly headingFill: string | undefined
  readonly stroke: string
  readonly lineWidth: number
  readonly minSize: number
}

/** Rows of the table field below its heads; what does not fit goes on under the same heads on a further page. */
export function compileTable(element: TableElement, workshop: Workshop): Drawer {
  const table = prepareTable(element, workshop)
  const x = across(element.x)
  const top = upFrom(workshop, element.y)
  const bottom = top - across(element.height)
  return (press) => {
    const rows = rowsOf(press, table.field)
    const drawn = drawRows(press, table, rows, 0, { x, top, bottom })
    if (drawn.next >= rows.length) return
    const { overflow } = workshop
    if (element.continues === undefined || overflow === undefined) {
      press.failToFit(`/${table.field}/${drawn.next}`)
      return
    }
    setNote(press, overflow.note, table, x, drawn.bottom)
    press.remainders.push({ where: `/${table.field}`, ...tableRemainder(element.continues, table, rows, drawn.next) })
  }
}

/** Below the last row that found room, at its right end. */
function setNote(
  press: Press,
  note: string,
  { headingStyle: style, width }: CompiledTable,
  x: number,
  bottom: number,
): void {
  press.load(note, style, '')
  const noteWidth = press.breaker.width(0, press.breaker.count, style.size, 0)
  press.line(style, style.size, 0, x + width - noteWidth, bottom - 1.3 * style.size, 0, press.breaker.count)
}

function prepareTable(element: TableElement, workshop: Workshop): CompiledTable {
  const field = workshop.definition.fields.find((f) => f.name === element.field)
  let x = 0
  const columns = element.columns.map((column): TableColumn => {
    const defined = field?.columns?.find((c) => c.name === column.column)
    if (defined === undefined) {
      const message = `the layout names a column that is not there: ${element.field}.${column.column}`
      throw new TemplateError('TEMPLATE_DEFINITION_INVALID', message)
    }
    const width = across(column.width)
    x += width
    const { type } = defined
    const { title, titleEn, align = 'left' } = column
    return { name: column.column, title, titleEn, type, x: x - width, width, align }
  })
  return {
    field: element.field,
    columns,
    width: x,
    rowHeight: across(element.rowHeight),
    style: workshop.style(element.style),
    headingStyle: workshop.style(element.headingStyle),
    headingFill: element.headingFill && fillColour(element.headingFill),
    stroke: strokeColour(element.line.colour),
    lineWidth: across(element.line.width),
    minSize: element.minSize,
  }
}

function rowsOf(press: Press, field: string): readonly FieldRow[] {
  const value = press.values.fields[field]
  return Array.isArray(value) ? value : []
}

interface Column {
  readonly x: number
  readonly top: number
  readonly bottom: number
}

/** Draws heads and rows from … while they fit. */
function drawRows(
  press: Press,
  table: CompiledTable,
  rows: readonly FieldRow[],
  from: number,
  column: Column,
): { next: number; bottom: number } {
  let y = column.top
  const edges = [y]
  if (y - table.rowHeight < column.bottom) return { next: from, bottom: y }
  drawHeads(press, table, column.x, y)
  y -= table.rowHeight
  edges.push(y)
  let next = from
  for (; next < rows.length; next++) {
    const height = rowHeight(press, table, rows[next]!, next)
    if (y - height < column.bottom) break
    drawRow(press, table, rows[next]!, next, column.x, y, height)
    y -= height
    edges.push(y)
  }
  drawRules(press, table, column.x, edges)
  return { next, bottom: y }
}

function drawHeads(press: Press, table: CompiledTable, x: number, top: number): void {
  const { writer } = press
  const { headingStyle: style } = table
  if (table.headingFill !== undefined) {
    writer.text(`q ${table.headingFill}`)
    for (const value of [x, top - table.rowHeight, table.width, table.rowHeight]) writer.number(value)
    writer.text('re f Q\n')
  }
  const centre = top - table.rowHeight / 2
  for (const column of table.columns) {
    const place = { x: x + column.x, width: column.width }
    if (column.titleEn === undefined) {
      drawHead(press, column.title, style, style.size, { ...place, y: centre - middle * style.size })
      continue
    }
    const second = secondHead * style.size
    drawHead(press, column.title, style, style.size, { ...place, y: centre + 0.12 * style.size })
    drawHead(press, column.titleEn, style, second, { ...place, y: centre - 0.12 * style.size - second })
  }
}

/** Letters of a second heading as part of the first one's. */
const secondHead = 0.7

function drawHead(
  press: Press,
  text: string,
  style: CompiledStyle,
  size: number,
  { x, y, width }: { x: number; y: number; width: number },
): void {
  press.load(text, style, '')
  const rest = width - press.breaker.width(0, press.breaker.count, size, style.spacing)
  press.line(style, size, style.spacing, x + rest / 2, y, 0, press.breaker.count)
}

const manyLines = 40

function fitCell(press: Press, table: CompiledTable, column: TableColumn, row: FieldRow, index: number): number {
  const where = `/${table.field}/${index}/${column.name}`
  const text = cellText(row, column.name, column.type)
  if (text === '' || !press.load(text, table.style, where)) return 0
  return press.breaker.break(0, column.width - 2 * padding, table.style.size, table.style.spacing)
}

function rowHeight(press: Press, table: CompiledTable, row: FieldRow, index: number): number {
  let lines = 1
  for (const column of table.columns) {
    const needed = fitCell(press, table, column, row, index)
    if (needed > manyLines) press.failToFit(`/${table.field}/${index}/${column.name}`)
    lines = Math.max(lines, Math.min(needed, manyLines))
  }
  return Math.max(table.rowHeight, lines * defaultLeading * table.style.size + 2 * padding)
}

function drawRow(
  press: Press,
  table: CompiledTable,
  row: FieldRow,
  index: number,
  x: number,
  top: number,
  height: number,
): void {
  const { style } = table
  for (const column of table.columns) {
    if (fitCell(press, table, column, row, index) === 0) continue
    const width = column.width - 2 * padding
    const fit = { lines: manyLines, minSize: Math.min(table.minSize, style.size) }
    const fitted = fitLines(press, style, fit, width, height - padding)
    const y = top - height / 2 - middle * fitted.size + ((fitted.lines - 1) * fitted.leading) / 2
    const place = { x: x + column.x + padding, y, width, align: column.align }
    setLines(press, style, fitted, place, Math.min(fitted.lines, manyLines))
  }
}

function drawRules(press: Press, table: CompiledTable, x: number, edges: readonly number[]): void {
  const { writer } = press
  const [top, bottom] = [edges[0]!, edges.at(-1)!]
  writer.text(`q ${table.stroke}`)
  writer.number(table.lineWidth)
  writer.text('w 2 J\n')
  const line = (x1: number, y1: number, x2: number, y2: number) => {
    writer.number(x1)
    writer.number(y1)
    writer.text('m ')
    writer.number(x2)
    writer.number(y2)
    writer.text('l\n')
  }
  for (const y of edges) line(x, y, x + table.width, y)
  for (const column of table.columns) line(x + column.x, top, x + column.x, bottom)
  line(x + table.width, top, x + table.width, bottom)
  writer.text('S Q\n')
}

function tableRemainder(
  title: string,
  table: CompiledTable,
  rows: readonly FieldRow[],
  from: number,
): Omit<Remainder, 'where'> {
  let next = from
  return {
    title,
    flow(press, column) {
      const drawn = drawRows(press, table, rows, next, { x: column.x, top: column.top, bottom: column.bottom })
      next = drawn.next
      return { bottom: drawn.bottom, isDone: next >= rows.length }
    },
  }
}
