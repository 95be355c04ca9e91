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
import { differenceTo, extremeDpi, extremeNames, extremePages } from './golden.ts'
import { madeUpLicence, today } from './made-up-licence.ts'
import { pagesAsPng, textOf } from './rasterise.ts'

let fonts: FontSet
beforeAll(async () => {
  fonts = await openFonts()
})

/** Where a line may not break before or after a mark, or within a word, it ends before it is full. */
const lineEnds = {
  'names with brackets': '云汀市望江区听澜路（国际）股份有限公司、《某某》办事处',
  'a mark after every other character': '办（理）、许、可；项，目：',
  'Latin words': 'Zhengyin International Trading Company Limited ',
  'the widest letters': 'WWWWWW MMMMM ',
}
const around = (letters: readonly string[], start: number, length: number): string =>
  Array.from({ length }, (_, i) => letters[(start + i) % letters.length])
    .join('')
    .trim()

const types = listTemplates().map((definition) => [definition.name.zh, definition] as const)

describe.each(types)('extreme inputs of %s', (_, definition) => {
  it('are complete where they are long, bare where they are short, and all of them fit their pages', () => {
    const compiled = compileTemplate(definition, fonts)
    const named = Object.fromEntries(extremeInputs(definition).map(({ name, input }) => [name, input]))
    const all = definition.fields.map(({ name }) => name)
    expect(Object.keys(named['longest']!)).toEqual(all)
    expect(Object.keys(named['shortest']!)).toEqual(
      definition.fields.filter(({ required }) => required).map(({ name }) => name),
    )
    for (const input of Object.values(named)) {
      const result = validateLicenceData(compiled, input, { today })
      expect(result.ok ? [] : result.faults).toEqual([])
    }
    for (const { name, maxLength, type } of definition.fields)
      if (maxLength !== undefined && type.endsWith('text'))
        expect([...String(named['longest']![name])]).toHaveLength(maxLength)
  })

  it.each(Object.entries(lineEnds))('fit also where their lines end early: %s', (_, words) => {
    const compiled = compileTemplate(definition, fonts)
    const longest = extremeInputs(definition).find(({ name }) => name === 'longest')!.input
    const letters = [...words]
    const filled = definition.fields
      .filter(({ type, maxLength }) => type.endsWith('text') && maxLength !== undefined)
      .map(({ name, maxLength }) => [name, (start: number) => around(letters, start, maxLength!)] as const)
    for (let start = 0; start < 4; start++) {
      const texts = Object.fromEntries(filled.map(([name, textFrom]) => [name, textFrom(start)]))
      const result = validateLicenceData(compiled, { ...longest, ...texts }, { today })
      expect(result.ok ? [] : result.faults).toEqual([])
    }
  })

  it.skipIf(isMissing('pdftoppm', 'pdftotext'))('are set whole, as they were looked at and found right', () => {
    const compiled = compileTemplate(definition, fonts)
    for (const extreme of extremeInputs(definition)) {
      const input = madeUpLicence(compiled, {}, extreme.input)
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
