// What a verification demands. A policy is a value: who verifies before registering leaves out what only a register can say.
import type { AlgorithmTerms } from '../pki/index.ts'
import type { PinnedTrustList } from './pinned-trust-list.ts'
import type { Text } from './report.ts'

/** All of a policy that a file can say (`policy-file.ts`): everything but whom to trust. */
export interface PolicyDemands {
  /** Its name, a URI. */
  readonly id?: string
  readonly title?: Text
  /** Every certificate needs a good revocation status. Default `required`. */
  readonly revocation?: 'required' | 'skipped'
  /** Seal, statement key and issuer must stand in the trust list. Default `required`. */
  readonly trustList?: 'required' | 'skipped'
  /** The licence must be in force by list or register. Default `required`. */
  readonly status?: 'required' | 'skipped'
  /** The least level that a signature is to reach. Default: none. */
  readonly minimumLevel?: 'B-T' | 'B-LT' | 'B-LTA'
  /**
   * How old revocation data from the document may be (EN 319 102-1 §5.2.5.4). `after-signature`: not issued before the time at which the
   * signature is proven; `current-at-signature`: current at that time is enough. Default `after-signature`. Data from outside may always
   * be current at the validation time instead.
   */
  readonly revocationFreshness?: 'after-signature' | 'current-at-signature'
  /**
   * What a signature policy that a signature names (id-aa-ets-sigPolicyId) means. `ignored`: it is told, this policy decides. `required`: it
   * would have to be followed, and none is at hand (SIGNATURE_POLICY_NOT_AVAILABLE). Default `ignored`.
   */
  readonly signaturePolicies?: 'ignored' | 'required'
  /** Which digests and keys count, and until when. Default: `currentTerms` of `pki`. */
  readonly algorithms?: AlgorithmTerms
}

/** Whom to trust for what. A root that is not named for a purpose stands above nothing of it. */
export type TrustAnchors = Pick<ValidationPolicy, 'trustAnchors' | 'listAnchors' | 'timeStampAnchors'>

export interface ValidationPolicy extends PolicyDemands {
  /** Roots to which seals may lead, DER. Keep the same object for many verifications: what is prepared for it is kept with it. */
  readonly trustAnchors: readonly Uint8Array[]
  /** Roots that may stand above trust lists and status lists, DER. Default: `trustAnchors`. */
  readonly listAnchors?: readonly Uint8Array[]
  /** Roots that may stand above a time stamp, DER. Default: `trustAnchors`. */
  readonly timeStampAnchors?: readonly Uint8Array[]
  /** Administrative divisions for which the own trust list speaks; left out: all that no pinned list names. */
  readonly divisions?: readonly string[]
  /** Trust lists of other cities and departments that count beside the own one (`Evidence.otherTrustLists`, by name). Default: none. */
  readonly otherTrustLists?: readonly PinnedTrustList[]
}

/** Clocks may differ by this much before a list counts as coming from the future. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000

/** Whether a policy asks a question. */
export function requires(policy: PolicyDemands, what: 'revocation' | 'trustList' | 'status'): boolean {
  return policy[what] !== 'skipped'
}
