import type { SucceededDepartment } from '../domain/succession.ts'

/** A department, as far as sharing asks for it. */
export interface DepartmentFacts extends SucceededDepartment {
  readonly name: { readonly zh: string; readonly en: string }
}

/** The directory's tree. */
export interface Departments {
  departments(): Promise<readonly DepartmentFacts[]>
  /** Codes of all departments in the range of one, itself included. */
  codesWithin(code: string): Promise<readonly string[]>
}
