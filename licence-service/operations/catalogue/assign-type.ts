import type { Principal } from '../../../platform/index.ts'
import { isOpenAt } from '../../domain/department-range.ts'
import { LicenceError } from '../../errors.ts'
import { assignTypes, type NewAssignment } from '../assign-types.ts'
import type { Deps } from '../deps.ts'
import { publishTrustList } from '../publish-trust-list.ts'
import { rangeOf, requireKeeper } from './keeper.ts'
import { readTypeVersions } from './read-catalogue.ts'

/**
 * Lets an open department issue a type with a seal, by whoever keeps it or reviews for its keeper. A shipped type has many keepers: each
 * says so of departments in its own range only.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN, TYPE_NOT_YOURS, TYPE_SEAL_REFUSED
 */
export async function assignAsKeeper(deps: Deps, caller: Principal, assignment: NewAssignment): Promise<void> {
  const { typeCode, departmentCode } = assignment
  const [range, versions, departments] = await Promise.all([
    rangeOf(deps, caller),
    readTypeVersions(deps, typeCode),
    deps.facts.departments(),
  ])
  await requireKeeper(deps.database, range, versions, { above: true })
  const department = departments.find(({ code }) => code === departmentCode)
  if (!department || !isOpenAt(department, deps.clock.now()))
    throw new LicenceError('TYPE_NOT_YOURS', 'a type is assigned to a department that is open')
  if (versions[0]!.keeper === null && !range(departmentCode, true))
    throw new LicenceError('TYPE_NOT_YOURS', 'a shipped type is assigned by the department itself or one above it')
  if (!(await deps.facts.sealTypes(departmentCode, assignment.sealId))?.includes(typeCode))
    throw new LicenceError(
      'TYPE_SEAL_REFUSED',
      'the department has no such seal, or it is not allowed on this type yet',
    )
  await assignTypes(deps, caller, [assignment])
  await publishTrustList(deps)
}
