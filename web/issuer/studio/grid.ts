import { itemsOf, type Members, numberOf, withMember, without } from './lists.ts'

/** A ruled form: widths of its columns, and rows of cells that take the next free column, as in HTML tables. Millimetres. */
export interface Grid {
  readonly columns: readonly number[]
  readonly rows: readonly { readonly height: number; readonly cells: readonly Members[] }[]
}

/** Where a cell lies: the column it begins in, and how many columns and rows it takes. */
export interface CellPlace {
  readonly row: number
  readonly index: number
  readonly column: number
  readonly span: number
  readonly rowSpan: number
  readonly cell: Members
}

const empty: Members = { text: '' }
const timesOf = (value: unknown): number => Math.max(1, Math.trunc(numberOf(value, 1)))

export function gridOf(element: Members): Grid {
  const columns = Array.isArray(element['columns']) ? element['columns'].map((width) => numberOf(width, 0)) : []
  const rows = itemsOf(element['rows']).map((row) => ({
    height: numberOf(row['height'], 0),
    cells: itemsOf(row['cells']),
  }))
  return { columns, rows }
}

export function placeCells({ rows }: Grid): CellPlace[] {
  const places: CellPlace[] = []
  const takenUntil: number[] = []
  for (const [row, { cells }] of rows.entries()) {
    let column = 0
    for (const [index, cell] of cells.entries()) {
      while ((takenUntil[column] ?? 0) > row) column++
      const [span, rowSpan] = [timesOf(cell['span']), timesOf(cell['rowSpan'])]
      places.push({ row, index, column, span, rowSpan, cell })
      for (let at = column; at < column + span; at++) takenUntil[at] = row + rowSpan
      column += span
    }
  }
  return places
}

/** Cells put back into rows by where they lie, with no more said of them than must be. */
function rebuilt(heights: readonly number[], columns: readonly number[], places: readonly CellPlace[]): Grid {
  const rows = heights.map((height, row) => ({
    height,
    cells: places
      .filter((place) => place.row === row)
      .sort((a, b) => a.column - b.column)
      .map(({ cell, span, rowSpan }) =>
        withMember(withMember(cell, 'span', span > 1 ? span : undefined), 'rowSpan', rowSpan > 1 ? rowSpan : undefined),
      ),
  }))
  return { columns, rows }
}

const heightsOf = ({ rows }: Grid): number[] => rows.map(({ height }) => height)

/** What happens to one side of a cell, `at` to `at + length`, when a row or column is put in before `before`. */
const stretched = (at: number, length: number, before: number) =>
  before <= at ? { at: at + 1, length } : before < at + length ? { at, length: length + 1 } : { at, length }
/** The same when one is taken out; undefined when nothing of it is left. */
const shrunk = (at: number, length: number, gone: number) =>
  gone < at
    ? { at: at - 1, length }
    : gone >= at + length
      ? { at, length }
      : length > 1
        ? { at, length: length - 1 }
        : undefined

/** Puts a row in before another one (or at the end); cells that reach over the place grow, the rest of the row is empty cells. */
export function addRow(grid: Grid, before: number): Grid {
  const places = placeCells(grid).map((place) => {
    const side = stretched(place.row, place.rowSpan, before)
    return { ...place, row: side.at, rowSpan: side.length }
  })
  const heights = heightsOf(grid).toSpliced(before, 0, grid.rows[before - 1]?.height ?? grid.rows[before]?.height ?? 10)
  return rebuilt(heights, grid.columns, [...places, ...gaps(places, before, grid.columns.length)])
}

/** Empty cells for what no cell covers of a row. */
function gaps(places: readonly CellPlace[], row: number, columns: number): CellPlace[] {
  const isCovered = (column: number) =>
    places.some(
      (one) => one.row <= row && row < one.row + one.rowSpan && one.column <= column && column < one.column + one.span,
    )
  return Array.from({ length: columns }, (_, column) => column)
    .filter((column) => !isCovered(column))
    .map((column) => ({ row, index: 0, column, span: 1, rowSpan: 1, cell: empty }))
}

/** Takes a row out; cells that only reach into it shrink, one that begins there and reaches further begins in the next. */
export function removeRow(grid: Grid, gone: number): Grid {
  const places = placeCells(grid).flatMap((place) => {
    const side = shrunk(place.row, place.rowSpan, gone)
    return side ? [{ ...place, row: side.at, rowSpan: side.length }] : []
  })
  return rebuilt(without(heightsOf(grid), gone), grid.columns, places)
}

/** As `addRow`, for columns. */
export function addColumn(grid: Grid, before: number): Grid {
  const places = placeCells(grid).map((place) => {
    const side = stretched(place.column, place.span, before)
    return { ...place, column: side.at, span: side.length }
  })
  const columns = grid.columns.toSpliced(before, 0, grid.columns[before - 1] ?? grid.columns[before] ?? 20)
  const added = grid.rows.flatMap((_, row) =>
    gaps(places, row, columns.length).filter(({ column }) => column === before),
  )
  return rebuilt(heightsOf(grid), columns, [...places, ...added])
}

/** As `removeRow`, for columns. */
export function removeColumn(grid: Grid, gone: number): Grid {
  const places = placeCells(grid).flatMap((place) => {
    const side = shrunk(place.column, place.span, gone)
    return side ? [{ ...place, column: side.at, span: side.length }] : []
  })
  return rebuilt(heightsOf(grid), without(grid.columns, gone), places)
}

export type Direction = 'right' | 'below'

/** The cell that a cell could swallow on a side: one that lies along the whole of it, no more and no less. */
export function neighbourOf(places: readonly CellPlace[], cell: CellPlace, side: Direction): CellPlace | undefined {
  return places.find((one) =>
    side === 'right'
      ? one.row === cell.row && one.column === cell.column + cell.span && one.rowSpan === cell.rowSpan
      : one.column === cell.column && one.row === cell.row + cell.rowSpan && one.span === cell.span,
  )
}

/** Makes one cell of two; what stood in the second follows what stands in the first. */
export function merge(grid: Grid, row: number, index: number, side: Direction): Grid {
  const places = placeCells(grid)
  const cell = places.find((one) => one.row === row && one.index === index)
  const other = cell && neighbourOf(places, cell, side)
  if (!cell || !other) return grid
  const text = [cell.cell['text'], other.cell['text']].filter((one) => one !== '' && one !== undefined).join('\n')
  const whole = {
    ...cell,
    cell: { ...cell.cell, text },
    span: side === 'right' ? cell.span + other.span : cell.span,
    rowSpan: side === 'below' ? cell.rowSpan + other.rowSpan : cell.rowSpan,
  }
  const rest = places.filter((one) => one !== cell && one !== other)
  return rebuilt(heightsOf(grid), grid.columns, [...rest, whole])
}

/** Makes a cell one column and one row large; what it covered becomes empty cells. */
export function split(grid: Grid, row: number, index: number): Grid {
  const all = placeCells(grid)
  const whole = all.find((one) => one.row === row && one.index === index)
  if (!whole) return grid
  const places = all.map((one) => (one === whole ? { ...one, span: 1, rowSpan: 1 } : one))
  const uncovered = Array.from({ length: whole.rowSpan }, (_, down) =>
    gaps(places, row + down, grid.columns.length).filter(
      ({ column }) => column >= whole.column && column < whole.column + whole.span,
    ),
  )
  return rebuilt(heightsOf(grid), grid.columns, [...places, ...uncovered.flat()])
}
