/** Why a policy file is refused. What a document lacks is never among these: that is a verdict. */
export type VerifierErrorCode = 'POLICY_NOT_JSON' | 'POLICY_VERSION_UNKNOWN' | 'POLICY_MALFORMED'

/** A coded refusal of the room `verifier`; the message says which member, what was expected and what came. */
export class VerifierError extends Error {
  override readonly name = 'VerifierError'
  readonly code: VerifierErrorCode

  constructor(code: VerifierErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
