import type { SquareSealSpec } from '../seal-picture-spec.ts'
import { inkOf } from './draw-round.ts'
import type { Drawing } from './drawing.ts'
import type { OutlineCommand, OutlineSource } from './outline.ts'
import type { PlacedCharacter } from './placed-character.ts'
import { toCodePoints } from './set-text.ts'
import { traceCharacter } from './trace.ts'

/** Shares of the side. */
const frameWidth = 0.055
const marginWithin = 0.045
const marginOfInk = 0.09
const gapOfCells = 0.02

/** Characters in columns, read from the top of the right one: red in a red frame, or left free in a red square. */
export function drawSquare(spec: SquareSealSpec, outlines: OutlineSource): Drawing {
  const { sideMm: side } = spec
  const isRed = spec.style === 'red-characters'
  const margin = side * (isRed ? frameWidth + marginWithin : marginOfInk)
  const places = layOutCells(cellsOf(spec), side - 2 * margin, side * gapOfCells)
  const frame = traceSquare(side / 2 - (side * frameWidth) / 2)
  return {
    widthMm: side,
    heightMm: side,
    shapes: isRed
      ? [{ form: 'frame', steps: frame, strokeMm: side * frameWidth }, ...inkOf(places, outlines)]
      : [
          {
            form: 'cut',
            steps: [...traceSquare(side / 2), ...places.flatMap((place) => traceCharacter(place, outlines))],
          },
        ],
  }
}

/** The characters that are cut: a dot between two names is not. */
export function cellsOf({ text, ending }: SquareSealSpec): number[] {
  return toCodePoints(text.replaceAll('·', '') + (ending ?? ''))
}

/** Columns from the right; an uneven number leaves the right ones, which hold the family name, with fewer and taller characters. */
function layOutCells(cells: readonly number[], inner: number, gap: number): PlacedCharacter[] {
  const columns = cells.length <= 6 ? 2 : 3
  const cellWidth = inner / columns
  let taken = 0
  return Array.from({ length: columns }, (_, column) => {
    const size = Math.floor((cells.length - taken) / (columns - column))
    const inColumn = cells.slice(taken, (taken += size))
    const cellHeight = inner / size
    return inColumn.map(
      (codePoint, row): PlacedCharacter => ({
        codePoint,
        x: inner / 2 - (column + 0.5) * cellWidth,
        y: inner / 2 - (row + 0.5) * cellHeight,
        angle: 0,
        width: cellWidth - gap,
        height: cellHeight - gap,
        type: 'song-bold',
      }),
    )
  }).flat()
}

function traceSquare(reach: number): OutlineCommand[] {
  return [['M', -reach, -reach], ['L', reach, -reach], ['L', reach, reach], ['L', -reach, reach], ['Z']]
}
