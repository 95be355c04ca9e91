import type { Drawing } from '../definition.ts'
import { encodePng } from './png.ts'

/** Paints a drawing and gives it as a PNG; edges are smoothed by how far a pixel lies from them. */
export function drawPng(drawing: Drawing): Uint8Array {
  const { width, height } = drawing
  const pixels = new Uint8Array(3 * width * height)
  for (let i = 0; i < pixels.length; i++) pixels[i] = drawing.paper[i % 3]!
  for (const shape of drawing.shapes) {
    const { reach, box } = describeShape(shape)
    const [left, top, right, bottom] = box
    for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, Math.ceil(bottom)); y++) {
      for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, Math.ceil(right)); x++) {
        const cover = Math.min(1, Math.max(0, reach(x + 0.5, y + 0.5) + 0.5))
        if (cover === 0) continue
        const at = 3 * (y * width + x)
        for (let c = 0; c < 3; c++)
          pixels[at + c] = Math.round(pixels[at + c]! * (1 - cover) + shape.colour[c]! * cover)
      }
    }
  }
  return encodePng(width, height, pixels)
}

interface ShapeReach {
  /** Pixels inside the edge; negative outside. */
  readonly reach: (x: number, y: number) => number
  readonly box: readonly [left: number, top: number, right: number, bottom: number]
}

function describeShape(shape: Drawing['shapes'][number]): ShapeReach {
  if ('ellipse' in shape) {
    const [cx, cy, rx, ry] = shape.ellipse
    const reach = (x: number, y: number) =>
      (1 - Math.sqrt(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2)) * Math.min(rx, ry)
    return { reach, box: [cx - rx - 1, cy - ry - 1, cx + rx + 1, cy + ry + 1] }
  }
  if ('box' in shape) {
    const [left, top, width, height] = shape.box
    const reach = (x: number, y: number) => Math.min(x - left, left + width - x, y - top, top + height - y)
    return { reach, box: [left - 1, top - 1, left + width + 1, top + height + 1] }
  }
  const [x1, y1, x2, y2] = shape.line
  const half = shape.width / 2
  const length = (x2 - x1) ** 2 + (y2 - y1) ** 2
  const reach = (x: number, y: number) => {
    const t = Math.min(1, Math.max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length))
    return half - Math.sqrt((x - x1 - t * (x2 - x1)) ** 2 + (y - y1 - t * (y2 - y1)) ** 2)
  }
  const box = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)] as const
  return { reach, box: [box[0] - half - 1, box[1] - half - 1, box[2] + half + 1, box[3] + half + 1] }
}
