/** Everything the key store may refuse. */
export type KeyStoreErrorCode =
  | 'KEY_STORE_PASSPHRASE_WRONG'
  | 'KEY_STORE_UNAVAILABLE'
  | 'KEY_STORE_CLOSED'
  | 'KEY_NAME_INVALID'
  | 'KEY_EXISTS'
  | 'KEY_NOT_FOUND'
  | 'KEY_FILE_DAMAGED'
  | 'KEY_DESTROYED'
  | 'KEY_LOST'
  | 'KEY_RECORDS_DAMAGED'
  | 'KEY_KIND_UNSUPPORTED'
  | 'KEY_NOT_EXPORTABLE'
  | 'KEY_EXPORT_PASSWORD_WEAK'
  | 'KEY_IMPORT_PASSWORD_WRONG'
  | 'KEY_IMPORT_DAMAGED'
  | 'KEY_IMPORT_LIMIT_EXCEEDED'
  | 'KEY_IMPORT_UNSUPPORTED'
  | 'KEY_UNWRAP_FAILED'
  | 'KEY_PKCS11_NOT_INSTALLED'
  | 'KEY_PKCS11_MODULE_UNUSABLE'
  | 'KEY_TOKEN_UNAVAILABLE'
  | 'KEY_TOKEN_UNUSABLE'
  | 'KEY_PIN_UNREADABLE'
  | 'KEY_PIN_WRONG'
  | 'KEY_PIN_LOCKED'
  | 'KEY_SHARES_IMPOSSIBLE'
  | 'KEY_SHARE_DAMAGED'
  | 'KEY_SHARE_PASSPHRASE_WRONG'
  | 'KEY_SHARE_DUPLICATE'
  | 'KEY_SHARES_FOREIGN'
  | 'KEY_SHARES_TOO_FEW'

const RETRY_AFTER_SECONDS = 5

/** A coded refusal of the key store. Messages name keys and files, never their contents. */
export class KeyStoreError extends Error {
  readonly code: KeyStoreErrorCode
  /** Given where trying again is all there is to do. */
  readonly retryAfterSeconds?: number

  constructor(code: KeyStoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'KeyStoreError'
    this.code = code
    if (code === 'KEY_TOKEN_UNAVAILABLE') this.retryAfterSeconds = RETRY_AFTER_SECONDS
  }
}
