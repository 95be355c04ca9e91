/** Why a file is no bundle or no receipt that counts. What a bundle's verdict says is never among these. */
export type BundleErrorCode =
  | 'BUNDLE_TOO_LARGE'
  | 'BUNDLE_MALFORMED'
  | 'BUNDLE_CHANGED'
  | 'BUNDLE_VERSION_UNKNOWN'
  | 'BUNDLE_RECEIPT_OF_ANOTHER'
  | 'RECEIPT_FILE_MALFORMED'

export class BundleError extends Error {
  override readonly name = 'BundleError'
  readonly code: BundleErrorCode

  constructor(code: BundleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
