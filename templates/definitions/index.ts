import type { LicenceDefinition } from '../definition.ts'
import { birthCertificate } from './birth-certificate.ts'
import { businessLicence } from './business-licence.ts'
import { constructionPermit } from './construction-permit.ts'
import { drivingLicence } from './driving-licence.ts'
import { employmentCertificate } from './employment-certificate.ts'
import { foodOperationPermit } from './food-operation-permit.ts'
import { marriageCertificate } from './marriage-certificate.ts'
import { medicalInstitutionLicence } from './medical-institution-licence.ts'
import { privateInstitutionRegistration } from './private-institution-registration.ts'
import { realEstateCertificate } from './real-estate-certificate.ts'
import { realEstateRegistration } from './real-estate-registration.ts'
import { residencePermit } from './residence-permit.ts'
import { roadTransportPermit } from './road-transport-permit.ts'
import { seniorCard } from './senior-card.ts'
import { socialSecurityCard } from './social-security-card.ts'
import { teacherQualification } from './teacher-qualification.ts'

const definitions: readonly LicenceDefinition[] = [
  businessLicence,
  foodOperationPermit,
  constructionPermit,
  marriageCertificate,
  roadTransportPermit,
  realEstateCertificate,
  socialSecurityCard,
  drivingLicence,
  residencePermit,
  birthCertificate,
  realEstateRegistration,
  seniorCard,
  employmentCertificate,
  teacherQualification,
  medicalInstitutionLicence,
  privateInstitutionRegistration,
]
const byTypeCode = new Map(definitions.map((definition) => [definition.typeCode, definition]))

/** Every licence type this service can make, in the order of the catalogue. */
export function listTemplates(): readonly LicenceDefinition[] {
  return definitions
}

export function findTemplate(typeCode: string): LicenceDefinition | undefined {
  return byTypeCode.get(typeCode)
}
