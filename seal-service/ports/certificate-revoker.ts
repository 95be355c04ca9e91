/** Asks whoever certified a key to revoke its certificate (DER) as compromised since a time; false where another authority gave it. */
export type CertificateRevoker = (certificate: Uint8Array, since: Date) => Promise<boolean>
