import { TrustServiceError } from '../platform/index.ts'

/** Every code a caller of this room may meet. The codes are the contract; the messages are for people. */
export type SealErrorCode =
  | 'SEAL_ROLE_MISSING'
  | 'SEAL_NOT_FOUND'
  | 'SEAL_NOT_YOURS'
  | 'SEAL_NOT_MADE'
  | 'SEAL_ESEAL_ABSENT'
  | 'SEAL_SUSPENDED'
  | 'SEAL_REVOKED'
  | 'SEAL_NOT_ALLOWED_ON_TYPE'
  | 'SEAL_IDENTIFIER_MALFORMED'
  | 'SEAL_ISSUER_MISMATCH'
  | 'SEAL_TYPE_MISMATCH'
  | 'SEAL_DIGEST_MISMATCH'
  | 'SEAL_REQUEST_CONFLICT'
  | 'SEAL_GROUP_TOO_LARGE'
  | 'SEAL_DOCUMENT_TOO_LARGE'
  | 'SEAL_DOCUMENT_UNREADABLE'
  | 'SEAL_RESULT_NOT_REPEATABLE'
  | 'SEAL_TIME_STAMP_REFUSED'
  | 'SEAL_REVOCATION_DATA_MISSING'
  | 'SEAL_TRANSITION_FORBIDDEN'
  | 'SEAL_PICTURE_TEXT_REFUSED'
  | 'SEAL_PICTURE_GLYPH_MISSING'
  | 'STATEMENT_IDENTIFIER_MISMATCH'
  | 'STATEMENT_KEY_NOT_FOUND'
  | 'STATEMENT_KEY_EXPIRED'
  | 'STATEMENT_REQUEST_CONFLICT'

/** A refusal or a defect of sealing, told apart by its code. `faults` names the requests of a group at fault. */
export class SealError extends TrustServiceError<SealErrorCode> {}
