// Path data of SVG (SVG 1.1 §8.3) as absolute moves, lines and cubic curves.
import { ArtworkFault } from './artwork-fault.ts'
import type { OutlineCommand } from './outline.ts'

const mostSteps = 100_000
const largest = 1e6
const number = /[\s,]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)/y
const flag = /[\s,]*([01])/y
const letter = /[\s,]*([MmLlHhVvCcSsQqTtAaZz])/y
const rest = /[\s,]*$/y
const numbersOf = { M: 2, L: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, T: 2, A: 7, Z: 0 } as const
type Verb = keyof typeof numbersOf

interface Pen {
  x: number
  y: number
  startX: number
  startY: number
  /** The control point that S or T mirrors. */
  mirror: { readonly verb: 'C' | 'Q'; readonly x: number; readonly y: number } | undefined
}

/** The steps of path data. Throws `ArtworkFault`. */
export function readSvgPath(data: string): OutlineCommand[] {
  const steps: OutlineCommand[] = []
  const pen: Pen = { x: 0, y: 0, startX: 0, startY: 0, mirror: undefined }
  let at = 0
  let name: string | undefined
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(data)
    if (found === null) return undefined
    at = pattern.lastIndex
    return found[1] ?? ''
  }
  const read = (pattern: RegExp): number => {
    const value = Number(take(pattern) ?? Number.NaN)
    if (!(Math.abs(value) <= largest)) throw new ArtworkFault('ARTWORK_DAMAGED', 'path data are broken')
    return value
  }
  while (take(rest) === undefined) {
    const next = take(letter)
    // Further numbers repeat the command, after a move as lines.
    if (next !== undefined) name = next
    else if (name === 'M') name = 'L'
    else if (name === 'm') name = 'l'
    else if (name === undefined || name === 'Z' || name === 'z')
      throw new ArtworkFault('ARTWORK_DAMAGED', 'path data are broken')
    if (steps.length === 0 && name !== 'M' && name !== 'm')
      throw new ArtworkFault('ARTWORK_DAMAGED', 'a path begins with a move')
    const verb = name!.toUpperCase() as Verb
    const values = Array.from({ length: numbersOf[verb] }, (_, index) =>
      read(verb === 'A' && (index === 3 || index === 4) ? flag : number),
    )
    steps.push(...advance(pen, verb, values, name !== verb))
    if (steps.length > mostSteps)
      throw new ArtworkFault('ARTWORK_TOO_DETAILED', `more than ${mostSteps} steps in a path`)
  }
  return steps
}

/** One command: moves the pen and gives its steps. */
function advance(pen: Pen, verb: Verb, values: readonly number[], isRelative: boolean): OutlineCommand[] {
  const [dx, dy] = isRelative ? [pen.x, pen.y] : [0, 0]
  const [x0, y0, mirror] = [pen.x, pen.y, pen.mirror]
  const at = values.map((value, index) => value + (index % 2 === 0 ? dx : dy))
  const goTo = (x: number, y: number) => {
    pen.x = x
    pen.y = y
    pen.mirror = undefined
  }
  const mirrored = (kind: 'C' | 'Q'): [number, number] =>
    mirror?.verb === kind ? [2 * x0 - mirror.x, 2 * y0 - mirror.y] : [x0, y0]
  const cubic = (x1: number, y1: number, x2: number, y2: number, x: number, y: number): OutlineCommand[] => {
    goTo(x, y)
    pen.mirror = { verb: 'C', x: x2, y: y2 }
    return [['C', x1, y1, x2, y2, x, y]]
  }
  const quadratic = (x1: number, y1: number, x: number, y: number): OutlineCommand[] => {
    const third = (end: number, middle: number) => end + (2 / 3) * (middle - end)
    goTo(x, y)
    pen.mirror = { verb: 'Q', x: x1, y: y1 }
    return [['C', third(x0, x1), third(y0, y1), third(x, x1), third(y, y1), x, y]]
  }
  switch (verb) {
    case 'M':
      goTo(at[0]!, at[1]!)
      pen.startX = pen.x
      pen.startY = pen.y
      return [['M', pen.x, pen.y]]
    case 'L':
      goTo(at[0]!, at[1]!)
      return [['L', pen.x, pen.y]]
    case 'H':
      goTo(at[0]!, y0)
      return [['L', pen.x, pen.y]]
    case 'V':
      goTo(x0, values[0]! + dy)
      return [['L', pen.x, pen.y]]
    case 'C':
      return cubic(at[0]!, at[1]!, at[2]!, at[3]!, at[4]!, at[5]!)
    case 'S':
      return cubic(...mirrored('C'), at[0]!, at[1]!, at[2]!, at[3]!)
    case 'Q':
      return quadratic(at[0]!, at[1]!, at[2]!, at[3]!)
    case 'T':
      return quadratic(...mirrored('Q'), at[0]!, at[1]!)
    case 'A': {
      goTo(values[5]! + dx, values[6]! + dy)
      return arc([x0, y0], values, [pen.x, pen.y])
    }
    case 'Z':
      goTo(pen.startX, pen.startY)
      return [['Z'], ['M', pen.x, pen.y]]
  }
}

/** An elliptical arc as curves of a quarter turn at most (SVG 1.1 appendix F.6). */
function arc(
  [x0, y0]: readonly [number, number],
  values: readonly number[],
  [x, y]: readonly [number, number],
): OutlineCommand[] {
  let [rx, ry] = [Math.abs(values[0]!), Math.abs(values[1]!)]
  if (rx === 0 || ry === 0) return [['L', x, y]]
  if (x0 === x && y0 === y) return []
  const turn = (values[2]! * Math.PI) / 180
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)]
  const [mx, my] = [(x0 - x) / 2, (y0 - y) / 2]
  const [ux, uy] = [cos * mx + sin * my, -sin * mx + cos * my]
  const excess = (ux / rx) ** 2 + (uy / ry) ** 2
  if (excess > 1) {
    rx *= Math.sqrt(excess)
    ry *= Math.sqrt(excess)
  }
  const below = (rx * uy) ** 2 + (ry * ux) ** 2
  const root = Math.sqrt(Math.max(0, ((rx * ry) ** 2 - below) / below)) * (values[3] === values[4] ? -1 : 1)
  const [vx, vy] = [(root * rx * uy) / ry, (-root * ry * ux) / rx]
  const [cx, cy] = [cos * vx - sin * vy + (x0 + x) / 2, sin * vx + cos * vy + (y0 + y) / 2]
  const from = Math.atan2((uy - vy) / ry, (ux - vx) / rx)
  let sweep = Math.atan2((-uy - vy) / ry, (-ux - vx) / rx) - from
  if (values[4] === 1 && sweep < 0) sweep += 2 * Math.PI
  if (values[4] === 0 && sweep > 0) sweep -= 2 * Math.PI
  const parts = Math.max(1, Math.ceil(Math.abs(sweep) / (Math.PI / 2) - 1e-9))
  const arm = (4 / 3) * Math.tan(sweep / parts / 4)
  const place = (px: number, py: number): [number, number] => [
    cx + cos * rx * px - sin * ry * py,
    cy + sin * rx * px + cos * ry * py,
  ]
  return Array.from({ length: parts }, (_, part): OutlineCommand => {
    const [a, b] = [from + (sweep * part) / parts, from + (sweep * (part + 1)) / parts]
    const one = place(Math.cos(a) - arm * Math.sin(a), Math.sin(a) + arm * Math.cos(a))
    const other = place(Math.cos(b) + arm * Math.sin(b), Math.sin(b) - arm * Math.cos(b))
    return ['C', ...one, ...other, ...(part === parts - 1 ? ([x, y] as const) : place(Math.cos(b), Math.sin(b)))]
  })
}
