import type { SquareSealSpec } from '../seal-picture-spec.ts'
import { inkOf } from './draw-round.ts'
import type { Drawing } from './drawing.ts'
import type { OutlineCommand, OutlineSource } from './outline.ts'
import type { PlacedCharacter } from './placed-character.ts'
import { rasterise } from './raster.ts'
import { toCodePoints } from './set-text.ts'
import { traceCharacter } from './trace.ts'
import { traceContours } from './trace-contours.ts'

/** Shares of the side. */
const frameWidth = 0.055
const marginWithin = 0.045
const marginOfInk = 0.09
const gapOfCells = 0.02
/** Hairlines left free of ink close up in printing: they are cut this much wider, in millimetres. */
const widening = 0.1

/** Characters in columns, read from the top of the right one: red in a red frame, or left free in a red square. */
export function drawSquare(spec: SquareSealSpec, outlines: OutlineSource): Drawing {
  const { sideMm: side } = spec
  const isRed = spec.style === 'red-characters'
  const margin = side * (isRed ? frameWidth + marginWithin : marginOfInk)
  const places = layOutCells(cellsOf(spec), side - 2 * margin, side * gapOfCells)
  const frame = [...traceSquare(side / 2), ...traceSquare(side / 2 - side * frameWidth)]
  const around = isRed ? frame : traceSquare(side / 2)
  const inCut = isRed
    ? []
    : unite(
        places.flatMap((place) => traceCharacter(place, outlines)),
        side,
      )
  return {
    widthMm: side,
    heightMm: side,
    shapes: [{ form: 'cut', steps: [...around, ...inCut] }, ...(isRed ? inkOf(places, outlines) : [])],
  }
}

/** The characters that are cut: a dot between two names is not. */
function cellsOf({ text, ending }: SquareSealSpec): number[] {
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

const pixelsAMm = 40

/**
 * The outlines of all that is inked, without overlaps: a face's strokes overlap, and what is cut out of a square would be ink again where
 * they do.
 */
function unite(steps: readonly OutlineCommand[], side: number): OutlineCommand[] {
  const pixels = Math.ceil(side * pixelsAMm)
  const mapping = { scale: pixelsAMm, offsetX: pixels / 2, offsetY: pixels / 2, isUpwards: true }
  const inked = rasterise([{ steps, rule: 'nonzero', strokeWidth: widening }], pixels, pixels, mapping)
  return traceContours(inked, { tolerance: 0.2, smallest: 4 }).flatMap((contour): OutlineCommand[] => [
    ...Array.from(
      { length: contour.length / 2 },
      (_, index): OutlineCommand => [
        index === 0 ? 'M' : 'L',
        (contour[2 * index]! - pixels / 2) / pixelsAMm,
        (pixels / 2 - contour[2 * index + 1]!) / pixelsAMm,
      ],
    ),
    ['Z'],
  ])
}

function traceSquare(reach: number): OutlineCommand[] {
  return [['M', -reach, -reach], ['L', reach, -reach], ['L', reach, reach], ['L', -reach, reach], ['Z']]
}
