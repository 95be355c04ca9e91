import { parsePublicKey, type SigningKey } from '../pki/index.ts'
import type { Guard } from './keys.ts'
import type { TokenClient } from './pkcs11.ts'

/** A signing key that lies in a token: it has no `signSync`, and every signature was verified before it is handed out. */
export function toTokenKey(
  { id, publicKey }: { readonly id: Uint8Array; readonly publicKey: Uint8Array },
  token: TokenClient,
  guard: Guard,
  count: () => void,
): SigningKey {
  return Object.freeze<SigningKey>({
    signatureAlgorithm: parsePublicKey(publicKey).kind === 'rsa' ? 'sha256WithRSAEncryption' : 'ecdsa-with-SHA256',
    publicKey,
    async sign(data) {
      guard()
      const signature = await token.call({ do: 'sign', id, publicKey, data })
      // Destroyed or closed meanwhile: what was asked for before is not handed out after.
      guard()
      count()
      return signature
    },
  })
}
