// AES-128 and AES-256 in CBC (FIPS 197, SP 800-38A), synchronous and present everywhere. It reads documents that anybody can read
// (their password is empty), so that it need not hide what it does from a stopwatch.

const box = new Uint8Array(256)
const inverseBox = new Uint8Array(256)
/** A column of MixColumns after SubBytes, and of InvMixColumns after InvSubBytes; the other three are the same, turned. */
const mixed = new Uint32Array(256)
const unmixed = new Uint32Array(256)

const double = (x: number): number => (x << 1) ^ (x & 128 ? 0x11b : 0)

function times(a: number, b: number): number {
  let product = 0
  for (let power = a, rest = b; rest > 0; rest >>= 1, power = double(power)) if (rest & 1) product ^= power
  return product
}

function column(value: number, factors: readonly [number, number, number, number]): number {
  const [a, b, c, d] = factors.map((factor) => times(value, factor)) as [number, number, number, number]
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

for (let i = 0, value = 1, inverse = 1; i < 255; i++) {
  const turned = inverse ^ (inverse << 1) ^ (inverse << 2) ^ (inverse << 3) ^ (inverse << 4)
  box[value] = ((turned >> 8) ^ (turned & 255) ^ 0x63) & 255
  value = value ^ double(value)
  inverse = times(inverse, 0xf6)
}
box[0] = 0x63
for (let x = 0; x < 256; x++) {
  inverseBox[box[x]!] = x
  mixed[x] = column(box[x]!, [2, 1, 1, 3])
}
for (let x = 0; x < 256; x++) unmixed[x] = column(inverseBox[x]!, [14, 9, 13, 11])

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by))
const substitute = (word: number): number =>
  (box[word >>> 24]! << 24) | (box[(word >>> 16) & 255]! << 16) | (box[(word >>> 8) & 255]! << 8) | box[word & 255]!

function expandKey(key: Uint8Array): Int32Array {
  if (key.length !== 16 && key.length !== 32) throw new TypeError('a key of 16 or 32 octets')
  const words = key.length >> 2
  const schedule = new Int32Array((words + 7) * 4)
  const view = new DataView(key.buffer, key.byteOffset, key.length)
  for (let i = 0; i < words; i++) schedule[i] = view.getInt32(i * 4)
  for (let i = words, round = 1; i < schedule.length; i++) {
    let word = schedule[i - 1]!
    if (i % words === 0) {
      word = substitute(turn(word, 24)) ^ (round << 24)
      round = double(round)
    } else if (words === 8 && i % 8 === 4) word = substitute(word)
    schedule[i] = schedule[i - words]! ^ word
  }
  return schedule
}

/** The second and the fourth of four columns change places. */
const swapped = (column: number): number => (4 - column) & 3

/** The key for decryption with rounds in the order of encryption (FIPS 197, 5.3.5). */
function invertKey(schedule: Int32Array): Int32Array {
  const inverted = new Int32Array(schedule.length)
  for (let i = 0; i < schedule.length; i += 4) {
    for (let j = 0; j < 4; j++) {
      const word = schedule[schedule.length - 4 - i + j]!
      const isEdge = i === 0 || i === schedule.length - 4
      inverted[i + swapped(j)] = isEdge ? word : unmixWord(word)
    }
  }
  return inverted
}

const unmixWord = (word: number): number =>
  unmixed[box[word >>> 24]!]! ^
  turn(unmixed[box[(word >>> 16) & 255]!]!, 8) ^
  turn(unmixed[box[(word >>> 8) & 255]!]!, 16) ^
  turn(unmixed[box[word & 255]!]!, 24)

/** One block in place. Decryption is the same with the second and the fourth column changed about, in block and key. */
function mixBlock(block: Int32Array, key: Int32Array, table: Uint32Array, last: Uint8Array): void {
  const mix = (a: number, b: number, c: number, d: number): number =>
    table[a >>> 24]! ^ turn(table[(b >>> 16) & 255]!, 8) ^ turn(table[(c >>> 8) & 255]!, 16) ^ turn(table[d & 255]!, 24)
  const end = (a: number, b: number, c: number, d: number): number =>
    (last[a >>> 24]! << 24) | (last[(b >>> 16) & 255]! << 16) | (last[(c >>> 8) & 255]! << 8) | last[d & 255]!
  let a = block[0]! ^ key[0]!
  let b = block[1]! ^ key[1]!
  let c = block[2]! ^ key[2]!
  let d = block[3]! ^ key[3]!
  let at = 4
  for (; at < key.length - 4; at += 4) {
    const nextA = mix(a, b, c, d) ^ key[at]!
    const nextB = mix(b, c, d, a) ^ key[at + 1]!
    const nextC = mix(c, d, a, b) ^ key[at + 2]!
    d = mix(d, a, b, c) ^ key[at + 3]!
    a = nextA
    b = nextB
    c = nextC
  }
  block[0] = end(a, b, c, d) ^ key[at]!
  block[1] = end(b, c, d, a) ^ key[at + 1]!
  block[2] = end(c, d, a, b) ^ key[at + 2]!
  block[3] = end(d, a, b, c) ^ key[at + 3]!
}

/** Encrypts whole blocks without padding. */
export function encryptCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const schedule = expandKey(key)
  const result = new Uint8Array(data)
  const view = new DataView(result.buffer)
  const before = wordsOf(iv)
  for (let at = 0; at < result.length; at += 16) {
    for (let i = 0; i < 4; i++) before[i] = before[i]! ^ view.getInt32(at + i * 4)
    mixBlock(before, schedule, mixed, box)
    for (let i = 0; i < 4; i++) view.setInt32(at + i * 4, before[i]!)
  }
  return result
}

/** Decrypts whole blocks; padding stays. */
export function decryptCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const schedule = invertKey(expandKey(key))
  const result = new Uint8Array(data)
  const view = new DataView(result.buffer)
  const before = wordsOf(iv)
  const block = new Int32Array(4)
  const encrypted = new Int32Array(4)
  for (let at = 0; at < result.length; at += 16) {
    for (let i = 0; i < 4; i++) {
      encrypted[i] = view.getInt32(at + i * 4)
      block[swapped(i)] = encrypted[i]!
    }
    mixBlock(block, schedule, unmixed, inverseBox)
    for (let i = 0; i < 4; i++) view.setInt32(at + i * 4, block[swapped(i)]! ^ before[i]!)
    before.set(encrypted)
  }
  return result
}

function wordsOf(iv: Uint8Array): Int32Array {
  const view = new DataView(iv.buffer, iv.byteOffset, 16)
  return Int32Array.of(view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12))
}
