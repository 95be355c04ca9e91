import type { Queryable } from '../../platform/index.ts'
import type { ScanGrade, ScanMediaType } from '../domain/scan.ts'

/** A scan of the paper that a licence is on, with the last word on how good it is. */
export interface ScanRow {
  readonly scanId: string
  readonly identifier: string
  readonly mediaType: ScanMediaType
  readonly bytes: number
  /** SHA-256 of the file, lower-case hex. */
  readonly digest: string
  readonly blob: string
  readonly addedBy: string
  readonly addedAt: Date
  readonly grade: ScanGrade
  readonly gradedBy: string
  readonly gradedAt: Date
}

const select = `select s.scan_id as "scanId", s.identifier, s.media_type as "mediaType", s.bytes, s.digest, s.blob, s.added_by as "addedBy",
    s.added_at as "addedAt", g.grade, g.graded_by as "gradedBy", g.graded_at as "gradedAt"
  from licence.scans s cross join lateral (
    select grade, graded_by, graded_at from licence.scan_grades where scan_id = s.scan_id order by grading desc limit 1) g`

/** Adds scans, each with its first grade; answers those that were there not yet. */
export async function insertScans(
  tx: Queryable,
  departmentCode: string,
  scans: readonly Omit<ScanRow, 'gradedBy' | 'gradedAt' | 'addedBy' | 'addedAt'>[],
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<Set<string>> {
  if (scans.length === 0) return new Set()
  const rows = await tx.query<{ scanId: string }>(
    `with wanted as (
       select * from jsonb_to_recordset($4::jsonb) as s("scanId" uuid, identifier text, "mediaType" text, bytes integer, digest text, blob text, grade text)
     ), added as (
       insert into licence.scans (scan_id, identifier, media_type, bytes, digest, blob, added_by, added_at)
       select "scanId", identifier, "mediaType", bytes, digest, blob, $2, $3 from wanted order by identifier, digest
       on conflict (identifier, digest) do nothing returning scan_id
     ), graded as (
       insert into licence.scan_grades (scan_id, grade, graded_by, graded_at)
       select a.scan_id, w.grade, $2, $3 from added a join wanted w on w."scanId" = a.scan_id
     )
     insert into licence.scan_standings (scan_id, identifier, department_code, grade)
     select a.scan_id, w.identifier, $1, w.grade from added a join wanted w on w."scanId" = a.scan_id order by a.scan_id
     returning scan_id as "scanId"`,
    [departmentCode, by, at, JSON.stringify(scans)],
  )
  return new Set(rows.map(({ scanId }) => scanId))
}

/** Another word on how good a scan is. */
export async function insertGrade(
  tx: Queryable,
  scanId: string,
  grade: ScanGrade,
  by: string,
  at: Date,
): Promise<void> {
  await tx.query('insert into licence.scan_grades (scan_id, grade, graded_by, graded_at) values ($1, $2, $3, $4)', [
    scanId,
    grade,
    by,
    at,
  ])
  await tx.query('update licence.scan_standings set grade = $2 where scan_id = $1', [scanId, grade])
}

/** A licence's scans in the order they were added. */
export const scansOf = (db: Queryable, identifier: string): Promise<ScanRow[]> =>
  db.query<ScanRow>(`${select} where s.identifier = $1 order by s.added_at, s.scan_id`, [identifier])

/** Who said what of a scan, in order. */
export const gradesOf = (
  db: Queryable,
  scanId: string,
): Promise<{ grade: ScanGrade; gradedBy: string; gradedAt: Date }[]> =>
  db.query(
    `select grade, graded_by as "gradedBy", graded_at as "gradedAt" from licence.scan_grades where scan_id = $1 order by grading`,
    [scanId],
  )

/** Whether a scan is kept in a blob. */
export const isScanBlob = async (db: Queryable, blob: string): Promise<boolean> =>
  (await db.query('select 1 from licence.scans where blob = $1 limit 1', [blob])).length > 0

export interface ScanStanding {
  readonly sequence: bigint
  readonly scanId: string
  readonly identifier: string
  readonly typeCode: string
  readonly number: string
  readonly mediaType: ScanMediaType
  readonly bytes: number
  readonly addedBy: string
  readonly addedAt: Date
  readonly grade: ScanGrade
}

/** Scans of departments' licences as they stand now, those added last first; of one grade, or of all. */
export const listStandings = (
  db: Queryable,
  departmentCodes: readonly string[],
  { grade, before, limit }: { grade: ScanGrade | null; before: bigint | null; limit: number },
): Promise<ScanStanding[]> =>
  db.query<ScanStanding>(
    `select t.sequence, t.scan_id as "scanId", t.identifier, l.type_code as "typeCode", l.printed_number as number,
       s.media_type as "mediaType", s.bytes, s.added_by as "addedBy", s.added_at as "addedAt", t.grade
     from licence.scan_standings t join licence.scans s using (scan_id) join licence.licences l on l.identifier = t.identifier
     where t.department_code = any($1::text[]) and ($2::text is null or t.grade = $2) and ($3::bigint is null or t.sequence < $3)
     order by t.sequence desc limit $4`,
    [departmentCodes, grade, before, limit],
  )
