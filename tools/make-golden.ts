/**
 * Makes test/golden/pages: every page of every licence type as grey pictures, from the made-up holders and a fixed statement. Run it only
 * when a page is meant to change, and look at the pictures before committing them.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileTemplate, listTemplates, openFonts, renderLicence } from '../templates/index.ts'
import { goldenDpi, goldenName, goldenPages } from '../test/templates/golden.ts'
import { madeUpLicence } from '../test/templates/made-up-licence.ts'
import { pagesAsPng } from '../test/templates/rasterise.ts'

mkdirSync(goldenPages, { recursive: true })
for (const name of readdirSync(goldenPages)) rmSync(join(goldenPages, name))
const fonts = await openFonts()
for (const definition of listTemplates()) {
  const compiled = compileTemplate(definition, fonts)
  const { pdf } = renderLicence(compiled, madeUpLicence(compiled))
  for (const [i, png] of pagesAsPng(pdf, goldenDpi).entries()) {
    const name = goldenName(definition, i)
    writeFileSync(join(goldenPages, name), png)
    process.stdout.write(`${name} ${png.length}\n`)
  }
}
