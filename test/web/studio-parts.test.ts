import { describe, expect, it } from 'vitest'
import {
  addColumn,
  addRow,
  type Grid,
  gridOf,
  merge,
  neighbourOf,
  placeCells,
  removeColumn,
  removeRow,
  split,
} from '../../web/issuer/studio/grid.ts'
import { itemsOf, moved, withMember } from '../../web/issuer/studio/lists.ts'
import {
  columnsOf,
  type Definition,
  newElement,
  newKinds,
  renameColumn,
  tableColumns,
} from '../../web/issuer/studio/template.ts'

/** A heading over two columns, a cell beside it two rows high, and what fills the rest. */
const grid: Grid = {
  columns: [20, 30, 40],
  rows: [
    {
      height: 10,
      cells: [
        { text: 'a', span: 2, heading: true },
        { text: 'b', rowSpan: 2 },
      ],
    },
    { height: 12, cells: [{ text: 'c' }, { text: 'd' }] },
  ],
}
/** Where each text lies: column, row, columns, rows. */
const seen = (one: Grid) =>
  Object.fromEntries(placeCells(one).map((at) => [at.cell['text'], [at.column, at.row, at.span, at.rowSpan]]))
/** Each place of a form is covered by exactly one cell. */
const isWhole = (one: Grid): boolean => {
  const covered = placeCells(one).flatMap(({ column, row, span, rowSpan }) =>
    Array.from({ length: span * rowSpan }, (_, i) => `${column + (i % span)} ${row + Math.floor(i / span)}`),
  )
  return new Set(covered).size === covered.length && covered.length === one.columns.length * one.rows.length
}

describe('a ruled form', () => {
  it('places its cells in the next free column, as HTML tables do', () => {
    expect(seen(grid)).toEqual({ a: [0, 0, 2, 1], b: [2, 0, 1, 2], c: [0, 1, 1, 1], d: [1, 1, 1, 1] })
    expect(isWhole(grid)).toBe(true)
  })

  it('takes a row in between, over which high cells grow', () => {
    const more = addRow(grid, 1)
    expect(more.rows.map(({ height }) => height)).toEqual([10, 10, 12])
    expect(seen(more)).toMatchObject({ a: [0, 0, 2, 1], b: [2, 0, 1, 3], c: [0, 2, 1, 1] })
    expect(isWhole(more)).toBe(true)
  })

  it('takes a row and a column at its ends, of empty cells', () => {
    const more = addColumn(addRow(grid, 2), 3)
    expect(more.columns).toEqual([20, 30, 40, 40])
    expect(more.rows[2]!.cells).toEqual([{ text: '' }, { text: '' }, { text: '' }, { text: '' }])
    expect(isWhole(more)).toBe(true)
  })

  it('keeps a high cell when the row it begins in is taken out', () => {
    const less = removeRow(grid, 0)
    expect(seen(less)).toEqual({ c: [0, 0, 1, 1], d: [1, 0, 1, 1], b: [2, 0, 1, 1] })
    expect(less.rows[0]!.cells.at(-1)).toEqual({ text: 'b' })
  })

  it('narrows a wide cell when a column under it is taken out', () => {
    const less = removeColumn(grid, 1)
    expect(seen(less)).toEqual({ a: [0, 0, 1, 1], b: [1, 0, 1, 2], c: [0, 1, 1, 1] })
    expect(less.columns).toEqual([20, 40])
    expect(isWhole(less)).toBe(true)
  })

  it('joins cells that lie along each other, and parts them again', () => {
    const joined = merge(grid, 1, 0, 'right')
    expect(seen(joined)).toMatchObject({ 'c\nd': [0, 1, 2, 1] })
    const places = placeCells(joined)
    expect(neighbourOf(places, places[0]!, 'below')?.cell['text']).toBe('c\nd')
    expect(neighbourOf(places, places[0]!, 'right')).toBeUndefined()
    expect(merge(grid, 0, 0, 'right')).toBe(grid)
    const parted = split(joined, 1, 0)
    expect(parted.rows[1]!.cells).toEqual([{ text: 'c\nd' }, { text: '' }])
    expect(isWhole(parted)).toBe(true)
  })

  it('reads whatever an expert wrote as JSON', () => {
    expect(gridOf({ columns: 'x', rows: [7, { cells: null }] })).toEqual({
      columns: [],
      rows: [
        { height: 0, cells: [] },
        { height: 0, cells: [] },
      ],
    })
    expect(itemsOf({})).toEqual([])
  })
})

describe('lists of the studio', () => {
  it('move nothing over an end, and leave out what has no value', () => {
    expect([moved(['a', 'b', 'c'], 0, 1), moved(['a', 'b'], 0, -1), moved(['a'], 3, 1)]).toEqual([
      ['b', 'a', 'c'],
      ['a', 'b'],
      ['a'],
    ])
    expect(withMember({ a: 1, b: 2 }, 'a', undefined)).toEqual({ b: 2 })
  })
})

describe('a new element', () => {
  const goods = {
    name: 'goods',
    label: { zh: '货物', en: 'Goods' },
    type: 'table',
    required: true,
    disclosure: 'public',
    columns: [{ name: 'item', label: { zh: '品名', en: 'Item' } }],
  }
  it('of a table shows all that the rows of its field hold', () => {
    expect(columnsOf(goods)).toEqual([{ name: 'item', label: { zh: '品名', en: 'Item' } }])
    expect(newElement('table', [goods])).toMatchObject({ field: 'goods', columns: tableColumns(goods) })
    expect(tableColumns(undefined)).toEqual([])
  })
  it('is there for every kind on offer', () => {
    for (const kind of newKinds) expect(Object.keys(newElement(kind, [])).length).toBeGreaterThan(4)
  })
})

describe('a column of a table field', () => {
  it('is renamed wherever it stands, and not to nothing', () => {
    const table = { kind: 'table', field: 'goods', columns: [{ column: 'item', title: '品名', width: 40 }] }
    const other = { ...table, field: 'others' }
    const field = {
      name: 'goods',
      label: { zh: '货物', en: 'Goods' },
      type: 'table',
      required: true,
      disclosure: 'public',
    }
    const definition: Definition = {
      ...{ typeCode: '', templateVersion: 1, name: { zh: '', en: '' }, groups: [], validity: { kind: 'fields' } },
      number: { parts: [], restarts: 'never' },
      fields: [{ ...field, columns: [{ name: 'item' }, { name: 'count' }] }],
      example: { goods: [{ item: '茶', count: '1' }] },
      layout: { pages: [{ width: 100, height: 100, elements: [table, other] }], seal: { page: 0, x: 1, y: 1 } },
    }
    renameColumn(definition, 0, 'item', '')
    renameColumn(definition, 0, 'item', 'thing')
    expect(definition.fields[0]!['columns']).toEqual([{ name: 'thing' }, { name: 'count' }])
    expect(definition.example['goods']).toEqual([{ thing: '茶', count: '1' }])
    const [mine, others] = definition.layout.pages[0]!.elements
    expect([mine!['columns'], others!['columns']]).toMatchObject([[{ column: 'thing' }], [{ column: 'item' }]])
  })
})
