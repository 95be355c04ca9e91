import type { LicenceDefinition, LicenceInput } from './definition.ts'
import { drawPng } from './pictures/drawing.ts'

/** A definition as a form needs it: everything but the layout, fit for JSON. */
export type CatalogueEntry = Omit<LicenceDefinition, 'layout' | 'examplePictures'>

/** The JSON-able part of a definition, which `/api/catalogue/{typeCode}` answers and the form is made from. */
export function describeTemplate(definition: LicenceDefinition): CatalogueEntry {
  const { layout: _layout, examplePictures: _pictures, ...entry } = definition
  return { ...entry, example: exampleInput(definition) }
}

/** The definition's made-up holder as valid input, its pictures drawn, in base64. */
export function exampleInput(definition: LicenceDefinition): LicenceInput {
  const pictures = Object.entries(definition.examplePictures ?? {}).map(([name, drawing]) => [
    name,
    Buffer.from(drawPng(drawing)).toString('base64'),
  ])
  return { ...definition.example, ...Object.fromEntries(pictures) }
}
