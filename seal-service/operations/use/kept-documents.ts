// Uploaded documents in the blob store: AES-256-GCM under a key of their own that the key store wraps.
import type { Blobs } from '../../../platform/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { SealError } from '../../errors.ts'
import type { KeptBytes } from '../../store/documents.ts'
import { decipherDocument, encipherDocument } from './waiting-documents.ts'

type Shop = Pick<Dependencies, 'keyStore' | 'ids' | 'blobs'>

/** How long a batch's sealed documents wait to be fetched, where nobody asked to keep them. */
export const fetchedWithinMs = 3 * 86_400_000

/** Throws `SEAL_DOCUMENT_NOT_KEPT` where this process has no store for documents. */
export function blobsOf({ blobs }: Pick<Dependencies, 'blobs'>): Blobs {
  if (blobs === undefined) throw new SealError('SEAL_DOCUMENT_NOT_KEPT', 'documents are not kept here')
  return blobs
}

/** Keeps a document under its id. Durable when it resolves. */
export async function keepDocument(
  shop: Shop,
  documentId: string,
  pdf: Uint8Array,
  until: Date | null,
): Promise<KeptBytes> {
  const { wrappedKey, content } = encipherDocument(shop, pdf, documentId)
  return { blobDigest: await blobsOf(shop).put(content), wrappedKey, until }
}

/** Throws where the bytes were changed or belong to another document. */
export async function readKept(shop: Shop, documentId: string, kept: KeptBytes): Promise<Uint8Array> {
  const content = await blobsOf(shop).get(kept.blobDigest)
  return decipherDocument(shop, { wrappedKey: kept.wrappedKey, content }, documentId)
}
