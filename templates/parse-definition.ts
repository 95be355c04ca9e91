import type { LicenceDefinition } from './definition.ts'
import { TemplateError } from './errors.ts'
import { checkFields } from './parse/check-fields.ts'
import { checkLayout } from './parse/check-layout.ts'
import { definitionShape } from './parse/definition-shape.ts'
import { collectFaults, EnoughFaults } from './parse/fault.ts'

/**
 * Reads a definition that somebody drew, sent or stored: nothing in it is believed. What comes back holds what was checked and nothing
 * else, may be compiled within bounded time and memory, and drawn with any data that fit it; whether its letters fit their places,
 * `compileTemplate` and `validateLicenceData` say.
 *
 * @param json as `JSON.parse` gives it
 * @throws TemplateError TEMPLATE_DEFINITION_INVALID with the first hundred faults, each under its JSON Pointer
 */
export function parseDefinition(json: unknown): LicenceDefinition {
  const { faults, report } = collectFaults()
  let definition: LicenceDefinition | undefined
  try {
    definition = definitionShape(json, '', report)
    if (definition !== undefined && faults.length === 0) {
      checkFields(definition, report)
      checkLayout(definition, report)
    }
  } catch (error) {
    if (!(error instanceof EnoughFaults)) throw error
  }
  if (definition === undefined || faults.length > 0)
    throw new TemplateError('TEMPLATE_DEFINITION_INVALID', `${faults.length} fault(s) in the definition`, { faults })
  return definition
}
