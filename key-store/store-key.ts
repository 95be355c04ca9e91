import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { readTextFile, writeNewFile } from './durable-file.ts'
import { openBytes, sealBytes } from './envelope.ts'
import { KeyStoreError } from './errors.ts'

const FILE = 'store.json'
const CONTEXT = 'zhengyin-key-store-1'

const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt)

/** 32 MiB and some 60 ms: paid once for a store, not once for a key. */
const COST = { N: 2 ** 15, r: 8, p: 1 }
const MIN_COST = 2 ** 14
const MAX_COST = 2 ** 20

interface StoreFile {
  readonly version: 1
  readonly kdf: {
    readonly name: 'scrypt'
    readonly N: number
    readonly r: number
    readonly p: number
    readonly salt: string
  }
  /** the store key under the key derived from the passphrase */
  readonly sealedKey: string
}

/**
 * Opens the store's own key, random at the first start and kept under a key derived from the passphrase (scrypt, RFC 7914).
 * Throws `KEY_STORE_PASSPHRASE_WRONG`, `KEY_FILE_DAMAGED`, `KEY_STORE_UNAVAILABLE`.
 */
export async function openStoreKey(folder: string, passphrase: string): Promise<Buffer> {
  const names = listFolder(folder)
  const text = readTextFile(folder, FILE)
  if (text !== undefined) return openExisting(parseStoreFile(text), passphrase)
  // A new store key beside old key files would look like a wrong passphrase for ever.
  if (names.some((name) => !name.startsWith('.'))) {
    throw new KeyStoreError('KEY_FILE_DAMAGED', `${FILE} is missing in a folder that is not empty`)
  }
  const storeKey = randomBytes(32)
  const salt = randomBytes(32)
  const derived = await deriveKey(passphrase, salt, COST)
  const sealedKey = sealBytes(derived, storeKey, CONTEXT)
  derived.fill(0)
  const file: StoreFile = {
    version: 1,
    kdf: { name: 'scrypt', ...COST, salt: salt.toString('base64') },
    sealedKey: sealedKey.toString('base64'),
  }
  if (writeNewFile(folder, FILE, `${JSON.stringify(file, null, 2)}\n`)) return storeKey
  return openExisting(parseStoreFile(readTextFile(folder, FILE) ?? ''), passphrase)
}

function listFolder(folder: string): string[] {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return readdirSync(folder)
  } catch (cause) {
    throw new KeyStoreError('KEY_STORE_UNAVAILABLE', "the key store's folder cannot be opened", { cause })
  }
}

async function openExisting({ kdf, sealedKey }: StoreFile, passphrase: string): Promise<Buffer> {
  const key = await deriveKey(passphrase, Buffer.from(kdf.salt, 'base64'), kdf)
  const storeKey = openBytes(key, Buffer.from(sealedKey, 'base64'), CONTEXT)
  key.fill(0)
  if (storeKey?.length !== 32) {
    throw new KeyStoreError('KEY_STORE_PASSPHRASE_WRONG', 'the passphrase does not open this key store')
  }
  return storeKey
}

function deriveKey(
  passphrase: string,
  salt: Uint8Array,
  { N, r, p }: { N: number; r: number; p: number },
): Promise<Buffer> {
  return derive(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem: 256 * N * r })
}

function parseStoreFile(text: string): StoreFile {
  try {
    const file = JSON.parse(text) as StoreFile
    const { N, r, p, salt, name } = file.kdf
    const isSound =
      file.version === 1 &&
      name === 'scrypt' &&
      Number.isInteger(Math.log2(N)) &&
      N >= MIN_COST &&
      N <= MAX_COST &&
      r === 8 &&
      p >= 1 &&
      p <= 4 &&
      Buffer.from(salt, 'base64').length >= 16 &&
      typeof file.sealedKey === 'string'
    if (isSound) return file
  } catch (cause) {
    throw new KeyStoreError('KEY_FILE_DAMAGED', `${FILE} cannot be read`, { cause })
  }
  throw new KeyStoreError('KEY_FILE_DAMAGED', `${FILE} is not a key store's`)
}
