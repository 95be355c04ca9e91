/** What the range of a department follows from. */
export interface RangedDepartment {
  readonly code: string
  readonly parentCode?: string | null | undefined
  /** From when it is closed. */
  readonly closedAt?: Date | null | undefined
  /** The department that took its duties over. */
  readonly successorCode?: string | null | undefined
}

/** Departments that one after another were merged, or stand above one another: beyond this the record is a circle. */
const MOST_STEPS = 8

/**
 * The departments whose licences a department has in hand: its own, and those that were merged into it, directly or by way of others,
 * each from the day it is closed.
 */
export function codesActedFor(departments: readonly RangedDepartment[], code: string, now: Date): ReadonlySet<string> {
  const acted = new Set([code])
  let last: readonly string[] = [code]
  for (let step = 0; step < MOST_STEPS && last.length > 0; step++) {
    last = departments
      .filter(({ closedAt }) => closedAt != null && closedAt <= now)
      .filter((one) => !acted.has(one.code) && last.some((into) => one.successorCode === into))
      .map((one) => one.code)
    for (const merged of last) acted.add(merged)
  }
  return acted
}

export const isOpenAt = ({ closedAt }: RangedDepartment, at: Date): boolean => closedAt == null || closedAt > at

/** Whether `above` is the department over `code`, directly or by way of others. */
export function isAbove(departments: readonly RangedDepartment[], above: string, code: string): boolean {
  let at = departments.find((one) => one.code === code)
  for (let step = 0; at && step < MOST_STEPS; step++) {
    const parent = at.parentCode
    if (parent == null) return false
    if (parent === above) return true
    at = departments.find((one) => one.code === parent)
  }
  return false
}
