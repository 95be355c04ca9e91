/** A department, as far as sharing asks for it. */
export interface DepartmentFacts {
  readonly code: string
  readonly name: { readonly zh: string; readonly en: string }
  /** The department that took its duties over. */
  readonly successorCode?: string | null
}

/** The directory's tree. */
export interface Departments {
  departments(): Promise<readonly DepartmentFacts[]>
  /** Codes of all departments in the range of one, itself included. */
  codesWithin(code: string): Promise<readonly string[]>
}
