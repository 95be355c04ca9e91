import type { LocalisedText, TrustedService } from '../../licence-format/index.ts'

/** What the trust list says of departments and certificates, told by those who own them. */
export interface SealFacts {
  departments(): Promise<readonly DepartmentFact[]>
  /** Certificates in use and once used; `departmentCode` null for those of the operator, who signs the lists. */
  services(): Promise<
    readonly { readonly departmentCode: string | null; readonly services: readonly TrustedService[] }[]
  >
  /** Licence types that a seal of the department may stand on; undefined where it has no such seal. */
  sealTypes(departmentCode: string, sealId: string): Promise<readonly string[] | undefined>
}

export interface DepartmentFact {
  /** Unified social credit code. */
  readonly code: string
  readonly name: LocalisedText
  readonly parentCode?: string | null
  /** From when it is closed, and the department that took its duties over. */
  readonly closedAt?: Date | null
  readonly successorCode?: string | null
}
