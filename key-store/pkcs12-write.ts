import { createCipheriv, createHmac, createPublicKey, hash, type KeyObject, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { asn1 } from '../pki/index.ts'
import { derivePkcs12, type Password, toPassword } from './password-encryption.ts'
import { P12 } from './pkcs12-oids.ts'

const derivePbkdf2 = promisify(pbkdf2)

/** The same work for a guesser on either way: PBKDF2 hashes twice in each iteration, the MAC's derivation once. */
const ITERATIONS = 100_000
const MAC_ITERATIONS = 200_000

const {
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
} = asn1

export interface Pkcs12Parts {
  readonly privateKey: KeyObject
  /** DER, the key's own first. */
  readonly certificates: readonly Uint8Array[]
  readonly friendlyName: string
  readonly password: string
}

/**
 * A PKCS #12 file (RFC 7292) that current software opens: key and certificates each under PBES2 (PBKDF2 with HMAC-SHA-256, AES-256-CBC),
 * a MAC with SHA-256 over both.
 */
export async function writePkcs12({
  privateKey,
  certificates,
  friendlyName,
  password,
}: Pkcs12Parts): Promise<Uint8Array> {
  const secret = toPassword(password)
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const keyId = encodeOctetString(hash('sha256', spki, 'buffer').subarray(0, 20))
  const attributes = encodeSetOf(
    encodeAttribute(P12.friendlyName, encodeElement(asn1.TAG.bmpString, Buffer.from(friendlyName, 'utf16le').swap16())),
    encodeAttribute(P12.localKeyId, keyId),
  )
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
  const [keyAlgorithm, keyBytes] = await encryptPbes2(pkcs8, secret)
  pkcs8.fill(0)
  const shrouded = encodeSequence(keyAlgorithm, encodeOctetString(keyBytes))
  const keySafe = encodeSequence(encodeBag(P12.shroudedKeyBag, shrouded, attributes))
  const certificateSafe = encodeSequence(
    ...certificates.map((certificate, index) => {
      const wrapped = encodeContext(0, encodeOctetString(certificate))
      const value = encodeSequence(encodeOid(P12.x509Certificate), wrapped)
      return encodeBag(P12.certBag, value, index === 0 ? attributes : undefined)
    }),
  )
  const [algorithm, encrypted] = await encryptPbes2(certificateSafe, secret)
  const info = encodeSequence(encodeOid(P12.data), algorithm, asn1.encodeContextPrimitive(0, encrypted))
  const encryptedSafe = encodeSequence(
    encodeOid(P12.encryptedData),
    encodeContext(0, encodeSequence(encodeInteger(0), info)),
  )
  const safes = encodeSequence(...(certificates.length > 0 ? [encryptedSafe] : []), encodeData(keySafe))
  const macData = await encodeMac(safes, secret)
  return encodeSequence(encodeInteger(3), encodeData(safes), macData)
}

const encodeData = (content: Uint8Array): Uint8Array =>
  encodeSequence(encodeOid(P12.data), encodeContext(0, encodeOctetString(content)))

const encodeAttribute = (type: string, value: Uint8Array): Uint8Array =>
  encodeSequence(encodeOid(type), encodeSetOf(value))

const encodeBag = (type: string, value: Uint8Array, attributes?: Uint8Array): Uint8Array =>
  encodeSequence(encodeOid(type), encodeContext(0, value), ...(attributes ? [attributes] : []))

/** AlgorithmIdentifier and ciphertext. */
async function encryptPbes2(plain: Uint8Array, { utf8 }: Password): Promise<[Uint8Array, Uint8Array]> {
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const key = await derivePbkdf2(utf8, salt, ITERATIONS, 32, 'sha256')
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()])
  key.fill(0)
  const prf = encodeSequence(encodeOid(P12.hmacWithSha256), encodeNull())
  const kdf = encodeSequence(
    encodeOid(P12.pbkdf2),
    encodeSequence(encodeOctetString(salt), encodeInteger(ITERATIONS), prf),
  )
  const scheme = encodeSequence(encodeOid(P12.aes256Cbc), encodeOctetString(iv))
  return [encodeSequence(encodeOid(P12.pbes2), encodeSequence(kdf, scheme)), encrypted]
}

async function encodeMac(content: Uint8Array, { bmp }: Password): Promise<Uint8Array> {
  const salt = randomBytes(16)
  const key = await derivePkcs12('sha256', 'mac', bmp, salt, MAC_ITERATIONS, 32)
  const mac = createHmac('sha256', key).update(content).digest()
  key.fill(0)
  const digestInfo = encodeSequence(encodeSequence(encodeOid(P12.sha256), encodeNull()), encodeOctetString(mac))
  return encodeSequence(digestInfo, encodeOctetString(salt), encodeInteger(MAC_ITERATIONS))
}
