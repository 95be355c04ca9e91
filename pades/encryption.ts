import { decryptCbc, encryptCbc } from './crypto/aes.ts'
import { md5 } from './crypto/md5.ts'
import { rc4 } from './crypto/rc4.ts'
import { sha256, sha384, sha512 } from './crypto/sha2.ts'
import { PadesError } from './errors.ts'
import { isDictionary, isString, nameOf, type PdfDictionary, sameBytes } from './objects.ts'

/**
 * The standard security handler with an empty user password (ISO 32000-2, 7.6): what anybody may open. Everything else that is
 * encrypted, by a password or for recipients, cannot be read.
 */

type Method = 'none' | 'rc4' | 'aes-128' | 'aes-256'

/** How one document is encrypted, and the key to it. */
export interface Encryption {
  readonly key: Uint8Array
  readonly strings: Method
  readonly streams: Method
  readonly embeddedFiles: Method
  /** Whether the metadata stream is encrypted too. */
  readonly metadata: boolean
  /** The named crypt filters, for streams that choose one. */
  readonly filters: ReadonlyMap<string, Method>
}

const refuse = (detail: string): never => {
  throw new PadesError('PADES_ENCRYPTED', `the document is encrypted ${detail}`)
}

const PASSWORD_PADDING = Uint8Array.from(
  '28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a'
    .match(/../g)!
    .map((pair) => Number.parseInt(pair, 16)),
)

/**
 * Finds the key of a document that opens without a password (algorithms 2, 2.A, 2.B, 4, 5 and 13).
 *
 * @param dictionary the encryption dictionary, its strings as they stand in the file
 * @param documentId the first string of the trailer's /ID; empty where there is none
 * @throws PadesError PADES_ENCRYPTED
 */
export function openEncryption(dictionary: PdfDictionary, documentId: Uint8Array): Encryption {
  const { entries } = dictionary
  if (nameOf(entries.get('Filter')) !== 'Standard') refuse('by a security handler that is not the standard one')
  const version = entries.get('V') ?? 0
  const revision = entries.get('R')
  if (typeof revision !== 'number') return refuse('in an unknown way')
  const metadata = entries.get('EncryptMetadata') ?? true
  if (typeof metadata !== 'boolean') return refuse('in an unknown way')
  const parts = { dictionary, revision, metadata, documentId }
  if ((version === 1 || version === 2) && (revision === 2 || revision === 3)) {
    const key = findOldKey(parts, version === 1 ? 5 : keyLength(dictionary, 40))
    return { key, metadata: true, strings: 'rc4', streams: 'rc4', embeddedFiles: 'rc4', filters: new Map() }
  }
  if (version === 4 && revision === 4) {
    const filters = readFilters(dictionary, { V2: 'rc4', AESV2: 'aes-128' })
    const length = keyLength(dictionary, 128)
    if ([...filters.values()].includes('aes-128') && length !== 16) refuse('by AES with a key that is too short')
    return { key: findOldKey(parts, length), metadata, ...chosen(dictionary, filters) }
  }
  if (version === 5 && (revision === 5 || revision === 6)) {
    const filters = readFilters(dictionary, { AESV3: 'aes-256' })
    return { key: findNewKey(parts), metadata, ...chosen(dictionary, filters) }
  }
  return refuse('in an unknown way')
}

/** /Length in octets. */
function keyLength({ entries }: PdfDictionary, otherwise: number): number {
  const bits = entries.get('Length') ?? otherwise
  if (typeof bits !== 'number' || bits < 40 || bits > 128 || bits % 8 !== 0)
    return refuse('with a key of unknown length')
  return bits / 8
}

function readFilters({ entries }: PdfDictionary, known: Readonly<Record<string, Method>>): Map<string, Method> {
  const methods = new Map<string, Method>([['Identity', 'none']])
  const filters = entries.get('CF')
  if (!isDictionary(filters)) return methods
  for (const [name, filter] of filters.entries) {
    const method = isDictionary(filter) ? (nameOf(filter.entries.get('CFM')) ?? 'None') : ''
    if (name === 'Identity' || !Object.hasOwn(known, method))
      return refuse(`by the crypt filter /${name}, which is unknown`)
    methods.set(name, known[method]!)
  }
  return methods
}

function chosen({ entries }: PdfDictionary, filters: ReadonlyMap<string, Method>) {
  const choose = (key: string, otherwise: string): Method => {
    const name = entries.has(key) ? nameOf(entries.get(key)) : otherwise
    return filters.get(name ?? '') ?? refuse(`by a crypt filter that is not there: /${key}`)
  }
  const streams = nameOf(entries.get('StmF')) ?? 'Identity'
  return {
    filters,
    strings: choose('StrF', 'Identity'),
    streams: choose('StmF', 'Identity'),
    embeddedFiles: choose('EFF', streams),
  }
}

interface Parts {
  readonly dictionary: PdfDictionary
  readonly revision: number
  readonly metadata: boolean
  readonly documentId: Uint8Array
}

/** An entry of fixed length; some writers fill the new ones up with zeros. */
function octets({ entries }: PdfDictionary, key: string, length: number): Uint8Array {
  const value = entries.get(key)
  const bytes = isString(value) ? value.bytes : new Uint8Array()
  if (bytes.length < length || bytes.subarray(length).some((byte) => byte !== 0)) refuse(`with a broken /${key}`)
  return bytes.subarray(0, length)
}

function permissionBits({ entries }: PdfDictionary): Uint8Array {
  const bits = entries.get('P')
  if (typeof bits !== 'number') return refuse('without /P')
  return Uint8Array.of(bits, bits >> 8, bits >> 16, bits >> 24)
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Algorithm 2, and 6 to see whether the empty password is the right one. */
function findOldKey({ dictionary, revision, metadata, documentId }: Parts, length: number): Uint8Array {
  const open = revision >= 4 && !metadata ? Uint8Array.of(255, 255, 255, 255) : new Uint8Array()
  const owner = octets(dictionary, 'O', 32)
  let digest = md5(join(PASSWORD_PADDING, owner, permissionBits(dictionary), documentId, open))
  if (revision >= 3) for (let i = 0; i < 50; i++) digest = md5(digest.subarray(0, length))
  const key = digest.subarray(0, length)
  const user = octets(dictionary, 'U', 32)
  const isRight =
    revision === 2
      ? sameBytes(rc4(key, PASSWORD_PADDING), user)
      : sameBytes(twentyTimes(key, md5(join(PASSWORD_PADDING, documentId))), user.subarray(0, 16))
  return isRight ? key : refuse('with a password')
}

function twentyTimes(key: Uint8Array, data: Uint8Array): Uint8Array {
  let result = data
  for (let i = 0; i < 20; i++)
    result = rc4(
      key.map((byte) => byte ^ i),
      result,
    )
  return result
}

const zeros = new Uint8Array(16)

/** Algorithm 2.A, with the check of /Perms of algorithm 13. */
function findNewKey({ dictionary, revision, metadata }: Parts): Uint8Array {
  const user = octets(dictionary, 'U', 48)
  const hash = revision === 5 ? sha256 : hardenedHash
  if (!sameBytes(hash(user.subarray(32, 40)), user.subarray(0, 32))) refuse('with a password')
  const key = decryptCbc(hash(user.subarray(40, 48)), zeros, octets(dictionary, 'UE', 32))
  const permissions = decryptCbc(key, zeros, octets(dictionary, 'Perms', 16))
  const isSame =
    sameBytes(permissions.subarray(0, 4), permissionBits(dictionary)) &&
    String.fromCharCode(...permissions.subarray(8, 12)) === `${metadata ? 'T' : 'F'}adb`
  return isSame ? key : refuse('with permissions that were changed')
}

/** Algorithm 2.B for the empty user password, of which nothing but the salt is left. */
function hardenedHash(salt: Uint8Array): Uint8Array {
  let key: Uint8Array = sha256(salt)
  for (let round = 0, last = 0; round < 64 || last > round - 32; round++) {
    const repeated = new Uint8Array(key.length * 64)
    for (let i = 0; i < 64; i++) repeated.set(key, i * key.length)
    const encrypted = encryptCbc(key.subarray(0, 16), key.subarray(16, 32), repeated)
    // 256 leaves the remainder 1 by 3, so that the sum of the octets decides.
    const remainder = encrypted.subarray(0, 16).reduce((sum, byte) => sum + byte, 0) % 3
    key = (remainder === 0 ? sha256 : remainder === 1 ? sha384 : sha512)(encrypted)
    last = encrypted.at(-1)!
  }
  return key.subarray(0, 32)
}

/** Decrypts a string or stream of one object (algorithms 1 and 1.A). */
export function decrypt(
  { key }: Encryption,
  method: Method,
  data: Uint8Array,
  object: { readonly number: number; readonly generation: number },
): Uint8Array {
  if (method === 'none') return data
  const objectKey = method === 'aes-256' ? key : keyOfObject(key, object, method)
  return method === 'rc4' ? rc4(objectKey, data) : decryptPadded(objectKey, data)
}

const AES_SALT = Uint8Array.of(0x73, 0x41, 0x6c, 0x54)

function keyOfObject(
  key: Uint8Array,
  { number, generation }: { readonly number: number; readonly generation: number },
  method: Method,
): Uint8Array {
  const which = Uint8Array.of(number, number >> 8, number >> 16, generation, generation >> 8)
  const digest = md5(join(key, which, method === 'aes-128' ? AES_SALT : new Uint8Array()))
  return digest.subarray(0, Math.min(key.length + 5, 16))
}

/** The initial vector, then whole blocks, the last of them filled up as PKCS #7 has it. Nothing at all is left as it is. */
function decryptPadded(key: Uint8Array, data: Uint8Array): Uint8Array {
  if (data.length === 0) return data
  const broken = (): never => {
    throw new PadesError('PADES_MALFORMED', 'encrypted data that is not whole')
  }
  if (data.length % 16 !== 0) return broken()
  const plain = decryptCbc(key, data.subarray(0, 16), data.subarray(16))
  if (plain.length === 0) return plain
  const padding = plain.at(-1)!
  if (padding < 1 || padding > 16 || plain.subarray(-padding).some((byte) => byte !== padding)) return broken()
  return plain.subarray(0, -padding)
}
