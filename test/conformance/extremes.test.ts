// Pages at the edge of what each type admits, under a judge of PDF/A that we did not write.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileTemplate, extremeInputs, listTemplates, openFonts, renderLicence } from '../../templates/index.ts'
import { askVerapdf, javaJudges } from '../support/judges.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isMissing } from '../support/tools.ts'
import { madeUpLicence } from '../templates/made-up-licence.ts'

describe.skipIf(isMissing(...javaJudges))('veraPDF', () => {
  const folder = temporaryFolder()

  it('finds PDF/A-3b in every type with its shortest, longest and rarest input', async () => {
    const fonts = await openFonts()
    const files: string[] = []
    for (const definition of listTemplates()) {
      const compiled = compileTemplate(definition, fonts)
      for (const { name, input } of extremeInputs(definition)) {
        const file = join(folder, `${definition.typeCode}-${name.replaceAll(' ', '-')}.pdf`)
        writeFileSync(file, renderLicence(compiled, madeUpLicence(compiled, {}, input)).pdf)
        files.push(file)
      }
    }
    const verdicts = askVerapdf('3b', files)
    expect(verdicts).toHaveLength(3 * listTemplates().length)
    expect(verdicts.flatMap(({ file, failed }) => failed.map((clause) => `${file} ${clause}`))).toEqual([])
    expect(verdicts.every(({ conformant }) => conformant)).toBe(true)
  }, 600_000)
})
