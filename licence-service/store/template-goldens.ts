import type { Queryable } from '../../platform/index.ts'
import type { PreviewDifference } from '../../templates/index.ts'

/** With what a specimen is drawn, beside its definition: on whose behalf and when. */
export interface SpecimenInputs {
  readonly issuer: { readonly code: string; readonly name: string }
  readonly drawnAt: Date
}

export interface GoldenRow {
  readonly typeCode: string
  readonly templateVersion: number
  readonly revision: number
  readonly state: 'proposed' | 'approved' | 'refused' | 'replaced'
  readonly specimenDigest: string
  readonly issuerCode: string
  readonly issuerName: string
  readonly drawnAt: Date
  readonly reason: string
  readonly proposedBy: string
  readonly decidedBy: string | null
  readonly decidedAt: Date | null
}

export interface TemplateCheck {
  readonly typeCode: string
  readonly templateVersion: number
  readonly revision: number
  readonly outcome: 'same' | 'differs' | 'failed'
  readonly differences: readonly PreviewDifference[]
  readonly checkedAt: Date
}

type VersionName = Pick<GoldenRow, 'typeCode' | 'templateVersion'>

const columns = `type_code as "typeCode", template_version as "templateVersion", revision, state, specimen_digest as "specimenDigest",
  issuer_code as "issuerCode", issuer_name as "issuerName", drawn_at as "drawnAt", reason, proposed_by as "proposedBy",
  decided_by as "decidedBy", decided_at as "decidedAt"`

/** All golden specimens of a version, newest first, without their bytes. */
export const goldensOf = (db: Queryable, { typeCode, templateVersion }: VersionName): Promise<GoldenRow[]> =>
  db.query<GoldenRow>(
    `select ${columns} from licence.template_goldens where type_code = $1 and template_version = $2 order by revision desc`,
    [typeCode, templateVersion],
  )

/** What counts of each version that new licences are made with, in the order of type codes. */
export const approvedGoldens = (db: Queryable): Promise<GoldenRow[]> =>
  db.query<GoldenRow>(
    `select ${columns} from licence.template_goldens g where state = 'approved' and exists (
       select from licence.template_versions t
       where t.type_code = g.type_code and t.template_version = g.template_version and t.state = 'published')
     order by type_code`,
  )

export async function findSpecimen(
  db: Queryable,
  { typeCode, templateVersion, revision }: Pick<GoldenRow, 'typeCode' | 'templateVersion' | 'revision'>,
): Promise<Uint8Array | undefined> {
  const rows = await db.query<{ specimen: Uint8Array }>(
    'select specimen from licence.template_goldens where type_code = $1 and template_version = $2 and revision = $3',
    [typeCode, templateVersion, revision],
  )
  return rows[0]?.specimen
}

export async function insertGolden(tx: Queryable, row: GoldenRow, specimen: Uint8Array): Promise<void> {
  await tx.query(
    `insert into licence.template_goldens (type_code, template_version, revision, state, specimen, specimen_digest, issuer_code, issuer_name,
       drawn_at, reason, proposed_by, decided_by, decided_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      ...[row.typeCode, row.templateVersion, row.revision, row.state, specimen, row.specimenDigest, row.issuerCode],
      ...[row.issuerName, row.drawnAt, row.reason, row.proposedBy, row.decidedBy, row.decidedAt],
    ],
  )
}

/** Says of a proposal what was decided. */
export async function settleGolden(
  tx: Queryable,
  { typeCode, templateVersion, revision }: Pick<GoldenRow, 'typeCode' | 'templateVersion' | 'revision'>,
  { state, by, at }: { readonly state: 'approved' | 'refused'; readonly by: string; readonly at: Date },
): Promise<void> {
  await tx.query(
    `update licence.template_goldens set state = $4, decided_by = $5, decided_at = $6
     where type_code = $1 and template_version = $2 and revision = $3`,
    [typeCode, templateVersion, revision, state, by, at],
  )
}

/** What stood in a state is replaced by another one. */
export async function replaceGoldens(
  tx: Queryable,
  { typeCode, templateVersion }: VersionName,
  state: 'proposed' | 'approved',
): Promise<void> {
  await tx.query(
    `update licence.template_goldens set state = 'replaced' where type_code = $1 and template_version = $2 and state = $3`,
    [typeCode, templateVersion, state],
  )
}

export async function findCheck(
  db: Queryable,
  { typeCode, templateVersion }: VersionName,
): Promise<TemplateCheck | undefined> {
  const rows = await db.query<TemplateCheck>(
    `select type_code as "typeCode", template_version as "templateVersion", revision, outcome, differences, checked_at as "checkedAt"
     from licence.template_checks where type_code = $1 and template_version = $2`,
    [typeCode, templateVersion],
  )
  return rows[0]
}

/** Keeps what a comparison found; of two that end in another order than they began the later look counts. */
export async function keepCheck(db: Queryable, check: TemplateCheck): Promise<void> {
  await db.query(
    `insert into licence.template_checks (type_code, template_version, revision, outcome, differences, checked_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (type_code, template_version) do update
       set revision = excluded.revision, outcome = excluded.outcome, differences = excluded.differences, checked_at = excluded.checked_at
       where excluded.revision > template_checks.revision
         or (excluded.revision = template_checks.revision and excluded.checked_at >= template_checks.checked_at)`,
    [
      ...[check.typeCode, check.templateVersion, check.revision, check.outcome, JSON.stringify(check.differences)],
      check.checkedAt,
    ],
  )
}

/** How many published versions stand how, for the operator's figures. */
export const countChecks = (db: Queryable): Promise<{ state: string; versions: number }[]> =>
  db.query<{ state: string; versions: number }>(
    `select case when g.revision is null then 'none' when c.revision is distinct from g.revision then 'unchecked' else c.outcome end as state,
       count(*)::integer as versions
     from licence.template_versions t
     left join licence.template_goldens g on g.type_code = t.type_code and g.template_version = t.template_version and g.state = 'approved'
     left join licence.template_checks c on c.type_code = t.type_code and c.template_version = t.template_version
     where t.state = 'published' group by 1`,
  )
