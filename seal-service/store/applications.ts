import type { Queryable } from '../../platform/index.ts'
import type { SealApplication } from '../domain/seal-application.ts'

/** One version of an application. */
export interface ApplicationRecord {
  readonly sealId: string
  /** Counted from 1; each amendment is another. */
  readonly version: number
  readonly form: SealApplication
  readonly digest: Uint8Array
  readonly applicantId: string
  readonly applicantName: string
  readonly applicantDepartment: string
  readonly at: Date
}

/** Whether somebody applied for the seal; one of the operator's set-up or of the demonstration has no application. */
export async function hasApplication(db: Queryable, sealId: string): Promise<boolean> {
  const rows = await db.query(`select 1 from seal.applications where seal_id = $1 limit 1`, [sealId])
  return rows.length === 1
}

export async function insertApplication(db: Queryable, record: ApplicationRecord): Promise<void> {
  await db.query(
    `insert into seal.applications (seal_id, version, form, digest, applicant_id, applicant_name, applicant_department, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      record.sealId,
      record.version,
      JSON.stringify(record.form),
      record.digest,
      record.applicantId,
      record.applicantName,
      record.applicantDepartment,
      record.at,
    ],
  )
}

/** Every version of a seal's application, oldest first. */
export function listApplications(db: Queryable, sealId: string): Promise<ApplicationRecord[]> {
  return db.query<ApplicationRecord>(
    `select seal_id as "sealId", version, form, digest, applicant_id as "applicantId", applicant_name as "applicantName",
       applicant_department as "applicantDepartment", at
     from seal.applications where seal_id = $1 order by version`,
    [sealId],
  )
}

/** Brings the seal's own columns in line with an amended application. Violates a unique index when its name or number is taken. */
export async function recordAmendment(db: Queryable, sealId: string, form: SealApplication): Promise<void> {
  await db.query(
    `update seal.seals set name = $2, name_en = $3, kind_code = $4, picture_spec = $5, key_algorithm = $6, type_codes = $7,
       physical_seal_number = $8, replaces = $9
     where id = $1`,
    [
      sealId,
      form.name,
      form.nameEn,
      form.kindCode,
      JSON.stringify(form.picture),
      form.keyAlgorithm,
      form.typeCodes,
      form.physicalSealNumber,
      form.replaces,
    ],
  )
}

/** A version of an application without what it says. */
export interface ApplicationHead {
  readonly sealId: string
  readonly version: number
  readonly digest: Uint8Array
  readonly applicantId: string
  readonly certificate: string
}

/** The versions of several seals' applications, oldest first. */
export function listApplicationHeads(db: Queryable, sealIds: readonly string[]): Promise<ApplicationHead[]> {
  return db.query<ApplicationHead>(
    `select seal_id as "sealId", version, digest, applicant_id as "applicantId", form ->> 'certificate' as certificate
     from seal.applications where seal_id = any($1) order by seal_id, version`,
    [sealIds],
  )
}
