import { crc32, inflateSync } from 'node:zlib'
import { ArtworkFault } from '../../domain/picture/artwork-fault.ts'
import type { Coverage } from '../../domain/picture/raster.ts'

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const limits = { leastSide: 200, mostSide: 4096, mostPixels: 8_000_000, mostChunks: 4096 } as const
const [grey, rgb, palette, greyAlpha, rgbAlpha] = [0, 2, 3, 4, 6]
const samplesOf: Readonly<Record<number, number>> = { [grey]: 1, [rgb]: 3, [palette]: 1, [greyAlpha]: 2, [rgbAlpha]: 4 }
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  [grey]: [1, 2, 4, 8, 16],
  [rgb]: [8, 16],
  [palette]: [1, 2, 4, 8],
  [greyAlpha]: [8, 16],
  [rgbAlpha]: [8, 16],
}

interface Header {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly colourType: number
}

/** How a sample row becomes ink. */
interface Colours {
  readonly palette: Uint8Array
  /** Of palette entries; of one grey or colour that is transparent nothing is taken. */
  readonly alphas: Uint8Array
}

/**
 * Reads a PNG (ISO/IEC 15948) as ink: whatever is neither transparent nor white, the darker the more. Its size is known and checked before
 * anything is inflated, and no more is inflated than that size has. Throws `ArtworkFault`.
 */
export function decodePng(bytes: Uint8Array): Coverage {
  const chunks = readChunks(bytes)
  const header = readHeader(chunks)
  const samples = samplesOf[header.colourType]!
  const rowBytes = Math.ceil((header.width * header.depth * samples) / 8)
  const rows = inflate(chunks, header.height * (rowBytes + 1))
  unfilter(rows, rowBytes, header.height, Math.max(1, (header.depth * samples) >> 3))
  const find = (type: string) => chunks.find((chunk) => chunk.type === type)?.data ?? new Uint8Array(0)
  const colours = { palette: find('PLTE'), alphas: find('tRNS') }
  if (header.colourType === palette && colours.palette.length % 3 !== 0) throw damaged('palette')
  const ink = new Uint8Array(header.width * header.height)
  for (let y = 0; y < header.height; y++) {
    const row = rows.subarray(y * (rowBytes + 1) + 1, (y + 1) * (rowBytes + 1))
    for (let x = 0; x < header.width; x++) ink[y * header.width + x] = inkOf(row, x, header, colours)
  }
  return { width: header.width, height: header.height, ink }
}

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

function readChunks(bytes: Uint8Array): Chunk[] {
  if (!signature.every((octet, index) => bytes[index] === octet)) throw damaged('signature')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: Chunk[] = []
  for (let at = signature.length; ; ) {
    if (at + 12 > bytes.length || chunks.length >= limits.mostChunks) throw damaged('chunks')
    const length = view.getUint32(at)
    if (length > bytes.length - at - 12) throw damaged('chunks')
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) throw damaged('checksum')
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) })
    at += 12 + length
    if (type === 'IEND') return chunks
  }
}

function readHeader(chunks: readonly Chunk[]): Header {
  const [first] = chunks
  if (first?.type !== 'IHDR' || first.data.length !== 13) throw damaged('header')
  const view = new DataView(first.data.buffer, first.data.byteOffset, 13)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  const [depth, colourType, compression, filter, interlace] = first.data.subarray(8)
  if (compression !== 0 || filter !== 0 || !depthsOf[colourType!]?.includes(depth!)) throw damaged('header')
  const { leastSide, mostSide, mostPixels } = limits
  if (Math.max(width, height) > mostSide || width * height > mostPixels) {
    throw new ArtworkFault(
      'ARTWORK_TOO_MANY_PIXELS',
      `sides of at most ${mostSide} pixels, ${mostPixels} pixels in all`,
    )
  }
  if (Math.min(width, height) < leastSide)
    throw new ArtworkFault('ARTWORK_TOO_SMALL', `sides of at least ${leastSide} pixels`)
  if (interlace !== 0) throw new ArtworkFault('ARTWORK_NOT_SUPPORTED', 'an interlaced PNG')
  return { width, height, depth: depth!, colourType: colourType! }
}

function inflate(chunks: readonly Chunk[], length: number): Uint8Array {
  const stream = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  let rows: Buffer
  try {
    rows = inflateSync(stream, { maxOutputLength: length })
  } catch {
    throw damaged('image data')
  }
  if (rows.length !== length) throw damaged('image data')
  return rows
}

/** Takes back the filters of all rows, in place (ISO/IEC 15948 §9). */
function unfilter(rows: Uint8Array, rowBytes: number, height: number, back: number): void {
  for (let y = 0; y < height; y++) {
    const start = y * (rowBytes + 1) + 1
    const filter = rows[start - 1]!
    if (filter > 4) throw damaged('filter')
    const above = y === 0 ? undefined : start - rowBytes - 1
    for (let i = 0; filter > 0 && i < rowBytes; i++) {
      const left = i < back ? 0 : rows[start + i - back]!
      const up = above === undefined ? 0 : rows[above + i]!
      const corner = above === undefined || i < back ? 0 : rows[above + i - back]!
      const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner)
      rows[start + i] = rows[start + i]! + guess
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

/** Whiteness is that of the least of a pixel's colours: red ink is as much ink as black. */
function inkOf(row: Uint8Array, x: number, { depth, colourType }: Header, colours: Colours): number {
  if (colourType === palette) {
    const entry = sampleAt(row, x, depth)
    const at = 3 * entry
    if (at + 2 >= colours.palette.length) throw damaged('palette')
    const least = Math.min(colours.palette[at]!, colours.palette[at + 1]!, colours.palette[at + 2]!)
    return weigh(least, colours.alphas[entry] ?? 255)
  }
  const samples = samplesOf[colourType]!
  const read = (index: number) => {
    const sample = sampleAt(row, x * samples + index, depth)
    return depth === 16 ? sample >> 8 : (sample * 255) / (2 ** depth - 1)
  }
  const hasColour = colourType === rgb || colourType === rgbAlpha
  const least = hasColour ? Math.min(read(0), read(1), read(2)) : read(0)
  return weigh(least, colourType === greyAlpha || colourType === rgbAlpha ? read(samples - 1) : 255)
}

const weigh = (least: number, alpha: number) => Math.round(((255 - least) * alpha) / 255)

function sampleAt(row: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return row[index]!
  if (depth === 16) return (row[2 * index]! << 8) | row[2 * index + 1]!
  const perByte = 8 / depth
  const shift = 8 - depth * ((index % perByte) + 1)
  return (row[Math.floor(index / perByte)]! >> shift) & (2 ** depth - 1)
}

const damaged = (what: string) => new ArtworkFault('ARTWORK_DAMAGED', `not a whole PNG: ${what}`)
