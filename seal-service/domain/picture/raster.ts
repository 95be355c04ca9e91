// Shapes of one ink as pixels: every span of ink on four lines a pixel, joined, and weighed by how much of a pixel they cover.
import type { Drawing, Shape } from './drawing.ts'
import { traceEllipse } from './drawing.ts'
import type { OutlineCommand } from './outline.ts'

/** A shape in any units. */
export interface InkShape {
  readonly steps: readonly OutlineCommand[]
  readonly rule: 'nonzero' | 'evenodd' | 'none'
  /** Stroked with round joins and ends; 0 for none. */
  readonly strokeWidth: number
}

/** How much of each pixel is ink, 0 to 255, row by row from the top. */
export interface Coverage {
  readonly width: number
  readonly height: number
  readonly ink: Uint8Array
}

/** From the shapes' units to pixels, y downwards. */
export interface Mapping {
  readonly scale: number
  readonly offsetX: number
  readonly offsetY: number
  readonly isUpwards: boolean
}

const linesAPixel = 4
/** How far a chord may lie off its curve, in pixels. */
const flatness = 0.1
const mostCrossings = 5_000_000

/** The shapes of a drawing. */
export function inkShapesOf({ shapes }: Drawing): InkShape[] {
  return shapes.map(toInkShape)
}

function toInkShape(shape: Shape): InkShape {
  switch (shape.form) {
    case 'rim':
      return { steps: traceEllipse(shape.rx, shape.ry), rule: 'none', strokeWidth: shape.strokeMm }
    case 'ink':
      return { steps: shape.steps, rule: 'nonzero', strokeWidth: shape.strokeMm }
    case 'cut':
      return { steps: shape.steps, rule: 'evenodd', strokeWidth: 0 }
  }
}

/** Thrown where painting would take more than `mostCrossings`: shapes that no seal has. */
export class TooManyCrossings extends Error {}

/** Paints the shapes on a page of so many pixels. What lies outside is left out. Throws `TooManyCrossings`. */
export function rasterise(shapes: readonly InkShape[], width: number, height: number, mapping: Mapping): Coverage {
  const page = createPage(height)
  for (const shape of shapes) {
    const rings = flatten(shape.steps, mapping)
    if (shape.rule !== 'none') fill(rings, shape.rule, page)
    const reach = (shape.strokeWidth * mapping.scale) / 2
    if (reach > 0) for (const ring of rings) stroke(ring, reach, page)
  }
  return { width, height, ink: weigh(page.lines, width, height) }
}

/** Lines of the page, from the top; each holds spans of ink, from and to. */
interface Page {
  readonly lines: readonly number[][]
  /** Counts what is put on it. */
  spend(crossings: number): void
}

function createPage(height: number): Page {
  let left = mostCrossings
  return {
    lines: Array.from({ length: height * linesAPixel }, () => []),
    spend(crossings) {
      left -= crossings
      if (left < 0) throw new TooManyCrossings(`more than ${mostCrossings} crossings`)
    },
  }
}

type Ring = { readonly points: readonly number[]; readonly isClosed: boolean }

function flatten(steps: readonly OutlineCommand[], { scale, offsetX, offsetY, isUpwards }: Mapping): Ring[] {
  const rings: Ring[] = []
  const up = isUpwards ? -1 : 1
  let points: number[] = []
  const finish = (isClosed: boolean) => {
    if (points.length > 2) rings.push({ points, isClosed })
    points = []
  }
  for (const step of steps) {
    if (step[0] === 'Z') {
      finish(true)
      continue
    }
    const at = (step.slice(1) as number[]).map((value, index) =>
      index % 2 === 0 ? offsetX + value * scale : offsetY + up * value * scale,
    )
    if (step[0] === 'M') {
      finish(false)
      points = at
    } else if (step[0] === 'L') points.push(at[0]!, at[1]!)
    else addCurve(points, at)
  }
  finish(false)
  return rings
}

function addCurve(points: number[], [x1, y1, x2, y2, x3, y3]: readonly number[]): void {
  const [x0, y0] = points.slice(-2) as [number, number]
  const bend = Math.max(
    Math.hypot(x0 - 2 * x1! + x2!, y0 - 2 * y1! + y2!),
    Math.hypot(x1! - 2 * x2! + x3!, y1! - 2 * y2! + y3!),
  )
  const parts = Math.min(200, Math.max(1, Math.ceil(Math.sqrt((0.75 * bend) / flatness))))
  for (let part = 1; part <= parts; part++) {
    const t = part / parts
    const s = 1 - t
    const [a, b, c, d] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t]
    points.push(a * x0 + b * x1! + c * x2! + d * x3!, a * y0 + b * y1! + c * y2! + d * y3!)
  }
}

/** Adds the spans within the rings. */
function fill(rings: readonly Ring[], rule: 'nonzero' | 'evenodd', page: Page): void {
  // Of each line, where edges cross it: places and windings in turn.
  const crossings: (number[] | undefined)[] = []
  for (const { points } of rings) {
    for (let i = 0; i < points.length; i += 2) {
      const j = (i + 2) % points.length
      addCrossings([points[i]!, points[i + 1]!, points[j]!, points[j + 1]!], page, crossings)
    }
  }
  crossings.forEach((found, line) => {
    if (found === undefined) return
    const order = orderByPlace(found)
    let winding = 0
    for (let i = 0; i + 1 < order.length; i++) {
      winding += found[order[i]! + 1]!
      const isInside = rule === 'nonzero' ? winding !== 0 : i % 2 === 0
      if (isInside) page.lines[line]!.push(found[order[i]!]!, found[order[i + 1]!]!)
    }
  })
}

/** Places of pairs of numbers, by the first of each. */
function orderByPlace(pairs: readonly number[]): number[] {
  return Array.from({ length: pairs.length / 2 }, (_, index) => 2 * index).sort((a, b) => pairs[a]! - pairs[b]!)
}

type Edge = readonly [x0: number, y0: number, x1: number, y1: number]

function addCrossings([x0, y0, x1, y1]: Edge, page: Page, crossings: (number[] | undefined)[]): void {
  if (y0 === y1) return
  const winding = y0 < y1 ? 1 : -1
  const [first, last] = linesBetween(Math.min(y0, y1), Math.max(y0, y1), page)
  const slope = (x1 - x0) / (y1 - y0)
  for (let line = first; line < last; line++) {
    const x = x0 + ((line + 0.5) / linesAPixel - y0) * slope
    const found = crossings[line]
    if (found === undefined) crossings[line] = [x, winding]
    else found.push(x, winding)
  }
}

/** The lines whose middle lies between two heights, the last excluded; counts them. */
function linesBetween(low: number, high: number, page: Page): [number, number] {
  const first = Math.max(0, Math.ceil(low * linesAPixel - 0.5))
  const last = Math.min(page.lines.length, Math.ceil(high * linesAPixel - 0.5))
  page.spend(Math.max(0, last - first))
  return [first, last]
}

/** Adds the spans within reach of the ring's line: for each part of it a box with a half disc at both ends. */
function stroke({ points, isClosed }: Ring, reach: number, page: Page): void {
  const end = isClosed ? points.length : points.length - 2
  for (let i = 0; i < end; i += 2) {
    const j = (i + 2) % points.length
    addCapsule([points[i]!, points[i + 1]!, points[j]!, points[j + 1]!], reach, page)
  }
}

function addCapsule([x0, y0, x1, y1]: Edge, reach: number, page: Page): void {
  const length = Math.hypot(x1 - x0, y1 - y0)
  const [dx, dy] = length === 0 ? [1, 0] : [(x1 - x0) / length, (y1 - y0) / length]
  const [first, last] = linesBetween(Math.min(y0, y1) - reach, Math.max(y0, y1) + reach, page)
  for (let line = first; line < last; line++) {
    const y = (line + 0.5) / linesAPixel
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const include = (x: number) => {
      if (x < from) from = x
      if (x > to) to = x
    }
    for (const [cx, cy] of [
      [x0, y0],
      [x1, y1],
    ] as const) {
      const half = reach * reach - (y - cy) * (y - cy)
      if (half < 0) continue
      include(cx - Math.sqrt(half))
      include(cx + Math.sqrt(half))
    }
    // The long sides of the box, where the line crosses them beside the part itself.
    if (Math.abs(dy) > 1e-9) {
      for (const side of [reach, -reach]) {
        const [sx, sy] = [x0 - dy * side, y0 + dx * side]
        const along = (y - sy) / dy
        if (along >= 0 && along <= length) include(sx + along * dx)
      }
    }
    if (from < to) page.lines[line]!.push(from, to)
  }
}

/** Joins the spans of each line and adds up what they cover. */
function weigh(lines: readonly number[][], width: number, height: number): Uint8Array {
  const ink = new Uint8Array(width * height)
  const row = new Float64Array(width + 1)
  for (let y = 0; y < height; y++) {
    row.fill(0)
    for (let line = y * linesAPixel; line < (y + 1) * linesAPixel; line++) addLine(lines[line]!, width, row)
    for (let x = 0; x < width; x++) ink[y * width + x] = Math.min(255, Math.round((row[x]! * 255) / linesAPixel))
  }
  return ink
}

function addLine(spans: readonly number[], width: number, row: Float64Array): void {
  if (spans.length === 0) return
  let [from, to] = [0, 0]
  for (const index of orderByPlace(spans)) {
    const start = Math.max(0, spans[index]!)
    const end = Math.min(width, spans[index + 1]!)
    if (start <= to) {
      if (end > to) to = end
      continue
    }
    cover(from, to, row)
    ;[from, to] = [start, end]
  }
  cover(from, to, row)
}

function cover(from: number, to: number, row: Float64Array): void {
  if (to <= from) return
  const [first, last] = [Math.floor(from), Math.floor(to)]
  if (first === last) {
    row[first]! += to - from
    return
  }
  row[first]! += first + 1 - from
  for (let x = first + 1; x < last; x++) row[x]! += 1
  row[last]! += to - last
}
