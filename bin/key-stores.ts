import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createKeyStore, type KeyStore, KeyStoreError, type TokenOptions } from '../key-store/index.ts'
import type { Clock, TokenConfig } from '../platform/index.ts'

export interface KeyStoresOptions {
  readonly dataDir: string
  readonly passphrase: string
  readonly clock: Clock
  readonly token?: TokenConfig
}

/** The stores of keys, one for each service that owns keys: no service can open another's. */
export interface KeyStores {
  readonly pki: KeyStore
  readonly seal: KeyStore
  readonly licence: KeyStore
  readonly verifier: KeyStore
  readonly sharing: KeyStore
}

export const keyStoreNames = ['pki', 'seal', 'licence', 'verifier', 'sharing'] as const

/** Opens one store of a data folder. Throws the coded errors of the key store. */
export function openKeyStore(name: keyof KeyStores, options: KeyStoresOptions): Promise<KeyStore> {
  const { dataDir, passphrase, clock, token } = options
  const place = token && inToken(name, token)
  return createKeyStore({ folder: join(dataDir, 'keys', name), passphrase, clock, ...(place && { token: place }) })
}

/** Opens them all, or none: what was opened beside a failure is closed again. */
export async function openKeyStores(options: KeyStoresOptions): Promise<KeyStores> {
  await openFirst(options)
  const opened = await Promise.allSettled(keyStoreNames.map((name) => openKeyStore(name, options)))
  const stores = opened.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const failed = opened.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) {
    for (const store of stores) store.close()
    throw failed.reason
  }
  const [pki, seal, licence, verifier, sharing] = stores as [KeyStore, KeyStore, KeyStore, KeyStore, KeyStore]
  return { pki, seal, licence, verifier, sharing }
}

/** Closes them all; those that are closed stay so. */
export function closeKeyStores(stores: KeyStores): void {
  for (const store of Object.values(stores)) store.close()
}

/**
 * The licence service's store is made before the others: were it gone, nothing would say so, and its wrapping and MAC keys would be made
 * anew. (The others' keys are on record in the database.) Throws `KEY_LOST`.
 */
async function openFirst(options: KeyStoresOptions): Promise<void> {
  const isThere = (name: keyof KeyStores) => existsSync(join(options.dataDir, 'keys', name, 'store.json'))
  if (isThere('licence')) return
  if (isThere('seal'))
    throw new KeyStoreError('KEY_LOST', "the licence service's key store is gone, the others are there: restore it")
  const { token: _token, ...withoutToken } = options
  const store = await openKeyStore('licence', withoutToken)
  store.close()
}

/** Which of a store's keys are made in the token; wrapping and MAC keys never are. */
function inToken(name: keyof KeyStores, { module, label, pinFile, keys }: TokenConfig): TokenOptions | undefined {
  const prefixes = [
    ...(name === 'seal' && keys.includes('seals') ? ['seal-'] : []),
    ...(name === 'seal' && keys.includes('statements') ? ['statement-'] : []),
    ...(name === 'pki' && keys.includes('authorities') ? [''] : []),
  ]
  // A store that holds token keys from an earlier setting must still reach the token.
  if (name === 'licence' || name === 'verifier' || name === 'sharing') return undefined
  return { module, label, pinFile, holds: (key) => prefixes.some((prefix) => key.startsWith(prefix)) }
}
