import type { Workshop } from '../dependencies.ts'
import type { Seal } from '../domain/seal.ts'
import { type DepartmentOrder, equipDepartments } from './equip-departments.ts'
import { authoriseCopies } from './use/authorise.ts'

/** A department of the demonstration city. */
export type DemoDepartment = Pick<DepartmentOrder, 'code' | 'name' | 'typeCodes'>

const CALLER = 'system:demonstration'
/** What a keeper would allow: many more copies than a day of a counter has, far fewer than somebody who empties the register needs. */
const COPIES_QUOTA = { perDay: 2_000, perMinute: 120 }

/** The usual seal and a statement key for each department of the demonstration, and leave for copies of licences. Idempotent. */
export async function makeDemoSeals(shop: Workshop, departments: readonly DemoDepartment[]): Promise<Seal[]> {
  const seals = await equipDepartments(shop, departments, CALLER)
  await shop.database.transaction(async (tx) => {
    for (const seal of seals) await authoriseCopies(tx, seal, COPIES_QUOTA, shop.clock.now(), CALLER)
  })
  return seals
}
