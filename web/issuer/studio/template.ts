import type { Text } from '../../kit/language.ts'
import { itemsOf, membersOf, numberOf as numberIn, textOf } from './lists.ts'

/** A definition as the studio changes it; the server checks every member of it. See `templates/definition.ts`. */
export interface Definition {
  typeCode: string
  templateVersion: number
  name: Text
  groups: { name: Text; fields: string[] }[]
  fields: TemplateField[]
  validity: { kind: string; years?: number }
  number: { parts: Record<string, unknown>[]; restarts: string }
  example: Record<string, unknown>
  layout: Layout
  /** There where documents of the type are uploaded. */
  body?: UploadedBody
}

export interface UploadedBody {
  qr: { page: string }
  seal: { page: string } | { text: string; right?: number; up?: number }
}

export interface Layout {
  pages: TemplatePage[]
  continuation?: ContinuationPage
  seal: { page: number; x: number; y: number }
}

export interface TemplatePage {
  width: number
  height: number
  elements: TemplateElement[]
}

export interface TemplateField {
  name: string
  label: { zh: string; en: string }
  type: string
  required: boolean
  disclosure: string
  role?: string
  maxLength?: number
  choices?: { value: string; label: Text }[]
  [other: string]: unknown
}

/** The further page, and the column on it into which texts and tables go on. */
export interface ContinuationPage extends TemplatePage {
  body: Box
  note: string
  [other: string]: unknown
}

/** One thing on a page. Its members depend on its kind. */
export interface TemplateElement {
  kind: string
  x?: number
  y?: number
  width?: number
  height?: number
  when?: { field: string; filled?: boolean; oneOf?: string[] }
  [other: string]: unknown
}

/** Millimetres from the page's upper left corner. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const sum = (values: unknown): number =>
  Array.isArray(values) ? values.reduce((all: number, one) => all + numberIn(one, numberIn(one?.width, 0)), 0) : 0
const pointsPerMm = 72 / 25.4

/** Where an element lies on its page, as far as its definition says; letters take the height of their size. */
export function boxOf(element: TemplateElement): Box {
  const [x, y] = [numberIn(element.x, 0), numberIn(element.y, 0)]
  switch (element.kind) {
    case 'text': {
      const size = sizeOf(element) / pointsPerMm
      const width = numberIn(element.width, Math.max(5, String(element['text'] ?? '').length * size))
      return { x, y: y - size, width, height: size * 1.3 }
    }
    case 'rows': {
      const size = sizeOf(element) / pointsPerMm
      return { x, y: y - size, width: numberIn(element.width, 10), height: numberIn(element.height, 10) }
    }
    case 'grid': {
      const rows = Array.isArray(element['rows']) ? element['rows'] : []
      return {
        x,
        y,
        width: sum(element['columns']),
        height: rows.reduce((all, row) => all + numberIn(row?.height, 0), 0),
      }
    }
    case 'table':
      return { x, y, width: sum(element['columns']), height: numberIn(element.height, 10) }
    case 'qr':
      return { x, y, width: numberIn(element['size'], 25), height: numberIn(element['size'], 25) }
    case 'rosette': {
      const radius = numberIn(element['radius'], 5)
      return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius }
    }
    case 'line': {
      const [[x1, y1], [x2, y2]] = endsOf(element)
      const [left, top] = [Math.min(x1, x2), Math.min(y1, y2)]
      return { x: left, y: top, width: Math.max(0.6, Math.abs(x2 - x1)), height: Math.max(0.6, Math.abs(y2 - y1)) }
    }
    default:
      return { x, y, width: numberIn(element.width, 10), height: numberIn(element.height, 10) }
  }
}

type Point = readonly [number, number]
const pointIn = (value: unknown): Point =>
  Array.isArray(value) ? [numberIn(value[0], 0), numberIn(value[1], 0)] : [0, 0]
const endsOf = (element: TemplateElement): readonly [Point, Point] => [pointIn(element['from']), pointIn(element['to'])]

function sizeOf({ style }: TemplateElement): number {
  return typeof style === 'object' && style !== null && 'size' in style ? numberIn(style.size, 10) : 10
}

/** Millimetres as they are shown and kept: no finer than a hundredth. */
const round = (mm: number): number => Math.round(mm * 100) / 100
/** What dragging and arrow keys land on. */
export const snap = (mm: number): number => Math.round(mm * 2) / 2

/** Moves an element by so many millimetres, but not off its page. */
export function move(element: TemplateElement, dx: number, dy: number, page: { width: number; height: number }): void {
  const within = (value: number, most: number) => round(Math.min(Math.max(0, value), most))
  if (element.kind === 'line') {
    const [from, to] = endsOf(element)
    element['from'] = [within(from[0] + dx, page.width), within(from[1] + dy, page.height)]
    element['to'] = [within(to[0] + dx, page.width), within(to[1] + dy, page.height)]
    return
  }
  element.x = within(numberIn(element.x, 0) + dx, page.width)
  element.y = within(numberIn(element.y, 0) + dy, page.height)
}

/** Makes an element wider and higher by so many millimetres, as far as its kind has sides. */
export function resize(element: TemplateElement, dx: number, dy: number): void {
  const longer = (value: number, by: number, least: number) => round(Math.max(least, value + by))
  if (element.kind === 'qr') element['size'] = longer(numberIn(element['size'], 25), Math.max(dx, dy), 25)
  else if (element.kind === 'rosette') element['radius'] = longer(numberIn(element['radius'], 5), dx, 1)
  else if (element.kind === 'line') {
    const [x, y] = pointIn(element['to'])
    element['to'] = [round(Math.max(0, x + dx)), round(Math.max(0, y + dy))]
  } else {
    if (typeof element.width === 'number') element.width = longer(element.width, dx, 1)
    if (typeof element.height === 'number') element.height = longer(element.height, dy, 1)
  }
}

/** Elements that cover a page: they are reached by the list, not by touching the page, where they would hide everything else. */
export const isGround = ({ kind }: TemplateElement): boolean => kind === 'border' || kind === 'waves'

const style = { face: 'serif-regular', size: 11, colour: [0.1, 0.1, 0.12] } as const

/** What a row of a table field holds. */
export function columnsOf(field: TemplateField | undefined): { readonly name: string; readonly label: Text }[] {
  return itemsOf(field?.['columns']).map(({ name, label }) => {
    const { zh, en } = membersOf(label)
    return { name: textOf(name), label: { zh: textOf(zh), en: textOf(en) } }
  })
}

/** Gives a column of a table field another name, wherever it stands: in the sample's rows and in the tables that show it. */
export function renameColumn({ fields, example, layout }: Definition, index: number, from: string, to: string): void {
  const field = fields[index]
  if (!field || to === '') return
  field['columns'] = itemsOf(field['columns']).map((one) => (one['name'] === from ? { ...one, name: to } : one))
  const rows = example[field.name]
  if (Array.isArray(rows))
    example[field.name] = itemsOf(rows).map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name === from ? to : name, value])),
    )
  for (const page of pagesOf(layout))
    for (const element of page.elements)
      if (element.kind === 'table' && element['field'] === field.name)
        element['columns'] = itemsOf(element['columns']).map((one) =>
          one['column'] === from ? { ...one, column: to } : one,
        )
}

/** A table of a field: all that its rows hold, side by side, no wider than the page has room. */
export function tableColumns(field: TemplateField | undefined): Record<string, unknown>[] {
  const columns = columnsOf(field)
  const width = Math.max(8, Math.min(40, Math.floor(150 / Math.max(1, columns.length))))
  return columns.map(({ name, label }) => ({ column: name, title: label.zh, width }))
}

/** What a new element of a kind begins as. */
export function newElement(kind: string, fields: readonly TemplateField[]): TemplateElement {
  const first = (type: string) => fields.find((field) => field.type === type)
  const [x, y] = [30, 60]
  const made: Record<string, () => TemplateElement> = {
    text: () => ({ kind, text: '文字', x, y, width: 60, style: { ...style } }),
    rows: () => ({
      kind,
      x,
      y,
      width: 120,
      height: 30,
      labelWidth: 36,
      gap: 9,
      labelStyle: { ...style, face: 'sans-regular', size: 10 },
      style: { ...style },
      rows: [{ label: '项目', text: '{number}', fit: { lines: 1, minSize: 6 } }],
    }),
    picture: () => ({ kind, field: first('picture')?.name ?? '', x, y, width: 30, height: 40, fit: 'cover' }),
    table: () => {
      const field = first('table')
      return {
        kind,
        field: field?.name ?? '',
        x,
        y,
        height: 60,
        rowHeight: 8,
        minSize: 6,
        columns: tableColumns(field),
        headingStyle: { ...style, face: 'sans-bold', size: 9 },
        style: { ...style, size: 9 },
        line: { width: 0.2, colour: [0.4, 0.4, 0.4] },
      }
    },
    grid: () => ({
      kind,
      x,
      y,
      columns: [30, 60],
      rows: ['项目一', '项目二'].map((text) => ({ height: 10, cells: [{ text, heading: true }, { text: '' }] })),
      headingStyle: { ...style, face: 'sans-bold', size: 9 },
      style: { ...style, size: 10 },
      line: { width: 0.2, colour: [0.4, 0.4, 0.4] },
    }),
    line: () => ({ kind, from: [x, y], to: [x + 60, y], width: 0.3, colour: [0.4, 0.4, 0.4] }),
    box: () => ({ kind, x, y, width: 60, height: 30, stroke: { width: 0.3, colour: [0.4, 0.4, 0.4] } }),
  }
  return made[kind]?.() ?? { kind, x, y }
}

const A4 = { width: 210, height: 297 }

export const newPage = (like: TemplatePage | undefined): TemplatePage => ({
  width: like?.width ?? A4.width,
  height: like?.height ?? A4.height,
  elements: [],
})

/** A further page as large as another, its column within margins of 25 mm. */
export function newContinuation(like: TemplatePage | undefined): ContinuationPage {
  const page = newPage(like)
  const margin = 25
  return {
    ...page,
    body: { x: margin, y: margin + 15, width: page.width - 2 * margin, height: page.height - 2 * margin - 15 },
    titleStyle: { ...style, face: 'sans-bold', size: 12 },
    style: { ...style },
    note: '（接续页）',
  }
}

/** The pages as they are turned: the further page comes last. */
export const pagesOf = ({ pages, continuation }: Layout): TemplatePage[] => [
  ...pages,
  ...(continuation ? [continuation] : []),
]

/** Where a page stands in the definition (JSON Pointer). */
export const pointerOfPage = ({ pages }: Layout, index: number): string =>
  index < pages.length ? `/layout/pages/${index}` : '/layout/continuation'

/** Takes a page out; the seal stays on a page that is there. */
export function removePage(layout: Layout, index: number): void {
  if (index >= layout.pages.length) {
    delete layout.continuation
    return
  }
  layout.pages.splice(index, 1)
  const { seal } = layout
  if (seal.page > index) seal.page--
  seal.page = Math.min(seal.page, layout.pages.length - 1)
}

/** A copy of an element, a little beside it. */
export function copyOf(element: TemplateElement, page: { width: number; height: number }): TemplateElement {
  const copy = JSON.parse(JSON.stringify(element)) as TemplateElement
  move(copy, 5, 5, page)
  return copy
}

export const newKinds = ['text', 'rows', 'grid', 'picture', 'table', 'line', 'box'] as const
