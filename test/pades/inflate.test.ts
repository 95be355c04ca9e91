import { constants, deflateRawSync, deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inflate, walkDeflated } from '../../pades/inflate.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc
    .array(fc.constantFrom(...'%PDF-<>obj \n'), { maxLength: 4000 })
    .map((text) => new TextEncoder().encode(text.join(''))),
)

describe('inflate', () => {
  it('gives back what zlib deflated, at every level and strategy (property)', () => {
    const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE]
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 9 }), fc.constantFrom(...strategies), (data, level, strategy) => {
        expect(inflate(deflateSync(data, { level, strategy }), 5000)).toEqual(data)
      }),
      { numRuns: 300 },
    )
  })

  it('inflates blocks joined by a full flush', () => {
    const parts = [new Uint8Array(70_000).fill(7), new TextEncoder().encode('licence')]
    const first = deflateRawSync(parts[0]!, { finishFlush: constants.Z_SYNC_FLUSH })
    const joined = Buffer.concat(parts)
    const whole = deflateSync(joined)
    const stream = Buffer.concat([whole.subarray(0, 2), first, deflateRawSync(parts[1]!), whole.subarray(-4)])
    expect(Buffer.compare(inflate(stream, 1 << 20), joined)).toBe(0)
  })

  it('stops at its limit', () => {
    const bomb = deflateSync(new Uint8Array(10_000_000))
    throwsWithCode(() => inflate(bomb, 1_000_000), 'PADES_LIMIT_EXCEEDED')
  })

  it('refuses every truncation and every changed byte, or gives the same data', () => {
    const data = new TextEncoder().encode('证照 licence data, repeated repeated repeated')
    const stream = new Uint8Array(deflateSync(data))
    for (let length = 0; length < stream.length; length++) {
      throwsWithCode(() => inflate(stream.subarray(0, length), 1000), 'PADES_COMPRESSED_DATA_BROKEN')
    }
    for (let at = 0; at < stream.length; at++) {
      const changed = stream.slice()
      changed[at]! ^= 0x55
      try {
        expect(inflate(changed, 1000)).toEqual(data)
      } catch (error) {
        expect((error as { code: string }).code).toMatch(/^PADES_(COMPRESSED_DATA_BROKEN|LIMIT_EXCEEDED)$/)
      }
    }
  })
})

describe('walkDeflated', () => {
  it('takes what zlib deflated and counts what it holds (property)', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 4 }), (data, level, strategy) => {
        expect(walkDeflated(deflateSync(data, { level, strategy }), () => {})).toBe(data.length)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses what inflate refuses but for a checksum, and nothing else (property)', () => {
    const outcome = (read: () => number): number | string => {
      try {
        return read()
      } catch (error) {
        return (error as Error).message
      }
    }
    fc.assert(
      fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (data, place, change, isCut) => {
        const stream = new Uint8Array(deflateSync(data))
        const at = place % stream.length
        if (!isCut) stream[at]! ^= change
        const odd = isCut ? stream.subarray(0, at) : stream
        const inflated = outcome(() => inflate(odd, 1 << 24).length)
        const walked = outcome(() => walkDeflated(odd, () => {}))
        if (typeof inflated === 'number' || !/checksum/.test(inflated)) expect(walked).toBe(inflated)
        else expect(typeof walked === 'number' || /ends too early/.test(walked)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('tells of its work while it is at it', () => {
    const stream = deflateSync(new Uint8Array(4 << 20), { strategy: constants.Z_HUFFMAN_ONLY })
    const stopped = new Error('enough')
    let units = 0
    const work = (more: number) => {
      units += more
      if (units > 100_000) throw stopped
    }
    expect(() => walkDeflated(stream, work)).toThrow(stopped)
    expect(units).toBeLessThan(200_000)
  })
})

describe('a Huffman code with words that stand for nothing', () => {
  /** One block with 257 literals: `used` of them and the end of block have words of eight bits, or nine where there are more. */
  function packed(text: string, used: number, width: number): Uint8Array {
    const bits: number[] = []
    const put = (value: number, count: number) => {
      for (let i = 0; i < count; i++) bits.push((value >> i) & 1)
    }
    const word = (value: number) => {
      for (let i = width - 1; i >= 0; i--) bits.push((value >> i) & 1)
    }
    for (const [value, count] of [
      [1, 1],
      [2, 2],
      [0, 5],
      [0, 5],
      [4, 4],
    ] as const)
      put(value, count)
    // Lengths of the code's own symbols, in the order 16 17 18 0 8 7 9 6: 0 and `width` have one bit each.
    for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6]) put(symbol === 0 || symbol === width ? 1 : 0, 3)
    for (let symbol = 0; symbol < 257; symbol++) put(symbol < used || symbol === 256 ? 1 : 0, 1)
    put(0, 1)
    for (const character of text) word(character.charCodeAt(0))
    word(used)
    const block = new Uint8Array(Math.ceil(bits.length / 8))
    for (const [i, bit] of bits.entries()) block[i >> 3]! |= bit << (i & 7)
    const zlib = deflateSync(text)
    return Buffer.concat([Buffer.of(0x78, 0x01), block, zlib.subarray(-4)])
  }

  it('is refused as zlib refuses it, and read where none is left over', () => {
    const whole = packed('all words', 127, 7)
    expect(Buffer.from(inflate(whole, 100)).toString()).toBe('all words')
    expect(inflateSync(whole).toString()).toBe('all words')
    for (const broken of [packed('some words', 126, 7), packed('some words', 128, 8)]) {
      expect(() => inflateSync(broken)).toThrow()
      throwsWithCode(() => inflate(broken, 100), 'PADES_COMPRESSED_DATA_BROKEN')
    }
  })
})
