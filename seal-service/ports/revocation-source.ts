/** Knows what the authorities say of certificates. */
export interface RevocationSource {
  /**
   * One OCSP answer (RFC 6960, DER) for each certificate (DER), in their order, whose thisUpdate is not before `notBefore` (whole seconds).
   * Rejects when one of them cannot be had in time.
   */
  answers(certificates: readonly Uint8Array[], notBefore: Date): Promise<readonly Uint8Array[]>
}
