import type { Principal, Queryable } from '../../../platform/index.ts'
import { codesActedFor, isAbove } from '../../domain/department-range.ts'
import { LicenceError } from '../../errors.ts'
import { listAssignments } from '../../store/type-assignments.ts'
import type { TypeRow } from '../../store/types.ts'
import type { Deps } from '../deps.ts'

/** Whether a department's types are the caller's to keep; `above` where a department over it may too. */
export type Range = (departmentCode: string, above: boolean) => boolean

/** Looked up before the transaction in which it is used. */
export async function rangeOf(deps: Deps, caller: Principal): Promise<Range> {
  const departments = await deps.facts.departments()
  const own = codesActedFor(departments, caller.departmentCode, deps.clock.now())
  return (code, above) => own.has(code) || (above && isAbove(departments, caller.departmentCode, code))
}

/**
 * Whether the caller's department keeps the type: the one that defined it here, and of a shipped type every department that issues it.
 * Departments over them may review.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN, TYPE_NOT_YOURS
 */
export async function requireKeeper(
  tx: Queryable,
  range: Range,
  versions: readonly Pick<TypeRow, 'typeCode' | 'keeper'>[],
  { above }: { readonly above: boolean },
): Promise<void> {
  const [latest] = versions
  if (!latest) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  const { keeper, typeCode } = latest
  const keepers =
    keeper === null
      ? (await listAssignments(tx)).filter((one) => one.typeCode === typeCode && !one.endedAt)
      : [{ departmentCode: keeper }]
  if (!keepers.some(({ departmentCode }) => range(departmentCode, above)))
    throw new LicenceError('TYPE_NOT_YOURS', 'another department keeps this type')
}
