import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJpegFrame, withoutOrientation } from '../../templates/pictures/jpeg.ts'
import { readPicture } from '../../templates/pictures/picture.ts'
import { PictureFault } from '../../templates/pictures/picture-fault.ts'
import { decodePng, encodePng } from '../../templates/pictures/png.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'

const limits = { minSide: 1, maxSide: 2000, maxBytes: 1 << 20 }

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** A PNG from its rows with their filter bytes. */
function png(
  width: number,
  height: number,
  colourType: number,
  filtered: Uint8Array,
  extra: Buffer[] = [],
  depth = 8,
  interlace = 0,
) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, colourType, 0, 0, interlace], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', deflateSync(filtered)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const segment = (marker: number, ...body: number[]) => [
  0xff,
  marker,
  (body.length + 2) >> 8,
  (body.length + 2) & 255,
  ...body,
]
const scan = [...segment(0xda, 1, 1, 0, 0, 63, 0), 0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]

/** The skeleton of a JPEG: right in structure, its scan is not meant to be decoded. */
function jpeg({
  sof = 0xc0,
  components = 3,
  width = 40,
  height = 30,
  before = [] as number[],
  end = [0xff, 0xd9],
} = {}): Uint8Array {
  const frame = segment(sof, 8, 0, height, 0, width, components, ...Array(components * 3).fill(1))
  return Uint8Array.from([0xff, 0xd8, ...before, ...segment(0xdb, 0, 1, 2), ...frame, ...scan, ...end])
}

const exif = (orientation: number, isLittle: boolean) => {
  const word = (value: number) => (isLittle ? [value & 255, value >> 8] : [value >> 8, value & 255])
  const long = (value: number) => (isLittle ? [...word(value), 0, 0] : [0, 0, ...word(value)])
  const order = isLittle ? [0x49, 0x49] : [0x4d, 0x4d]
  const entry = [...word(0x0112), ...word(3), ...long(1), ...word(orientation), 0, 0]
  return segment(
    0xe1,
    0x45,
    0x78,
    0x69,
    0x66,
    0,
    0,
    ...order,
    ...word(42),
    ...long(8),
    ...word(1),
    ...entry,
    ...long(0),
    9,
    9,
    9,
  )
}

describe('readPicture with PNG', () => {
  it('keeps grey and RGB pixels as they are, without ancillary chunks', () => {
    const pixels = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 37) % 256)
    const plain = encodePng(5, 4, pixels)
    const withText = Buffer.from(plain)
    const noisy = Buffer.concat([
      withText.subarray(0, 33),
      chunk('tEXt', Buffer.from('Author\0secret')),
      withText.subarray(33),
    ])
    const picture = readPicture(noisy, limits)
    expect(picture).toMatchObject({ mediaType: 'image/png', width: 5, height: 4 })
    expect(Buffer.from(picture.bytes).includes('secret')).toBe(false)
    expect(decodePng(picture.bytes, limits).rows).toEqual(pixels)
  })

  it('undoes every row filter', () => {
    const rows = Uint8Array.of(0, 10, 20, 30, 1, 5, 5, 5, 2, 1, 1, 1, 3, 4, 4, 4, 4, 7, 7, 7)
    expect([...decodePng(png(3, 5, 0, rows), limits).rows]).toEqual([
      10, 20, 30, 5, 10, 15, 6, 11, 16, 7, 13, 18, 14, 21, 28,
    ])
  })

  it('lays transparency on white paper and looks palettes up', () => {
    const alpha = readPicture(png(2, 1, 6, Uint8Array.of(0, 0, 0, 0, 255, 0, 0, 0, 0)), limits)
    expect([...decodePng(alpha.bytes, limits).rows]).toEqual([0, 0, 0, 255, 255, 255])
    const greyAlpha = readPicture(png(1, 1, 4, Uint8Array.of(0, 0, 128)), limits)
    expect([...decodePng(greyAlpha.bytes, limits).rows]).toEqual([127])
    const palette = [chunk('PLTE', Buffer.from([9, 8, 7, 1, 2, 3])), chunk('tRNS', Buffer.from([255, 0]))]
    const indexed = readPicture(png(2, 1, 3, Uint8Array.of(0, 0, 1), palette), limits)
    expect([...decodePng(indexed.bytes, limits).rows]).toEqual([9, 8, 7, 255, 255, 255])
  })

  it.each([
    ['interlaced', png(1, 1, 0, Uint8Array.of(0, 1), [], 8, 1), 'PICTURE_NOT_SUPPORTED'],
    ['of 16 bits', png(1, 1, 0, Uint8Array.of(0, 1, 1), [], 16), 'PICTURE_NOT_SUPPORTED'],
    ['with too few rows', png(1, 2, 0, Uint8Array.of(0, 1)), 'PICTURE_DAMAGED'],
    ['with too many rows', png(1, 1, 0, Uint8Array.of(0, 1, 0, 1)), 'PICTURE_DAMAGED'],
    ['with an unknown filter', png(1, 1, 0, Uint8Array.of(9, 1)), 'PICTURE_DAMAGED'],
    [
      'with a palette index too high',
      png(1, 1, 3, Uint8Array.of(0, 3), [chunk('PLTE', Buffer.from([1, 2, 3]))]),
      'PICTURE_DAMAGED',
    ],
    ['without pixels', png(0, 1, 0, Uint8Array.of(0)), 'PICTURE_DAMAGED'],
    ['with too many pixels', png(2001, 1, 0, new Uint8Array(2002)), 'PICTURE_TOO_MANY_PIXELS'],
  ])('refuses one %s', (_, bytes, code) => {
    throwsWithCode(() => readPicture(bytes, limits), code)
  })

  it('refuses one that is cut off anywhere or has a flipped bit anywhere', () => {
    const whole = encodePng(
      8,
      8,
      Uint8Array.from({ length: 192 }, (_, i) => i),
    )
    for (let length = 2; length < whole.length; length++) {
      expect(() => readPicture(whole.subarray(0, length), limits)).toThrow(PictureFault)
    }
    for (let at = 0; at < whole.length; at++) {
      const flipped = whole.slice()
      flipped[at]! ^= 1
      expect(() => readPicture(flipped, limits)).toThrow(PictureFault)
    }
  })
})

describe('readPicture with JPEG', () => {
  it('takes baseline and progressive, grey and colour', () => {
    for (const sof of [0xc0, 0xc1, 0xc2]) {
      for (const components of [1, 3]) {
        const picture = readPicture(jpeg({ sof, components }), limits)
        expect(picture).toMatchObject({ mediaType: 'image/jpeg', width: 40, height: 30 })
        expect(readJpegFrame(picture.bytes)).toEqual({ width: 40, height: 30, components, orientation: 1 })
      }
    }
  })

  it('leaves out metadata, comments and what follows the end, but keeps what tells the colours', () => {
    const secret = [...Buffer.from('GPS 30.2 120.1')]
    const before = [
      ...segment(0xe1, ...secret),
      ...segment(0xed, ...secret),
      ...segment(0xfe, ...secret),
      ...segment(0xee, 65, 100, 111),
    ]
    const { bytes } = readPicture(jpeg({ before, end: [0xff, 0xd9, ...secret] }), limits)
    expect(Buffer.from(bytes).includes('GPS')).toBe(false)
    expect(Buffer.from(bytes).includes(Buffer.from([0xff, 0xee]))).toBe(true)
    expect(bytes.slice(-2)).toEqual(Uint8Array.of(0xff, 0xd9))
  })

  it.each([true, false])('keeps how a photo was held and shows its sides so (little endian: %s)', (isLittle) => {
    const picture = readPicture(jpeg({ before: exif(6, isLittle) }), limits)
    expect(picture).toMatchObject({ width: 30, height: 40 })
    expect(readJpegFrame(picture.bytes).orientation).toBe(6)
    expect(readJpegFrame(withoutOrientation(picture.bytes)).orientation).toBe(1)
    expect(readPicture(picture.bytes, limits)).toEqual(picture)
  })

  it.each([
    ['of four colours', jpeg({ components: 4 }), 'PICTURE_COLOURS_NOT_SUPPORTED'],
    ['that is lossless', jpeg({ sof: 0xc3 }), 'PICTURE_NOT_SUPPORTED'],
    ['with arithmetic coding', jpeg({ sof: 0xc9 }), 'PICTURE_NOT_SUPPORTED'],
    ['without an end', jpeg({ end: [] }), 'PICTURE_DAMAGED'],
    ['without a scan', Uint8Array.from([0xff, 0xd8, ...segment(0xdb, 1), 0xff, 0xd9]), 'PICTURE_DAMAGED'],
    ['without height', jpeg({ height: 0 }), 'PICTURE_DAMAGED'],
  ])('refuses one %s', (_, bytes, code) => {
    throwsWithCode(() => readPicture(bytes, limits), code)
  })

  it('refuses or reads any bytes without another error', () => {
    const seeds = [jpeg({ before: exif(8, true) }), encodePng(3, 3, new Uint8Array(27))]
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .record({ seed: fc.constantFrom(...seeds), at: fc.nat(150), value: fc.nat(255), cut: fc.nat(200) })
        .map(({ seed, at, value, cut }) => {
          const changed = seed.slice(0, seed.length - (cut > 100 ? cut - 100 : 0))
          if (at < changed.length) changed[at] = value
          return changed
        }),
    )
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          readPicture(input, limits)
        } catch (error) {
          expect(error).toBeInstanceOf(PictureFault)
        }
      }),
      { numRuns: 400 },
    )
  })
})
