import { createHash, createPrivateKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { readTextFile, writeNewFile } from './durable-file.ts'
import { openBytes, sealBytes } from './envelope.ts'
import { KeyStoreError } from './errors.ts'

/** What a name may hold; each kind has its own file, so one name may have one of each. */
export type KeyFileKind = 'signing' | 'wrapping' | 'mac'
/** `record`: the key that signs the store's records. */
export type FileKind = KeyFileKind | 'record'

export const fileKinds: readonly KeyFileKind[] = ['signing', 'wrapping', 'mac']

export const fileName = (name: string, kind: FileKind): string => `${name}.${kind}.key`

/** The folder of the secrets under which the key files lie: of a backup of it, only the latest is kept. */
export const SECRETS_FOLDER = 'secrets'

export const secretName = (name: string): string => `${name}.signing.secret`

/**
 * The first line's name says what the file holds, and is bound into what is sealed: it cannot be exchanged. `-2`: under the key's own
 * secret, which lies in a file of its own; `-1`: under the store's key, as earlier releases wrote.
 */
type Header =
  | 'Zhengyin-Key-2'
  | 'Zhengyin-Exportable-Key-2'
  | 'Zhengyin-Key-1'
  | 'Zhengyin-Exportable-Key-1'
  | 'Zhengyin-Token-Key-1'
  | 'Zhengyin-Secret-1'

const context = (header: Header, kind: FileKind, name: string): string => `${header.toLowerCase()}|${kind}|${name}`

const damaged = (name: string, cause?: unknown): KeyStoreError =>
  new KeyStoreError('KEY_FILE_DAMAGED', `the file of key ${name} is damaged or belongs to another name or store`, {
    cause,
  })

/** A signing key as its file holds it: the key itself, or where in a token it lies and what it must be. */
export type StoredKey =
  | { readonly place: 'file'; readonly privateKey: KeyObject; readonly isExportable: boolean }
  | { readonly place: 'token'; readonly label: string; readonly id: Uint8Array; readonly publicKey: Uint8Array }

/**
 * Writes a private key: PKCS #8 under PBES2 (AES-256-CBC) with a random passphrase of its own, before it a line with that passphrase
 * and the block's digest, sealed and bound to the name. A signing key's line is sealed by a secret of its own in another file, so that
 * no copy of the key file outlives the destruction of that one; others by the store key. `false` when the name is taken.
 */
export function writePrivateKey(
  folder: string,
  storeKey: Uint8Array,
  name: string,
  key: KeyObject,
  { kind = 'signing', isExportable = false }: { kind?: FileKind; isExportable?: boolean } = {},
): boolean {
  const passphrase = randomBytes(32).toString('base64')
  const block = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }) as string
  const secret = Buffer.concat([digest(block), Buffer.from(passphrase, 'latin1')])
  const write = (sealingKey: Uint8Array, header: Header) =>
    writeNewFile(folder, fileName(name, kind), `${sealLine(sealingKey, header, kind, name, secret)}\n${block}`)
  if (kind !== 'signing') return write(storeKey, 'Zhengyin-Key-1')
  const keySecret = makeKeySecret(folder, storeKey, name)
  try {
    return write(keySecret, isExportable ? 'Zhengyin-Exportable-Key-2' : 'Zhengyin-Key-2')
  } finally {
    keySecret.fill(0)
  }
}

/** The secret of a signing key, made where there is none; two that make it at once get the same. */
function makeKeySecret(folder: string, storeKey: Uint8Array, name: string): Buffer {
  const secrets = join(folder, SECRETS_FOLDER)
  mkdirSync(secrets, { recursive: true, mode: 0o700 })
  const line = sealLine(storeKey, 'Zhengyin-Secret-1', 'signing', name, randomBytes(SECRET_LENGTH))
  writeNewFile(secrets, secretName(name), `${line}\n`)
  return readKeySecret(folder, storeKey, name)
}

/** Throws `KEY_LOST` where it is gone. */
function readKeySecret(folder: string, storeKey: Uint8Array, name: string): Buffer {
  const text = readTextFile(join(folder, SECRETS_FOLDER), secretName(name))
  if (text === undefined)
    throw new KeyStoreError('KEY_LOST', `the secret of key ${name} is gone: restore the folder ${SECRETS_FOLDER}`)
  const { header, secret } = openLine(text, storeKey, name, 'signing')
  if (header !== 'Zhengyin-Secret-1' || secret.length !== SECRET_LENGTH) throw damaged(name)
  return secret
}

/** Writes where in a token a key lies, sealed and bound to the name. `false` when the name is taken. */
export function writeTokenKey(
  folder: string,
  storeKey: Uint8Array,
  name: string,
  { label, id, publicKey }: { label: string; id: Uint8Array; publicKey: Uint8Array },
): boolean {
  const facts = { label, id: Buffer.from(id).toString('hex'), publicKey: Buffer.from(publicKey).toString('base64') }
  const line = sealLine(storeKey, 'Zhengyin-Token-Key-1', 'signing', name, Buffer.from(JSON.stringify(facts)))
  return writeNewFile(folder, fileName(name, 'signing'), `${line}\n`)
}

/** Reads a signing key, or `undefined` when there is no file; throws `KEY_FILE_DAMAGED`. */
export function readSigningKey(
  folder: string,
  storeKey: Uint8Array,
  name: string,
  kind: FileKind = 'signing',
): StoredKey | undefined {
  const text = readTextFile(folder, fileName(name, kind))
  if (text === undefined) return undefined
  const isOwn = /^Zhengyin-(?:Exportable-)?Key-2: /.test(text)
  const sealingKey = isOwn ? readKeySecret(folder, storeKey, name) : storeKey
  const { header, secret, rest } = openLine(text, sealingKey, name, kind)
  try {
    if (header === 'Zhengyin-Token-Key-1') {
      const facts = JSON.parse(secret.toString('utf8')) as { label: string; id: string; publicKey: string }
      const [id, publicKey] = [Buffer.from(facts.id, 'hex'), Buffer.from(facts.publicKey, 'base64')]
      return { place: 'token', label: facts.label, id: Uint8Array.from(id), publicKey: Uint8Array.from(publicKey) }
    }
    const expected = secret.subarray(0, 32)
    if (secret.length <= 32 || !timingSafeEqual(expected, digest(rest))) throw damaged(name)
    const privateKey = createPrivateKey({ key: rest, format: 'pem', passphrase: secret.subarray(32) })
    return { place: 'file', privateKey, isExportable: header.startsWith('Zhengyin-Exportable-Key') }
  } catch (cause) {
    throw cause instanceof KeyStoreError ? cause : damaged(name, cause)
  } finally {
    secret.fill(0)
    if (isOwn) sealingKey.fill(0)
  }
}

const SECRET_LENGTH = 32

/** Whether a file of this kind is there. */
export const hasFile = (folder: string, name: string, kind: FileKind): boolean =>
  existsSync(join(folder, fileName(name, kind)))

/** Writes 32 random octets for a wrapping or MAC key; `false` when the name is taken. */
export function makeSecret(folder: string, storeKey: Uint8Array, name: string, kind: 'wrapping' | 'mac'): boolean {
  const secret = randomBytes(SECRET_LENGTH)
  return writeNewFile(folder, fileName(name, kind), `${sealLine(storeKey, 'Zhengyin-Key-1', kind, name, secret)}\n`)
}

/** The 32 octets of a wrapping or MAC key, or `undefined` when there is no file; throws `KEY_FILE_DAMAGED`. */
export function readSecret(
  folder: string,
  storeKey: Uint8Array,
  name: string,
  kind: 'wrapping' | 'mac',
): Buffer | undefined {
  const text = readTextFile(folder, fileName(name, kind))
  if (text === undefined) return undefined
  const { header, secret } = openLine(text, storeKey, name, kind)
  if (header !== 'Zhengyin-Key-1' || secret.length !== SECRET_LENGTH) throw damaged(name)
  return secret
}

/** The first line of a key file; the secret is wiped. */
function sealLine(storeKey: Uint8Array, header: Header, kind: FileKind, name: string, secret: Buffer): string {
  const sealed = sealBytes(storeKey, secret, context(header, kind, name))
  secret.fill(0)
  return `${header}: ${sealed.toString('base64')}`
}

function openLine(
  text: string,
  storeKey: Uint8Array,
  name: string,
  kind: FileKind,
): { header: Header; secret: Buffer; rest: string } {
  const line = /^(Zhengyin-(?:(?:Exportable-)?Key-[12]|Token-Key-1|Secret-1)): (\S+)\n/.exec(text)
  if (line === null) throw damaged(name)
  const header = line[1] as Header
  const secret = openBytes(storeKey, Buffer.from(line[2]!, 'base64'), context(header, kind, name))
  if (secret === undefined) throw damaged(name)
  return { header, secret, rest: text.slice(line[0].length) }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
