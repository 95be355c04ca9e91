/** Bytes kept under the SHA-256 of their content, as 64 lower-case hexadecimal characters. */
export interface Blobs {
  /** Durable when it resolves. Throws BLOB_STORE_FULL. */
  put(bytes: Uint8Array): Promise<string>
  /** Many at once, with their syncs side by side; all durable when it resolves. Digests in the order given. */
  putMany(many: readonly Uint8Array[]): Promise<string[]>
  /** Throws BLOB_NOT_FOUND, or BLOB_DAMAGED when the bytes are no longer those of the digest. */
  get(digest: string): Promise<Uint8Array>
  has(digest: string): Promise<boolean>
  /** Removing what is not there is no error. */
  remove(digest: string): Promise<void>
  list(): AsyncIterable<BlobEntry>
}

export interface BlobEntry {
  readonly digest: string
  /** When it was last put. */
  readonly storedAt: Date
}

/**
 * Removes blobs last put before `olderThan` that `isWanted` does not claim: what a crash left between the blob and its row.
 * Returns how many. The age must exceed the longest time between a put and the transaction that refers to it.
 */
export async function sweepBlobs(
  blobs: Blobs,
  options: { readonly olderThan: Date; readonly isWanted: (digest: string) => Promise<boolean> },
): Promise<number> {
  let removed = 0
  for await (const { digest, storedAt } of blobs.list()) {
    if (storedAt >= options.olderThan || (await options.isWanted(digest))) continue
    await blobs.remove(digest)
    removed++
  }
  return removed
}
