/** Why, by RFC 5280 §5.3.1. */
export type RevocationCause = 'keyCompromise' | 'privilegeWithdrawn' | 'cessationOfOperation'

/** Asks whoever certified a key to revoke its certificate (DER) as of a time; false where another authority gave it. */
export type CertificateRevoker = (certificate: Uint8Array, since: Date, cause: RevocationCause) => Promise<boolean>
