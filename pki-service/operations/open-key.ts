import type { KeyStore } from '../../key-store/index.ts'
import { KeyStoreError } from '../../key-store/index.ts'
import type { NamedKey } from '../dependencies.ts'
import { isSm2, type OwnName } from '../domain/authority.ts'
import { PkiServiceError } from '../errors.ts'
import type { IssuedCertificate } from './issue-certificate.ts'

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

/**
 * The key that a certificate on record was made for. Throws `PKI_KEY_MISMATCH` where the key store holds another one under its name;
 * makes none, unlike `openKey`.
 */
export async function openKeyOf(
  keyStore: KeyStore,
  { ownName, publicKey }: Pick<IssuedCertificate, 'ownName' | 'publicKey'>,
): Promise<NamedKey> {
  const name = ownName ?? ''
  const key = await keyStore.get(name)
  if (Buffer.compare(key.publicKey, publicKey) === 0) return { name, key }
  throw new PkiServiceError(
    'PKI_KEY_MISMATCH',
    `the key of ${name} is not the one on record: key folder and database do not belong together`,
  )
}

function isCode(error: unknown, code: KeyStoreError['code']): boolean {
  return error instanceof KeyStoreError && error.code === code
}
