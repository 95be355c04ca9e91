import type { Queryable } from '../../platform/index.ts'

/** A department's leave that another one's minting carries its seal on a type of licence (joint issue). */
export interface SealGrant {
  readonly sealId: string
  /** Who may have the seal put on its licences; unified social credit code. */
  readonly departmentCode: string
  readonly typeCode: string
}

/** The grants in force for a department. `hold`: none of them ends before this transaction. */
export async function findRunningGrants(db: Queryable, departmentCode: string, hold = false): Promise<SealGrant[]> {
  return db.query<SealGrant>(
    `select seal_id as "sealId", department_code as "departmentCode", type_code as "typeCode"
     from seal.seal_grants where department_code = $1 and ended_at is null order by grant_id ${hold ? 'for share' : ''}`,
    [departmentCode],
  )
}

/** Records a grant; false when it is in force already. */
export async function insertGrant(db: Queryable, grant: SealGrant, by: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    `insert into seal.seal_grants (seal_id, department_code, type_code, granted_at, granted_by)
     values ($1, $2, $3, $4, $5) on conflict do nothing returning seal_id`,
    [grant.sealId, grant.departmentCode, grant.typeCode, at, by],
  )
  return rows.length === 1
}

/** Ends a grant; false when it is not in force. */
export async function endGrant(db: Queryable, grant: SealGrant, by: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    `update seal.seal_grants set ended_at = $4, ended_by = $5
     where seal_id = $1 and department_code = $2 and type_code = $3 and ended_at is null returning seal_id`,
    [grant.sealId, grant.departmentCode, grant.typeCode, at, by],
  )
  return rows.length === 1
}
