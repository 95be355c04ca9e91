import type { SigningKey } from '../pki/index.ts'
import { KeyStoreError } from './errors.ts'
import { FileKeyStore } from './file-key-store.ts'
import type { MacKey, WrappingKey } from './keys.ts'
import { openToken, type TokenClient } from './pkcs11.ts'
import type { TokenPlace } from './pkcs11-protocol.ts'
import type { KeyAct, KeyRecord } from './records.ts'
import { openStoreKey } from './store-key.ts'
import type { KeyUsage } from './usage.ts'

export type KeyKind = 'ec-p256' | 'rsa-2048' | 'rsa-3072' | 'sm2'

/** A token beside the files: a new key for which `holds` says so is made inside it. SM2 keys stay in files: tokens rarely know them. */
export interface TokenOptions extends TokenPlace {
  holds(name: string): boolean
}

export interface KeyStoreOptions {
  /** Folder of this store alone. */
  readonly folder: string
  readonly passphrase: string
  /** For the records, which tell no time without one. */
  readonly clock?: { now(): Date }
  readonly token?: TokenOptions
}

/** One folder of keys, opened. Every function throws `KEY_NAME_INVALID` and `KEY_STORE_CLOSED`. */
export interface KeyStore {
  /**
   * Makes a signing key and writes it durably, or makes it in the token, before it is handed out. Throws `KEY_EXISTS`: nothing is ever
   * overwritten; `KEY_DESTROYED`, `KEY_LOST`: no name is used for a second key; and the token's errors. An exportable key may be handed
   * to its owner later; it is decided now or never, and such a key never lies in the token.
   */
  generate(name: string, kind: KeyKind, options?: { readonly isExportable?: boolean }): Promise<SigningKey>
  /**
   * The signing key of this name, read at the first call; one in a token is asked for only when it signs.
   * Throws `KEY_NOT_FOUND`, `KEY_DESTROYED`, `KEY_LOST` (made once, and its file is gone), `KEY_FILE_DAMAGED`.
   */
  get(name: string): SigningKey
  /** The wrapping key of this name, made at the first call. Throws `KEY_FILE_DAMAGED`, `KEY_DESTROYED`, `KEY_LOST`. */
  wrappingKey(name: string): WrappingKey
  /** The MAC key of this name, made at the first call. Throws `KEY_FILE_DAMAGED`, `KEY_DESTROYED`, `KEY_LOST`. */
  macKey(name: string): MacKey
  /** Names of the signing keys, sorted. */
  list(): string[]
  /**
   * Takes a private key over from a PKCS #12 file, into a file of this store, and records that. Gives the file's certificates, that of
   * the key first. Throws `KEY_EXISTS`, `KEY_DESTROYED`, `KEY_LOST`, `KEY_KIND_UNSUPPORTED` and the `KEY_IMPORT_…` refusals.
   */
  importPkcs12(
    name: string,
    file: Uint8Array,
    password: string,
    act: KeyAct & { readonly isExportable?: boolean },
  ): Promise<{ readonly key: SigningKey; readonly certificates: readonly Uint8Array[] }>
  /**
   * A key made or taken over as exportable, with its certificates, as a PKCS #12 file for its owner; recorded before it is handed out.
   * Every other key stays. Throws `KEY_NOT_FOUND`, `KEY_NOT_EXPORTABLE`, `KEY_EXPORT_PASSWORD_WEAK`.
   */
  exportPkcs12(
    name: string,
    content: { readonly password: string; readonly certificates: readonly Uint8Array[] },
    act: KeyAct,
  ): Promise<Uint8Array>
  /**
   * Makes the next key of a name, of the same kind unless another is given: `name-2`, then `name-3`. Both stay usable: the old one signs
   * until `signsFrom`. Throws as `generate` does.
   */
  rotate(
    name: string,
    act: KeyAct & { readonly signsFrom: Date; readonly kind?: KeyKind },
  ): Promise<{ readonly name: string; readonly key: SigningKey }>
  /** The key of a name, or of its later generations, that signs at a time. Throws as `get` does. */
  signingAt(name: string, at: Date): { readonly name: string; readonly key: SigningKey }
  /** A name and its later generations, oldest first, with the time from which each signs; null: from the beginning. */
  generations(name: string): readonly { readonly name: string; readonly signsFrom: Date | null }[]
  /** How often the signing key of this name signed, in all processes. */
  usage(name: string): KeyUsage
  /** What happened to the keys of this store, every signature verified. Throws `KEY_RECORDS_DAMAGED`, `KEY_LOST`. */
  records(): readonly KeyRecord[]
  /**
   * Records it, signed, then overwrites and removes every key of this name, in the token too; objects handed out before refuse from then
   * on with `KEY_DESTROYED`. Broken off, it is completed by another call. Throws `KEY_NOT_FOUND` and the token's errors.
   */
  destroy(name: string, act: KeyAct): Promise<KeyRecord>
  /** Forgets all secrets; objects handed out before refuse from then on with `KEY_STORE_CLOSED`. */
  close(): void
}

/**
 * Opens the key store in a folder, or makes one there. Costs one scrypt derivation; keys are opened as they are asked for. With a token it
 * logs in at once, so that a wrong PIN is heard of at the start; a token that is not there yet is waited for when it is needed.
 * Throws `KEY_STORE_PASSPHRASE_WRONG`, `KEY_FILE_DAMAGED`, `KEY_STORE_UNAVAILABLE`, `KEY_PIN_WRONG` and the other errors of a token but
 * `KEY_TOKEN_UNAVAILABLE`, and `TypeError` for an empty passphrase.
 */
export async function createKeyStore(options: KeyStoreOptions): Promise<KeyStore> {
  if (options.passphrase === '') throw new TypeError('expected a passphrase')
  const storeKey = await openStoreKey(options.folder, options.passphrase)
  const token = options.token && openToken(options.token)
  if (token !== undefined) await login(token)
  return toKeyStore(new FileKeyStore(options, storeKey, token))
}

/** Functions alone, so that a store may be taken apart, wrapped and passed on in pieces. */
function toKeyStore(store: FileKeyStore): KeyStore {
  return {
    generate: (name, kind, settings) => store.generate(name, kind, settings),
    get: (name) => store.get(name),
    wrappingKey: (name) => store.wrappingKey(name),
    macKey: (name) => store.macKey(name),
    list: () => store.list(),
    importPkcs12: (name, file, password, act) => store.importPkcs12(name, file, password, act),
    exportPkcs12: (name, content, act) => store.exportPkcs12(name, content, act),
    rotate: (name, act) => store.rotate(name, act),
    signingAt: (name, at) => store.signingAt(name, at),
    generations: (name) => store.generations(name),
    usage: (name) => store.usage(name),
    records: () => store.records(),
    destroy: (name, act) => store.destroy(name, act),
    close: () => store.close(),
  }
}

async function login(token: TokenClient): Promise<void> {
  try {
    await token.call({ do: 'open' })
  } catch (error) {
    if (error instanceof KeyStoreError && error.code === 'KEY_TOKEN_UNAVAILABLE') return
    token.close()
    throw error
  }
}
