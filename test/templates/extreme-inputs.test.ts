import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  compileTemplate,
  extremeInputs,
  type FontSet,
  listTemplates,
  openFonts,
  renderLicence,
  validateLicenceData,
} from '../../templates/index.ts'
import { isMissing } from '../support/tools.ts'
import { cutToFit, differenceTo, extremeDpi, extremeNames, extremePages } from './golden.ts'
import { madeUpLicence, today } from './made-up-licence.ts'
import { pagesAsPng, textOf } from './rasterise.ts'

let fonts: FontSet
beforeAll(async () => {
  fonts = await openFonts()
})

const types = listTemplates().map((definition) => [definition.name.zh, definition] as const)

describe.each(types)('extreme inputs of %s', (_, definition) => {
  it('are complete where they are long, bare where they are short, and no field refuses its own', () => {
    const compiled = compileTemplate(definition, fonts)
    const named = Object.fromEntries(extremeInputs(definition).map(({ name, input }) => [name, input]))
    const all = definition.fields.map(({ name }) => name)
    expect(Object.keys(named['longest']!)).toEqual(all)
    expect(Object.keys(named['shortest']!)).toEqual(
      definition.fields.filter(({ required }) => required).map(({ name }) => name),
    )
    for (const input of Object.values(named)) {
      const result = validateLicenceData(compiled, input, { today })
      const faults = result.ok ? [] : result.faults.filter(({ code }) => code !== 'TEXT_DOES_NOT_FIT')
      expect(faults).toEqual([])
    }
    for (const { name, maxLength, type } of definition.fields)
      if (maxLength !== undefined && type.endsWith('text'))
        expect([...String(named['longest']![name])]).toHaveLength(maxLength)
  })

  it.skipIf(isMissing('pdftoppm', 'pdftotext'))('are set whole, as they were looked at and found right', () => {
    const compiled = compileTemplate(definition, fonts)
    for (const extreme of extremeInputs(definition)) {
      const input = madeUpLicence(compiled, {}, cutToFit(compiled, extreme.input))
      const { pdf, pageCount } = renderLicence(compiled, input)
      const text = textOf(pdf).replace(/\s/g, '')
      for (const { name } of input.data.holders) expect(text, extreme.name).toContain(name.replace(/\s/g, ''))
      const pages = pagesAsPng(pdf, extremeDpi)
      for (const [name, page] of extremeNames(definition, extreme, pageCount)) {
        expect(existsSync(join(extremePages, name)), name).toBe(true)
        const { mean, strong } = differenceTo(join(extremePages, name), pages[page]!)
        expect(mean, name).toBeLessThan(1.5)
        expect(strong, name).toBeLessThan(0.002)
      }
    }
  })
})
