/** Everything `pki` may refuse. Verdicts about paths and signatures are data (`PathReason`, `CmsReason`), not errors. */
export type PkiErrorCode =
  | 'DER_MALFORMED'
  | 'DER_LIMIT_EXCEEDED'
  | 'CERTIFICATE_MALFORMED'
  | 'CRL_MALFORMED'
  | 'OCSP_MALFORMED'
  | 'OCSP_UNSUCCESSFUL'
  | 'CSR_MALFORMED'
  | 'CMS_MALFORMED'
  | 'ESEAL_MALFORMED'
  | 'ESEAL_REFUSED'
  | 'TSP_MALFORMED'
  | 'KEY_MALFORMED'
  | 'SIGNATURE_MALFORMED'
  | 'ALGORITHM_UNSUPPORTED'
  | 'NAME_REFUSED'
  | 'CERTIFICATE_REFUSED'
  | 'CRL_REFUSED'
  | 'LINT_FAILED'
  | 'SIGNATURE_LENGTH_UNEXPECTED'

/** A coded refusal of the room `pki`; the message says what was expected, what came and where. */
export class PkiError extends Error {
  readonly code: PkiErrorCode

  constructor(code: PkiErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'PkiError'
    this.code = code
  }
}

/**
 * Runs a parser and says of which structure a fault was found in: a `DER_MALFORMED` inside becomes `code`, with the cause kept.
 * Limits keep their own code, since they are about size and not about form.
 */
export function withCode<T>(code: PkiErrorCode, where: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof PkiError && error.code === 'DER_MALFORMED') {
      throw new PkiError(code, `${where}: ${error.message}`, { cause: error })
    }
    throw error
  }
}
