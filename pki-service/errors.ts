import { TrustServiceError } from '../platform/index.ts'

/** Every code a caller of this room may meet. The codes are the contract; the messages are for people. */
export type PkiServiceErrorCode =
  | 'PKI_TEST_ROOT_IN_PRODUCTION'
  | 'PKI_NOT_STARTED'
  | 'PKI_KEY_MISMATCH'
  | 'PKI_CERTIFICATE_NOT_FOUND'
  | 'PKI_CERTIFICATE_REVOKED'
  | 'PKI_TRANSITION_FORBIDDEN'
  | 'PKI_PROFILE_NOT_OFFERED'
  | 'PKI_PUBLIC_KEY_REFUSED'
  | 'PKI_SUBJECT_INVALID'
  | 'PKI_CRL_CONTENDED'
  | 'PKI_CLOCK_UNRELIABLE'
  | 'PKI_TOO_MANY_QUESTIONS'
  | 'PKI_ROOT_MISSING'
  | 'PKI_IMPORT_REFUSED'
  | 'PKI_REQUEST_REFUSED'
  | 'CEREMONY_NAME_REFUSED'
  | 'CEREMONY_REQUEST_REFUSED'
  | 'CEREMONY_FOLDER_DAMAGED'
  | 'CEREMONY_TRANSCRIPT_WRONG'

/** A refusal or a defect of the PKI's own operation, told apart by its code. */
export class PkiServiceError extends TrustServiceError<PkiServiceErrorCode> {}
