import { TrustServiceError } from '../../platform/index.ts'

/** What the HTTP door refuses. A bad document is never among these: it is a verdict. */
export type VerifierErrorCode =
  | 'VERIFICATION_INPUT_MISSING'
  | 'VERIFICATION_BATCH_INVALID'
  | 'VERIFICATION_QUESTION_INVALID'
  | 'VERIFICATION_BUSY'
  | 'VERIFICATION_TOO_COSTLY'
  | 'VERIFICATION_QUOTA_SPENT'
  | 'VERIFICATION_REGISTER_UNAVAILABLE'
  | 'VERIFICATION_NOT_FOUND'
  | 'VERIFICATION_FORMAT_UNAVAILABLE'

export class VerifierError extends TrustServiceError<VerifierErrorCode> {}
