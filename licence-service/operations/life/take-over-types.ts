import { codesActedFor } from '../../domain/department-range.ts'
import { recordAudit } from '../../store/register.ts'
import { endAssignments, listAssignments, putAssignment } from '../../store/type-assignments.ts'
import type { Deps } from '../deps.ts'
import { publishTrustList } from '../publish-trust-list.ts'

const SYSTEM = { id: 'system:merger', kind: 'system' } as const

/**
 * Ends what closed departments may issue, as of their last day (or the last licence, if one was made after it), and gives it to the one
 * that took over, with the seal it has for its own types. One without a seal yet is given nothing: that is for whoever assigns types;
 * nor is anybody where a department was closed without a successor. Answers how many types ended.
 */
export async function takeOverTypes(deps: Deps): Promise<number> {
  const now = deps.clock.now()
  const departments = await deps.facts.departments()
  const closed = departments.filter(({ closedAt }) => closedAt != null && closedAt <= now)
  const open = departments.filter((one) => !closed.includes(one))
  let taken = 0
  for (const { code, closedAt } of closed) {
    const heir = open.find((one) => codesActedFor(departments, one.code, now).has(code))
    taken += await takeOver(deps, code, closedAt!, heir?.code, now)
  }
  if (taken > 0) await publishTrustList(deps)
  return taken
}

async function takeOver(deps: Deps, from: string, closedAt: Date, to: string | undefined, now: Date): Promise<number> {
  return deps.database.transaction(async (tx) => {
    const typeCodes = await endAssignments(tx, from, closedAt)
    if (typeCodes.length === 0) return 0
    const own = (await listAssignments(tx)).filter(({ departmentCode, endedAt }) => departmentCode === to && !endedAt)
    const sealId = own[0]?.sealId
    if (sealId === undefined)
      deps.log.warn('types of a closed department have no issuer: it has no successor, or one without a seal', {
        from,
        to,
        typeCodes,
      })
    const missing = typeCodes.filter((typeCode) => !own.some((one) => one.typeCode === typeCode))
    const granted = to === undefined || sealId === undefined ? [] : missing
    for (const typeCode of granted)
      await putAssignment(tx, { typeCode, departmentCode: to!, sealId: sealId!, coSeals: [], grantedAt: now })
    const caller = { ...SYSTEM, departmentCode: to ?? from }
    const detail = JSON.stringify({ from, to: to ?? null, typeCodes, granted })
    await recordAudit(tx, caller, now, [{ action: 'take-over-types', identifier: null, detail }])
    return typeCodes.length
  })
}
