/** Adler-32 is two sums modulo this prime (RFC 1950 §8.2). */
export const adlerModulus = 65521

/** The halves [a, b] of the Adler-32 of the bytes. */
export function adler32(bytes: Uint8Array): [number, number] {
  let low = 1
  let high = 0
  for (let i = 0; i < bytes.length; ) {
    // 3800 additions of at most 255 stay below 2^31 before the remainder is taken
    for (const end = Math.min(i + 3800, bytes.length); i < end; i++) {
      low += bytes[i]!
      high += low
    }
    low %= adlerModulus
    high %= adlerModulus
  }
  return [low, high]
}

/** Sum of the big-endian 32-bit words, modulo 2^32; the length is a multiple of 4. */
export function wordSum(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i += 4) {
    sum += ((bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!) >>> 0
  }
  return sum % 0x100000000
}
