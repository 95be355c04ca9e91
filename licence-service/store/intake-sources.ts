import type { Queryable } from '../../platform/index.ts'
import type { LicenceState } from '../domain/licence.ts'

/** A system whose licences a department takes in. */
export interface IntakeSource {
  readonly departmentCode: string
  /** Its name, as everyone is told of it. */
  readonly source: string
  /** The machine that speaks for it. */
  readonly clientId: string
  readonly typeCodes: readonly string[]
  /** Where files may be fetched: scheme, host and port. */
  readonly origins: readonly string[]
  readonly setBy: string
  readonly setAt: Date
  readonly endedAt: Date | null
}

const columns = `department_code as "departmentCode", source, client_id as "clientId", type_codes as "typeCodes", origins,
  set_by as "setBy", set_at as "setAt", ended_at as "endedAt"`

/** Lets a source in, or sets it anew. */
export async function putSource(db: Queryable, source: Omit<IntakeSource, 'endedAt'>): Promise<void> {
  const { departmentCode, source: name, clientId, typeCodes, origins, setBy, setAt } = source
  await db.query(
    `insert into licence.intake_sources (department_code, source, client_id, type_codes, origins, set_by, set_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (department_code, source) do update set client_id = excluded.client_id, type_codes = excluded.type_codes,
       origins = excluded.origins, set_by = excluded.set_by, set_at = excluded.set_at, ended_at = null, ended_by = null`,
    [departmentCode, name, clientId, typeCodes, origins, setBy, setAt],
  )
}

/** Ends a source; answers whether one ran. */
export async function endSource(
  db: Queryable,
  departmentCode: string,
  source: string,
  by: string,
  at: Date,
): Promise<boolean> {
  const rows = await db.query(
    `update licence.intake_sources set ended_at = $4, ended_by = $3
     where department_code = $1 and source = $2 and ended_at is null returning 1`,
    [departmentCode, source, by, at],
  )
  return rows.length === 1
}

export async function findSource(
  db: Queryable,
  departmentCode: string,
  source: string,
): Promise<IntakeSource | undefined> {
  const rows = await db.query<IntakeSource>(
    `select ${columns} from licence.intake_sources where department_code = $1 and source = $2`,
    [departmentCode, source],
  )
  return rows[0]
}

/** A department's sources, those that ended too, by name. */
export const listSources = (db: Queryable, departmentCode: string): Promise<IntakeSource[]> =>
  db.query<IntakeSource>(
    `select ${columns} from licence.intake_sources where department_code = $1 order by source limit 1000`,
    [departmentCode],
  )

/** A collected licence by what its source last said of it. */
export interface CollectedRow {
  readonly identifier: string
  readonly typeCode: string
  readonly number: string
  readonly state: LicenceState
  readonly validFrom: string
  readonly validUntil: string | null
  readonly statusReportedAt: Date
}

/** Licences of a source, those longest without a report first, after one of them. */
export const listCollected = (
  db: Queryable,
  departmentCodes: readonly string[],
  source: string,
  { after, limit }: { after: { readonly at: Date; readonly identifier: string } | null; limit: number },
): Promise<CollectedRow[]> =>
  db.query<CollectedRow>(
    `select identifier, type_code as "typeCode", printed_number as number, state, valid_from as "validFrom", valid_until as "validUntil",
       status_reported_at as "statusReportedAt"
     from licence.licences where department_code = any($1::text[]) and collected_from = $2
       and ($3::timestamptz is null or (status_reported_at, identifier) > ($3, $4))
     order by status_reported_at, identifier limit $5`,
    [departmentCodes, source, after?.at ?? null, after?.identifier ?? null, limit],
  )
