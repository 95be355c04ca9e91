/** A department of the administration; `code` is its unified social credit code (GB 32100). */
export interface Department {
  readonly code: string
  readonly name: { readonly zh: string; readonly en: string }
  /** GB/T 2260, six digits; a town's has nine (GB/T 10114). */
  readonly areaCode: string
  readonly parentCode: string | null
  /** The department whose range its people have, where it works for that one (a seal centre for its city); null: its own range. */
  readonly actsForCode?: string | null
  /** From when it is closed; absent or null: it is not. */
  readonly closedAt?: Date | null
  /** The department that took its duties over. */
  readonly successorCode?: string | null
}

export const isClosed = ({ closedAt }: Pick<Department, 'closedAt'>, now: Date): boolean =>
  closedAt != null && closedAt <= now
