/** What a round of time stamps brought. */
export interface TimeStamps {
  /** A TimeStampToken (RFC 3161, DER) for each imprint, in its order. */
  readonly tokens: readonly Uint8Array[]
  /** Certificates of whoever stamped, the issuing CAs and the root among them, DER. */
  readonly certificates: readonly Uint8Array[]
  /** Not earlier than any stamp, in whole seconds. */
  readonly stampedBy: Date
}

/** Stamps time, the house's own authority or any other of RFC 3161. */
export interface Timestamper {
  /** Stamps SHA-256 digests. Rejects when no stamp can be had in time: nothing is stamped then that counts. */
  stamp(imprints: readonly Uint8Array[]): Promise<TimeStamps>
  /** Octets of the longest token to be expected. */
  maxTokenLength(): Promise<number>
}
