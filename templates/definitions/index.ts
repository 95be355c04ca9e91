import type { LicenceDefinition } from '../definition.ts'
import { businessLicence } from './business-licence.ts'
import { constructionPermit } from './construction-permit.ts'
import { foodOperationPermit } from './food-operation-permit.ts'
import { marriageCertificate } from './marriage-certificate.ts'
import { realEstateCertificate } from './real-estate-certificate.ts'
import { roadTransportPermit } from './road-transport-permit.ts'

const definitions: readonly LicenceDefinition[] = [
  businessLicence,
  foodOperationPermit,
  constructionPermit,
  marriageCertificate,
  roadTransportPermit,
  realEstateCertificate,
]
const byTypeCode = new Map(definitions.map((definition) => [definition.typeCode, definition]))

/** Every licence type this service can make, in the order of the catalogue. */
export function listTemplates(): readonly LicenceDefinition[] {
  return definitions
}

export function findTemplate(typeCode: string): LicenceDefinition | undefined {
  return byTypeCode.get(typeCode)
}
