import { SM2_DEFAULT_ID } from './algorithms.ts'
import { asciiBytes, concat, encodeBitString, encodeOid, encodeSequence, fromHex, toHex } from './asn1/index.ts'
import { OID } from './oids.ts'
import { subjectPublicKeyBits } from './public-key.ts'

/** n, the order of the base point (GB/T 32918.5 §2). */
const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n

/** a ‖ b ‖ xG ‖ yG of the curve (GB/T 32918.5 §2). */
const CURVE_PARAMETERS = fromHex(
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
)

const utf8 = new TextEncoder()

/**
 * ENTL ‖ ID ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA (GB/T 32918.2 §5.5): its SM3 digest is Z, which goes before the message that is signed.
 * The key is a SubjectPublicKeyInfo that `parsePublicKey` took; an identifier of 8,192 octets or more is a `TypeError`.
 */
export function encodeSm2Identity(publicKeySpki: Uint8Array, id: string = SM2_DEFAULT_ID): Uint8Array {
  const name = utf8.encode(id)
  const bits = 8 * name.length
  if (bits > 0xffff) throw new TypeError('an SM2 identifier has at most 8191 octets')
  const point = subjectPublicKeyBits(publicKeySpki).subarray(1)
  return concat([Uint8Array.of(bits >> 8, bits & 0xff), name, CURVE_PARAMETERS, point])
}

/** SubjectPublicKeyInfo of an uncompressed point on the SM2 curve. */
export function encodeSm2PublicKey(point: Uint8Array): Uint8Array {
  return encodeSequence(encodeSequence(encodeOid(OID.ecPublicKey), encodeOid(OID.sm2Curve)), encodeBitString(point))
}

/** Whether r ‖ s may be a signature at all: 1 ≤ r, s ≤ n−1 and r + s ≠ n (GB/T 32918.2 §7.1 B1, B2, B6). */
export function isSm2SignatureInRange(raw: Uint8Array): boolean {
  const r = BigInt(`0x${toHex(raw.subarray(0, 32))}`)
  const s = BigInt(`0x${toHex(raw.subarray(32))}`)
  return r > 0n && r < ORDER && s > 0n && s < ORDER && r + s !== ORDER
}

/** What the self-test asks of an implementation: both by its own path, nothing shared. */
export interface Sm2Implementation {
  digest(data: Uint8Array): Uint8Array
  verify(publicKeySpki: Uint8Array, id: string, data: Uint8Array, raw: Uint8Array): boolean
}

const KNOWN_KEY = fromHex(
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
)
const KNOWN_SIGNATURE = fromHex(
  'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
)
const KNOWN_DIGEST = '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'

/**
 * Known answers of GB/T 32905 A.1 (SM3 of "abc") and GB/T 32918.5 A.2, and their refusals: another identifier, the empty one (what
 * `crypto.verify` takes), another message, r and s the other way round. A library whose SM2 is something else fails here, not on a seal.
 */
export function passesSm2SelfTest(implementation: Sm2Implementation): boolean {
  try {
    const key = encodeSm2PublicKey(KNOWN_KEY)
    const message = asciiBytes('message digest')
    const swapped = concat([KNOWN_SIGNATURE.subarray(32), KNOWN_SIGNATURE.subarray(0, 32)])
    const { verify } = implementation
    return (
      toHex(implementation.digest(asciiBytes('abc'))) === KNOWN_DIGEST &&
      verify(key, SM2_DEFAULT_ID, message, KNOWN_SIGNATURE) &&
      !verify(key, '', message, KNOWN_SIGNATURE) &&
      !verify(key, 'ALICE123@YAHOO.COM', message, KNOWN_SIGNATURE) &&
      !verify(key, SM2_DEFAULT_ID, message.subarray(1), KNOWN_SIGNATURE) &&
      !verify(key, SM2_DEFAULT_ID, message, swapped)
    )
  } catch {
    return false
  }
}
