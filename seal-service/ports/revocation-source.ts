/** What an authority says of a certificate: an OCSP answer (RFC 6960) or a list (RFC 5280), DER. */
export interface RevocationAnswer {
  readonly kind: 'ocsp' | 'crl'
  readonly der: Uint8Array
}

/** Knows what the authorities say of certificates. */
export interface RevocationSource {
  /**
   * One answer for each certificate (DER), in their order, whose thisUpdate is not before `notBefore` (whole seconds). `issuers` are
   * certificates among which those of the issuing CAs are. Rejects when one of the answers cannot be had in time.
   */
  answers(
    certificates: readonly Uint8Array[],
    notBefore: Date,
    issuers: readonly Uint8Array[],
  ): Promise<readonly RevocationAnswer[]>
}

/** Knows the lists of authorities outside. */
export interface RevocationListSource {
  /** The current lists (DER) that speak of these certificates, as far as they can be had; never rejects. */
  lists(certificates: readonly Uint8Array[], issuers: readonly Uint8Array[]): Promise<readonly Uint8Array[]>
}
