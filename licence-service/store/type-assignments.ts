import type { Queryable } from '../../platform/index.ts'
import type { CoSeal } from '../domain/co-seal.ts'

export interface TypeAssignment {
  readonly typeCode: string
  readonly departmentCode: string
  readonly sealId: string
  readonly coSeals: readonly CoSeal[]
  readonly grantedAt: Date
  readonly endedAt: Date | null
}

/** Which department may issue which type with which seal, in force and ended. */
export const listAssignments = (db: Queryable): Promise<TypeAssignment[]> =>
  db.query<TypeAssignment>(
    `select type_code as "typeCode", department_code as "departmentCode", seal_id as "sealId", co_seals as "coSeals", granted_at as "grantedAt", ended_at as "endedAt"
     from licence.type_assignments order by type_code, department_code`,
  )

/** Assigns a type to a department, or gives an assignment that exists another seal. */
export async function putAssignment(tx: Queryable, row: Omit<TypeAssignment, 'endedAt'>): Promise<void> {
  await tx.query(
    `insert into licence.type_assignments (type_code, department_code, seal_id, granted_at, co_seals) values ($1, $2, $3, $4, $5)
     on conflict (type_code, department_code) do update set seal_id = excluded.seal_id, co_seals = excluded.co_seals, ended_at = null`,
    [row.typeCode, row.departmentCode, row.sealId, row.grantedAt, JSON.stringify(row.coSeals)],
  )
}

/**
 * Ends the assignments of a department that stand; answers their types. None ends before it was granted, nor before the last licence that was
 * made by it: those that read the trust list would take that one for a forgery. One second more, since lists name whole seconds.
 */
export async function endAssignments(tx: Queryable, departmentCode: string, at: Date): Promise<string[]> {
  const rows = await tx.query<{ typeCode: string }>(
    `update licence.type_assignments a set ended_at = greatest($2::timestamptz, granted_at, (
       select prepared_at + interval '1 second' from licence.licences l
       where l.department_code = a.department_code and l.type_code = a.type_code and l.collected_from is null
       order by sequence desc limit 1))
     where department_code = $1 and ended_at is null returning type_code as "typeCode"`,
    [departmentCode, at],
  )
  return rows.map(({ typeCode }) => typeCode)
}
