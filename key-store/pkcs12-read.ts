import { createHmac, createPrivateKey, createPublicKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { asn1, PkiError, parsePublicKey, primitives, x509 } from '../pki/index.ts'
import { KeyStoreError } from './errors.ts'
import { toSigningKey } from './keys.ts'
import {
  Allowance,
  decryptBy,
  deriveByParameters,
  derivePkcs12,
  digestOf,
  type Password,
  toPassword,
} from './password-encryption.ts'
import { hmacs, P12 } from './pkcs12-oids.ts'

/** What a PKCS #12 file held: one private key, and certificates, that of the key first where it is among them. */
export interface Pkcs12Content {
  readonly privateKey: KeyObject
  readonly publicKey: Uint8Array
  readonly certificates: readonly Uint8Array[]
  readonly friendlyName: string | null
}

const MAX_SIZE = 256 * 1024
const MAX_BAGS = 64
const MAX_DEPTH_OF_BAGS = 3
const limits: asn1.DerLimits = { maxSize: MAX_SIZE, maxDepth: 24, maxElements: 4096 }
const MAX_RSA_BITS = 8192

const damaged = (message: string, cause?: unknown): KeyStoreError =>
  new KeyStoreError('KEY_IMPORT_DAMAGED', message, { cause })
const unsupported = (what: string): KeyStoreError =>
  new KeyStoreError('KEY_IMPORT_UNSUPPORTED', `the file ${what}, which is not read`)

interface Reading {
  readonly password: Password
  readonly allowance: Allowance
  /** True once the MAC proved the password. */
  isProven: boolean
  readonly keys: { readonly pkcs8: Buffer; readonly name: string | null }[]
  readonly certificates: Uint8Array[]
  bags: number
}

/**
 * Reads a PKCS #12 file (RFC 7292) of any age: PBES2, the old 3DES and RC2 schemes, MAC or PBMAC1 (RFC 9579); DER or BER; a P-256, RSA
 * (2048 to 8192 bits) or SM2 key. Bounded in size, bags, depth and iterations.
 * Throws `KEY_IMPORT_PASSWORD_WRONG`, `KEY_IMPORT_DAMAGED`, `KEY_IMPORT_LIMIT_EXCEEDED`, `KEY_IMPORT_UNSUPPORTED`, `KEY_KIND_UNSUPPORTED`.
 */
export async function readPkcs12(file: Uint8Array, passwordText: string): Promise<Pkcs12Content> {
  const reading: Reading = {
    password: toPassword(passwordText),
    allowance: new Allowance(),
    isProven: false,
    ...{ keys: [], certificates: [], bags: 0 },
  }
  try {
    await readPfx(file, passwordText, reading)
    return await conclude(reading)
  } catch (error) {
    if (error instanceof PkiError)
      throw error.code === 'DER_LIMIT_EXCEEDED'
        ? new KeyStoreError('KEY_IMPORT_LIMIT_EXCEEDED', error.message, { cause: error })
        : damaged(`PKCS #12: ${error.message}`, error)
    throw error
  } finally {
    reading.password.bmp.fill(0)
    reading.password.utf8.fill(0)
    for (const { pkcs8 } of reading.keys) pkcs8.fill(0)
  }
}

async function readPfx(file: Uint8Array, passwordText: string, reading: Reading): Promise<void> {
  const { der, length } = asn1.berToDer(file, limits)
  if (length !== file.length) throw damaged('octets follow the PKCS #12 file')
  const [version, authSafe, macData] = asn1.readSequence(asn1.parseDer(der, limits), 'PFX', 2, 3)
  if (asn1.readSmallInteger(version, 'version') !== 3) throw unsupported('is not PKCS #12 version 3')
  const [contentType, content] = asn1.readSequence(authSafe, 'authSafe', 2, 2)
  if (asn1.readOid(contentType, 'authSafe') !== P12.data) throw unsupported('is protected by a public key')
  const safes = asn1.readOctetString(asn1.readExplicit(content!, 0, 'authSafe'), 'authSafe')
  if (macData !== undefined) await checkMac(macData, safes, passwordText, reading)
  for (const safe of readBer(safes, 'AuthenticatedSafe').children) await readSafe(safe, reading)
}

const readBer = (bytes: Uint8Array, what: string): asn1.DerElement => {
  const element = asn1.parseDer(asn1.berToDer(bytes, limits).der, limits)
  asn1.expectTag(element, asn1.TAG.sequence, what)
  return element
}

/** A wrong MAC is how a wrong password shows; an empty password is written in two ways. */
async function checkMac(
  macData: asn1.DerElement,
  safes: Uint8Array,
  passwordText: string,
  reading: Reading,
): Promise<void> {
  const [digestInfo, saltElement, count] = asn1.readSequence(macData, 'MacData', 2, 3)
  const [algorithm, digestElement] = asn1.readSequence(digestInfo, 'DigestInfo', 2, 2)
  const expected = asn1.readOctetString(digestElement, 'digest')
  const salt = asn1.readOctetString(saltElement, 'macSalt')
  const iterations = count === undefined ? 1 : asn1.readSmallInteger(count, 'iterations')
  const forms = passwordText === '' ? [reading.password.bmp, Buffer.alloc(0)] : [reading.password.bmp]
  for (const form of forms) {
    const mac = isPbmac1(algorithm)
      ? await computePbmac1(algorithm!, safes, reading)
      : await computeMac(digestOf(algorithm), form, salt, iterations, safes, reading.allowance)
    if (mac.length === expected.length && timingSafeEqual(mac, expected)) {
      reading.isProven = true
      return
    }
  }
  throw new KeyStoreError('KEY_IMPORT_PASSWORD_WRONG', 'the password does not open the file, or the file was changed')
}

async function computeMac(
  digest: string,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  content: Uint8Array,
  allowance: Allowance,
): Promise<Buffer> {
  allowance.spend(iterations, salt)
  const length = createHmac(digest, '').digest().length
  const key = await derivePkcs12(digest, 'mac', password, salt, iterations, length)
  return createHmac(digest, key).update(content).digest()
}

const isPbmac1 = (algorithm: asn1.DerElement | undefined): boolean =>
  asn1.readOid(asn1.readSequence(algorithm, 'macAlgorithm', 1, 2)[0], 'macAlgorithm') === P12.pbmac1

/** PBMAC1 (RFC 8018 §7.1, RFC 9579): the key comes from PBKDF2, its length stands in the parameters. */
async function computePbmac1(algorithm: asn1.DerElement, content: Uint8Array, reading: Reading): Promise<Buffer> {
  const [, parameters] = asn1.readSequence(algorithm, 'macAlgorithm', 2, 2)
  const [kdf, scheme] = asn1.readSequence(parameters, 'PBMAC1-params', 2, 2)
  const hmac = digestOf(scheme, hmacs)
  const fields = asn1.readSequence(asn1.readSequence(kdf, 'keyDerivationFunc', 2, 2)[1], 'PBKDF2-params', 3, 4)
  const length = asn1.readSmallInteger(fields[2], 'keyLength')
  if (length < 16 || length > 128) throw damaged(`PBMAC1 with a key of ${length} octets`)
  const key = await deriveByParameters(kdf, reading.password, length, reading.allowance)
  return createHmac(hmac, key).update(content).digest()
}

/** One ContentInfo of the AuthenticatedSafe. */
async function readSafe(safe: asn1.DerElement, reading: Reading): Promise<void> {
  const [contentType, content] = asn1.readSequence(safe, 'ContentInfo', 2, 2)
  const type = asn1.readOid(contentType, 'ContentInfo')
  if (type === P12.data) {
    const octets = asn1.readOctetString(asn1.readExplicit(content!, 0, 'ContentInfo'), 'SafeContents')
    return readBags(readBer(octets, 'SafeContents'), reading, 0)
  }
  if (type !== P12.encryptedData) throw unsupported('is encrypted for a public key')
  const encryptedData = asn1.readExplicit(content!, 0, 'ContentInfo')
  const [, info] = asn1.readSequence(encryptedData, 'EncryptedData', 2, 3)
  const [, algorithm, encrypted] = asn1.readSequence(info, 'EncryptedContentInfo', 3, 3)
  const plain = await decrypt(algorithm, implicitOctets(encrypted!), reading)
  await readBags(readBer(plain, 'SafeContents'), reading, 0)
}

/** [0] IMPLICIT OCTET STRING, in BER also in pieces. */
function implicitOctets(element: asn1.DerElement): Uint8Array {
  if (element.tag === asn1.contextTag(0, false)) return element.content
  asn1.expectTag(element, asn1.contextTag(0, true), 'encryptedContent')
  return asn1.concat(element.children.map((child) => asn1.readOctetString(child, 'encryptedContent')))
}

async function decrypt(
  algorithm: asn1.DerElement | undefined,
  encrypted: Uint8Array,
  reading: Reading,
): Promise<Buffer> {
  const plain = await decryptBy(algorithm, encrypted, reading.password, reading.allowance)
  if (plain !== undefined) return plain
  if (reading.isProven) throw damaged('a part of the file cannot be decrypted, though the password is right')
  throw new KeyStoreError('KEY_IMPORT_PASSWORD_WRONG', 'the password does not open the file, or the file was changed')
}

async function readBags(contents: asn1.DerElement, reading: Reading, depth: number): Promise<void> {
  if (depth > MAX_DEPTH_OF_BAGS) throw new KeyStoreError('KEY_IMPORT_LIMIT_EXCEEDED', 'bags within bags within bags')
  for (const bag of contents.children) {
    if (++reading.bags > MAX_BAGS) throw new KeyStoreError('KEY_IMPORT_LIMIT_EXCEEDED', `more than ${MAX_BAGS} bags`)
    const [id, wrapped, attributes] = asn1.readSequence(bag, 'SafeBag', 2, 3)
    const value = asn1.readExplicit(wrapped!, 0, 'SafeBag')
    const type = asn1.readOid(id, 'bagId')
    if (type === P12.keyBag) reading.keys.push({ pkcs8: Buffer.from(value.raw), name: readName(attributes) })
    else if (type === P12.shroudedKeyBag) {
      const [algorithm, encrypted] = asn1.readSequence(value, 'EncryptedPrivateKeyInfo', 2, 2)
      const octets = asn1.readOctetString(encrypted, 'encryptedData')
      reading.keys.push({ pkcs8: await decrypt(algorithm, octets, reading), name: readName(attributes) })
    } else if (type === P12.certBag) {
      const [certificateType, certificate] = asn1.readSequence(value, 'CertBag', 2, 2)
      if (asn1.readOid(certificateType, 'certId') === P12.x509Certificate)
        reading.certificates.push(asn1.readOctetString(asn1.readExplicit(certificate!, 0, 'CertBag'), 'certificate'))
    } else if (type === P12.safeContentsBag) await readBags(value, reading, depth + 1)
  }
}

/** friendlyName (RFC 2985 §5.5.1), or null. */
function readName(attributes: asn1.DerElement | undefined): string | null {
  for (const attribute of attributes?.children ?? []) {
    const [type, values] = asn1.readSequence(attribute, 'bagAttributes', 2, 2)
    if (asn1.readOid(type, 'bagAttributes') !== P12.friendlyName) continue
    const [value] = asn1.readSet(values, 'friendlyName', 1, 1)
    const text = Buffer.from(value!.content)
    return text.length % 2 === 0 && text.length <= 512 ? text.swap16().toString('utf16le') : null
  }
  return null
}

async function conclude({ keys, certificates }: Reading): Promise<Pkcs12Content> {
  const [key] = keys
  if (key === undefined || keys.length > 1) throw unsupported(`holds ${keys.length} private keys instead of one`)
  const privateKey = openKey(key.pkcs8)
  const publicKey = Uint8Array.from(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))
  checkKind(publicKey)
  await checkConsistent(privateKey)
  const isOwn = (certificate: Uint8Array) => asn1.equalBytes(spkiOf(certificate), publicKey)
  const own = certificates.filter(isOwn)
  const others = certificates.filter((certificate) => !isOwn(certificate))
  return { privateKey, publicKey, certificates: [...own, ...others], friendlyName: key.name }
}

function openKey(pkcs8: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  } catch (cause) {
    throw damaged('the private key cannot be read', cause)
  }
}

function checkKind(publicKey: Uint8Array): void {
  const refused = (what: string) =>
    new KeyStoreError(
      'KEY_KIND_UNSUPPORTED',
      `${what}: a key must be P-256, SM2 or RSA of 2048 to ${MAX_RSA_BITS} bits`,
    )
  let key: ReturnType<typeof parsePublicKey>
  try {
    key = parsePublicKey(publicKey)
  } catch {
    throw refused('a key of another kind')
  }
  if (key.kind === 'rsa' ? key.bits < 2048 || key.bits > MAX_RSA_BITS || key.rsassaPssOnly : false)
    throw refused(`RSA of ${key.bits} bits`)
  if (key.kind === 'ed25519' || (key.kind === 'ec' && key.curve !== 'P-256')) throw refused(key.kind)
}

/** A public half that is not that of the private one would make signatures that nobody can verify. */
async function checkConsistent(privateKey: KeyObject): Promise<void> {
  const key = toSigningKey(privateKey, () => {})
  const data = Buffer.from('Zhengyin')
  try {
    if (await primitives.verify(key.signatureAlgorithm, key.publicKey, data, await key.sign(data))) return
  } catch (cause) {
    throw damaged('the private key does not sign', cause)
  }
  throw damaged('the private key and its public half do not belong together')
}

function spkiOf(certificate: Uint8Array): Uint8Array {
  try {
    return x509.parseCertificate(certificate).subjectPublicKeyInfo
  } catch {
    return new Uint8Array(0)
  }
}
