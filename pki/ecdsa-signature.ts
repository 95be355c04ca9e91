import { concat, encodeInteger, encodeSequence, parseDer, readIntegerBytes, readSequence } from './asn1/index.ts'
import { PkiError, withCode } from './errors.ts'

/**
 * ECDSA-Sig-Value (RFC 3279 §2.2.3) to r ‖ s of `width` octets each, the form of JOSE, COSE and WebCrypto.
 * Throws `SIGNATURE_MALFORMED` unless it is strict DER with 0 < r, s that fit.
 */
export function ecdsaToRaw(der: Uint8Array, width: number): Uint8Array {
  const raw = new Uint8Array(2 * width)
  const numbers = withCode('SIGNATURE_MALFORMED', 'ECDSA-Sig-Value', () =>
    readSequence(parseDer(der), 'ECDSA-Sig-Value', 2, 2).map((element) => readIntegerBytes(element, 'r or s')),
  )
  for (const [index, number] of numbers.entries()) {
    const magnitude = number[0] === 0 ? number.subarray(1) : number
    if (number[0]! >= 0x80 || magnitude.length === 0 || magnitude.length > width) {
      throw new PkiError('SIGNATURE_MALFORMED', `ECDSA-Sig-Value: r or s is not within 1 and 2^${8 * width}`)
    }
    raw.set(magnitude, (index + 1) * width - magnitude.length)
  }
  return raw
}

/** r ‖ s of equal halves to DER; throws `SIGNATURE_MALFORMED` when the length is odd or none. */
export function ecdsaFromRaw(raw: Uint8Array): Uint8Array {
  if (raw.length === 0 || raw.length % 2 !== 0) {
    throw new PkiError('SIGNATURE_MALFORMED', `expected r and s of equal length, got ${raw.length} octets`)
  }
  const width = raw.length / 2
  return encodeSequence(encodeInteger(raw.subarray(0, width)), encodeInteger(raw.subarray(width)))
}

/** The half length of an ECDSA signature for a field of so many bits. */
export const ecdsaWidth = (bits: number): number => Math.ceil(bits / 8)

/** The longest DER signature a key can give: ECDSA and SM2 from the field's size, RSA from the modulus (then also the only one). */
export function maxSignatureLength(kind: 'rsa' | 'ec' | 'sm2', bits: number): number {
  const width = ecdsaWidth(bits)
  if (kind === 'rsa') return width
  const largest = new Uint8Array(width).fill(0xff)
  if (bits % 8 !== 0) largest[0] = (1 << (bits % 8)) - 1
  return ecdsaFromRaw(concat([largest, largest])).length
}
