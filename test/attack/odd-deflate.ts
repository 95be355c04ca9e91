// Zlib streams that no zlib writes, and of which readers make different things (RFC 1950, 1951).

const adler32 = (data: Buffer): Buffer => {
  let [a, b] = [1, 0]
  for (const octet of data) {
    a = (a + octet) % 65_521
    b = (b + a) % 65_521
  }
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(((b << 16) | a) >>> 0)
  return sum
}

class BitWriter {
  readonly octets: number[] = []
  #held = 0
  #count = 0

  put(value: number, width: number): void {
    for (let i = 0; i < width; i++) {
      this.#held |= ((value >> i) & 1) << this.#count
      if (++this.#count === 8) this.#flush()
    }
  }

  word(value: number, width: number): void {
    for (let i = width - 1; i >= 0; i--) this.put((value >> i) & 1, 1)
  }

  stored(data: Buffer, isLast: boolean): void {
    this.put(Number(isLast), 1)
    this.put(0, 2)
    if (this.#count > 0) this.#flush()
    const { length } = data
    this.octets.push(length & 255, length >> 8, ~length & 255, (~length >> 8) & 255, ...data)
  }

  /** A block with codes of its own and nothing but its end: a word of one bit, where others have fifteen. */
  emptyBlock(): void {
    this.put(0, 1)
    this.put(2, 2)
    this.put(0, 5)
    this.put(0, 5)
    this.put(15, 4)
    const used = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18]
    for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])
      this.put(used.includes(symbol) ? 4 : 0, 3)
    const lengthOf = (length: number) => this.word(used.indexOf(length), 4)
    const absent = (count: number) => {
      lengthOf(18)
      this.put(count - 11, 7)
    }
    for (let length = 2; length <= 15; length++) lengthOf(length)
    lengthOf(15)
    absent(138)
    absent(92)
    absent(11)
    lengthOf(1)
    lengthOf(1)
    this.word(0, 1)
  }

  /** The last block, with fixed codes. */
  endBlock(): void {
    this.put(1, 1)
    this.put(1, 2)
    this.word(0, 7)
    if (this.#count > 0) this.#flush()
  }

  #flush(): void {
    this.octets.push(this.#held)
    this.#held = this.#count = 0
  }
}

const zlib = ({ octets }: BitWriter, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x78, 0x9c]), Buffer.from(octets), adler32(data)])

/**
 * Holds `before` and `data`, blanks behind, for zlib; readers that throw away what they fetched at a stored block lose the first letter of
 * `data`, and read what follows as other blocks.
 */
export function partedDeflate(before: string, data: string): { readonly octets: Buffer; readonly held: string } {
  let held = data
  while ((held.length & 255) !== held.charCodeAt(0)) held += ' '
  const writer = new BitWriter()
  writer.stored(Buffer.from(before, 'latin1'), false)
  writer.emptyBlock()
  writer.stored(Buffer.from(held, 'latin1'), false)
  writer.stored(Buffer.alloc(0), true)
  return { octets: zlib(writer, Buffer.from(before + held, 'latin1')), held: before + held }
}

/** Holds nothing, in so many blocks. */
export function emptyDeflate(blocks: number): Buffer {
  const writer = new BitWriter()
  for (let block = 1; block <= blocks; block++) writer.stored(Buffer.alloc(0), block === blocks)
  return zlib(writer, Buffer.alloc(0))
}

/** Holds nothing, in so many blocks with codes of their own. */
export function tablesDeflate(blocks: number): Buffer {
  const writer = new BitWriter()
  for (let block = 0; block < blocks; block++) writer.emptyBlock()
  writer.endBlock()
  return zlib(writer, Buffer.alloc(0))
}
