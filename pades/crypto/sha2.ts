// SHA-256, SHA-384 and SHA-512 (FIPS 180-4), because a browser has them only asynchronously, and deriving the key of an encrypted
// document asks for hundreds of them, each depending on the one before.

/** First bits of the fractional parts of square (2) and cube (3) roots of the first primes, 64 bits each, high and low half. */
function rootsOfPrimes(count: number, degree: 2 | 3): Uint32Array {
  const halves = new Uint32Array(count * 2)
  for (let prime = 2, found = 0; found < count; prime++) {
    if (!isPrime(prime)) continue
    const root = integerRoot(BigInt(prime) << BigInt(64 * degree), degree)
    halves[found * 2] = Number((root >> 32n) & 0xffffffffn)
    halves[found * 2 + 1] = Number(root & 0xffffffffn)
    found++
  }
  return halves
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false
  return true
}

function integerRoot(value: bigint, degree: 2 | 3): bigint {
  let low = 0n
  let high = 1n << 80n
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    if (middle ** BigInt(degree) <= value) low = middle
    else high = middle - 1n
  }
  return low
}

let tables: { readonly cubes: Uint32Array; readonly squares: Uint32Array } | null = null
const constants = () => (tables ??= { cubes: rootsOfPrimes(80, 3), squares: rootsOfPrimes(16, 2) })

/** The message with its padding, up to a whole number of blocks. */
function pad(message: Uint8Array, block: 64 | 128): DataView {
  const lengthField = block >> 3
  const size = Math.ceil((message.length + 1 + lengthField) / block) * block
  const padded = new Uint8Array(size)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(size - 8, Math.floor(message.length / 2 ** 29))
  view.setUint32(size - 4, message.length << 3)
  return view
}

export function sha256(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const { cubes, squares } = constants()
  const view = pad(message, 64)
  const state = Int32Array.from({ length: 8 }, (_, i) => squares[i * 2]!)
  const w = new Int32Array(64)
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + i * 4)
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!
      const y = w[i - 2]!
      const small0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
      const small1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
      w[i] = w[i - 16]! + small0 + w[i - 7]! + small1
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
    for (let i = 0; i < 64; i++) {
      const large1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      const first = (h + large1 + ((e & f) ^ (~e & g)) + cubes[i * 2]! + w[i]!) | 0
      const large0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      const second = (large0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + first) | 0
      d = c
      c = b
      b = a
      a = (first + second) | 0
    }
    ;[a, b, c, d, e, f, g, h].forEach((word, i) => {
      state[i] = state[i]! + word
    })
  }
  return octetsOf(state, 32)
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

function octetsOf(words: Int32Array, length: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(words.length * 4))
  for (let i = 0; i < words.length; i++) view.setInt32(i * 4, words[i]!)
  return new Uint8Array(view.buffer, 0, length)
}

export const sha512 = (message: Uint8Array): Uint8Array<ArrayBuffer> => wide(message, 0, 64)
export const sha384 = (message: Uint8Array): Uint8Array<ArrayBuffer> => wide(message, 8, 48)

/** Words of 64 bits as two halves: high at even places, low at odd ones. */
function wide(message: Uint8Array, firstPrime: number, length: number): Uint8Array<ArrayBuffer> {
  const { squares } = constants()
  const view = pad(message, 128)
  const state = Int32Array.from(squares.subarray(firstPrime * 2, firstPrime * 2 + 16))
  const w = new Int32Array(160)
  for (let at = 0; at < view.byteLength; at += 128) {
    for (let i = 0; i < 32; i++) w[i] = view.getInt32(at + i * 4)
    expand(w)
    compress(state, w)
  }
  return octetsOf(state, length)
}

function expand(w: Int32Array): void {
  for (let i = 32; i < 160; i += 2) {
    const xh = w[i - 30]!
    const xl = w[i - 29]!
    const yh = w[i - 4]!
    const yl = w[i - 3]!
    const small0h = half(xh, xl, 1) ^ half(xh, xl, 8) ^ (xh >>> 7)
    const small0l = half(xl, xh, 1) ^ half(xl, xh, 8) ^ half(xl, xh, 7)
    const small1h = half(yh, yl, 19) ^ half(yl, yh, 29) ^ (yh >>> 6)
    const small1l = half(yl, yh, 19) ^ half(yh, yl, 29) ^ half(yl, yh, 6)
    const low = (w[i - 31]! >>> 0) + (small0l >>> 0) + (w[i - 13]! >>> 0) + (small1l >>> 0)
    w[i + 1] = low
    w[i] = w[i - 32]! + small0h + w[i - 14]! + small1h + Math.floor(low / 2 ** 32)
  }
}

/** One half of a word turned right: its own bits moved down, those of the other half coming in. */
const half = (own: number, other: number, by: number): number => (own >>> by) | (other << (32 - by))

function compress(state: Int32Array, w: Int32Array): void {
  const { cubes } = constants()
  const s = state.slice()
  for (let i = 0; i < 160; i += 2) {
    const ah = s[0]!
    const al = s[1]!
    const eh = s[8]!
    const el = s[9]!
    const large1h = half(eh, el, 14) ^ half(eh, el, 18) ^ half(el, eh, 9)
    const large1l = half(el, eh, 14) ^ half(el, eh, 18) ^ half(eh, el, 9)
    const chooseH = (eh & s[10]!) ^ (~eh & s[12]!)
    const chooseL = (el & s[11]!) ^ (~el & s[13]!)
    const firstL = (s[15]! >>> 0) + (large1l >>> 0) + (chooseL >>> 0) + cubes[i + 1]! + (w[i + 1]! >>> 0)
    const firstH = (s[14]! + large1h + chooseH + cubes[i]! + w[i]! + Math.floor(firstL / 2 ** 32)) | 0
    const large0h = half(ah, al, 28) ^ half(al, ah, 2) ^ half(al, ah, 7)
    const large0l = half(al, ah, 28) ^ half(ah, al, 2) ^ half(ah, al, 7)
    const majorH = (ah & s[2]!) ^ (ah & s[4]!) ^ (s[2]! & s[4]!)
    const majorL = (al & s[3]!) ^ (al & s[5]!) ^ (s[3]! & s[5]!)
    const secondL = (large0l >>> 0) + (majorL >>> 0)
    const secondH = (large0h + majorH + Math.floor(secondL / 2 ** 32)) | 0
    const newEL = (s[7]! >>> 0) + (firstL % 2 ** 32)
    const newEH = (s[6]! + firstH + Math.floor(newEL / 2 ** 32)) | 0
    const newAL = (firstL % 2 ** 32) + (secondL % 2 ** 32)
    const newAH = (firstH + secondH + Math.floor(newAL / 2 ** 32)) | 0
    s.copyWithin(2, 0, 14)
    s[0] = newAH
    s[1] = newAL
    s[8] = newEH
    s[9] = newEL
  }
  for (let i = 0; i < 16; i += 2) {
    const low = (state[i + 1]! >>> 0) + (s[i + 1]! >>> 0)
    state[i + 1] = low
    state[i] = state[i]! + s[i]! + Math.floor(low / 2 ** 32)
  }
}
