import { describe, expect, it } from 'vitest'
import type { LicenceData } from '../../licence-format/index.ts'
import type { Deps } from '../../licence-service/operations/deps.ts'
import { labelledLicence } from '../../licence-service/operations/labelled-licence.ts'
import { exampleInput, findTemplate } from '../../templates/index.ts'

const realEstate = '11100000MB03271699001'
const definition = findTemplate(realEstate)!

describe('a licence as its holder reads it', () => {
  const deps = { templates: { version: () => ({ definition }) } } as unknown as Deps
  const sortedByName = (row: object) => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))
  const entered = exampleInput(definition)
  const fields = Object.fromEntries(
    Object.entries(entered).map(([name, value]) => [name, Array.isArray(value) ? value.map(sortedByName) : value]),
  )
  const { fields: read } = labelledLicence(deps, { typeCode: realEstate, fields } as unknown as LicenceData, 'in force')
  const shown = (name: string) => read.find((field) => field.name === name)?.value

  it('has the cells of a row in the order of its columns, whatever order licence.json keeps them in', () => {
    const table = definition.fields.find(({ columns }) => columns)!
    const [row] = shown(table.name) as unknown as object[]
    expect(Object.keys(row!)).toEqual(table.columns!.map(({ name }) => name))
  })

  it('has measures with their unit, and choices in words', () => {
    const measure = definition.fields.find(({ name, unit }) => unit && entered[name] !== undefined)!
    expect(shown(measure.name)).toEqual({
      zh: `${entered[measure.name]} ${measure.unit!.zh}`,
      en: `${entered[measure.name]} ${measure.unit!.en}`,
    })
    const choice = definition.fields.find(({ choices }) => choices)!
    expect(shown(choice.name)).toEqual(choice.choices!.find(({ value }) => value === entered[choice.name])!.label)
  })
})
