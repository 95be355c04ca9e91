import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileTemplate, type FontSet, listTemplates, openFonts, renderLicence } from '../../templates/index.ts'
import { decodePng } from '../../templates/pictures/png.ts'
import { isMissing } from '../support/tools.ts'
import { goldenDpi, goldenName, goldenPages } from './golden.ts'
import { madeUpLicence } from './made-up-licence.ts'
import { pagesAsPng } from './rasterise.ts'

const limits = { minSide: 1, maxSide: 10_000, maxBytes: 1 << 24 }
let fonts: FontSet
beforeAll(async () => {
  fonts = await openFonts()
})

/** Versions of poppler smooth edges a little differently: a mean over the page, and few pixels that differ much. */
function difference(a: Uint8Array, b: Uint8Array): { mean: number; strong: number } {
  let sum = 0
  let strong = 0
  for (const [i, value] of a.entries()) {
    const distance = Math.abs(value - b[i]!)
    sum += distance
    if (distance > 96) strong++
  }
  return { mean: sum / a.length, strong: strong / a.length }
}

describe.skipIf(isMissing('pdftoppm'))('golden pages', () => {
  it.each(listTemplates().map((definition) => [definition.name.zh, definition] as const))(
    'show %s as it was looked at and found right',
    (_, definition) => {
      const compiled = compileTemplate(definition, fonts)
      const pages = pagesAsPng(renderLicence(compiled, madeUpLicence(compiled)).pdf, goldenDpi)
      for (const [i, page] of pages.entries()) {
        const golden = decodePng(readFileSync(join(goldenPages, goldenName(definition, i))), limits)
        const shown = decodePng(page, limits)
        expect(shown.header).toEqual(golden.header)
        const { mean, strong } = difference(shown.rows, golden.rows)
        expect(mean).toBeLessThan(1.5)
        expect(strong).toBeLessThan(0.002)
      }
    },
  )

  it('are those of the licence types, no more and no less', () => {
    const stems = new Set(readdirSync(goldenPages).map((name) => name.replace(/-\d+\.png$/, '')))
    expect([...stems].sort()).toEqual(
      listTemplates()
        .map((d) => goldenName(d, 0).replace(/-1\.png$/, ''))
        .sort(),
    )
  })
})
