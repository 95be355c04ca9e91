import { createDecipheriv, hash, pbkdf2 } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { asn1 } from '../pki/index.ts'
import { KeyStoreError } from './errors.ts'
import { ciphers, digests, hmacs, oldSchemes, P12 } from './pkcs12-oids.ts'

const derivePbkdf2 = promisify(pbkdf2)

/** A password in the two forms in which PKCS #12 uses it. */
export interface Password {
  /** UTF-16, big-endian, with a final zero (RFC 7292 B.1). */
  readonly bmp: Buffer
  readonly utf8: Buffer
}

export function toPassword(text: string): Password {
  return { bmp: Buffer.from(`${text}\0`, 'utf16le').swap16(), utf8: Buffer.from(text, 'utf8') }
}

/** The most iterations one derivation may ask for, and all of one file together: about a second each. */
const MAX_ITERATIONS = 1_000_000
const MAX_ITERATIONS_TOGETHER = 3_000_000
const MAX_SALT = 1024

/** What is still allowed to be spent on one file. */
export class Allowance {
  #left = MAX_ITERATIONS_TOGETHER

  /** Throws `KEY_IMPORT_LIMIT_EXCEEDED`. */
  spend(iterations: number, salt: Uint8Array): void {
    this.#left -= iterations
    if (iterations > MAX_ITERATIONS || this.#left < 0 || salt.length > MAX_SALT)
      throw new KeyStoreError(
        'KEY_IMPORT_LIMIT_EXCEEDED',
        `the file asks for ${iterations} iterations and a salt of ${salt.length} octets`,
      )
    if (iterations < 1) throw new KeyStoreError('KEY_IMPORT_DAMAGED', 'expected at least one iteration')
  }
}

const unsupported = (what: string): KeyStoreError =>
  new KeyStoreError('KEY_IMPORT_UNSUPPORTED', `the file uses ${what}, which is not read`)

/** Purposes of the derivation of RFC 7292 B.3. */
export type Purpose = 'key' | 'iv' | 'mac'
const purposes: Readonly<Record<Purpose, number>> = { key: 1, iv: 2, mac: 3 }
const TURN = 20_000

/** The derivation of RFC 7292 B.2; gives way to others every few milliseconds. */
export async function derivePkcs12(
  digest: string,
  purpose: Purpose,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Promise<Buffer> {
  const block = digest === 'sha384' || digest === 'sha512' ? 128 : 64
  const diversifier = Buffer.alloc(block, purposes[purpose])
  const input = Buffer.concat([repeat(salt, block), repeat(password, block)])
  const out: Buffer[] = []
  for (let got = 0; got < length; ) {
    let a: Buffer = hash(digest, Buffer.concat([diversifier, input]), 'buffer')
    for (let i = 1; i < iterations; i++) {
      a = hash(digest, a, 'buffer')
      if (i % TURN === 0) await nextTurn()
    }
    out.push(a)
    got += a.length
    addToBlocks(input, block, repeat(a, block, 1))
  }
  input.fill(0)
  return Buffer.concat(out).subarray(0, length)
}

/** Octets repeated to whole blocks (none stay none), or to so many blocks. */
function repeat(bytes: Uint8Array, block: number, blocks = Math.ceil(bytes.length / block)): Buffer {
  const filled = Buffer.alloc(blocks * block)
  for (let at = 0; at < filled.length; at++) filled[at] = bytes[at % bytes.length]!
  return filled
}

/** Each block becomes itself + `addend` + 1, modulo 2^(8 × block). */
function addToBlocks(input: Buffer, block: number, addend: Uint8Array): void {
  for (let start = 0; start < input.length; start += block) {
    let carry = 1
    for (let at = block - 1; at >= 0; at--) {
      carry += input[start + at]! + addend[at]!
      input[start + at] = carry & 0xff
      carry >>= 8
    }
  }
}

/** PBKDF2-params (RFC 8018 A.2) with the password already in. Throws `KEY_IMPORT_UNSUPPORTED` for other derivations. */
export async function deriveByParameters(
  element: asn1.DerElement | undefined,
  password: Password,
  length: number,
  allowance: Allowance,
): Promise<Buffer> {
  const [algorithm, parameters] = asn1.readSequence(element, 'keyDerivationFunc', 2, 2)
  if (asn1.readOid(algorithm, 'keyDerivationFunc') !== P12.pbkdf2) throw unsupported('a derivation other than PBKDF2')
  const [saltElement, count, ...rest] = asn1.readSequence(parameters, 'PBKDF2-params', 2, 4)
  const salt = asn1.readOctetString(saltElement, 'salt')
  const iterations = asn1.readSmallInteger(count, 'iterationCount')
  allowance.spend(iterations, salt)
  if (rest[0]?.tag === asn1.TAG.integer && asn1.readSmallInteger(rest.shift(), 'keyLength') !== length)
    throw new KeyStoreError('KEY_IMPORT_DAMAGED', 'PBKDF2-params: keyLength is not that of the algorithm')
  const prf = rest[0] === undefined ? 'sha1' : digestOf(rest[0], hmacs)
  return derivePbkdf2(password.utf8, salt, iterations, length, prf)
}

/** Decrypts by an AlgorithmIdentifier of PBES2 or of the old schemes; `undefined` when the padding is wrong. */
export async function decryptBy(
  algorithm: asn1.DerElement | undefined,
  encrypted: Uint8Array,
  password: Password,
  allowance: Allowance,
): Promise<Buffer | undefined> {
  const [oidElement, parameters] = asn1.readSequence(algorithm, 'encryptionAlgorithm', 2, 2)
  const oid = asn1.readOid(oidElement, 'encryptionAlgorithm')
  if (oid === P12.pbes2) return decryptPbes2(parameters, encrypted, password, allowance)
  const scheme = oldSchemes[oid]
  if (scheme === undefined) throw unsupported(`the encryption ${oid}`)
  const [saltElement, count] = asn1.readSequence(parameters, 'pkcs-12PbeParams', 2, 2)
  const salt = asn1.readOctetString(saltElement, 'salt')
  const iterations = asn1.readSmallInteger(count, 'iterations')
  allowance.spend(2 * iterations, salt)
  const [name, keyLength] = scheme
  const key = await derivePkcs12('sha1', 'key', password.bmp, salt, iterations, keyLength)
  const iv = await derivePkcs12('sha1', 'iv', password.bmp, salt, iterations, 8)
  if (name === 'rc2') return decryptRc2(key, iv, encrypted)
  // Two-key triple DES is three-key with the first key again.
  const whole = name === 'des-ede-cbc' ? Buffer.concat([key, key.subarray(0, 8)]) : key
  return decipher('des-ede3-cbc', whole, iv, encrypted)
}

async function decryptPbes2(
  parameters: asn1.DerElement | undefined,
  encrypted: Uint8Array,
  password: Password,
  allowance: Allowance,
): Promise<Buffer | undefined> {
  const [kdf, schemeElement] = asn1.readSequence(parameters, 'PBES2-params', 2, 2)
  const [oidElement, ivElement] = asn1.readSequence(schemeElement, 'encryptionScheme', 2, 2)
  const oid = asn1.readOid(oidElement, 'encryptionScheme')
  const cipher = ciphers[oid]
  if (cipher === undefined) throw unsupported(`the cipher ${oid}`)
  const [name, keyLength, ivLength] = cipher
  const iv = asn1.readOctetString(ivElement, 'iv')
  if (iv.length !== ivLength) throw new KeyStoreError('KEY_IMPORT_DAMAGED', `expected an IV of ${ivLength} octets`)
  return decipher(name, await deriveByParameters(kdf, password, keyLength, allowance), iv, encrypted)
}

function decipher(name: string, key: Buffer, iv: Uint8Array, encrypted: Uint8Array): Buffer | undefined {
  const engine = createDecipheriv(name, key, iv)
  try {
    return Buffer.concat([engine.update(encrypted), engine.final()])
  } catch {
    return undefined
  } finally {
    key.fill(0)
  }
}

async function decryptRc2(key: Buffer, iv: Buffer, encrypted: Uint8Array): Promise<Buffer | undefined> {
  const { default: forge } = await import('node-forge')
  const engine = forge.rc2.createDecryptionCipher(forge.util.createBuffer(key.toString('latin1')), key.length * 8)
  key.fill(0)
  engine.start(forge.util.createBuffer(iv.toString('latin1')))
  engine.update(forge.util.createBuffer(Buffer.from(encrypted).toString('latin1')))
  return engine.finish() ? Buffer.from(engine.output.getBytes(), 'latin1') : undefined
}

/** The digest that an AlgorithmIdentifier names, by one of the tables. Throws `KEY_IMPORT_UNSUPPORTED`. */
export function digestOf(
  algorithm: asn1.DerElement | undefined,
  table: Readonly<Record<string, string>> = digests,
): string {
  const [oid, parameters] = asn1.readSequence(algorithm, 'digestAlgorithm', 1, 2)
  const digest = table[asn1.readOid(oid, 'digestAlgorithm')]
  if (digest === undefined || !asn1.isNullOrAbsent(parameters)) throw unsupported('a digest it does not know')
  return digest
}
