// What a verification demands. A policy is a value: who verifies before registering leaves out what only a register can say.

export interface ValidationPolicy {
  /** Trusted roots, DER. Keep the same object for many verifications: what is prepared for it is kept with it. */
  readonly trustAnchors: readonly Uint8Array[]
  /** Every certificate needs a good revocation status. Default `required`. */
  readonly revocation?: 'required' | 'skipped'
  /** Seal, statement key and issuer must stand in the trust list. Default `required`. */
  readonly trustList?: 'required' | 'skipped'
  /** The licence must be in force by list or register. Default `required`. */
  readonly status?: 'required' | 'skipped'
}

/** Clocks may differ by this much before a list counts as coming from the future. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000

/** Whether a policy asks a question. */
export function requires(policy: ValidationPolicy, what: 'revocation' | 'trustList' | 'status'): boolean {
  return policy[what] !== 'skipped'
}
