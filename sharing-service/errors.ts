import { TrustServiceError } from '../platform/index.ts'

export type SharingErrorCode =
  | 'SHARING_NOT_ENTITLED'
  | 'SHARING_AGREEMENT_ENDED'
  | 'SHARING_LEGAL_BASIS_MISSING'
  | 'SHARING_QUOTA_EXHAUSTED'
  | 'SHARING_LICENCE_NOT_FOUND'
  | 'MATTER_UNKNOWN'
  | 'MATTER_EXISTS'
  | 'AGREEMENT_NOT_FOUND'
  | 'AGREEMENT_INVALID'
  | 'AGREEMENT_STATE_REFUSED'
  | 'PREFILL_MAP_NOT_FOUND'
  | 'PREFILL_MAP_INVALID'
  | 'SUBSCRIPTION_NOT_FOUND'
  | 'SUBSCRIPTION_ADDRESS_REFUSED'
  | 'SUBSCRIPTION_TOO_MANY'
  | 'SHARING_CURSOR_INVALID'
  | 'IDEMPOTENCY_KEY_REUSED'

/** A refusal of the sharing service. Messages never hold what belongs to a holder. */
export class SharingError extends TrustServiceError<SharingErrorCode> {}
