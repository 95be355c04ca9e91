import type { Queryable } from '../../platform/index.ts'

/** Whether somebody applied for the seal; one of the operator's set-up or of the demonstration has no application. */
export async function hasApplication(db: Queryable, sealId: string): Promise<boolean> {
  const rows = await db.query(`select 1 from seal.applications where seal_id = $1 limit 1`, [sealId])
  return rows.length === 1
}
