/** What the succession of a department follows from. */
export interface SucceededDepartment {
  readonly code: string
  /** From when it is closed. */
  readonly closedAt?: Date | null | undefined
  /** The department that took its duties over. */
  readonly successorCode?: string | null | undefined
}

/** Departments that took one another's duties over, one after the other, at most: beyond this the record is a circle. */
const MOST_STEPS = 8

/** A department and those that took its duties over one after another, each from the day the one before it was closed; `all` by their codes. */
export function successionOf(
  all: ReadonlyMap<string, SucceededDepartment>,
  code: string,
  now: Date,
): readonly string[] {
  const codes = [code]
  for (let one = all.get(code); one && codes.length <= MOST_STEPS; one = all.get(codes.at(-1)!)) {
    const { closedAt, successorCode } = one
    if (successorCode == null || closedAt == null || closedAt > now) break
    codes.push(successorCode)
  }
  return codes
}
