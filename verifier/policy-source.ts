import { asn1 } from '../pki/index.ts'
import type { TrustAnchors, ValidationPolicy } from './policy.ts'

/** Roots by what they may stand above, DER. */
export interface TrustRoots {
  /** Above everything. */
  readonly anchors: readonly Uint8Array[]
  /** Above seals alone. */
  readonly sealAnchors?: readonly Uint8Array[]
  /** Above time stamps alone. */
  readonly stampAnchors?: readonly Uint8Array[]
}

/** Roots as a policy names them. */
export function anchorsByPurpose({ anchors, sealAnchors = [], stampAnchors = [] }: TrustRoots): TrustAnchors {
  return {
    trustAnchors: [...anchors, ...sealAnchors],
    listAnchors: anchors,
    timeStampAnchors: [...anchors, ...stampAnchors],
  }
}

/**
 * The policy with the roots as of now. The same object as long as they are the same: what is prepared for it (paths, lists) is kept with
 * it, and a root that is no longer trusted is believed no longer.
 */
export function createPolicySource(
  anchors: () => TrustAnchors,
  demands: Omit<ValidationPolicy, keyof TrustAnchors> = {},
): () => ValidationPolicy {
  let known: ValidationPolicy | undefined
  return () => {
    const now = anchors()
    if (known === undefined || !areSame(known, now)) known = { ...demands, ...now }
    return known
  }
}

function areSame(one: TrustAnchors, other: TrustAnchors): boolean {
  return (
    equalLists(one.trustAnchors, other.trustAnchors) &&
    equalLists(one.listAnchors, other.listAnchors) &&
    equalLists(one.timeStampAnchors, other.timeStampAnchors)
  )
}

function equalLists(one: readonly Uint8Array[] | undefined, other: readonly Uint8Array[] | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((der, index) => asn1.equalBytes(der, other[index]!))
}
