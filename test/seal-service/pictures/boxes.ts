// Boxes of characters and whether they touch.
import type { PlacedCharacter } from '../../../seal-service/domain/picture/placed-character.ts'

export type Point = readonly [number, number]

/** Corners of a character's box; `share` of its sides. */
export function cornersOf({ x, y, angle, width, height }: PlacedCharacter, share = 1): Point[] {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  return [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].map(([across, up]): Point => {
    const [a, b] = [(across! * share * width) / 2, (up! * share * height) / 2]
    return [x + a * cos + b * sin, y - a * sin + b * cos]
  })
}

const acrossOf = (box: readonly Point[]) => Math.max(...box.map(([x, y]) => Math.hypot(x - box[0]![0], y - box[0]![1])))

/** Separating axis test of two convex shapes. */
export function overlap(one: readonly Point[], other: readonly Point[]): boolean {
  if (Math.hypot(one[0]![0] - other[0]![0], one[0]![1] - other[0]![1]) > acrossOf(one) + acrossOf(other)) return false
  const axes = [one, other].flatMap((box) =>
    box.map((corner, index): Point => {
      const next = box[(index + 1) % box.length]!
      return [corner[1] - next[1], next[0] - corner[0]]
    }),
  )
  return axes.every(([ax, ay]) => {
    const spanOf = (box: readonly Point[]) => {
      const along = box.map(([px, py]) => px * ax + py * ay)
      return [Math.min(...along), Math.max(...along)] as const
    }
    const [a, b] = [spanOf(one), spanOf(other)]
    return a[0] < b[1] && b[0] < a[1]
  })
}

/** Whether any two of them touch. */
export function touches(boxes: readonly (readonly Point[])[]): boolean {
  return boxes.some((box, index) => boxes.slice(index + 1).some((other) => overlap(box, other)))
}
