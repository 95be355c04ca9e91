import type { Principal } from '../../platform/index.ts'

export interface Keeper {
  readonly id: string
  readonly name: string
}

/** What a department is at present. */
export interface DepartmentFacts {
  /** In Chinese, as certificates name it. */
  readonly name: string
  /** From when it is closed; null: it is not. */
  readonly closedAt: Date | null
  /** Who took its duties over. */
  readonly successorCode: string | null
}

/** The people of the departments: who may do what, and who keeps seals. */
export interface People {
  /** Whether there is no directory here: then nobody may do anything, and nobody has left. */
  readonly isUnknown?: boolean
  /** By the roles that the caller came with. */
  isPermitted(principal: Principal, permission: string): boolean
  /** Whether the account may do this at this moment, whatever its session knew when the request began. */
  mayNow(principal: Principal, permission: string): Promise<boolean>
  /** Rejects with STEP_UP_REQUIRED unless whoever must confirm a dangerous act with a security key has done so. */
  requireStepUp(principal: Principal): Promise<void>
  /** Who may be given the seals of a department to keep. */
  keepersOf(departmentCode: string): Promise<readonly Keeper[]>
  /** Undefined where there is none of this code. */
  department(code: string): Promise<DepartmentFacts | undefined>
  /** Departments that are closed or will be, by their codes. */
  closedDepartments(): Promise<ReadonlyMap<string, DepartmentFacts>>
}

/** Where nobody is known: nobody may do anything. */
export const nobodyKnown: People = {
  isUnknown: true,
  isPermitted: () => false,
  mayNow: async () => false,
  async requireStepUp() {
    throw new TypeError('nobody is known here')
  },
  keepersOf: async () => [],
  department: async () => undefined,
  closedDepartments: async () => new Map(),
}
