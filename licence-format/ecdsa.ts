// ECDSA P-256 signatures in their two written forms: DER SEQUENCE{r,s} (X.509, CMS, our keys) and r‖s of 64 bytes (JOSE, COSE).
import { LicenceFormatError } from './errors.ts'

const SIZE = 32

/** r‖s of 64 bytes from the DER form our signing keys give (RFC 7518 §3.4). Throws SIGNING_KEY_UNSUITABLE for another curve's. */
export function toRawSignature(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(2 * SIZE)
  let at = 2
  for (const end of [SIZE, 2 * SIZE]) {
    const length = der[at + 1] ?? 0
    const integer = der.subarray(at + 2, at + 2 + length)
    const digits = integer[0] === 0 ? integer.subarray(1) : integer
    if (der[0] !== 0x30 || der[at] !== 0x02 || integer.length !== length || digits.length > SIZE || length === 0) {
      throw new LicenceFormatError('SIGNING_KEY_UNSUITABLE', 'expected an ECDSA signature over P-256')
    }
    raw.set(digits, end - digits.length)
    at += 2 + length
  }
  return raw
}

/** DER SEQUENCE{r,s} from r‖s of 64 bytes, or `undefined` for another length. */
export function toDerSignature(raw: Uint8Array): Uint8Array | undefined {
  if (raw.length !== 2 * SIZE) return undefined
  const r = derInteger(raw.subarray(0, SIZE))
  const s = derInteger(raw.subarray(SIZE))
  return Uint8Array.of(0x30, r.length + s.length, ...r, ...s)
}

function derInteger(bytes: Uint8Array): number[] {
  let from = 0
  while (from < SIZE - 1 && bytes[from] === 0) from++
  const digits = [...bytes.subarray(from)]
  if (digits[0]! >= 0x80) digits.unshift(0)
  return [0x02, digits.length, ...digits]
}
