/** RC4 with a key of 1 to 256 octets; it encrypts and decrypts alike. */
export function rc4(key: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const state = Uint8Array.from({ length: 256 }, (_, i) => i)
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + state[i]! + key[i % key.length]!) & 255
    const swapped = state[i]!
    state[i] = state[j]!
    state[j] = swapped
  }
  const result = new Uint8Array(data.length)
  for (let at = 0, i = 0, j = 0; at < data.length; at++) {
    i = (i + 1) & 255
    const a = state[i]!
    j = (j + a) & 255
    const b = state[j]!
    state[i] = b
    state[j] = a
    result[at] = data[at]! ^ state[(a + b) & 255]!
  }
  return result
}
