/** Asks a certification authority for the certificate of a key made here. The authority is another service. */
export interface Certifier {
  /**
   * A certificate for the public key (SubjectPublicKeyInfo, DER) and its chain, issuer first, root last. A repeat for
   * the same profile and key returns the same certificate.
   */
  certify(request: {
    readonly profile: 'seal' | 'statement' | 'sm2-seal' | 'seal-maker'
    readonly subject: { readonly organisation: string; readonly organisationCode: string; readonly commonName: string }
    readonly publicKey: Uint8Array
  }): Promise<{ readonly certificate: Uint8Array; readonly chain: readonly Uint8Array[] }>
}
