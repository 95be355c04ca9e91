import type { ProblemCatalogue } from '../../platform/http/index.ts'
import type { PkiServiceErrorCode } from '../errors.ts'

/** What each code means to a client; a forgotten code does not compile. */
export const pkiProblems: ProblemCatalogue<PkiServiceErrorCode> = {
  PKI_TEST_ROOT_IN_PRODUCTION: { status: 500, title: 'Demonstration root refused in production' },
  PKI_NOT_STARTED: { status: 503, title: 'PKI not started' },
  PKI_KEY_MISMATCH: { status: 500, title: 'Key folder and database do not belong together' },
  PKI_CERTIFICATE_NOT_FOUND: { status: 404, title: 'Certificate not found' },
  PKI_CERTIFICATE_REVOKED: { status: 409, title: 'Certificate revoked' },
  PKI_TRANSITION_FORBIDDEN: { status: 409, title: 'Certificate cannot change in this way' },
  PKI_PROFILE_NOT_OFFERED: { status: 422, title: 'Certificate profile not offered' },
  PKI_PUBLIC_KEY_REFUSED: { status: 422, title: 'Public key refused' },
  PKI_SUBJECT_INVALID: { status: 422, title: 'Subject of a certificate invalid' },
  PKI_CRL_CONTENDED: { status: 503, title: 'Revocation list being published by others' },
  PKI_CLOCK_UNRELIABLE: { status: 503, title: 'The clock cannot be relied on' },
  PKI_TOO_MANY_QUESTIONS: { status: 503, title: 'Too many questions about certificates' },
  PKI_ROOT_MISSING: { status: 500, title: 'No root imported for production' },
  PKI_IMPORT_REFUSED: { status: 422, title: 'Certificate cannot be imported' },
  PKI_REQUEST_REFUSED: { status: 422, title: 'Certification request refused' },
  CEREMONY_NAME_REFUSED: { status: 422, title: 'Name of a root refused' },
  CEREMONY_REQUEST_REFUSED: { status: 422, title: 'Request to the root refused' },
  CEREMONY_FOLDER_DAMAGED: { status: 422, title: 'Folder of a root damaged' },
  CEREMONY_TRANSCRIPT_WRONG: { status: 422, title: 'Transcript of a ceremony wrong' },
}
