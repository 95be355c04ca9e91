// Pixels back into outlines: the lines along which the ink's cover is one half, by marching squares.
import { ArtworkFault } from './artwork-fault.ts'
import type { Coverage } from './raster.ts'

/** A closed line as x, y, x, y …; in pixels from the upper left corner, y downwards. */
export type Contour = readonly number[]

const half = 127.5
/** Steps from pixel to pixel along all borders: drawings have a tenth of it, noise more. */
const mostSteps = 300_000

/**
 * The borders of the ink. Filled by the even-odd rule they give it back: none touches another. Each is simplified as far as `tolerance`
 * allows (pixels), and left out where it surrounds less than `smallest` (square pixels). Throws `ArtworkFault` for what is no drawing.
 */
export function traceContours(
  coverage: Coverage,
  { tolerance, smallest }: { tolerance: number; smallest: number },
): Contour[] {
  const grid = framed(coverage)
  const following = linkCrossings(grid)
  const contours: Contour[] = []
  for (const start of following.keys()) {
    const points: number[] = []
    // Each crossing is taken out as it is passed, so every contour is walked once.
    for (let at: number | undefined = start; at !== undefined; ) {
      const next: number | undefined = following.get(at)
      if (next === undefined) break
      following.delete(at)
      points.push(...crossingAt(grid, at))
      at = next
    }
    if (Math.abs(areaOf(points)) < smallest) continue
    const simple = simplify(points, tolerance)
    if (simple.length >= 6) contours.push(simple)
  }
  return contours
}

interface Grid {
  readonly width: number
  readonly values: Uint8Array
  readonly height: number
}

/** The cover with a border of nothing, so that every line closes. */
function framed({ width, height, ink }: Coverage): Grid {
  const values = new Uint8Array((width + 2) * (height + 2))
  for (let y = 0; y < height; y++) values.set(ink.subarray(y * width, (y + 1) * width), (y + 1) * (width + 2) + 1)
  return { width: width + 2, height: height + 2, values }
}

const across = 0
const down = 1

/**
 * From each crossing of an edge between neighbours to the next one, ink to the left. An edge is named by its first sample and direction:
 * twice the sample's place, plus one where it leads down.
 */
function linkCrossings({ width, height, values }: Grid): Map<number, number> {
  const links = new Map<number, number>()
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const at = y * width + x
      const [a, b, c, d] = [values[at]!, values[at + 1]!, values[at + width + 1]!, values[at + width]!]
      const corners = (a > half ? 1 : 0) | (b > half ? 2 : 0) | (c > half ? 4 : 0) | (d > half ? 8 : 0)
      if (corners === 0 || corners === 15) continue
      const edges = [2 * at + across, 2 * (at + 1) + down, 2 * (at + width) + across, 2 * at + down]
      const isJoined = a + b + c + d > 4 * half
      for (const [from, to] of segmentsOf(corners, isJoined)) links.set(edges[from]!, edges[to]!)
      if (links.size > mostSteps)
        throw new ArtworkFault('ARTWORK_TOO_DETAILED', 'its borders are longer than any drawing has')
    }
  }
  return links
}

type Segment = readonly [from: number, to: number]
/** By which corners are ink (upper left 1, upper right 2, lower right 4, lower left 8): edges are top 0, right 1, bottom 2, left 3. */
const segments: Readonly<Record<number, readonly Segment[]>> = {
  1: [[0, 3]],
  2: [[1, 0]],
  3: [[1, 3]],
  4: [[2, 1]],
  6: [[2, 0]],
  7: [[2, 3]],
  8: [[3, 2]],
  9: [[0, 2]],
  11: [[1, 2]],
  12: [[3, 1]],
  13: [[0, 1]],
  14: [[3, 0]],
}

/** Two opposite corners are joined where the cell's middle is ink. */
function segmentsOf(corners: number, isJoined: boolean): readonly Segment[] {
  if (corners === 5)
    return isJoined
      ? [
          [0, 1],
          [2, 3],
        ]
      : [
          [0, 3],
          [2, 1],
        ]
  if (corners === 10)
    return isJoined
      ? [
          [1, 2],
          [3, 0],
        ]
      : [
          [1, 0],
          [3, 2],
        ]
  return segments[corners]!
}

/** Where the cover passes one half on an edge, in pixels of the page: samples stand in the middle of pixels. */
function crossingAt({ width, values }: Grid, edge: number): [number, number] {
  const at = edge >> 1
  const isDown = (edge & 1) === down
  const [one, other] = [values[at]!, values[at + (isDown ? width : 1)]!]
  const share = (half - one) / (other - one)
  const [x, y] = [(at % width) - 0.5, Math.floor(at / width) - 0.5]
  return isDown ? [x, y + share] : [x + share, y]
}

function areaOf(points: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < points.length; i += 2) {
    const j = (i + 2) % points.length
    sum += points[i]! * points[j + 1]! - points[j]! * points[i + 1]!
  }
  return sum / 2
}

/** Ramer, Douglas and Peucker on a closed line, halved at the point furthest from its first. */
function simplify(points: readonly number[], tolerance: number): number[] {
  const count = points.length / 2
  const x = (index: number) => points[2 * (index % count)]!
  const y = (index: number) => points[2 * (index % count) + 1]!
  let furthest = 0
  for (let i = 1; i < count; i++) {
    const reach = (index: number) => (x(index) - x(0)) ** 2 + (y(index) - y(0)) ** 2
    if (reach(i) > reach(furthest)) furthest = i
  }
  const kept = new Uint8Array(count + 1)
  kept[0] = 1
  kept[furthest] = 1
  const open: [number, number][] = [
    [0, furthest],
    [furthest, count],
  ]
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const [from, to] = part
    const [dx, dy] = [x(to) - x(from), y(to) - y(from)]
    const length = Math.hypot(dx, dy)
    let [worst, at] = [tolerance, -1]
    for (let i = from + 1; i < to; i++) {
      const [ox, oy] = [x(i) - x(from), y(i) - y(from)]
      const away = length === 0 ? Math.hypot(ox, oy) : Math.abs(ox * dy - oy * dx) / length
      if (away > worst) [worst, at] = [away, i]
    }
    if (at < 0) continue
    kept[at] = 1
    open.push([from, at], [at, to])
  }
  return Array.from({ length: count }, (_, index) => index)
    .filter((index) => kept[index] === 1)
    .flatMap((index) => [x(index), y(index)])
}
