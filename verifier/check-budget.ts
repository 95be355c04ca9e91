// Each path of a document has its own limit of signature checks, and a document has as many paths as its maker gave it signatures. So what
// all of them ask together is counted as well.
import type { x509 } from '../pki/index.ts'

type Asked = Parameters<x509.SignatureCache['ask']>
type Signed = Asked[0]
type Signer = Asked[1]

/** Who signed what, as a path asks it. */
export type SignaturePair = readonly [signed: Signed, signer: Signer]

/**
 * All paths of one document together. Honest ones with the most time stamps that are looked at ask a few hundred; by the largest keys this
 * many take a second or two.
 */
const MOST_CHECKS = 2000

/** Checks of signatures of certificates, lists and answers that one document may still cost. */
export interface CheckBudget {
  /** Whether it once was asked for more than it had: nothing is looked at any more. */
  readonly isSpent: boolean
  /** Counts a pair once, also where the answer is known already: the limit is the same whatever was seen before. */
  take(signed: Signed, signer: Signer): boolean
}

/** A document's budget. */
export function createCheckBudget(most = MOST_CHECKS): CheckBudget {
  const counted = new WeakMap<Signer, WeakSet<Signed>>()
  let left = most
  return {
    get isSpent() {
      return left < 0
    },
    take(signed, signer) {
      let bySigner = counted.get(signer)
      if (bySigner === undefined) counted.set(signer, (bySigner = new WeakSet()))
      if (bySigner.has(signed)) return left >= 0
      bySigner.add(signed)
      return --left >= 0
    },
  }
}
