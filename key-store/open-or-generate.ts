import type { SigningKey } from '../pki/index.ts'
import { KeyStoreError } from './errors.ts'
import type { KeyKind, KeyStore } from './key-store.ts'

/** The key of that name, made at the first call; two processes may make it at once. Throws as `generate` and `get` do. */
export async function openOrGenerate(keyStore: KeyStore, name: string, kind: KeyKind): Promise<SigningKey> {
  try {
    return keyStore.get(name)
  } catch (error) {
    if (!isCode(error, 'KEY_NOT_FOUND')) throw error
  }
  try {
    return await keyStore.generate(name, kind)
  } catch (error) {
    if (!isCode(error, 'KEY_EXISTS')) throw error
    return keyStore.get(name)
  }
}

const isCode = (error: unknown, code: KeyStoreError['code']): boolean =>
  error instanceof KeyStoreError && error.code === code
