import { PadesError } from './errors.ts'

/**
 * Own inflate (RFC 1950, 1951), because nothing else is synchronous, bounded and present in Node and browsers alike:
 * `DecompressionStream` is asynchronous and hands out whole chunks before it can be stopped, `node:zlib` is not in a browser.
 */

const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
]
const distanceExtra = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13]
const codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** Canonical Huffman code as a table by the next 15 bits (reversed): symbol << 4 | length; 0 = no such code. */
type Code = { readonly table: Uint16Array; readonly mask: number; readonly longest: number }

/**
 * Bit patterns without a symbol are refused as zlib does, since readers that use it stop where others go on: none may be left over, but where
 * there are no symbols at all, or (`mayBeOne`) a single one of one bit.
 */
function refuseIncomplete(lengths: Uint8Array, mayBeOne: boolean): Uint8Array {
  let used = 0
  let longest = 0
  for (const length of lengths) {
    if (length > 0) used += 1 << (15 - length)
    if (length > longest) longest = length
  }
  if (used < 1 << 15 && longest > 0 && !(mayBeOne && longest === 1)) broken('a Huffman code with too few words')
  return lengths
}

function makeCode(lengths: Uint8Array): Code {
  const count = new Uint16Array(16)
  for (const length of lengths) count[length] = count[length]! + 1
  count[0] = 0
  let longest = 15
  while (longest > 1 && count[longest] === 0) longest--
  const next = new Uint16Array(17)
  for (let length = 1, code = 0; length <= 15; length++) {
    code = (code + count[length - 1]!) << 1
    if (code + count[length]! > 1 << length) broken('a Huffman code with too many words')
    next[length] = code
  }
  const table = new Uint16Array(1 << longest)
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!
    if (length === 0) continue
    const code = next[length]!
    next[length] = code + 1
    let reversed = 0
    for (let i = 0; i < length; i++) reversed |= ((code >> i) & 1) << (length - 1 - i)
    for (let at = reversed; at < table.length; at += 1 << length) table[at] = (symbol << 4) | length
  }
  return { table, mask: table.length - 1, longest }
}

function broken(detail: string): never {
  throw new PadesError('PADES_COMPRESSED_DATA_BROKEN', `compressed data: ${detail}`)
}

let fixedCodes: readonly [Code, Code] | null = null
function fixed(): readonly [Code, Code] {
  if (fixedCodes === null) {
    const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280)
    fixedCodes = [makeCode(lengths), makeCode(new Uint8Array(30).fill(5))]
  }
  return fixedCodes
}

/** What a symbol costs that is not kept, where an octet that is read as a token is one unit. */
const UNITS_PER_SYMBOL = 0.5
const SYMBOLS_AT_ONCE = 65_536

class Inflater {
  readonly #input: Uint8Array
  #at = 2
  #bits = 0
  #bitCount = 0
  /** Bits that readers after xpdf (poppler, pdf.js) hold: they fetch whole octets, as many as the longest word of a code may need. */
  #fetched = 0
  #output: Uint8Array
  #length = 0
  readonly #limit: number
  readonly #work: (units: number) => void
  readonly #keeps: boolean

  /** @param limit `null` where nothing is kept: what the blocks hold is only counted */
  constructor(input: Uint8Array, limit: number | null, work: (units: number) => void) {
    this.#input = input
    this.#limit = limit ?? 0
    this.#work = work
    this.#output = new Uint8Array(Math.min(this.#limit, Math.max(256, input.length * 4)))
    this.#keeps = limit !== null
  }

  inflate(): Inflated {
    this.#blocks()
    const output = this.#output.subarray(0, this.#length)
    this.#checkSum(output)
    return { data: output, end: this.#at + 4 }
  }

  /** How much the blocks hold. */
  walk(): number {
    this.#blocks()
    this.#alignToByte()
    if (this.#at > this.#input.length) broken('it ends too early')
    return this.#length
  }

  #blocks(): void {
    for (let last = 0; last === 0; ) {
      last = this.#take(1)
      const type = this.#take(2)
      if (type === 0) this.#stored()
      else if (type === 1) this.#compressed(...fixed())
      else if (type === 2) this.#compressed(...this.#dynamicCodes())
      else broken('a block of a reserved type')
      if (!this.#keeps) this.#work(1)
    }
  }

  #need(count: number): void {
    while (this.#bitCount < count) {
      if (this.#at >= this.#input.length + 4) broken('it ends too early')
      this.#bits |= (this.#input[this.#at++] ?? 0) << this.#bitCount
      this.#bitCount += 8
    }
  }

  #take(count: number): number {
    if (count === 0) return 0
    this.#need(count)
    const value = this.#bits & ((1 << count) - 1)
    this.#drop(count, count)
    return value
  }

  #drop(count: number, asked: number): void {
    this.#bits >>>= count
    this.#bitCount -= count
    if (this.#fetched < asked) this.#fetched += (asked - this.#fetched + 7) & ~7
    this.#fetched -= count
  }

  #symbol(code: Code): number {
    this.#need(15)
    const entry = code.table[this.#bits & code.mask]!
    const length = entry & 15
    if (length === 0) broken('a code word that stands for nothing')
    this.#drop(length, code.longest)
    return entry >> 4
  }

  /** `#symbol` until one is no literal: most of a picture's are, and with nothing to keep all that is needed stays in registers. */
  #behindLiterals({ table, mask, longest }: Code): number {
    const input = this.#input
    let [at, bits, bitCount, fetched] = [this.#at, this.#bits, this.#bitCount, this.#fetched]
    for (let symbols = 1; ; symbols++) {
      if (symbols % SYMBOLS_AT_ONCE === 0) this.#work(SYMBOLS_AT_ONCE * UNITS_PER_SYMBOL)
      while (bitCount < 15) {
        if (at >= input.length + 4) broken('it ends too early')
        bits |= (at < input.length ? input[at]! : 0) << bitCount
        at++
        bitCount += 8
      }
      const entry = table[bits & mask]!
      const length = entry & 15
      if (length === 0) broken('a code word that stands for nothing')
      bits >>>= length
      bitCount -= length
      if (fetched < longest) fetched += (longest - fetched + 7) & ~7
      fetched -= length
      if (entry >= 256 << 4) {
        this.#at = at
        this.#bits = bits
        this.#bitCount = bitCount
        this.#fetched = fetched
        this.#length += symbols - 1
        this.#work((symbols % SYMBOLS_AT_ONCE) * UNITS_PER_SYMBOL)
        return entry >> 4
      }
    }
  }

  #room(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#output.length) return
    if (needed > this.#limit) throw new PadesError('PADES_LIMIT_EXCEEDED', 'a stream inflates to too many bytes')
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(needed, this.#output.length * 2)))
    larger.set(this.#output.subarray(0, this.#length))
    this.#output = larger
  }

  #alignToByte(): void {
    this.#at -= this.#bitCount >> 3
    this.#bits = this.#bitCount = 0
  }

  #stored(): void {
    // They throw away what they hold, whole octets too, and read on behind: other data than everybody else.
    if (this.#fetched >= 8) broken('a stored block of which some readers lose the beginning')
    this.#fetched = 0
    this.#alignToByte()
    const input = this.#input
    const at = this.#at
    const length = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8)
    if (at + 4 + length > input.length) broken('a stored block that ends too early')
    if (((input[at + 2]! | (input[at + 3]! << 8)) ^ 0xffff) !== length) broken('a stored block of uncertain length')
    if (this.#keeps) {
      this.#room(length)
      this.#output.set(input.subarray(at + 4, at + 4 + length), this.#length)
    }
    this.#length += length
    this.#at = at + 4 + length
  }

  #dynamicCodes(): [Code, Code] {
    const literals = this.#take(5) + 257
    const distances = this.#take(5) + 1
    const codes = this.#take(4) + 4
    if (literals > 286 || distances > 30) broken('a block with too many codes')
    const codeLengths = new Uint8Array(19)
    for (let i = 0; i < codes; i++) codeLengths[codeOrder[i]!] = this.#take(3)
    const code = makeCode(refuseIncomplete(codeLengths, false))
    const lengths = new Uint8Array(literals + distances)
    for (let i = 0; i < lengths.length; ) {
      const symbol = this.#symbol(code)
      if (symbol < 16) {
        lengths[i++] = symbol
        continue
      }
      if (symbol === 16 && i === 0) broken('a repeated length with none before')
      const value = symbol === 16 ? lengths[i - 1]! : 0
      const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7)
      if (i + times > lengths.length) broken('more lengths than codes')
      lengths.fill(value, i, (i += times))
    }
    if (lengths[256] === 0) broken('a block without an end')
    const [ofLiterals, ofDistances] = [lengths.subarray(0, literals), lengths.subarray(literals)]
    const own: [Code, Code] = [
      makeCode(refuseIncomplete(ofLiterals, true)),
      makeCode(refuseIncomplete(ofDistances, true)),
    ]
    // Two dozen octets can ask for tables of 65,536 places.
    this.#work(own[0].table.length + own[1].table.length)
    return own
  }

  #compressed(literals: Code, distances: Code): void {
    const keeps = this.#keeps
    for (;;) {
      const symbol = keeps ? this.#symbol(literals) : this.#behindLiterals(literals)
      if (symbol < 256) {
        this.#room(1)
        this.#output[this.#length++] = symbol
        continue
      }
      if (symbol === 256) return
      if (symbol > 285) broken('a length that does not exist')
      const length = lengthBase[symbol - 257]! + this.#take(lengthExtra[symbol - 257]!)
      const place = this.#symbol(distances)
      if (place > 29) broken('a distance that does not exist')
      const distance = distanceBase[place]! + this.#take(distanceExtra[place]!)
      if (distance > this.#length) broken('a distance before the beginning')
      if (!keeps) {
        this.#length += length
        continue
      }
      this.#room(length)
      const output = this.#output
      for (let i = 0; i < length; i++, this.#length++) output[this.#length] = output[this.#length - distance]!
    }
  }

  #checkSum(output: Uint8Array): void {
    this.#alignToByte()
    const input = this.#input
    const at = this.#at
    if (at + 4 > input.length) broken('no checksum')
    let a = 1
    let b = 0
    for (let i = 0; i < output.length; ) {
      const stop = Math.min(output.length, i + 3800)
      for (; i < stop; i++) b += a += output[i]!
      a %= 65521
      b %= 65521
    }
    const written = ((input[at]! << 24) | (input[at + 1]! << 16) | (input[at + 2]! << 8) | input[at + 3]!) >>> 0
    if (written !== ((b << 16) | a) >>> 0) broken('the checksum is wrong')
  }
}

export interface Inflated {
  readonly data: Uint8Array
  /** Offset behind the checksum. */
  readonly end: number
}

/**
 * Inflates a zlib stream (RFC 1950) of at most `limit` bytes.
 *
 * @param work is told what is done beside inflating, and may throw
 * @throws PadesError PADES_COMPRESSED_DATA_BROKEN, PADES_LIMIT_EXCEEDED
 */
export function inflateStream(input: Uint8Array, limit: number, work: (units: number) => void): Inflated {
  refuseHeader(input)
  return new Inflater(input, limit, work).inflate()
}

/**
 * Reads a zlib stream as `inflateStream` does and keeps nothing, however much it holds: whether readers inflate it alike is seen from its blocks. Its checksum
 * is not asked, for which the whole would be needed: readers hand out what they have inflated before they come to it.
 *
 * @param work is told of all that is done, and may throw
 * @returns how many octets it holds
 * @throws PadesError PADES_COMPRESSED_DATA_BROKEN
 */
export function walkDeflated(input: Uint8Array, work: (units: number) => void): number {
  refuseHeader(input)
  return new Inflater(input, null, work).walk()
}

function refuseHeader(input: Uint8Array): void {
  if (!isDeflateHeader(input)) broken('no zlib header')
}

/** Whether octets begin as a zlib stream does that needs no dictionary (RFC 1950, 2.2). */
function isDeflateHeader(input: Uint8Array): boolean {
  const header = ((input[0] ?? 0) << 8) | (input[1] ?? 0)
  return (header & 0x0f00) === 0x0800 && header >> 12 <= 7 && header % 31 === 0 && (header & 0x20) === 0
}

/** `inflateStream` for what holds data, whatever stands behind them. */
export const inflate = (input: Uint8Array, limit: number, work: (units: number) => void = () => {}): Uint8Array =>
  inflateStream(input, limit, work).data
