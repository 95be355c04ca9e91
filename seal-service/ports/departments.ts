/** The tree of departments; a department is in its own range. */
export interface Departments {
  /** Whether `code` is `ancestorCode` or below it. */
  isWithin(ancestorCode: string, code: string): Promise<boolean>
  /** The codes of all departments in the range of `ancestorCode`, itself included. */
  codesWithin(ancestorCode: string): Promise<readonly string[]>
}

/** Where no tree is known: each department alone. */
export const departmentsApart: Departments = {
  isWithin: async (ancestorCode, code) => ancestorCode === code,
  codesWithin: async (ancestorCode) => [ancestorCode],
}
