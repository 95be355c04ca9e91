/** Knows what the authorities say of certificates. */
export interface RevocationSource {
  /**
   * One OCSP answer (RFC 6960, DER) for each certificate (DER), in their order, whose thisUpdate is not before `notBefore` (whole seconds).
   * `issuers` are certificates among which those of the issuing CAs are. Rejects when one of the answers cannot be had in time.
   */
  answers(
    certificates: readonly Uint8Array[],
    notBefore: Date,
    issuers: readonly Uint8Array[],
  ): Promise<readonly Uint8Array[]>
}
