import type { KeyStore } from '../../key-store/index.ts'
import { KeyStoreError } from '../../key-store/index.ts'
import type { NamedKey } from '../dependencies.ts'
import { isSm2, type OwnName } from '../domain/authority.ts'

/** The key of one of the service's own names, made at the first call; two processes may make it at once. */
export async function openKey(keyStore: KeyStore, name: OwnName): Promise<NamedKey> {
  try {
    return { name, key: await keyStore.get(name) }
  } catch (error) {
    if (!isCode(error, 'KEY_NOT_FOUND')) throw error
  }
  try {
    return { name, key: await keyStore.generate(name, isSm2(name) ? 'sm2' : 'ec-p256') }
  } catch (error) {
    if (!isCode(error, 'KEY_EXISTS')) throw error
    return { name, key: await keyStore.get(name) }
  }
}

function isCode(error: unknown, code: KeyStoreError['code']): boolean {
  return error instanceof KeyStoreError && error.code === code
}
