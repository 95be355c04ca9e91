// Documents that are uploaded, not drawn: where QR code and seal stand on them, and what the mark with the code looks like.
import type { BodyPlace, LicenceBody } from '../licence-format/index.ts'
import { drawnSize, setLine } from './copy-mark.ts'
import type { BodyPage, LicenceDefinition, UploadedBody } from './definition.ts'
import { QrEncoder } from './draw/qr.ts'
import { darkRuns } from './draw/qr-svg.ts'
import { numeral as n, pointsPerMm } from './draw/units.ts'
import { TemplateError } from './errors.ts'
import type { FontSet } from './fonts/index.ts'
import type { QrElement } from './layout.ts'

/** Millimetres as shown, counted from the lower left corner. */
export interface Area {
  readonly page: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Where both stand: the seal at a place, or on a text that has to be found first. */
export interface PlacedOnBody {
  readonly qr: LicenceBody['qr']
  readonly seal: BodyPlace | Extract<UploadedBody['seal'], { readonly text: string }>
}

/** Share of the symbol's side that stays white around it: four modules of the smallest symbol that a statement needs. */
const quiet = 0.1
/** Height of the line under the symbol with the licence's number. */
const captionHeight = 4
const captionSize = 2.3

/** All that the mark covers: the symbol, its quiet zone, the number below. */
export function bodyMarkArea({ page, x, y, size }: LicenceBody['qr']): Area {
  const margin = size * quiet
  const side = size + 2 * margin
  return { page, x: x - margin, y: y - margin - captionHeight, width: side, height: side + captionHeight }
}

/**
 * Places of a type on a document: as far from the nearest edges as in the layout, whatever the size of the page.
 *
 * @param pages millimetres as shown, at least one
 * @throws TypeError of a type whose documents are drawn
 */
export function placeOnBody(
  { body, layout }: Pick<LicenceDefinition, 'body' | 'layout'>,
  pages: readonly { readonly width: number; readonly height: number }[],
): PlacedOnBody {
  if (body === undefined) throw new TypeError('documents of this type are drawn')
  const indexOf = (which: BodyPage) => (which === 'first' ? 0 : pages.length - 1)
  const drawn = layout.pages.find(({ elements }) => elements.some(({ kind }) => kind === 'qr'))!
  const symbol = drawn.elements.find((element): element is QrElement => element.kind === 'qr')!
  const { size } = symbol
  const page = indexOf(body.qr.page)
  const sheet = pages[page]!
  const qr = {
    page,
    x: fromEdge(symbol.x, size, drawn.width, sheet.width),
    y: fromEdge(drawn.height - symbol.y - size, size, drawn.height, sheet.height),
    size,
  }
  if ('text' in body.seal) return { qr, seal: body.seal }
  const sealed = layout.pages[layout.seal.page]!
  const sealPage = indexOf(body.seal.page)
  const { width, height } = pages[sealPage]!
  const seal = {
    page: sealPage,
    x: fromEdge(layout.seal.x, 0, sealed.width, width),
    y: fromEdge(sealed.height - layout.seal.y, 0, sealed.height, height),
  }
  return { qr, seal }
}

/** A place along one axis, kept at its distance from the edge it is nearer to. */
function fromEdge(position: number, length: number, drawn: number, side: number): number {
  const isFar = position + length / 2 > drawn / 2
  return hundredths(isFar ? side - (drawn - position) : position)
}

const hundredths = (value: number): number => Math.round(value * 100) / 100

/** The mark as content of a form XObject in points, its lower left corner at the origin. */
export interface BodyMark {
  readonly content: Uint8Array
  readonly width: number
  readonly height: number
}

/**
 * Draws the mark of an uploaded document: the statement's QR symbol on white, the licence's number below it as outlines.
 *
 * @param size side of the symbol, millimetres
 * @throws TemplateError QR_TEXT_TOO_LONG, GLYPH_MISSING
 */
export function drawBodyMark(
  fonts: FontSet,
  { statementText, number, size }: { readonly statementText: string; readonly number: string; readonly size: number },
): BodyMark {
  const area = bodyMarkArea({ page: 0, x: 0, y: 0, size })
  const [width, height] = [area.width * pointsPerMm, area.height * pointsPerMm]
  const margin = size * quiet * pointsPerMm
  const line = setLine(fonts, number)
  if (line.width === 0)
    throw new TemplateError('GLYPH_MISSING', 'the number has nothing to be drawn', { subject: number })
  const fitting = (width - margin) / (line.width / drawnSize)
  const scale = Math.min(captionSize * pointsPerMm, fitting) / drawnSize
  const symbol = drawSymbol(statementText, size * pointsPerMm, margin, margin + captionHeight * pointsPerMm)
  const left = (width - line.width * scale) / 2
  const content = `1 g 0 0 ${n(width)} ${n(height)} re f\n0 g\n${symbol}q ${n(scale)} 0 0 ${n(scale)} ${n(left)} ${n(margin)} cm\n${line.path}f Q\n`
  return { content: new TextEncoder().encode(content), width, height }
}

/** The dark modules as runs in one path, filled once, so that no seams show. */
function drawSymbol(text: string, side: number, x: number, y: number): string {
  if (text === '') return `q 0.8 g ${n(x)} ${n(y)} ${n(side)} ${n(side)} re f Q\n`
  const symbol = new QrEncoder().encode(text)
  const scale = (side / symbol.size).toFixed(5)
  let path = ''
  for (const { row, column, length } of darkRuns(symbol)) path += `${column} ${symbol.size - 1 - row} ${length} 1 re\n`
  return `q ${scale} 0 0 ${scale} ${n(x)} ${n(y)} cm\n${path}f Q\n`
}
