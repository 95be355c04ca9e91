import type { LifeAction } from '../../domain/life-policy.ts'

/** What each act asks for beside the seal. */
export interface ActDetails {
  abandon: { readonly reason: string }
  'ask-for-more': { readonly reason: string }
  reject: { readonly reason: string }
  /** `applicationDigest`: of the application as the reviewer read it, hexadecimal. */
  approve: { readonly applicationDigest: string; readonly reason?: string }
  /** The picture as applied for unless another is given. */
  draw: { readonly picture?: unknown }
  'approve-picture': { readonly pictureDigest: string }
  wait: Record<never, never>
  /** Certificates that an authority outside answered, DER; none for one of the house's own. */
  make: { readonly certificates?: readonly Uint8Array[] }
  file: Record<never, never>
  issue: { readonly keeperId: string }
  accept: Record<never, never>
  decline: { readonly reason: string }
  suspend: { readonly reason: string }
  restore: { readonly reason: string }
  /** `lostAt`: since when, where that is not now. */
  'report-lost': { readonly reason: string; readonly lostAt?: Date }
  recover: { readonly reason: string }
  collect: { readonly reason: string }
  return: { readonly keeperId: string; readonly reason: string }
  renew: { readonly certificates?: readonly Uint8Array[] }
  revoke: EndingDetails
  withdraw: EndingDetails
  cancel: EndingDetails
  'drop-ending': { readonly reason: string }
  'order-destruction': { readonly reason: string }
  /** Further licence types that the seal is to stand on. */
  'order-types': { readonly typeCodes: readonly string[]; readonly reason: string; readonly legalBasis?: string }
  /** `typeCodes`: those asked for, as the reviewer read them. */
  'change-types': { readonly typeCodes: readonly string[]; readonly reason?: string }
  'refuse-types': { readonly reason: string }
  destroy: { readonly reason: string }
}

interface EndingDetails {
  readonly reasonCode: string
  readonly reason: string
  readonly legalBasis: string
  readonly effectiveAt?: Date
}

/** An act with what it asks for. */
export type ActRequest = { readonly [A in LifeAction]: { readonly action: A } & ActDetails[A] }[LifeAction]
export type RequestFor<A extends LifeAction> = Extract<ActRequest, { readonly action: A }>
