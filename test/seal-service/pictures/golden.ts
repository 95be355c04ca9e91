// Seals that were looked at and found right, as pictures by our own rasteriser.
import { join } from 'node:path'
import { packageRoot } from '../../../platform/package-root.ts'
import type { OutlineSource } from '../../../seal-service/domain/picture/outline.ts'
import { type Coverage, inkShapesOf, rasterise } from '../../../seal-service/domain/picture/raster.ts'
import { layOutSeal } from '../../../seal-service/domain/seal-picture.ts'
import { fortySeals } from './forty-seals.ts'

export const goldenSeals = join(packageRoot, 'test/golden/seals')
export const goldenSealDpi = 150
const mmPerInch = 25.4

/** Which of the forty, and what their pictures are called. */
export const golden: Readonly<Record<string, number>> = {
  'round-artwork': 1,
  'round-star': 4,
  'round-two-rings-line': 10,
  'round-two-languages': 18,
  'round-two-rings-two-languages': 21,
  'round-line-code': 25,
  'oval-two-languages': 29,
  'invoice-serial': 33,
  'square-white-characters': 36,
  'square-red-characters': 39,
}

export function paintGolden(index: number, outlines: OutlineSource): Coverage {
  const drawing = layOutSeal(fortySeals[index]!, outlines)
  const scale = goldenSealDpi / mmPerInch
  const [width, height] = [Math.round(drawing.widthMm * scale), Math.round(drawing.heightMm * scale)]
  const mapping = { scale, offsetX: width / 2, offsetY: height / 2, isUpwards: true }
  return rasterise(inkShapesOf(drawing), width, height, mapping)
}
