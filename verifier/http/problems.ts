import type { ProblemCatalogue } from '../../platform/http/index.ts'
import type { VerifierErrorCode } from './errors.ts'

/** What each code means to a client; a forgotten code does not compile. */
export const verifierProblems: ProblemCatalogue<VerifierErrorCode> = {
  VERIFICATION_INPUT_MISSING: { status: 422, title: 'Nothing to verify' },
  VERIFICATION_BUSY: { status: 503, title: 'Too many verifications under way' },
}
