import type { LicenceDefinition } from '../definition.ts'
import { businessLicence } from './business-licence.ts'

const definitions: readonly LicenceDefinition[] = [businessLicence]
const byTypeCode = new Map(definitions.map((definition) => [definition.typeCode, definition]))

/** Every licence type this service can make, in the order of the catalogue. */
export function listTemplates(): readonly LicenceDefinition[] {
  return definitions
}

export function findTemplate(typeCode: string): LicenceDefinition | undefined {
  return byTypeCode.get(typeCode)
}
