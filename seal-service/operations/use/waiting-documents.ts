// What waits for a second person is kept enciphered: AES-256-GCM under a key of its own that the key store wraps.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Dependencies } from '../../dependencies.ts'
import type { WaitingDocument } from '../../store/use-requests.ts'

const KEY = 'waiting-documents'
const NONCE_LENGTH = 12
const TAG_LENGTH = 16

type Shop = Pick<Dependencies, 'keyStore' | 'ids'>

/** Enciphers a document for the request of this id. */
export function encipherDocument({ keyStore, ids }: Shop, document: Uint8Array, requestId: string): WaitingDocument {
  const [key, nonce] = [ids.bytes(32), ids.bytes(NONCE_LENGTH)]
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(requestId))
  const body = Buffer.concat([cipher.update(document), cipher.final()])
  return {
    wrappedKey: keyStore.wrappingKey(KEY).wrap(key, Buffer.from(requestId)),
    content: Buffer.concat([nonce, body, cipher.getAuthTag()]),
  }
}

/** Throws where the bytes were changed or belong to another request. */
export function decipherDocument(
  { keyStore }: Shop,
  { wrappedKey, content }: WaitingDocument,
  requestId: string,
): Uint8Array {
  const key = keyStore.wrappingKey(KEY).unwrap(wrappedKey, Buffer.from(requestId))
  const decipher = createDecipheriv('aes-256-gcm', key, content.subarray(0, NONCE_LENGTH))
    .setAAD(Buffer.from(requestId))
    .setAuthTag(content.subarray(-TAG_LENGTH))
  return Buffer.concat([decipher.update(content.subarray(NONCE_LENGTH, -TAG_LENGTH)), decipher.final()])
}
