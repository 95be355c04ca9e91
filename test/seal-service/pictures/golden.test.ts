import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { OutlineSource } from '../../../seal-service/domain/picture/outline.ts'
import { decodePng } from '../../../templates/pictures/png.ts'
import { golden, goldenSeals, paintGolden } from './golden.ts'
import { openSealTypes } from './seal-types.ts'

const limits = { minSide: 1, maxSide: 10_000, maxBytes: 1 << 24 }
let outlines: OutlineSource
beforeAll(async () => {
  outlines = await openSealTypes()
})

describe('golden seals', () => {
  it.each(Object.entries(golden))('show %s as it was looked at and found right', (name, index) => {
    const { header, rows } = decodePng(readFileSync(join(goldenSeals, `${name}.png`)), limits)
    const { width, height, ink } = paintGolden(index, outlines)
    expect(header).toMatchObject({ width, height })
    // Sines differ in their last bit between processors: a pixel on an edge may be a shade off.
    const strong = ink.filter((cover, at) => Math.abs(cover - rows[4 * at + 3]!) > 8).length
    expect(strong).toBe(0)
  })

  it('are those that are named, no more and no less', () => {
    expect(readdirSync(goldenSeals).sort()).toEqual(
      Object.keys(golden)
        .map((name) => `${name}.png`)
        .sort(),
    )
  })
})
