import type { Face } from './face.ts'

/** A step of an outline in font units, y upwards: move, line, cubic curve, close. */
export type PathCommand =
  | readonly ['M', number, number]
  | readonly ['L', number, number]
  | readonly ['C', number, number, number, number, number, number]
  | readonly ['Z']

export interface GlyphOutline {
  readonly commands: readonly PathCommand[]
  readonly advance: number
  readonly unitsPerEm: number
}

interface Point {
  readonly x: number
  readonly y: number
  readonly isOnCurve: boolean
}

/**
 * The outline of a character as a path (for seal pictures, which carry no font).
 *
 * @returns undefined when the face has no glyph for it; quadratic curves come as the cubic ones that equal them
 */
export function glyphOutline(face: Face, codePoint: number): GlyphOutline | undefined {
  const glyph = face.glyphOf(codePoint)
  if (glyph === 0) return undefined
  const record = face.record(glyph)
  const commands: PathCommand[] = []
  if (record.bytes.length > 0) for (const contour of readContours(record.bytes)) traceContour(contour, commands)
  return { commands, advance: record.advance, unitsPerEm: face.unitsPerEm }
}

/** Decodes flags and deltas of a simple glyph whose instructions have length 0. */
function readContours(bytes: Uint8Array): Point[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = view.getInt16(0)
  const ends = Array.from({ length: count }, (_, i) => view.getUint16(10 + 2 * i))
  const total = (ends.at(-1) ?? -1) + 1
  let at = 10 + 2 * count + 2
  const flags: number[] = []
  while (flags.length < total) {
    const flag = bytes[at++]!
    flags.push(flag)
    if (flag & 8) for (let repeat = bytes[at++]!; repeat > 0; repeat--) flags.push(flag)
  }
  const readAxis = (shortBit: number, sameBit: number): number[] => {
    let value = 0
    return flags.map((flag) => {
      if (flag & shortBit) value += flag & sameBit ? bytes[at++]! : -bytes[at++]!
      else if (!(flag & sameBit)) {
        value += view.getInt16(at)
        at += 2
      }
      return value
    })
  }
  const xs = readAxis(2, 16)
  const ys = readAxis(4, 32)
  const points = flags.map((flag, i) => ({ x: xs[i]!, y: ys[i]!, isOnCurve: (flag & 1) === 1 }))
  return ends.map((end, i) => points.slice(i === 0 ? 0 : ends[i - 1]! + 1, end + 1))
}

const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, isOnCurve: true })

/** Between two control points in a row lies a point on the curve that is not written down. */
function traceContour(points: Point[], commands: PathCommand[]): void {
  if (points.length < 2) return
  const first = points.findIndex((p) => p.isOnCurve)
  const start = first >= 0 ? points[first]! : between(points.at(-1)!, points[0]!)
  const rest = first >= 0 ? [...points.slice(first + 1), ...points.slice(0, first + 1)] : [...points, start]
  commands.push(['M', start.x, start.y])
  let from = start
  let control: Point | undefined
  const curveTo = (c: Point, to: Point) => {
    const third = (end: number, middle: number) => end + (2 / 3) * (middle - end)
    commands.push(['C', third(from.x, c.x), third(from.y, c.y), third(to.x, c.x), third(to.y, c.y), to.x, to.y])
    from = to
  }
  for (const point of rest) {
    if (!point.isOnCurve) {
      if (control !== undefined) curveTo(control, between(control, point))
      control = point
    } else if (control !== undefined) {
      curveTo(control, point)
      control = undefined
    } else {
      commands.push(['L', point.x, point.y])
      from = point
    }
  }
  if (control !== undefined) curveTo(control, start)
  commands.push(['Z'])
}
