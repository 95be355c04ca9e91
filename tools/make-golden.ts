/**
 * Makes test/golden: every page of every licence type as grey pictures, from the made-up holders and a fixed statement, pages of extreme
 * inputs, a handful of seals, and the schemas as the migrations leave them. Run it only when one is meant to change, and look at the difference before committing it.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openDatabase } from '../platform/index.ts'
import { encodePng } from '../seal-service/operations/pictures/encode-png.ts'
import { compileTemplate, extremeInputs, listTemplates, openFonts, renderLicence } from '../templates/index.ts'
import { describeSchema, goldenSchema, schemas } from '../test/contract/schema.ts'
import { golden, goldenSealDpi, goldenSeals, paintGolden } from '../test/seal-service/pictures/golden.ts'
import { openSealTypes } from '../test/seal-service/pictures/seal-types.ts'
import { extremeDpi, extremeNames, extremePages, goldenDpi, goldenName, goldenPages } from '../test/templates/golden.ts'
import { madeUpLicence } from '../test/templates/made-up-licence.ts'
import { pagesAsPng } from '../test/templates/rasterise.ts'

for (const folder of [goldenPages, extremePages]) {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
}
const fonts = await openFonts()
for (const definition of listTemplates()) {
  const compiled = compileTemplate(definition, fonts)
  const { pdf } = renderLicence(compiled, madeUpLicence(compiled))
  for (const [i, png] of pagesAsPng(pdf, goldenDpi).entries()) {
    const name = goldenName(definition, i)
    writeFileSync(join(goldenPages, name), png)
    process.stdout.write(`${name} ${png.length}\n`)
  }
  for (const extreme of extremeInputs(definition)) {
    const { pdf, pageCount } = renderLicence(compiled, madeUpLicence(compiled, {}, extreme.input))
    const pages = pagesAsPng(pdf, extremeDpi)
    for (const [name, page] of extremeNames(definition, extreme, pageCount))
      writeFileSync(join(extremePages, name), pages[page]!)
  }
}

mkdirSync(goldenSeals, { recursive: true })
for (const name of readdirSync(goldenSeals)) rmSync(join(goldenSeals, name))
const outlines = await openSealTypes()
for (const [name, index] of Object.entries(golden)) {
  writeFileSync(join(goldenSeals, `${name}.png`), await encodePng(paintGolden(index, outlines), goldenSealDpi))
}

for (const schema of schemas) {
  const database = await openDatabase({ memory: true })
  mkdirSync(dirname(goldenSchema(schema.schema)), { recursive: true })
  writeFileSync(goldenSchema(schema.schema), await describeSchema(database, schema))
  await database.close()
}
