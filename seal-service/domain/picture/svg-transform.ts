import { ArtworkFault } from './artwork-fault.ts'

/** a b c d e f of SVG: x' = a·x + c·y + e, y' = b·x + d·y + f. */
export type Matrix = readonly [number, number, number, number, number, number]

export const identity: Matrix = [1, 0, 0, 1, 0, 0]

const item = /^[\s,]*(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^()]*)\)/
const largest = 1e6

/** A list of transforms (SVG 1.1 §7.6), the first the outermost. Throws `ArtworkFault`. */
export function readTransform(text: string): Matrix {
  let result = identity
  let rest = text
  while (rest.trim() !== '') {
    const found = item.exec(rest)
    if (found === null) throw new ArtworkFault('ARTWORK_NOT_SUPPORTED', 'transform')
    const values = found[2]!
      .trim()
      .split(/[\s,]+/)
      .map(Number)
    if (!values.every((value) => Math.abs(value) <= largest)) throw new ArtworkFault('ARTWORK_DAMAGED', 'transform')
    result = multiply(result, toMatrix(found[1]!, values))
    rest = rest.slice(found[0].length)
  }
  return result
}

function toMatrix(name: string, values: readonly number[]): Matrix {
  const [one, other, third, fourth, fifth, sixth] = values
  const turn = ((one ?? 0) * Math.PI) / 180
  switch (`${name} ${values.length}`) {
    case 'matrix 6':
      return [one!, other!, third!, fourth!, fifth!, sixth!]
    case 'translate 1':
    case 'translate 2':
      return [1, 0, 0, 1, one!, other ?? 0]
    case 'scale 1':
    case 'scale 2':
      return [one!, 0, 0, other ?? one!, 0, 0]
    case 'rotate 1':
      return [Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn), 0, 0]
    case 'rotate 3':
      return multiply(multiply([1, 0, 0, 1, other!, third!], toMatrix('rotate', [one!])), [
        1,
        0,
        0,
        1,
        -other!,
        -third!,
      ])
    case 'skewX 1':
      return [1, 0, Math.tan(turn), 1, 0, 0]
    case 'skewY 1':
      return [1, Math.tan(turn), 0, 1, 0, 0]
    default:
      throw new ArtworkFault('ARTWORK_DAMAGED', 'transform')
  }
}

/** First `inner`, then `outer`. */
export function multiply(outer: Matrix, inner: Matrix): Matrix {
  const [a, b, c, d, e, f] = outer
  const [g, h, i, j, k, l] = inner
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f]
}

export function apply([a, b, c, d, e, f]: Matrix, x: number, y: number): [number, number] {
  return [a * x + c * y + e, b * x + d * y + f]
}

/** By how much lengths grow, on average. */
export function scaleOf([a, b, c, d]: Matrix): number {
  return Math.sqrt(Math.abs(a * d - b * c))
}
