import { createHash, createPrivateKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import { readTextFile, writeNewFile } from './durable-file.ts'
import { openBytes, sealBytes } from './envelope.ts'
import { KeyStoreError } from './errors.ts'

/** What a name may hold; each kind has its own file, so one name may have one of each. */
export type FileKind = 'signing' | 'wrapping' | 'mac'

export const fileKinds: readonly FileKind[] = ['signing', 'wrapping', 'mac']

export const fileName = (name: string, kind: FileKind): string => `${name}.${kind}.key`

const HEADER = 'Zhengyin-Key-1'
const context = (name: string, kind: FileKind): string => `zhengyin-key-1|${kind}|${name}`

const damaged = (name: string, cause?: unknown): KeyStoreError =>
  new KeyStoreError('KEY_FILE_DAMAGED', `the file of key ${name} is damaged or belongs to another name or store`, {
    cause,
  })

/**
 * Writes a private key: PKCS #8 under PBES2 (AES-256-CBC) with a random passphrase of its own, before it a line with that passphrase
 * and the block's digest, sealed by the store key and bound to the name. `false` when the name is taken.
 */
export function writePrivateKey(folder: string, storeKey: Uint8Array, name: string, key: KeyObject): boolean {
  const passphrase = randomBytes(32).toString('base64')
  const block = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }) as string
  const secret = Buffer.concat([digest(block), Buffer.from(passphrase, 'latin1')])
  const sealed = sealBytes(storeKey, secret, context(name, 'signing'))
  secret.fill(0)
  return writeNewFile(folder, fileName(name, 'signing'), `${HEADER}: ${sealed.toString('base64')}\n${block}`)
}

/** Reads a private key, or `undefined` when there is no file; throws `KEY_FILE_DAMAGED`. */
export function readPrivateKey(folder: string, storeKey: Uint8Array, name: string): KeyObject | undefined {
  const text = readTextFile(folder, fileName(name, 'signing'))
  if (text === undefined) return undefined
  const { secret, rest } = openHeader(text, storeKey, name, 'signing')
  const expected = secret.subarray(0, 32)
  if (secret.length <= 32 || !timingSafeEqual(expected, digest(rest))) throw damaged(name)
  try {
    return createPrivateKey({ key: rest, format: 'pem', passphrase: secret.subarray(32) })
  } catch (cause) {
    throw damaged(name, cause)
  } finally {
    secret.fill(0)
  }
}

const SECRET_LENGTH = 32

/** The 32 random octets of a wrapping or MAC key, made at the first call; two processes that make it at once get the same. */
export function openSecret(folder: string, storeKey: Uint8Array, name: string, kind: 'wrapping' | 'mac'): Buffer {
  const file = fileName(name, kind)
  const known = readTextFile(folder, file)
  if (known === undefined) {
    const secret = randomBytes(SECRET_LENGTH)
    const sealed = sealBytes(storeKey, secret, context(name, kind))
    if (writeNewFile(folder, file, `${HEADER}: ${sealed.toString('base64')}\n`)) return secret
  }
  const { secret } = openHeader(known ?? readTextFile(folder, file) ?? '', storeKey, name, kind)
  if (secret.length !== SECRET_LENGTH) throw damaged(name)
  return secret
}

function openHeader(
  text: string,
  storeKey: Uint8Array,
  name: string,
  kind: FileKind,
): { secret: Buffer; rest: string } {
  const end = text.indexOf('\n')
  const prefix = `${HEADER}: `
  if (end < 0 || !text.startsWith(prefix)) throw damaged(name)
  const secret = openBytes(storeKey, Buffer.from(text.slice(prefix.length, end), 'base64'), context(name, kind))
  if (secret === undefined) throw damaged(name)
  return { secret, rest: text.slice(end + 1) }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
