import type { LicenceDefinition, LicenceInput } from './definition.ts'

/** A definition as a form needs it: everything but the layout, fit for JSON. */
export type CatalogueEntry = Omit<LicenceDefinition, 'layout'>

/** The JSON-able part of a definition, which `/api/catalogue/{typeCode}` answers and the form is made from. */
export function describeTemplate(definition: LicenceDefinition): CatalogueEntry {
  const { layout: _layout, ...entry } = definition
  return { ...entry, example: exampleInput(definition) }
}

/** The definition's made-up holder as valid input, pictures included. */
export function exampleInput(definition: LicenceDefinition): LicenceInput {
  return definition.example
}
