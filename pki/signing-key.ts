/** The signature algorithms this house signs with. */
export type SignatureAlgorithm = 'ecdsa-with-SHA256' | 'sha256WithRSAEncryption' | 'SM2-with-SM3'

/** The one thing a private key can do. Where it lives (memory, file, HSM) is the key store's affair. */
export interface SigningKey {
  readonly signatureAlgorithm: SignatureAlgorithm
  /** SubjectPublicKeyInfo, DER */
  readonly publicKey: Uint8Array
  /**
   * Hashes `data` with SHA-256 and signs; ECDSA gives DER SEQUENCE { r, s }, RSA a PKCS #1 v1.5 block. SM2 hashes Z of the identifier
   * `1234567812345678` and `data` with SM3, and gives DER as ECDSA does.
   */
  sign(data: Uint8Array): Promise<Uint8Array>
  /** The same without a promise; only keys held in memory have it. */
  signSync?(data: Uint8Array): Uint8Array
}
