import type { LicenceFormatErrorCode } from '../../licence-format/index.ts'
import type { ProblemCatalogue } from '../../platform/http/index.ts'
import type { SharingErrorCode } from '../errors.ts'

type ForeignCode = Extract<LicenceFormatErrorCode, 'IDENTIFIER_MALFORMED' | 'IDENTIFIER_CHECK_CHARACTER_WRONG'>

/** What a client is told for each code that a call to this service may end in. */
export const sharingProblems: ProblemCatalogue<SharingErrorCode | ForeignCode> = {
  SHARING_NOT_ENTITLED: { status: 403, title: 'Not entitled to this' },
  SHARING_AGREEMENT_ENDED: { status: 403, title: 'Agreement ended' },
  SHARING_LEGAL_BASIS_MISSING: { status: 403, title: 'Legal basis missing' },
  SHARING_QUOTA_EXHAUSTED: { status: 429, title: "Today's quota used up" },
  SHARING_LICENCE_NOT_FOUND: { status: 404, title: 'No such licence' },
  MATTER_UNKNOWN: { status: 403, title: 'Matter not known' },
  MATTER_EXISTS: { status: 409, title: 'Matter on record already' },
  AGREEMENT_NOT_FOUND: { status: 404, title: 'Agreement not found' },
  AGREEMENT_INVALID: { status: 422, title: 'Agreement at fault' },
  AGREEMENT_STATE_REFUSED: { status: 409, title: 'Agreement decided or ended before' },
  PREFILL_MAP_NOT_FOUND: { status: 404, title: 'No map for this form' },
  PREFILL_MAP_INVALID: { status: 422, title: 'Map of a form at fault' },
  SUBSCRIPTION_NOT_FOUND: { status: 404, title: 'Subscription not found' },
  SUBSCRIPTION_ADDRESS_REFUSED: { status: 422, title: 'Address refused' },
  SUBSCRIPTION_TOO_MANY: { status: 409, title: 'Too many subscriptions' },
  SHARING_CURSOR_INVALID: { status: 422, title: 'Cursor not valid' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'Idempotency-Key used with another request' },
  IDENTIFIER_MALFORMED: { status: 422, title: 'Identifier malformed' },
  IDENTIFIER_CHECK_CHARACTER_WRONG: { status: 422, title: 'Check character of the identifier wrong' },
}
