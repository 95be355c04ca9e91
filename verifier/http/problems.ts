import type { ProblemCatalogue } from '../../platform/http/index.ts'
import type { VerifierErrorCode } from './errors.ts'

/** What each code means to a client; a forgotten code does not compile. */
export const verifierProblems: ProblemCatalogue<VerifierErrorCode> = {
  VERIFICATION_INPUT_MISSING: { status: 422, title: 'Nothing to verify' },
  VERIFICATION_BATCH_INVALID: { status: 422, title: 'Batch cannot be read' },
  VERIFICATION_QUESTION_INVALID: { status: 422, title: 'Question cannot be understood' },
  VERIFICATION_BUSY: { status: 503, title: 'Too many verifications under way' },
  VERIFICATION_TOO_COSTLY: { status: 422, title: 'Document takes more work than any real one' },
  VERIFICATION_QUOTA_SPENT: { status: 429, title: 'Quota of the day is spent' },
  VERIFICATION_REGISTER_UNAVAILABLE: { status: 503, title: 'Register does not answer' },
  VERIFICATION_NOT_FOUND: { status: 404, title: 'No such verification, or not any more' },
  VERIFICATION_FORMAT_UNAVAILABLE: { status: 406, title: 'Not to be had in this format' },
}
