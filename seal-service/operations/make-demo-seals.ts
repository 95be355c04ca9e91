import type { Workshop } from '../dependencies.ts'
import type { Seal } from '../domain/seal.ts'
import { type DepartmentOrder, equipDepartments } from './equip-departments.ts'

/** A department of the demonstration city. */
export type DemoDepartment = Pick<DepartmentOrder, 'code' | 'name' | 'typeCodes'>

/** The usual seal and a statement key for each department of the demonstration. Idempotent. */
export function makeDemoSeals(shop: Workshop, departments: readonly DemoDepartment[]): Promise<Seal[]> {
  return equipDepartments(shop, departments, 'system:demonstration')
}
