import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import type { SigningKey } from '../pki/index.ts'
import { destroyFile } from './durable-file.ts'
import { fileKinds, fileName, openSecret, readPrivateKey, writePrivateKey } from './encrypted-file.ts'
import { KeyStoreError } from './errors.ts'
import { type Guard, type MacKey, toMacKey, toSigningKey, toWrappingKey, type WrappingKey } from './keys.ts'
import { openStoreKey } from './store-key.ts'

export type KeyKind = 'ec-p256' | 'rsa-2048' | 'rsa-3072' | 'sm2'

/** One folder of keys, opened. Every function throws `KEY_NAME_INVALID` and `KEY_STORE_CLOSED`. */
export interface KeyStore {
  /** Makes a signing key and writes it durably before it is handed out. Throws `KEY_EXISTS`: nothing is ever overwritten. */
  generate(name: string, kind: KeyKind): Promise<SigningKey>
  /** The signing key of this name, read at the first call. Throws `KEY_NOT_FOUND`, `KEY_FILE_DAMAGED`. */
  get(name: string): SigningKey
  /** The wrapping key of this name, made at the first call. Throws `KEY_FILE_DAMAGED`. */
  wrappingKey(name: string): WrappingKey
  /** The MAC key of this name, made at the first call. Throws `KEY_FILE_DAMAGED`. */
  macKey(name: string): MacKey
  /** Names of the signing keys, sorted. */
  list(): string[]
  /**
   * Overwrites and removes every key of this name; objects handed out before refuse from then on with `KEY_DESTROYED`.
   * Throws `KEY_NOT_FOUND`.
   */
  destroy(name: string): void
  /** Forgets all secrets; objects handed out before refuse from then on with `KEY_STORE_CLOSED`. */
  close(): void
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/

/** A key in memory: the object handed out, and what makes it unusable. */
interface Opened<T> {
  readonly key: T
  readonly destroy: () => void
}

/**
 * Opens the key store in a folder, or makes one there. Costs one scrypt derivation; keys are opened as they are asked for.
 * Throws `KEY_STORE_PASSPHRASE_WRONG`, `KEY_FILE_DAMAGED`, `KEY_STORE_UNAVAILABLE`, and `TypeError` for an empty passphrase.
 */
export async function createKeyStore({
  folder,
  passphrase,
}: {
  folder: string
  passphrase: string
}): Promise<KeyStore> {
  if (passphrase === '') throw new TypeError('expected a passphrase')
  const storeKey = await openStoreKey(folder, passphrase)
  const opened = {
    signing: new Map<string, Opened<SigningKey>>(),
    wrapping: new Map<string, Opened<WrappingKey>>(),
    mac: new Map<string, Opened<MacKey>>(),
  }
  let isOpen = true

  const checkOpen = (): void => {
    if (!isOpen) throw new KeyStoreError('KEY_STORE_CLOSED', 'the key store is closed')
  }
  const checkName = (name: string): void => {
    checkOpen()
    if (!NAME.test(name))
      throw new KeyStoreError(
        'KEY_NAME_INVALID',
        'a key name has 1 to 120 letters, digits, dots, hyphens and underscores',
      )
  }
  const open = <T>(name: string, secret: Uint8Array | null, make: (guard: Guard) => T): Opened<T> => {
    let isDestroyed = false
    const guard = (): void => {
      checkOpen()
      if (isDestroyed) throw new KeyStoreError('KEY_DESTROYED', `key ${name} was destroyed`)
    }
    const key = make(guard)
    return {
      key,
      destroy() {
        isDestroyed = true
        secret?.fill(0)
      },
    }
  }
  const remember = <T>(known: Map<string, Opened<T>>, name: string, make: () => Opened<T>): T => {
    checkName(name)
    let entry = known.get(name)
    if (entry === undefined) known.set(name, (entry = make()))
    return entry.key
  }
  const openSigning = (name: string, privateKey: KeyObject): Opened<SigningKey> =>
    open(name, null, (guard) => toSigningKey(privateKey, guard))

  return {
    async generate(name, kind) {
      checkName(name)
      const privateKey = await generatePrivateKey(kind)
      checkOpen()
      if (!writePrivateKey(folder, storeKey, name, privateKey)) {
        throw new KeyStoreError('KEY_EXISTS', `there is a key ${name} already`)
      }
      return remember(opened.signing, name, () => openSigning(name, privateKey))
    },
    get: (name) =>
      remember(opened.signing, name, () => {
        const privateKey = readPrivateKey(folder, storeKey, name)
        if (privateKey === undefined) throw new KeyStoreError('KEY_NOT_FOUND', `there is no key ${name}`)
        return openSigning(name, privateKey)
      }),
    wrappingKey: (name) =>
      remember(opened.wrapping, name, () => {
        const secret = openSecret(folder, storeKey, name, 'wrapping')
        return open(name, secret, (guard) => toWrappingKey(secret, name, guard))
      }),
    macKey: (name) =>
      remember(opened.mac, name, () => {
        const secret = openSecret(folder, storeKey, name, 'mac')
        return open(name, secret, (guard) => toMacKey(secret, name, guard))
      }),
    list() {
      checkOpen()
      const suffix = fileName('', 'signing')
      return readdirSync(folder)
        .filter((file) => file.endsWith(suffix) && !file.startsWith('.'))
        .map((file) => file.slice(0, -suffix.length))
        .sort()
    },
    destroy(name) {
      checkName(name)
      const removed = fileKinds.map((kind) => {
        opened[kind].get(name)?.destroy()
        opened[kind].delete(name)
        return destroyFile(folder, fileName(name, kind))
      })
      if (!removed.includes(true)) throw new KeyStoreError('KEY_NOT_FOUND', `there is no key ${name}`)
    },
    close() {
      isOpen = false
      storeKey.fill(0)
      for (const kind of ['wrapping', 'mac'] as const) for (const entry of opened[kind].values()) entry.destroy()
      for (const kind of fileKinds) opened[kind].clear()
    },
  }
}

const makePair = promisify(generateKeyPair)

async function generatePrivateKey(kind: KeyKind): Promise<KeyObject> {
  if (kind === 'ec-p256') return (await makePair('ec', { namedCurve: 'P-256' })).privateKey
  if (kind === 'sm2') {
    const { privateKey } = await makePair('ec', { namedCurve: 'SM2' })
    // A key fresh from the generator would sign ECDSA; read back from PKCS #8 it is an SM2 key.
    return createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  }
  return (await makePair('rsa', { modulusLength: kind === 'rsa-2048' ? 2048 : 3072 })).privateKey
}
