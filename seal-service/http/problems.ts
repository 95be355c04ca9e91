import type { KeyStoreErrorCode } from '../../key-store/index.ts'
import type { ProblemCatalogue } from '../../platform/http/index.ts'
import type { SealErrorCode } from '../errors.ts'

/** What a token that holds seal keys may come to while it is asked to sign. */
type TokenOutage = Extract<KeyStoreErrorCode, `KEY_TOKEN_${string}` | `KEY_PIN_${string}`>

/** What each code means to a client; a forgotten code does not compile. */
export const sealProblems: ProblemCatalogue<SealErrorCode | TokenOutage> = {
  SEAL_ROLE_MISSING: { status: 403, title: 'Role missing' },
  SEAL_NOT_FOUND: { status: 404, title: 'Seal not found' },
  SEAL_NOT_YOURS: { status: 403, title: 'Seal of another department' },
  SEAL_NOT_MADE: { status: 409, title: 'Seal not made yet' },
  SEAL_CERTIFICATE_AWAITED: { status: 409, title: 'Seal waits for its certificate' },
  SEAL_CERTIFICATE_EXPIRED: { status: 409, title: 'Certificate of the seal has expired' },
  SEAL_CERTIFICATE_UNREADABLE: { status: 422, title: 'Certificate cannot be read' },
  SEAL_CERTIFICATE_REFUSED: { status: 422, title: 'Certificate refused' },
  SEAL_REQUEST_REFUSED: { status: 422, title: 'Request for a certificate refused' },
  SEAL_AUTHORITY_REFUSED: { status: 422, title: 'Authority refused' },
  SEAL_ESEAL_ABSENT: { status: 404, title: 'No SESeal of this seal' },
  SEAL_SUSPENDED: { status: 409, title: 'Seal suspended' },
  SEAL_REVOKED: { status: 409, title: 'Seal revoked' },
  SEAL_NOT_ALLOWED_ON_TYPE: { status: 403, title: 'Seal not allowed on this licence type' },
  SEAL_IDENTIFIER_MALFORMED: { status: 422, title: 'Licence identifier malformed' },
  SEAL_ISSUER_MISMATCH: { status: 403, title: 'Licence of another issuer' },
  SEAL_TYPE_MISMATCH: { status: 422, title: 'Type and identifier disagree' },
  SEAL_DIGEST_MISMATCH: { status: 422, title: 'Digest and document disagree' },
  SEAL_REQUEST_CONFLICT: { status: 409, title: 'Document sealed before on other terms' },
  SEAL_GROUP_TOO_LARGE: { status: 413, title: 'Group too large' },
  SEAL_DOCUMENT_UNREADABLE: { status: 500, title: 'Sealed document cannot be read' },
  SEAL_DOCUMENT_TOO_LARGE: { status: 413, title: 'Document too large' },
  SEAL_TIME_STAMP_REFUSED: { status: 502, title: 'Time stamp refused' },
  SEAL_REVOCATION_DATA_MISSING: { status: 502, title: 'Revocation data missing' },
  SEAL_RESULT_NOT_REPEATABLE: { status: 500, title: 'Recorded sealing cannot be repeated' },
  SEAL_TRANSITION_FORBIDDEN: { status: 409, title: 'Seal cannot change in this way' },
  SEAL_PICTURE_TEXT_REFUSED: { status: 422, title: 'Text does not fit on a seal' },
  SEAL_PICTURE_GLYPH_MISSING: { status: 422, title: 'Character missing in the type of seals' },
  STATEMENT_IDENTIFIER_MISMATCH: { status: 422, title: 'Claims of another licence' },
  STATEMENT_KEY_NOT_FOUND: { status: 409, title: 'Statement key missing' },
  STATEMENT_KEY_EXPIRED: { status: 409, title: 'Statement key expired' },
  KEY_TOKEN_UNAVAILABLE: { status: 503, title: 'Key token does not answer' },
  KEY_TOKEN_UNUSABLE: { status: 500, title: 'Key token cannot be used' },
  KEY_PIN_UNREADABLE: { status: 503, title: 'Key token is closed' },
  KEY_PIN_WRONG: { status: 503, title: 'Key token is closed' },
  KEY_PIN_LOCKED: { status: 503, title: 'Key token is closed' },
  STATEMENT_REQUEST_CONFLICT: { status: 409, title: 'Statement signed before with other claims' },
}
