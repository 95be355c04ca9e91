// Draws forty made-up seals on one sheet, to be looked at: docs/screenshots/seal-pictures.png.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../platform/package-root.ts'
import { inkShapesOf, rasterise } from '../seal-service/domain/picture/raster.ts'
import { layOutSeal } from '../seal-service/domain/seal-picture.ts'
import { encodePng } from '../seal-service/operations/pictures/encode-png.ts'
import { fortySeals } from '../test/seal-service/pictures/forty-seals.ts'
import { openSealTypes } from '../test/seal-service/pictures/seal-types.ts'

const [
  from = '0',
  to = String(fortySeals.length),
  dpi = '110',
  out = join(packageRoot, 'docs/screenshots/seal-pictures.png'),
  columns = '8',
] = process.argv.slice(2)
const cellMm = 62
const outlines = await openSealTypes()
const seals = fortySeals.slice(Number(from), Number(to))
const scale = Number(dpi) / 25.4
const inColumns = Math.min(Number(columns), seals.length)
const cell = Math.round(cellMm * scale)
const [width, height] = [inColumns * cell, Math.ceil(seals.length / inColumns) * cell]
const shapes = seals.map((spec) => inkShapesOf(layOutSeal(spec, outlines)))
const sheet = new Uint8Array(width * height)
shapes.forEach((seal, index) => {
  const { ink } = rasterise(seal, cell, cell, { scale, offsetX: cell / 2, offsetY: cell / 2, isUpwards: true })
  const [left, top] = [(index % inColumns) * cell, Math.floor(index / inColumns) * cell]
  for (let y = 0; y < cell; y++) sheet.set(ink.subarray(y * cell, (y + 1) * cell), (top + y) * width + left)
})
writeFileSync(out, await encodePng({ width, height, ink: sheet }, Number(dpi)))
