import {
  createHash,
  createHmac,
  createPublicKey,
  createSecretKey,
  createSign,
  hkdfSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { encodeSm2Identity, parsePublicKey, type SigningKey } from '../pki/index.ts'
import { openBytes, sealBytes } from './envelope.ts'
import { KeyStoreError } from './errors.ts'

/** Wraps data keys: AES-256-GCM, 61 octets for a key of 32. */
export interface WrappingKey {
  /** `associatedData` (say, the record's id) must be the same at `unwrap`. Throws `TypeError` unless the key has 32 octets. */
  wrap(key: Uint8Array, associatedData?: Uint8Array): Uint8Array
  /** Throws `KEY_UNWRAP_FAILED` when the bytes, the associated data or the wrapping key are not those of `wrap`. */
  unwrap(wrapped: Uint8Array, associatedData?: Uint8Array): Uint8Array
}

/** HMAC-SHA-256, 32 octets; for keyed search columns and tokens. */
export interface MacKey {
  mac(data: Uint8Array): Uint8Array
}

/** Asked before each use; throws once the key is destroyed or the store closed. */
export type Guard = () => void

/** The private key stays in the closure: nothing of it can be printed, serialised or reached from the object. */
export function toSigningKey(privateKey: KeyObject, guard: Guard, count: () => void = () => {}): SigningKey {
  const publicKey = new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))
  const { kind } = parsePublicKey(publicKey)
  if (kind === 'rsa') return toRsaKey(privateKey, publicKey, guard, count)
  const makeSignature = kind === 'sm2' ? sm2Signer(privateKey, publicKey) : ecdsaSigner(privateKey)
  const signSync = (data: Uint8Array): Uint8Array => {
    guard()
    const signature = makeSignature(data)
    count()
    return plainBytes(signature)
  }
  return Object.freeze<SigningKey>({
    signatureAlgorithm: kind === 'sm2' ? 'SM2-with-SM3' : 'ecdsa-with-SHA256',
    publicKey,
    sign: async (data) => signSync(data),
    signSync,
  })
}

const ecdsaSigner = (privateKey: KeyObject) => (data: Uint8Array) => sign('sha256', data, privateKey)

/**
 * SM2 by way of `createSign`, which hands OpenSSL a finished digest: Z goes before the message here (GB/T 32918.2 §6.1). `crypto.sign`
 * would take an empty identifier.
 */
function sm2Signer(privateKey: KeyObject, publicKey: Uint8Array): (data: Uint8Array) => Buffer {
  const z = createHash('sm3').update(encodeSm2Identity(publicKey)).digest()
  return (data) => createSign('sm3').update(z).update(data).sign(privateKey)
}

/** An RSA signature takes long enough to be felt by other requests: the asynchronous form goes to the thread pool. */
function toRsaKey(privateKey: KeyObject, publicKey: Uint8Array, guard: Guard, count: () => void): SigningKey {
  return Object.freeze<SigningKey>({
    signatureAlgorithm: 'sha256WithRSAEncryption',
    publicKey,
    sign: (data) =>
      new Promise((resolve, reject) => {
        guard()
        sign('sha256', data, privateKey, (error, signature) => {
          if (error !== null) return reject(error)
          count()
          resolve(plainBytes(signature))
        })
      }),
    signSync(data) {
      guard()
      const signature = sign('sha256', data, privateKey)
      count()
      return plainBytes(signature)
    },
  })
}

const plainBytes = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)

const WRAPPED_VERSION = 1
const DATA_KEY_LENGTH = 32
const NOTHING = new Uint8Array(0)

export function toWrappingKey(secret: Uint8Array, name: string, guard: Guard): WrappingKey {
  return Object.freeze<WrappingKey>({
    wrap(key, associatedData = NOTHING) {
      guard()
      if (key.length !== DATA_KEY_LENGTH) throw new TypeError(`expected a data key of 32 octets, got ${key.length}`)
      return Uint8Array.from([WRAPPED_VERSION, ...sealBytes(secret, key, associatedData)])
    },
    unwrap(wrapped, associatedData = NOTHING) {
      guard()
      const opened = wrapped[0] === WRAPPED_VERSION ? openBytes(secret, wrapped.subarray(1), associatedData) : undefined
      if (opened?.length !== DATA_KEY_LENGTH) {
        throw new KeyStoreError('KEY_UNWRAP_FAILED', `key ${name} did not wrap these octets with this associated data`)
      }
      return Uint8Array.from(opened)
    },
  })
}

/** The MAC's key is derived with its name (HKDF, RFC 5869), so equal secrets under two names never give equal MACs. */
export function toMacKey(secret: Uint8Array, name: string, guard: Guard): MacKey {
  const derived = new Uint8Array(hkdfSync('sha256', secret, '', `zhengyin-mac-1|${name}`, 32))
  // Node takes five times as long for a key that is bare bytes.
  const key = createSecretKey(derived)
  derived.fill(0)
  return Object.freeze<MacKey>({
    mac(data) {
      guard()
      return Uint8Array.from(createHmac('sha256', key).update(data).digest())
    },
  })
}
