import type { Principal } from '../../../platform/index.ts'
import { type CaseName, findCase } from '../../store/cases.ts'
import type { Deps } from '../deps.ts'
import { actedFor } from '../life/life-facts.ts'

/** The name of the case that the caller means: of the own department, or else of one that was merged into it. There may be none. */
export async function nameInHand(
  deps: Deps,
  caller: Principal,
  of: Omit<CaseName, 'departmentCode'>,
): Promise<CaseName> {
  // The own one comes first.
  for (const departmentCode of await actedFor(deps, caller)) {
    const name = { departmentCode, ...of }
    if (await findCase(deps.database, name)) return name
  }
  return { departmentCode: caller.departmentCode, ...of }
}
