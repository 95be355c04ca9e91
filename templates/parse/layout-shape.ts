import type { Layout } from '../layout.ts'
import {
  byKind,
  byMember,
  flag,
  list,
  number,
  object,
  oneOf,
  pair,
  type Reader,
  text,
  triple,
  whole,
} from './reader.ts'

export const fieldName = /^[A-Za-z][A-Za-z0-9]{0,39}$/
/** The longest side of a page, in millimetres: A0. */
const longestSide = 1200
const mostPages = 40
/** Of all pages together. */
export const mostElements = 2000
const mostTemplateText = 2000

const place = number(0, longestSide)
const length = number(0.01, longestSide)
const points = number(2, 200)
const colour = triple(number(0, 1))
const name = text(40, { pattern: fieldName })
const template = text(mostTemplateText, { lines: true })
const empty = text(mostTemplateText, { lines: true, least: 0 })
const align = oneOf('left', 'centre', 'right')

const style = object(
  { face: oneOf('sans-regular', 'sans-bold', 'serif-regular', 'serif-bold'), size: points },
  { colour, spacing: number(-2, 50) },
)
const fit = object({ lines: whole(1, 200), minSize: points }, { leading: number(1, 4), continues: text(100) })
const line = object({ width: number(0.01, 20), colour }, {})
const when = byMember({
  filled: object({ field: name, filled: flag }, {}),
  oneOf: object({ field: name, oneOf: list(text(400, { lines: true }), { least: 1, most: 100 }) }, {}),
})

const rowOf = object({ label: text(100), text: template }, { fit, empty, takesRest: flag })
const cell = object(
  { text: text(mostTemplateText, { lines: true, least: 0 }) },
  { span: whole(1, 60), rowSpan: whole(1, 60), heading: flag, align, fit, empty },
)
const tableColumn = object({ column: name, title: text(100), width: length }, { align, titleEn: text(100) })

const element = byKind({
  text: object(
    { kind: oneOf('text'), text: template, x: place, y: place, style },
    { width: length, align, fit, empty, when },
  ),
  rows: object(
    {
      kind: oneOf('rows'),
      x: place,
      y: place,
      width: length,
      height: length,
      labelWidth: place,
      gap: length,
      labelStyle: style,
      style,
      rows: list(rowOf, { least: 1, most: 100 }),
    },
    { spreadLabels: whole(1, 40), when },
  ),
  grid: object(
    {
      kind: oneOf('grid'),
      x: place,
      y: place,
      columns: list(length, { least: 1, most: 60 }),
      rows: list(object({ height: length, cells: list(cell, { most: 60 }) }, {}), { least: 1, most: 100 }),
      headingStyle: style,
      style,
      line,
    },
    { headingFill: colour, padding: number(0, 20), when },
  ),
  table: object(
    {
      kind: oneOf('table'),
      field: name,
      x: place,
      y: place,
      height: length,
      columns: list(tableColumn, { least: 1, most: 30 }),
      rowHeight: number(2, 200),
      headingStyle: style,
      style,
      line,
      minSize: points,
    },
    { headingFill: colour, continues: text(100), when },
  ),
  picture: object(
    {
      kind: oneOf('picture'),
      field: name,
      x: place,
      y: place,
      width: length,
      height: length,
      fit: oneOf('cover', 'contain'),
    },
    { when },
  ),
  qr: object({ kind: oneOf('qr'), x: place, y: place, size: number(25, 200) }, { colour }),
  line: object(
    { kind: oneOf('line'), from: pair(place), to: pair(place), width: number(0.01, 20), colour },
    { dash: pair(number(0.05, 100)), when },
  ),
  box: object(
    { kind: oneOf('box'), x: place, y: place, width: length, height: length },
    { radius: place, fill: colour, stroke: line, when },
  ),
  border: object(
    {
      kind: oneOf('border'),
      x: place,
      y: place,
      width: length,
      height: length,
      band: number(2, 40),
      pattern: oneOf('ribbon', 'wave', 'lattice'),
      colour,
    },
    { accent: colour, when },
  ),
  rosette: object(
    {
      kind: oneOf('rosette'),
      x: place,
      y: place,
      radius: length,
      petals: whole(3, 200),
      strands: whole(1, 12),
      hollow: number(0, 1),
      width: number(0.01, 5),
      colour,
    },
    { turns: whole(1, 60), when },
  ),
  waves: object(
    {
      kind: oneOf('waves'),
      x: place,
      y: place,
      width: length,
      height: length,
      distance: number(0.5, 100),
      amplitude: number(0, 50),
      wavelength: number(2, longestSide),
      lineWidth: number(0.01, 5),
      colour,
    },
    { when },
  ),
})

const side = number(20, longestSide)
const elements = list(element, { most: mostElements })
const body = object({ x: place, y: place, width: number(20, longestSide), height: number(20, longestSide) }, {})

/** The layout language of `layout.ts`, member for member. */
export const layoutShape: Reader<Layout> = object(
  {
    pages: list(object({ width: side, height: side, elements }, {}), { least: 1, most: mostPages }),
    seal: object({ page: whole(0, mostPages - 1), x: place, y: place }, {}),
  },
  {
    continuation: object({ width: side, height: side, elements, body, titleStyle: style, style, note: text(100) }, {}),
  },
)
