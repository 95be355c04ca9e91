import type {
  BorderElement,
  Cell,
  Colour,
  ContinuationLayout,
  Layout,
  LayoutElement,
  Row,
  RowsElement,
  TextElement,
  TextStyle,
} from '../layout.ts'
import { deepGold, ink, labelInk, quietInk } from './palette.ts'

/** The colours and the border of a form. */
export interface Livery {
  readonly ground: Colour
  readonly mist: Colour
  readonly colour: Colour
  readonly accent: Colour
  readonly pattern: BorderElement['pattern']
}

export interface Paper {
  readonly width: number
  readonly height: number
  /** From the edge to the border, and how wide that is. */
  readonly margin: number
  readonly band: number
}

export const a4: Paper = { width: 210, height: 297, margin: 8, band: 8.6 }
export const a4Across: Paper = { width: 297, height: 210, margin: 8, band: 9 }
const a6Across: Paper = { width: 148, height: 105, margin: 3, band: 5.2 }

/** Fine waves within a border. */
export function groundOf({ width, height, margin, band }: Paper, livery: Livery): readonly LayoutElement[] {
  const inset = margin + band * 0.6
  return [
    { kind: 'box', x: 0, y: 0, width, height, fill: livery.ground },
    {
      kind: 'waves',
      x: inset,
      y: inset,
      width: width - 2 * inset,
      height: height - 2 * inset,
      distance: 1.4 + width / 400,
      amplitude: 1.2 + width / 800,
      wavelength: 16 + width / 22,
      lineWidth: 0.09,
      colour: livery.mist,
    },
    {
      kind: 'border',
      x: margin,
      y: margin,
      width: width - 2 * margin,
      height: height - 2 * margin,
      band,
      pattern: livery.pattern,
      colour: livery.colour,
      accent: livery.accent,
    },
  ]
}

/** A flower of interlaced lines: the mark of a form, or its ground. */
export const flower = (x: number, y: number, radius: number, petals: number, colour: Colour): LayoutElement => ({
  kind: 'rosette',
  x,
  y,
  radius,
  petals,
  turns: Math.floor(petals / 2.3),
  strands: radius > 20 ? 1 : 2,
  hollow: radius > 20 ? 0.34 : 0.16,
  width: radius > 20 ? 0.09 : 0.13,
  colour,
})

/** Sizes of letters of a form, from the size of its values. */
export interface Hand {
  readonly title: TextStyle
  readonly label: TextStyle
  readonly value: TextStyle
  readonly small: TextStyle
}

export const handOf = (value: number, title: number): Hand => ({
  title: { face: 'serif-bold', size: title, spacing: title / 13, colour: ink },
  label: { face: 'sans-regular', size: value * 0.88, colour: labelInk },
  value: { face: 'serif-regular', size: value, colour: ink },
  small: { face: 'sans-regular', size: Math.max(5.8, value * 0.66), colour: quietInk },
})

/** A title in the middle of the page with its English name below. A spaced line is moved by half its last space. */
export function titleOf(
  words: { readonly zh: string; readonly en: string },
  width: number,
  y: number,
  style: TextStyle,
  colour: Colour,
): readonly TextElement[] {
  const size = Math.max(6, style.size * 0.27)
  const spacing = size / 10
  return [
    { kind: 'text', text: words.zh, x: (style.spacing ?? 0) / 2, y, width, align: 'centre', style },
    {
      kind: 'text',
      text: words.en.toUpperCase(),
      x: spacing / 2,
      y: y + style.size * 0.2 + 1.6,
      width,
      align: 'centre',
      style: { face: 'serif-regular', size, spacing, colour },
    },
  ]
}

/** The symbol with its word below. */
export const qrOf = (x: number, y: number, size: number, small: TextStyle): readonly LayoutElement[] => [
  { kind: 'qr', x, y, size, colour: ink },
  {
    kind: 'text',
    text: '扫描二维码核验本证照',
    x: x - 10,
    y: y + size + 4.6,
    width: size + 20,
    align: 'centre',
    style: small,
  },
]

/** Who issued it and when, with a word before; the seal's middle comes upon it. */
export const issuedBy = (word: string, x: number, y: number, width: number, hand: Hand): readonly LayoutElement[] => [
  { kind: 'text', text: word, x, y: y - hand.value.size * 0.8, width, align: 'centre', style: hand.label },
  {
    kind: 'text',
    text: '{issuer}',
    x,
    y,
    width,
    align: 'centre',
    style: hand.value,
    fit: { lines: 1, minSize: 5.5 },
  },
  { kind: 'text', text: '{issuedOn}', x, y: y + hand.value.size * 0.85, width, align: 'centre', style: hand.value },
]

export const rowsOf = (
  place: Pick<RowsElement, 'x' | 'y' | 'width' | 'height' | 'labelWidth' | 'gap'> & { readonly spread?: number },
  hand: Hand,
  rows: readonly Row[],
): RowsElement => {
  const { spread = 5, ...box } = place
  return { kind: 'rows', ...box, spreadLabels: spread, labelStyle: hand.label, style: hand.value, rows }
}

/** A row whose text is set smaller, then on more lines, before it is refused. */
export const row = (label: string, text: string, lines = 1, minSize = 6, empty?: string): Row => ({
  label,
  text,
  fit: { lines, minSize },
  ...(empty === undefined ? {} : { empty }),
})

export const head = (text: string, span = 1): Cell => ({ text, heading: true, span })
export const cell = (text: string, lines = 1, minSize = 6.5, span = 1, empty?: string): Cell => ({
  text,
  span,
  fit: { lines, minSize },
  ...(empty === undefined ? {} : { empty }),
})

export interface Card {
  readonly livery: Livery
  readonly name: { readonly zh: string; readonly en: string }
  readonly issuerWord: string
  readonly rows: readonly Row[]
  /** How many of the rows stand beside the photo, where the seal leaves them 35 mm from the fourth on; the others stand below. */
  readonly beside?: number
  /** On the back, beside the symbol. */
  readonly backTitle: string
  readonly backRows: readonly Row[]
  readonly notes: readonly string[]
}

/** A card in the size of a postcard: photo, what it says and the seal before; the symbol and what is to be known behind. */
export function cardLayout({ livery, name, issuerWord, rows, beside = 4, backTitle, backRows, notes }: Card): Layout {
  const { width, height } = a6Across
  const hand = handOf(8.6, name.zh.length > 8 ? 15.5 : 19)
  const ground = groundOf(a6Across, livery)
  const frame = { width: 0.2, colour: livery.colour }
  const noteTop = 40 + 8 * backRows.length
  return {
    pages: [
      {
        width,
        height,
        elements: [
          ...ground,
          flower(80, 60, 27, 31, livery.mist),
          flower(20, 20.5, 6, 14, livery.colour),
          ...titleOf(name, width, 22, hand.title, livery.colour),
          { kind: 'box', x: 12.6, y: 34.6, width: 25.8, height: 33.4, stroke: frame },
          { kind: 'picture', field: 'photo', x: 13, y: 35, width: 25, height: 32.6, fit: 'cover' },
          rowsOf(
            { x: 43, y: 39, width: 92, height: 30, labelWidth: 21, gap: 5.9, spread: 6 },
            hand,
            rows.slice(0, beside),
          ),
          rowsOf(
            { x: 13, y: 75, width: 76, height: 22, labelWidth: 21, gap: 5.6, spread: 6 },
            hand,
            rows.slice(beside),
          ),
          ...issuedBy(issuerWord, 95, 79, 40, hand),
        ],
      },
      {
        width,
        height,
        elements: [
          ...ground,
          ...qrOf(16, 24, 31, hand.small),
          { kind: 'text', text: '证照编号', x: 11, y: 73, width: 41, align: 'centre', style: hand.small },
          {
            kind: 'text',
            text: '{number}',
            x: 11,
            y: 78,
            width: 41,
            align: 'centre',
            style: { ...hand.value, size: 8 },
            fit: { lines: 1, minSize: 5.5 },
          },
          { kind: 'line', from: [57, 18], to: [57, 88], width: 0.12, colour: livery.colour, dash: [1, 0.8] },
          { kind: 'text', text: backTitle, x: 63, y: 25, style: { ...hand.title, size: 11, spacing: 0.6 } },
          rowsOf(
            { x: 63, y: 34, width: 72, height: 8 * backRows.length + 6, labelWidth: 21, gap: 5.6, spread: 6 },
            { ...hand, value: { ...hand.value, size: 8 } },
            backRows,
          ),
          ...notes.map(
            (note, i): LayoutElement => ({
              kind: 'text',
              text: note,
              x: 63,
              y: noteTop + 11 * i,
              width: 72,
              style: { ...hand.value, size: 7.6 },
              fit: { lines: 2, minSize: 6.5, leading: 1.5 },
            }),
          ),
        ],
      },
    ],
    seal: { page: 0, x: 115, y: 74 },
  }
}

export interface Institution {
  readonly livery: Livery
  readonly hand: Hand
  readonly name: { readonly zh: string; readonly en: string }
  /** In the upper left corner. */
  readonly code: { readonly label: string; readonly text: string }
  readonly rows: readonly Row[]
  readonly place: { readonly y: number; readonly height: number; readonly gap: number }
  /** What the institution may do, on the right, and on a further page where it is long. */
  readonly scope: {
    readonly label: string
    readonly text: string
    readonly style: TextStyle
    readonly lines: number
    readonly minSize: number
  }
  readonly more?: readonly LayoutElement[]
}

/** The licence of an institution, across the page: what it is on the left, what it may do on the right above who says so. */
export function institutionLayout({ livery, hand, name, code, rows, place, scope, more = [] }: Institution): Layout {
  const { width, height } = a4Across
  return {
    pages: [
      {
        width,
        height,
        elements: [
          ...groundOf(a4Across, livery),
          flower(148.5, 122, 54, 37, livery.mist),
          flower(148.5, 31, 9, 18, livery.colour),
          ...titleOf(name, width, 58, hand.title, deepGold),
          ...qrOf(238, 26, 29, hand.small),
          { kind: 'text', text: code.label, x: 28, y: 36, style: hand.label },
          { kind: 'text', text: code.text, x: 28, y: 43, width: 66, style: { ...hand.value, size: 13 } },
          rowsOf({ x: 28, width: 122, labelWidth: 31, spread: 6, ...place }, hand, rows),
          { kind: 'text', text: scope.label, x: 160, y: place.y, style: hand.label },
          {
            kind: 'text',
            text: scope.text,
            x: 160,
            y: place.y + 8,
            width: 110,
            style: scope.style,
            fit: { lines: scope.lines, minSize: scope.minSize, leading: 1.5, continues: scope.label },
          },
          ...more,
          ...issuedBy('发证机关', 188, 165, 76, hand),
        ],
      },
    ],
    continuation: continuationOf(a4Across, livery, hand, `${name.zh}附页`),
    seal: { page: 0, x: 226, y: 164 },
  }
}

/** The further page of a form: its title again, its number, and the column that goes on. */
export function continuationOf(
  paper: Paper,
  livery: Livery,
  hand: Hand,
  title: string,
  note = '（以下内容见附页）',
): ContinuationLayout {
  const { width, height } = paper
  const side = paper.margin + paper.band + 6
  return {
    width,
    height,
    elements: [
      ...groundOf(paper, livery),
      {
        kind: 'text',
        text: title,
        x: 1,
        y: side + 12,
        width,
        align: 'centre',
        style: { ...hand.title, size: hand.value.size * 1.8, spacing: 1.5 },
      },
      { kind: 'text', text: '证照编号　{number}', x: side, y: side + 21, width: width - 2 * side, style: hand.label },
      { kind: 'text', text: '第{page}页', x: 0, y: height - side, width, align: 'centre', style: hand.small },
    ],
    body: { x: side, y: side + 27, width: width - 2 * side, height: height - 2 * side - 35 },
    titleStyle: hand.label,
    style: hand.value,
    note,
  }
}
