import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { isArray, numberOf, type PdfValue } from './objects.ts'
import { type Page, readPages } from './pages.ts'

/** `[a b c d e f]` of a transformation (ISO 32000-2, 8.3.3). */
export type Matrix = readonly [number, number, number, number, number, number]

export const identity: Matrix = [1, 0, 0, 1, 0, 0]

/** Of the six numbers of an operator or an array; what is missing counts as 0. */
export const matrixOf = ([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]: readonly number[]): Matrix => [a, b, c, d, e, f]

/** `first`, then `second` (8.3.4). */
export function joined(first: Matrix, second: Matrix): Matrix {
  const [a, b, c, d, e, f] = first
  const [A, B, C, D, E, F] = second
  return [a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F]
}

export function transformed([a, b, c, d, e, f]: Matrix, x: number, y: number): [number, number] {
  return [a * x + c * y + e, b * x + d * y + f]
}

/** The matrix that takes back what another does; null where that cannot be taken back. */
export function inverted([a, b, c, d, e, f]: Matrix): Matrix | null {
  const area = a * d - b * c
  if (!Number.isFinite(area) || Math.abs(area) < 1e-9) return null
  return [d / area, -b / area, -c / area, a / area, (c * f - d * e) / area, (b * e - a * f) / area]
}

/** A page as a reader shows it: what its boxes leave, turned, in points. */
export interface PageView extends Page {
  /** Width and height as shown, in points of 1/72 inch. */
  readonly width: number
  readonly height: number
  /** Clockwise. */
  readonly rotation: 0 | 90 | 180 | 270
  /** From points as shown, counted from the lower left corner of what is shown, to the page's own space. */
  readonly toPage: Matrix
}

/** ISO 32000-2, Annex C: 14 400 units, here also for what a /UserUnit makes of them. */
const LONGEST_SIDE = 14_400 * 10
const SHORTEST_SIDE = 3

/**
 * The pages as shown (7.7.3.3, 14.11.2): /CropBox within /MediaBox, /Rotate, /UserUnit, inherited where they may be.
 *
 * @throws PadesError PADES_PAGE_UNREADABLE where two readers could show a page differently
 */
export function readPageViews(document: PdfDocument): PageView[] {
  return readPages(document).map((page, index) => viewOf(document, page, index))
}

/** What a page says itself, or the nearest node above it (7.7.3.4). */
export function inheritedEntry({ dictionary, above }: Page, key: string): PdfValue | undefined {
  return dictionary.entries.get(key) ?? above.find(({ entries }) => entries.has(key))?.entries.get(key)
}

function viewOf(document: PdfDocument, page: Page, index: number): PageView {
  document.shared.budget.work(32 * (page.above.length + 1))
  const refuse = (what: string): never => {
    throw new PadesError('PADES_PAGE_UNREADABLE', `page ${index + 1}: ${what}`)
  }
  const boxOf = (key: string) => {
    const value = document.resolve(inheritedEntry(page, key))
    if (value === null) return null
    const numbers = isArray(value) ? value.items.map((item) => numberOf(document.resolve(item))) : []
    const [x0, y0, x1, y1] = numbers
    if (numbers.length !== 4 || !numbers.every((number) => number !== null && Math.abs(number) <= LONGEST_SIDE))
      return refuse(`/${key} is no rectangle`)
    return [Math.min(x0!, x1!), Math.min(y0!, y1!), Math.max(x0!, x1!), Math.max(y0!, y1!)] as const
  }
  const media = boxOf('MediaBox') ?? refuse('it has no /MediaBox')
  const crop = boxOf('CropBox') ?? media
  const x0 = Math.max(media[0], crop[0])
  const y0 = Math.max(media[1], crop[1])
  const x1 = Math.min(media[2], crop[2])
  const y1 = Math.min(media[3], crop[3])
  const unit = numberOf(document.resolve(page.dictionary.entries.get('UserUnit'))) ?? 1
  const rotate = numberOf(document.resolve(inheritedEntry(page, 'Rotate'))) ?? 0
  const rotation = ((rotate % 360) + 360) % 360
  if (rotation !== 0 && rotation !== 90 && rotation !== 180 && rotation !== 270)
    return refuse(`/Rotate is ${rotate}, no multiple of 90`)
  if (!(unit > 0 && unit <= 75_000)) return refuse('/UserUnit is out of range')
  const [wide, high] = [(x1 - x0) * unit, (y1 - y0) * unit]
  if (!(wide >= SHORTEST_SIDE && high >= SHORTEST_SIDE && wide <= LONGEST_SIDE && high <= LONGEST_SIDE))
    return refuse('what its boxes leave has no usable size')
  const isTurned = rotation === 90 || rotation === 270
  const one = 1 / unit
  const matrices: Readonly<Record<PageView['rotation'], Matrix>> = {
    0: [one, 0, 0, one, x0, y0],
    90: [0, one, -one, 0, x1, y0],
    180: [-one, 0, 0, -one, x1, y1],
    270: [0, -one, one, 0, x0, y1],
  }
  return {
    ...page,
    width: isTurned ? high : wide,
    height: isTurned ? wide : high,
    rotation,
    toPage: matrices[rotation],
  }
}
