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

/** The key for decryption with rounds in the order of encryption (FIPS 197, 5.3.5). */
function invertKey(schedule: Int32Array): Int32Array {
  const inverted = new Int32Array(schedule.length)
  for (let i = 0; i < schedule.length; i += 4) {
    for (let j = 0; j < 4; j++) {
      const word = schedule[schedule.length - 4 - i + j]!
      const isEdge = i === 0 || i === schedule.length - 4
      inverted[i + j] = isEdge ? word : unmixWord(word)
    }
  }
  return inverted
}

const unmixWord = (word: number): number =>
  unmixed[box[word >>> 24]!]! ^
  turn(unmixed[box[(word >>> 16) & 255]!]!, 8) ^
  turn(unmixed[box[(word >>> 8) & 255]!]!, 16) ^
  turn(unmixed[box[word & 255]!]!, 24)

/** One block in place; the columns are taken `step` places apart: 1 to encrypt, 3 to decrypt. */
function mixBlock(block: Int32Array, key: Int32Array, table: Uint32Array, last: Uint8Array, step: 1 | 3): void {
  let state = [block[0]! ^ key[0]!, block[1]! ^ key[1]!, block[2]! ^ key[2]!, block[3]! ^ key[3]!]
  for (let at = 4; at < key.length - 4; at += 4) {
    const next = [0, 0, 0, 0]
    for (let i = 0; i < 4; i++) {
      next[i] =
        table[state[i]! >>> 24]! ^
        turn(table[(state[(i + step) & 3]! >>> 16) & 255]!, 8) ^
        turn(table[(state[(i + 2) & 3]! >>> 8) & 255]!, 16) ^
        turn(table[state[(i + 4 - step) & 3]! & 255]!, 24) ^
        key[at + i]!
    }
    state = next
  }
  for (let i = 0; i < 4; i++) {
    block[i] =
      ((last[state[i]! >>> 24]! << 24) |
        (last[(state[(i + step) & 3]! >>> 16) & 255]! << 16) |
        (last[(state[(i + 2) & 3]! >>> 8) & 255]! << 8) |
        last[state[(i + 4 - step) & 3]! & 255]!) ^
      key[key.length - 4 + i]!
  }
}

/** Encrypts whole blocks without padding. */
export function encryptCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const schedule = expandKey(key)
  const result = new Uint8Array(data)
  const view = new DataView(result.buffer)
  const before = wordsOf(iv)
  for (let at = 0; at < result.length; at += 16) {
    for (let i = 0; i < 4; i++) before[i] = before[i]! ^ view.getInt32(at + i * 4)
    mixBlock(before, schedule, mixed, box, 1)
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
  for (let at = 0; at < result.length; at += 16) {
    const encrypted = [0, 4, 8, 12].map((offset) => view.getInt32(at + offset))
    block.set(encrypted)
    mixBlock(block, schedule, unmixed, inverseBox, 3)
    for (let i = 0; i < 4; i++) view.setInt32(at + i * 4, block[i]! ^ before[i]!)
    before.set(encrypted)
  }
  return result
}

function wordsOf(iv: Uint8Array): Int32Array {
  const view = new DataView(iv.buffer, iv.byteOffset, 16)
  return Int32Array.of(view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12))
}
