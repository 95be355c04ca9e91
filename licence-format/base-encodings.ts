// RFC 4648 without padding: base32 for QR codes (alphanumeric mode), base64url for JWS. Only the one canonical text of some bytes is read.

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const BASE32_VALUES = valuesOf(BASE32)
const BASE64URL_VALUES = valuesOf(BASE64URL)

function valuesOf(alphabet: string): Int8Array {
  const values = new Int8Array(128).fill(-1)
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i
  return values
}

/** Base32 in upper case (RFC 4648 §6). */
export function toBase32(bytes: Uint8Array): string {
  return encode(bytes, BASE32, 5)
}

/** Bytes and whether their text was the canonical one: a length that bytes have, unused bits zero (RFC 4648 §3.5). */
export interface Decoded {
  readonly bytes: Uint8Array
  readonly isCanonical: boolean
}

/** Bytes of upper-case base32, or `undefined` for a character outside the alphabet. */
export function fromBase32(text: string): Decoded | undefined {
  return decode(text, BASE32_VALUES, 5)
}

/** Base64url without padding (RFC 7515 §2). */
export function toBase64Url(bytes: Uint8Array): string {
  return encode(bytes, BASE64URL, 6)
}

/** Bytes of canonical base64url without padding, or `undefined`. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  const decoded = decode(text, BASE64URL_VALUES, 6)
  return decoded?.isCanonical ? decoded.bytes : undefined
}

function encode(bytes: Uint8Array, alphabet: string, width: number): string {
  const mask = (1 << width) - 1
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff
    for (bits += 8; bits >= width; ) text += alphabet.charAt((held >>> (bits -= width)) & mask)
  }
  return bits === 0 ? text : text + alphabet.charAt((held << (width - bits)) & mask)
}

function decode(text: string, values: Int8Array, width: number): Decoded | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * width) / 8))
  let held = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? -1
    if (value < 0) return undefined
    held = ((held << width) | value) & 0xffff
    bits += width
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = held >>> bits
    }
  }
  return { bytes, isCanonical: bits < width && (held & ((1 << bits) - 1)) === 0 }
}
