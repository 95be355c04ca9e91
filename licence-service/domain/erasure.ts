/** Why personal data may be erased. */
export const ERASURE_CAUSES = ['retention-over', 'holder-asked', 'court-order', 'issued-in-error'] as const
export type ErasureCause = (typeof ERASURE_CAUSES)[number]

/** An order to erase what is personal of a licence: asked by one person, decided by another. */
export interface Erasure {
  readonly erasure: string
  readonly identifier: string
  readonly departmentCode: string
  readonly cause: ErasureCause
  readonly state: 'asked' | 'done' | 'refused'
  readonly askedBy: string
  readonly askedAt: Date
  readonly decidedBy: string | null
  readonly decidedAt: Date | null
}
