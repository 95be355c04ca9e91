// Where two drawings of a page differ, as a few boxes that a person can look at.
import type { PlaceOnPage } from '../kit/place-on-page.ts'

/** Pixels as a canvas gives them: four octets each, red first. */
export interface Drawing {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray
}

/** Cells along the longer side. */
const CELLS = 64
/** Of 255; smoothing of edges makes smaller ones. */
const CHANGED = 40

/**
 * Boxes around what differs: cells with a clearly different pixel, those that touch joined into one. Drawings of different size differ as
 * a whole.
 */
export function differencesOf(before: Drawing, after: Drawing): PlaceOnPage[] {
  const { width, height } = before
  if (after.width !== width || after.height !== height) return [{ left: 0, top: 0, width: 1, height: 1 }]
  const side = Math.max(1, Math.ceil(Math.max(width, height) / CELLS))
  const columns = Math.ceil(width / side)
  const rows = Math.ceil(height / side)
  const changed = new Uint8Array(columns * rows)
  for (let at = 0, pixel = 0; at < before.data.length; at += 4, pixel++) {
    const difference = Math.max(
      Math.abs(before.data[at]! - after.data[at]!),
      Math.abs(before.data[at + 1]! - after.data[at + 1]!),
      Math.abs(before.data[at + 2]! - after.data[at + 2]!),
    )
    if (difference < CHANGED) continue
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    changed[Math.floor(y / side) * columns + Math.floor(x / side)] = 1
  }
  return boxesOf(changed, columns, rows).map(([left, top, right, bottom]) => ({
    left: (left * side) / width,
    top: (top * side) / height,
    width: Math.min(1, ((right - left + 1) * side) / width),
    height: Math.min(1, ((bottom - top + 1) * side) / height),
  }))
}

type Box = [left: number, top: number, right: number, bottom: number]

/** Groups of marked cells that touch, corners and a gap of one cell included. */
function boxesOf(marked: Uint8Array, columns: number, rows: number): Box[] {
  const boxes: Box[] = []
  for (let start = 0; start < marked.length; start++) {
    if (!marked[start]) continue
    const box: Box = [columns, rows, 0, 0]
    const open = [start]
    marked[start] = 0
    for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
      const [x, y] = [cell % columns, Math.floor(cell / columns)]
      box[0] = Math.min(box[0], x)
      box[1] = Math.min(box[1], y)
      box[2] = Math.max(box[2], x)
      box[3] = Math.max(box[3], y)
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) {
          const [nx, ny] = [x + dx, y + dy]
          const near = ny * columns + nx
          if (nx < 0 || ny < 0 || nx >= columns || ny >= rows || !marked[near]) continue
          marked[near] = 0
          open.push(near)
        }
      }
    }
    boxes.push(box)
  }
  return boxes
}
