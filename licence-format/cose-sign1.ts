// COSE_Sign1 with ES256 (RFC 9052 §4.2), tagged 18, algorithm and key identifier in the protected header, nothing unprotected.
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts'
import { ES256_LENGTH, verifyEs256 } from './ecdsa.ts'
import { LicenceFormatError } from './errors.ts'

const TAG = 18
const ES256 = -7
const ALG = 1
const KID = 4
const KID_LENGTH = 8
const EMPTY = new Uint8Array(0)

export interface CoseSign1 {
  readonly keyId: Uint8Array
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly toBeSigned: Uint8Array
}

/** The protected header bytes for a key identifier of 8 bytes. */
export function protectedHeader(keyId: Uint8Array): Uint8Array {
  return encodeCbor(
    new Map<number, CborValue>([
      [ALG, ES256],
      [KID, keyId],
    ]),
  )
}

/** Sig_structure (RFC 9052 §4.4) without external data: what the key signs. */
export function toBeSigned(header: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', header, EMPTY, payload])
}

/** The tagged COSE_Sign1; `signature` is r‖s. */
export function assembleSign1(header: Uint8Array, payload: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeCbor({ tag: TAG, value: [header, new Map(), payload, signature] })
}

/** Reads a tagged COSE_Sign1. Throws CBOR_*, COSE_NOT_SIGN1, COSE_ALGORITHM_WRONG or COSE_HEADER_UNKNOWN. */
export function parseSign1(bytes: Uint8Array): CoseSign1 {
  const tagged = decodeCbor(bytes)
  if (!isTagged(tagged) || !Array.isArray(tagged.value) || tagged.value.length !== 4) {
    throw new LicenceFormatError('COSE_NOT_SIGN1', 'expected tag 18 with four elements')
  }
  const [header, unprotected, payload, signature] = tagged.value
  if (
    !(header instanceof Uint8Array && unprotected instanceof Map && payload instanceof Uint8Array) ||
    !(signature instanceof Uint8Array && signature.length === ES256_LENGTH)
  ) {
    throw new LicenceFormatError('COSE_NOT_SIGN1', 'expected header, map, payload and a signature of 64 bytes')
  }
  if (unprotected.size > 0) throw new LicenceFormatError('COSE_HEADER_UNKNOWN', 'expected no unprotected header')
  return { keyId: readHeader(header), payload, signature, toBeSigned: toBeSigned(header, payload) }
}

function readHeader(bytes: Uint8Array): Uint8Array {
  const header = bytes.length === 0 ? new Map<number, CborValue>() : decodeCbor(bytes)
  if (!(header instanceof Map)) throw new LicenceFormatError('COSE_NOT_SIGN1', 'expected a map as protected header')
  if (header.get(ALG) !== ES256) throw new LicenceFormatError('COSE_ALGORITHM_WRONG', 'expected ES256')
  const keyId = header.get(KID)
  if (header.size !== 2 || !(keyId instanceof Uint8Array) || keyId.length !== KID_LENGTH) {
    throw new LicenceFormatError('COSE_HEADER_UNKNOWN', 'expected alg and a kid of 8 bytes, nothing else')
  }
  return keyId
}

function isTagged(value: CborValue): value is { tag: number; value: CborValue } {
  return typeof value === 'object' && value !== null && 'tag' in value && value.tag === TAG
}

/** Whether the signature is that of the P-256 key (SubjectPublicKeyInfo, DER). */
export function verifySign1(message: CoseSign1, publicKey: Uint8Array): Promise<boolean> {
  return verifyEs256(publicKey, message.toBeSigned, message.signature)
}
