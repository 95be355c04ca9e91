import type { Align, Fit } from '../layout.ts'
import type { CompiledStyle, Press, Remainder } from './press.ts'

const sizeStep = 0.5
export const defaultLeading = 1.4
/** Where the middle of a Chinese character lies above its base line, as part of its size. */
export const middle = 0.36

/** How a loaded text was made to fit. */
export interface Fitted {
  readonly size: number
  readonly lines: number
  readonly leading: number
  /** Lines the place holds at this size. */
  readonly capacity: number
}

/**
 * Finds the largest size at which what is loaded fits into a place of the width and of `fit.lines` full-size lines' height; smaller
 * letters may stand on more lines in the same height. The breaker's lines are those of the result.
 */
export function fitLines(press: Press, style: CompiledStyle, fit: Fit, width: number, room: number): Fitted {
  const { breaker } = press
  const leading = fit.leading ?? defaultLeading
  let total = 0
  for (let i = 0; i < breaker.count; i++) total += breaker.widths[i]!
  for (let size = style.size; ; size = Math.max(fit.minSize, size - sizeStep)) {
    const capacity = Math.max(1, Math.floor(room / (leading * size) + 1e-6))
    const isLast = size <= fit.minSize
    if (isLast || (total * size) / 1000 <= capacity * width + size) {
      const lines = breaker.break(0, width, size, style.spacing)
      if (lines <= capacity || isLast) return { size, lines, leading: leading * size, capacity }
    }
  }
}

/** Height of `fit.lines` lines at full size. */
export function fitHeight(style: CompiledStyle, fit: Fit): number {
  return fit.lines * (fit.leading ?? defaultLeading) * style.size
}

/** Sets lines first … last of the breaker below each other. */
export function setLines(
  press: Press,
  style: CompiledStyle,
  fitted: Fitted,
  place: { x: number; y: number; width: number; align: Align },
  last: number,
): void {
  const { breaker } = press
  for (let i = 0; i < last; i++) {
    const from = breaker.lineStarts[i]!
    const to = breaker.lineEnds[i]!
    let { x } = place
    if (place.align !== 'left') {
      const rest = place.width - breaker.width(from, to, fitted.size, style.spacing)
      x += place.align === 'right' ? rest : rest / 2
    }
    press.line(style, fitted.size, style.spacing, x, place.y - i * fitted.leading, from, to)
  }
}

/** The rest of a text, from a character on, as it flows down a further page's column. */
export function textRemainder(
  title: string,
  text: string,
  style: CompiledStyle,
  from: number,
): Omit<Remainder, 'where'> {
  let next = from
  return {
    title,
    flow(press, column) {
      const leading = 1.6 * style.size
      press.load(text, style, '')
      const lines = press.breaker.break(next, column.width, style.size, style.spacing)
      const capacity = Math.max(0, Math.floor((column.top - column.bottom) / leading))
      const last = Math.min(lines, capacity)
      const fitted = { size: style.size, lines, leading, capacity }
      setLines(
        press,
        style,
        fitted,
        { x: column.x, y: column.top - style.size, width: column.width, align: 'left' },
        last,
      )
      if (last < lines) next = press.breaker.lineStarts[last]!
      return { bottom: column.top - last * leading, isDone: last === lines }
    },
  }
}
