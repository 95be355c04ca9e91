import { TrustServiceError } from '../../platform/index.ts'

/** What the HTTP door refuses. A bad document is never among these: it is a verdict. */
export type VerifierErrorCode = 'VERIFICATION_INPUT_MISSING' | 'VERIFICATION_BUSY'

export class VerifierError extends TrustServiceError<VerifierErrorCode> {}
