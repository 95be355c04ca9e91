import { TemplateError } from '../errors.ts'
import type { Align, Cell, Fit, GridElement, RowsElement, TextElement } from '../layout.ts'
import { fitHeight, fitLines, middle, setLines, textRemainder } from './fitting.ts'
import { type CompiledText, fillText } from './licence-text.ts'
import type { CompiledStyle, Press } from './press.ts'
import { fillColour, numeral, strokeColour } from './units.ts'
import { across, type Drawer, fixedLine, fixedWidth, upFrom, type Workshop } from './workshop.ts'

interface Block {
  readonly text: CompiledText
  readonly empty: string
  readonly style: CompiledStyle
  readonly fit: Fit
  readonly x: number
  readonly width: number
  readonly align: Align
}

/** Loads a block's text for the licence; false when there is nothing to set. */
function loadBlock(press: Press, block: Block): string | undefined {
  const filled = fillText(block.text, press.values, press.page + 1)
  const text = filled.isEmpty ? block.empty : filled.text
  if (text === '' || !press.load(text, block.style, block.text.where)) return undefined
  return text
}

/**
 * Sets a block with its first base line at `y`, or around the middle of its place when `y` is that of a one-line block that needs more.
 * Returns the number of points from the top of the place to the end of the text.
 */
function setBlock(press: Press, block: Block, y: number, room: number, workshop: Workshop, isCentred: boolean): number {
  const text = loadBlock(press, block)
  if (text === undefined) return block.style.size
  const fitted = fitLines(press, block.style, block.fit, block.width, room)
  const place = { x: block.x, y, width: block.width, align: block.align }
  if (fitted.lines > fitted.capacity) {
    const { overflow } = workshop
    const title = block.fit.continues
    if (title === undefined || overflow === undefined || fitted.capacity < 2) {
      press.failToFit(block.text.where)
      return room
    }
    const shown = fitted.capacity - 1
    const rest = press.breaker.lineStarts[shown]!
    setLines(press, block.style, fitted, place, shown)
    setNote(press, overflow.note, block, y - shown * fitted.leading, fitted.size)
    press.remainders.push({ where: block.text.where, ...textRemainder(title, text, overflow.style, rest) })
    return room
  }
  const raise = isCentred ? ((fitted.lines - 1) * fitted.leading) / 2 - middle * (block.style.size - fitted.size) : 0
  const lower = isCentred ? 0 : (block.style.size - fitted.size) * 0.1
  setLines(press, block.style, fitted, { ...place, y: y + raise + lower }, fitted.lines)
  return (fitted.lines - 1) * fitted.leading + block.style.size
}

function setNote(press: Press, note: string, block: Block, y: number, size: number): void {
  press.load(note, block.style, '')
  const width = press.breaker.width(0, press.breaker.count, size, 0)
  press.line(block.style, size, 0, block.x + block.width - width, y, 0, press.breaker.count)
}

const oneLine = (size: number): Fit => ({ lines: 1, minSize: size })

export function compileTextElement(element: TextElement, workshop: Workshop): Drawer | undefined {
  const style = workshop.style(element.style)
  const text = workshop.text(element.text)
  const x = across(element.x)
  const y = upFrom(workshop, element.y)
  const align = element.align ?? 'left'
  if (text.fixed !== undefined && element.fit === undefined) {
    const rest = across(element.width ?? 0) - fixedWidth(style, text.fixed)
    const shift = align === 'left' ? 0 : align === 'right' ? rest : rest / 2
    workshop.fixed.push(fixedLine(style, text.fixed, x + shift, y))
    return undefined
  }
  if (element.width === undefined) {
    throw new TemplateError('TEMPLATE_DEFINITION_INVALID', `a text with values needs a width: ${element.text}`)
  }
  const fit = element.fit ?? oneLine(style.size)
  const block: Block = { text, empty: element.empty ?? '', style, fit, x, width: across(element.width), align }
  const room = fitHeight(style, fit)
  return (press) => {
    setBlock(press, block, y, room, workshop, fit.lines === 1)
  }
}

/** Spacing that spreads a label over `characters` full widths of its size. */
function spreadSpacing(style: CompiledStyle, label: string, characters: number | undefined): number {
  const count = [...label].length
  if (characters === undefined || count < 2 || count >= characters) return 0
  return (characters * style.size - fixedWidth(style, label, 0)) / (count - 1)
}

/** Rows whose texts all take as much room as they may still stay within the element. */
function checkRowsFit(element: RowsElement, style: CompiledStyle): void {
  let needed = style.size + across(element.gap) * (element.rows.length - 1)
  for (const { fit, takesRest } of element.rows) {
    if (fit !== undefined && takesRest !== true)
      needed += fitHeight(style, fit) - fitHeight(style, { ...fit, lines: 1 })
  }
  if (needed > across(element.height) + 0.01) {
    const millimetres = (needed / across(1)).toFixed(1)
    throw new TemplateError('TEMPLATE_DEFINITION_INVALID', `rows from ${element.rows[0]!.label} need ${millimetres} mm`)
  }
}

export function compileRows(element: RowsElement, workshop: Workshop): Drawer {
  const style = workshop.style(element.style)
  const labelStyle = workshop.style(element.labelStyle)
  const [x, top, gap] = [across(element.x), upFrom(workshop, element.y), across(element.gap)]
  const valueX = x + across(element.labelWidth)
  const width = across(element.width - element.labelWidth)
  const bottom = top - across(element.height)
  const rows = element.rows.map((row) => {
    const fit = row.fit ?? oneLine(style.size)
    return {
      label: row.label,
      spacing: spreadSpacing(labelStyle, row.label, element.spreadLabels),
      takesRest: row.takesRest === true,
      block: {
        text: workshop.text(row.text),
        empty: row.empty ?? '',
        style,
        fit,
        x: valueX,
        width,
        align: 'left' as const,
      },
    }
  })
  checkRowsFit(element, style)
  return (press) => {
    let y = top
    for (const { label, spacing, block, takesRest } of rows) {
      press.load(label, labelStyle, '')
      press.line(labelStyle, labelStyle.size, spacing, x, y, 0, press.breaker.count)
      const room = takesRest
        ? Math.max(block.style.size, y + block.style.size - bottom)
        : fitHeight(block.style, block.fit)
      const used = setBlock(press, block, y, room, workshop, !takesRest && block.fit.lines === 1)
      y -= used - block.style.size + gap
    }
  }
}

interface PlacedCell {
  readonly block: Block
  readonly middleY: number
  readonly room: number
}

/** Rules, fills and headings of a grid are fixed; values are set in the middle of their cells. */
export function compileGrid(element: GridElement, workshop: Workshop): Drawer {
  const style = workshop.style(element.style)
  const headingStyle = workshop.style(element.headingStyle)
  const padding = across(element.padding ?? 1.5)
  const cells: PlacedCell[] = []
  for (const { cell, x, y, width, height } of placeCells(element)) {
    const [left, bottom] = [across(x), upFrom(workshop, y + height)]
    const [w, h] = [across(width), across(height)]
    if (cell.heading === true && element.headingFill !== undefined) {
      workshop.fixed.push(`${fillColour(element.headingFill)}${[left, bottom, w, h].map(numeral).join(' ')} re f\n`)
    }
    const chosen = cell.heading === true ? headingStyle : style
    const fit = cell.fit ?? oneLine(chosen.size)
    const text = workshop.text(cell.text)
    const align = cell.align ?? (cell.heading === true ? 'centre' : 'left')
    const block: Block = {
      text,
      empty: cell.empty ?? '',
      style: chosen,
      fit,
      x: left + padding,
      width: w - 2 * padding,
      align,
    }
    if (text.fixed === undefined) cells.push({ block, middleY: bottom + h / 2, room: h - padding })
    else pushFixedCell(text.fixed, block, bottom + h / 2, workshop)
  }
  pushRules(element, workshop)
  return (press) => {
    for (const { block, middleY, room } of cells) setCell(press, block, middleY, room)
  }
}

function pushFixedCell(text: string, block: Block, middleY: number, workshop: Workshop): void {
  const lines = text.split('\n')
  const leading = 1.35 * block.style.size
  for (const [i, line] of lines.entries()) {
    const rest = block.width - fixedWidth(block.style, line)
    const shift = block.align === 'left' ? 0 : block.align === 'right' ? rest : rest / 2
    const y = middleY - middle * block.style.size + ((lines.length - 1) / 2 - i) * leading
    workshop.fixed.push(fixedLine(block.style, line, block.x + shift, y))
  }
}

/** Sets a value in the middle of a cell. */
function setCell(press: Press, block: Block, middleY: number, room: number): void {
  if (loadBlock(press, block) === undefined) return
  const fitted = fitLines(press, block.style, block.fit, block.width, room)
  if (fitted.lines > fitted.capacity) {
    press.failToFit(block.text.where)
    return
  }
  const y = middleY - middle * fitted.size + ((fitted.lines - 1) * fitted.leading) / 2
  setLines(press, block.style, fitted, { x: block.x, y, width: block.width, align: block.align }, fitted.lines)
}

interface CellPlace {
  readonly cell: Cell
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Cells take the next free column of their row, as in HTML tables. */
function placeCells(element: GridElement): CellPlace[] {
  const places: CellPlace[] = []
  const takenUntil = new Array<number>(element.columns.length).fill(0)
  let y = element.y
  for (const [r, row] of element.rows.entries()) {
    let column = 0
    for (const cell of row.cells) {
      while ((takenUntil[column] ?? 0) > r) column++
      const span = cell.span ?? 1
      const rowSpan = cell.rowSpan ?? 1
      const columns = element.columns.slice(column, column + span)
      if (columns.length < span) {
        throw new TemplateError('TEMPLATE_DEFINITION_INVALID', `row ${r + 1} of a grid has too many cells`)
      }
      places.push({
        cell,
        x: element.x + element.columns.slice(0, column).reduce((a, b) => a + b, 0),
        y,
        width: columns.reduce((a, b) => a + b, 0),
        height: element.rows.slice(r, r + rowSpan).reduce((sum, other) => sum + other.height, 0),
      })
      for (let c = column; c < column + span; c++) takenUntil[c] = r + rowSpan
      column += span
    }
    y += row.height
  }
  return places
}

function pushRules(element: GridElement, workshop: Workshop): void {
  const line = across(element.line.width)
  let path = `q ${strokeColour(element.line.colour)}${numeral(line)} w 2 J\n`
  for (const { x, y, width, height } of placeCells(element)) {
    path += `${[across(x), upFrom(workshop, y + height), across(width), across(height)].map(numeral).join(' ')} re\n`
  }
  workshop.fixed.push(`${path}S Q\n`)
}
