import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const NONCE = 12
const TAG = 16

/** AES-256-GCM with a random nonce: nonce ‖ ciphertext ‖ tag. `context` is bound in and not stored. */
export function sealBytes(key: Uint8Array, plain: Uint8Array, context: Uint8Array | string): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Opens what `sealBytes` made with the same key and context; `undefined` when anything differs. */
export function openBytes(key: Uint8Array, sealed: Uint8Array, context: Uint8Array | string): Buffer | undefined {
  if (sealed.length < NONCE + TAG) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG))
  const plain = decipher.update(sealed.subarray(NONCE, sealed.length - TAG))
  try {
    return Buffer.concat([plain, decipher.final()])
  } catch {
    return undefined
  } finally {
    plain.fill(0)
  }
}
