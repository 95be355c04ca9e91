import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileTemplate, type FontSet, listTemplates, openFonts, renderLicence } from '../../templates/index.ts'
import { isMissing } from '../support/tools.ts'
import { differenceTo, goldenDpi, goldenName, goldenPages } from './golden.ts'
import { madeUpLicence } from './made-up-licence.ts'
import { pagesAsPng } from './rasterise.ts'

let fonts: FontSet
beforeAll(async () => {
  fonts = await openFonts()
})

describe.skipIf(isMissing('pdftoppm'))('golden pages', () => {
  it.each(listTemplates().map((definition) => [definition.name.zh, definition] as const))(
    'show %s as it was looked at and found right',
    (_, definition) => {
      const compiled = compileTemplate(definition, fonts)
      const pages = pagesAsPng(renderLicence(compiled, madeUpLicence(compiled)).pdf, goldenDpi)
      for (const [i, page] of pages.entries()) {
        const { mean, strong } = differenceTo(join(goldenPages, goldenName(definition, i)), page)
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
