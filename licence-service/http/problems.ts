import type { LicenceFormatErrorCode } from '../../licence-format/index.ts'
import type { ProblemCatalogue } from '../../platform/http/index.ts'
import type { TemplateErrorCode } from '../../templates/index.ts'
import type { LicenceErrorCode } from '../errors.ts'
import type { SealerDelayCode, SealerRefusalCode } from '../ports/sealer.ts'

type ForeignCode =
  | TemplateErrorCode
  | SealerRefusalCode
  | SealerDelayCode
  | Extract<LicenceFormatErrorCode, 'IDENTIFIER_MALFORMED' | 'IDENTIFIER_CHECK_CHARACTER_WRONG'>

/** What a client is told for each code that a call to this service may end in. */
export const licenceProblems: ProblemCatalogue<LicenceErrorCode | ForeignCode> = {
  LICENCE_DATA_INVALID: { status: 422, title: 'Licence data at fault' },
  LICENCE_TYPE_UNKNOWN: { status: 422, title: 'Licence type not known' },
  LICENCE_TYPE_NOT_ASSIGNED: { status: 403, title: 'Licence type not assigned to this department' },
  LICENCE_NOT_FOUND: { status: 404, title: 'Licence not found' },
  LICENCE_NOT_ISSUED: { status: 409, title: 'Licence not issued' },
  LICENCE_ERASED: { status: 410, title: 'Personal data erased' },
  LICENCE_TRANSITION_REFUSED: { status: 409, title: 'Change not possible in this state' },
  LICENCE_EFFECTIVE_TIME_REFUSED: { status: 422, title: 'Effective time not possible' },
  LICENCE_AS_OF_IN_FUTURE: { status: 422, title: 'The future is not known' },
  LICENCE_VERSIONS_EXHAUSTED: { status: 409, title: 'No version left' },
  LICENCE_HOLDER_DIFFERS: { status: 422, title: 'Another holder needs a new licence' },
  LICENCE_REPLACEMENT_UNDER_WAY: { status: 409, title: 'Licence is being replaced already' },
  LICENCE_REJECTED: { status: 500, title: 'Licence rejected before registration' },
  LICENCE_ISSUANCE_INTERRUPTED: {
    status: 503,
    title: 'Issuance not finished: ask again with the same Idempotency-Key',
  },
  LICENCE_CONTENT_DAMAGED: { status: 500, title: 'Stored content damaged' },
  LICENCE_CURSOR_INVALID: { status: 422, title: 'Cursor not valid' },
  LEVEL_NOT_AVAILABLE: { status: 422, title: 'Signature level not available' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'Idempotency-Key used with another request' },
  STATUS_LIST_NOT_FOUND: { status: 404, title: 'Status list not found' },
  LIST_NOT_PUBLISHED: { status: 503, title: 'List not published yet' },
  HOLDER_LINK_NOT_FOUND: { status: 404, title: 'Link not found' },
  HOLDER_LINK_EXPIRED: { status: 410, title: 'Link expired' },
  HOLDER_LINK_LOCKED: { status: 423, title: 'Link locked' },
  HOLDER_LINK_TOO_SOON: { status: 429, title: 'Too soon after a wrong attempt' },
  HOLDER_LINK_WRONG_CHARACTERS: { status: 403, title: 'Characters do not match' },
  HOLDER_LINK_ACCESS_REFUSED: { status: 401, title: 'Access ended' },
  IDENTIFIER_MALFORMED: { status: 422, title: 'Identifier malformed' },
  IDENTIFIER_CHECK_CHARACTER_WRONG: { status: 422, title: 'Check character of the identifier wrong' },
  TEMPLATE_DEFINITION_INVALID: { status: 500, title: 'Template at fault' },
  TEMPLATE_FONT_INVALID: { status: 500, title: 'Font at fault' },
  GLYPH_MISSING: { status: 422, title: 'Character without a glyph' },
  TEXT_DOES_NOT_FIT: { status: 422, title: 'Text does not fit its place' },
  PICTURE_MISSING: { status: 422, title: 'Picture missing' },
  PICTURE_INVALID: { status: 422, title: 'Picture cannot be read' },
  QR_TEXT_TOO_LONG: { status: 500, title: 'Statement too long for its QR code' },
  DOCUMENT_TOO_LARGE: { status: 422, title: 'Document too large' },
  NUMBER_EXHAUSTED: { status: 409, title: 'No number left in this period' },
  SEAL_ROLE_MISSING: { status: 403, title: 'Role missing' },
  SEAL_NOT_FOUND: { status: 404, title: 'Seal not found' },
  SEAL_NOT_YOURS: { status: 403, title: 'Seal of another department' },
  SEAL_NOT_MADE: { status: 409, title: 'Seal not made yet' },
  SEAL_CERTIFICATE_AWAITED: { status: 409, title: 'Seal waits for its certificate' },
  SEAL_CERTIFICATE_EXPIRED: { status: 409, title: 'Certificate of the seal has expired' },
  SEAL_SUSPENDED: { status: 409, title: 'Seal suspended' },
  SEAL_REVOKED: { status: 409, title: 'Seal revoked' },
  SEAL_LOST: { status: 409, title: 'Seal reported lost' },
  SEAL_NOT_IN_USE: { status: 409, title: 'Seal not in use' },
  SEAL_NOT_ALLOWED_ON_TYPE: { status: 403, title: 'Seal not allowed on this licence type' },
  SEAL_NOT_AUTHORISED: { status: 403, title: 'No authorisation for this seal' },
  SEAL_USE_REFUSED: { status: 403, title: 'Use refused by a second person' },
  SEAL_QUOTA_EXHAUSTED: { status: 429, title: 'Quota of the authorisation exhausted for today' },
  SEAL_RATE_EXCEEDED: { status: 429, title: 'More uses in a minute than authorised' },
  SEAL_SECOND_PERSON_AWAITED: { status: 409, title: 'Waits for the approval of a second person' },
  SEAL_IDENTIFIER_MALFORMED: { status: 422, title: 'Licence identifier malformed' },
  SEAL_ISSUER_MISMATCH: { status: 403, title: 'Licence of another issuer' },
  SEAL_TYPE_MISMATCH: { status: 422, title: 'Type and identifier disagree' },
  SEAL_DIGEST_MISMATCH: { status: 422, title: 'Digest and document disagree' },
  SEAL_REQUEST_CONFLICT: { status: 409, title: 'Document sealed before on other terms' },
  SEAL_GROUP_TOO_LARGE: { status: 413, title: 'Group too large' },
  SEAL_DOCUMENT_UNREADABLE: { status: 500, title: 'Sealed document cannot be read' },
  SEAL_DOCUMENT_TOO_LARGE: { status: 413, title: 'Document too large' },
  SEAL_RESULT_NOT_REPEATABLE: { status: 500, title: 'Recorded sealing cannot be repeated' },
  STATEMENT_IDENTIFIER_MISMATCH: { status: 422, title: 'Claims of another licence' },
  STATEMENT_KEY_NOT_FOUND: { status: 409, title: 'Statement key missing' },
  STATEMENT_KEY_EXPIRED: { status: 409, title: 'Statement key expired' },
  STATEMENT_REQUEST_CONFLICT: { status: 409, title: 'Statement signed before with other claims' },
}
