import type { Fault, Principal, Transaction } from '../../platform/index.ts'
import { type Department, isClosed } from '../department.ts'
import { isAreaWithin } from '../domain/area.ts'
import { DirectoryError } from '../errors.ts'
import {
  findDepartment,
  hasOpenBelow,
  insertDepartment,
  isAtOrBelow,
  lockTree,
  markClosed,
  saveDepartment,
} from '../store/departments.ts'
import { audit, requireInRange, requireStill } from './administrator.ts'
import type { Deps } from './deps.ts'

type Named = Pick<Department, 'code' | 'name' | 'areaCode' | 'parentCode' | 'actsForCode'>

/** Where the department would stand: its parent open and of a region around its own, no circle, and what it acts for above it. */
async function faultsOfPlace(deps: Deps, tx: Transaction, department: Named): Promise<Fault[]> {
  const { code, areaCode, parentCode, actsForCode } = department
  const faults: Fault[] = []
  const fault = (member: string, kind: string, detail: string) =>
    faults.push({ pointer: `/${member}`, code: kind, detail })
  if (parentCode !== null) {
    const parent = await findDepartment(tx, parentCode)
    if (!parent) fault('parentCode', 'UNKNOWN', 'there is no such department')
    else if (isClosed(parent, deps.clock.now())) fault('parentCode', 'CLOSED', 'that department is closed')
    else if (!isAreaWithin(parent.areaCode, areaCode))
      fault('areaCode', 'OUTSIDE', `a region within ${parent.areaCode}, where the parent is`)
    if (await isAtOrBelow(tx, code, parentCode))
      fault('parentCode', 'CIRCLE', 'a department that is not below this one')
  }
  if (actsForCode != null && !(parentCode !== null && (await isAtOrBelow(tx, actsForCode, parentCode))))
    fault('actsForCode', 'NOT_ABOVE', 'a department above this one')
  return faults
}

function refuse(faults: readonly Fault[]): void {
  if (faults.length > 0)
    throw new DirectoryError('DEPARTMENT_INVALID', `${faults.length} fault(s) in the department`, { faults })
}

/**
 * Adds a department below one in the caller's range, or changes one in it. Throws DEPARTMENT_INVALID with all faults, DEPARTMENT_EXISTS,
 * DEPARTMENT_NOT_FOUND, DEPARTMENT_CLOSED, DEPARTMENT_OUT_OF_RANGE, PERMISSION_DENIED.
 */
export async function writeDepartment(
  deps: Deps,
  caller: Principal,
  department: Named,
  mode: 'make' | 'change',
): Promise<void> {
  if (!deps.isDepartmentCode(department.code))
    refuse([{ pointer: '/code', code: 'CODE_INVALID', detail: 'a unified social credit code (GB 32100)' }])
  await deps.database.transaction(async (tx) => {
    const range = await requireStill(deps, tx, caller, 'directory:administer')
    await lockTree(tx)
    const known = await findDepartment(tx, department.code)
    if (mode === 'make' && known)
      throw new DirectoryError('DEPARTMENT_EXISTS', `there is a department ${department.code} already`)
    if (mode === 'change') {
      if (!known) throw new DirectoryError('DEPARTMENT_NOT_FOUND', `there is no department ${department.code}`)
      if (isClosed(known, deps.clock.now())) throw closed(known)
      await requireInRange(tx, range.departmentCode, department.code)
    }
    // The own place in the tree, and what is above it, is for those above to change.
    const isPlaceKept = known?.parentCode === department.parentCode && sameOrNone(known, department)
    if (!isPlaceKept) await requirePlaceInRange(tx, range.departmentCode, department)
    refuse(await faultsOfPlace(deps, tx, department))
    if (mode === 'make') await insertDepartment(tx, department)
    else await saveDepartment(tx, department)
    await audit(deps, tx, caller, {
      action: mode === 'make' ? 'department made' : 'department changed',
      subject: department.code,
      departmentCode: department.code,
      detail: { ...department },
    })
  })
}

/**
 * Adds or changes a department for whoever runs the house, anywhere in the tree; what it acts for is kept where nothing is said of it.
 * Throws DEPARTMENT_INVALID with all faults.
 */
export async function placeDepartment(deps: Deps, department: Department): Promise<void> {
  const { code, name, areaCode, parentCode } = department
  await deps.database.transaction(async (tx) => {
    await lockTree(tx)
    const { actsForCode = (await findDepartment(tx, code))?.actsForCode ?? null } = department
    const placed = { code, name, areaCode, parentCode, actsForCode }
    refuse(await faultsOfPlace(deps, tx, placed))
    await saveDepartment(tx, placed)
  })
}

const sameOrNone = (known: Department, other: Named) => (known.actsForCode ?? null) === (other.actsForCode ?? null)

async function requirePlaceInRange(tx: Transaction, rangeCode: string, { parentCode, actsForCode }: Named) {
  if (parentCode === null) throw new DirectoryError('DEPARTMENT_OUT_OF_RANGE', 'a department without one above it')
  await requireInRange(tx, rangeCode, parentCode)
  if (actsForCode != null) await requireInRange(tx, rangeCode, actsForCode)
}

const closed = ({ code }: Department) => new DirectoryError('DEPARTMENT_CLOSED', `department ${code} is closed`)

/** By how much the clock of whoever closes a department may be slow. */
const SLOW_CLOCK_MS = 5 * 60_000

/**
 * Closes a department below the caller's from now or a time to come on, merged into another where `successorCode` says so. Its people act no
 * more from then; whoever administers moves them. In the past it closes never: what it issued since would be without an issuer.
 * Throws DEPARTMENT_NOT_FOUND, DEPARTMENT_CLOSED, DEPARTMENT_NOT_EMPTY, DEPARTMENT_INVALID, DEPARTMENT_OUT_OF_RANGE, PERMISSION_DENIED.
 */
export async function closeDepartment(
  deps: Deps,
  caller: Principal,
  code: string,
  { closedAt: asked, successorCode }: { readonly closedAt?: Date | undefined; readonly successorCode: string | null },
): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const range = await requireStill(deps, tx, caller, 'directory:administer')
    await lockTree(tx)
    const known = await findDepartment(tx, code)
    if (!known) throw new DirectoryError('DEPARTMENT_NOT_FOUND', `there is no department ${code}`)
    await requireInRange(tx, range.departmentCode, code)
    if (code === range.departmentCode)
      throw new DirectoryError('DEPARTMENT_OUT_OF_RANGE', 'the own department is closed by those above it')
    if (isClosed(known, deps.clock.now())) throw closed(known)
    if (await hasOpenBelow(tx, code))
      throw new DirectoryError('DEPARTMENT_NOT_EMPTY', 'departments below it are open: move or close them first')
    if (successorCode !== null) {
      const successor = await findDepartment(tx, successorCode)
      const isFit = successor && successorCode !== code && successor.closedAt == null
      if (!isFit) refuse([{ pointer: '/successorCode', code: 'UNFIT', detail: 'another department that is open' }])
      // It is given what the closed one had in hand: that is for someone above both.
      await requireInRange(tx, range.departmentCode, successorCode)
    }
    const now = deps.clock.now()
    if (asked && asked.getTime() < now.getTime() - SLOW_CLOCK_MS)
      refuse([{ pointer: '/closedAt', code: 'IN_PAST', detail: 'now, or a time to come' }])
    const closedAt = asked && asked > now ? asked : now
    await markClosed(tx, code, { closedAt, successorCode })
    await audit(deps, tx, caller, {
      action: 'department closed',
      subject: code,
      departmentCode: code,
      detail: { closedAt: closedAt.toISOString(), successorCode },
    })
  })
}
