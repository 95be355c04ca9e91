import { crc32, deflateSync, inflateSync } from 'node:zlib'
import { joinBytes } from './jpeg.ts'
import { checkSides, type Picture, type PictureLimits } from './limits.ts'
import { PictureFault } from './picture-fault.ts'

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const grey = 0
const rgb = 2
const palette = 3
const greyAlpha = 4
const rgbAlpha = 6
const samplesOf: Readonly<Record<number, number>> = { [grey]: 1, [rgb]: 3, [palette]: 1, [greyAlpha]: 2, [rgbAlpha]: 4 }

interface Header {
  readonly width: number
  readonly height: number
  readonly colourType: number
}

/** A PNG this room has already read and kept, as the PDF embeds it. */
export interface PngParts {
  readonly width: number
  readonly height: number
  readonly components: 1 | 3
  /** The one zlib stream of filtered rows. */
  readonly stream: Uint8Array
}

/** Reads a PNG (ISO/IEC 15948): chunks, checksums, all rows decoded; keeps grey or RGB of 8 bits without ancillary chunks. */
export function readPng(bytes: Uint8Array, limits: PictureLimits): Picture {
  const { chunks, header, stream, rows } = decodePng(bytes, limits)
  const isPlain = header.colourType === grey || header.colourType === rgb
  const pixels = isPlain ? undefined : flatten(rows, header, chunks)
  const colourType = isPlain ? header.colourType : header.colourType === greyAlpha ? grey : rgb
  const kept = pixels === undefined ? stream : encodeRows(pixels, header.width * samplesOf[colourType]!)
  return {
    bytes: buildPng(header, colourType, kept),
    mediaType: 'image/png',
    width: header.width,
    height: header.height,
  }
}

/** Decodes all rows; samples lie one after the other, row by row. */
export function decodePng(
  bytes: Uint8Array,
  limits: PictureLimits,
): { chunks: Chunk[]; header: Header; stream: Uint8Array; rows: Uint8Array } {
  const chunks = readChunks(bytes)
  const header = readHeader(chunks)
  checkSides(header.width, header.height, limits)
  const stream = joinBytes(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  return { chunks, header, stream, rows: decodeRows(stream, header) }
}

/** The parts of a PNG that `readPng` made. */
export function readPngParts(bytes: Uint8Array): PngParts {
  const chunks = readChunks(bytes)
  const { width, height, colourType } = readHeader(chunks)
  if (colourType !== grey && colourType !== rgb) throw new PictureFault('PICTURE_COLOURS_NOT_SUPPORTED')
  const stream = joinBytes(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  return { width, height, components: colourType === grey ? 1 : 3, stream }
}

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

function readChunks(bytes: Uint8Array): Chunk[] {
  for (const [i, byte] of signature.entries()) if (bytes[i] !== byte) throw new PictureFault('PICTURE_DAMAGED')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: Chunk[] = []
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw new PictureFault('PICTURE_DAMAGED')
    const length = view.getUint32(at)
    if (at + 12 + length > bytes.length) throw new PictureFault('PICTURE_DAMAGED')
    const body = bytes.subarray(at + 4, at + 8 + length)
    if (crc32(body) !== view.getUint32(at + 8 + length)) throw new PictureFault('PICTURE_DAMAGED')
    const type = String.fromCharCode(...body.subarray(0, 4))
    if (type === 'IEND') return chunks
    chunks.push({ type, data: body.subarray(4) })
    at += 12 + length
  }
}

function readHeader(chunks: readonly Chunk[]): Header {
  const header = chunks[0]
  if (header?.type !== 'IHDR' || header.data.length !== 13) throw new PictureFault('PICTURE_DAMAGED')
  const view = new DataView(header.data.buffer, header.data.byteOffset, 13)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  const [depth, colourType, compression, filter, interlace] = header.data.subarray(8)
  if (width === 0 || height === 0) throw new PictureFault('PICTURE_DAMAGED')
  const isSupported =
    depth === 8 && samplesOf[colourType!] !== undefined && compression === 0 && filter === 0 && interlace === 0
  if (!isSupported) throw new PictureFault('PICTURE_NOT_SUPPORTED')
  return { width, height, colourType: colourType! }
}

/** Inflates into exactly the size the header promises and undoes the row filters (ISO/IEC 15948 §9). */
function decodeRows(stream: Uint8Array, { width, height, colourType }: Header): Uint8Array {
  const samples = samplesOf[colourType]!
  const stride = width * samples
  const size = height * (stride + 1)
  let filtered: Uint8Array
  try {
    filtered = inflateSync(stream, { maxOutputLength: size })
  } catch {
    throw new PictureFault('PICTURE_DAMAGED')
  }
  if (filtered.length !== size) throw new PictureFault('PICTURE_DAMAGED')
  const rows = new Uint8Array(height * stride)
  for (let y = 0; y < height; y++) undoFilter(filtered, rows, y, stride, samples)
  return rows
}

function undoFilter(filtered: Uint8Array, rows: Uint8Array, y: number, stride: number, samples: number): void {
  const from = y * (stride + 1)
  const kind = filtered[from]!
  if (kind > 4) throw new PictureFault('PICTURE_DAMAGED')
  const to = y * stride
  if (kind === 0 || (kind === 2 && y === 0)) {
    rows.set(filtered.subarray(from + 1, from + 1 + stride), to)
    return
  }
  if (kind === 2) {
    for (let x = 0; x < stride; x++) rows[to + x] = filtered[from + 1 + x]! + rows[to + x - stride]!
    return
  }
  for (let x = 0; x < stride; x++) {
    const left = x < samples ? 0 : rows[to + x - samples]!
    const up = y === 0 ? 0 : rows[to - stride + x]!
    const corner = x < samples || y === 0 ? 0 : rows[to - stride + x - samples]!
    rows[to + x] = filtered[from + 1 + x]! + predict(kind, left, up, corner)
  }
}

function predict(kind: number, left: number, up: number, corner: number): number {
  if (kind === 1) return left
  if (kind === 3) return (left + up) >> 1
  const [toLeft, toUp, toCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

/** Lays transparent pixels on white, and looks up palettes. */
function flatten(rows: Uint8Array, { width, height, colourType }: Header, chunks: readonly Chunk[]): Uint8Array {
  const count = width * height
  if (colourType === palette) return lookUp(rows, chunks)
  const colours = colourType === greyAlpha ? 1 : 3
  const pixels = new Uint8Array(count * colours)
  for (let i = 0; i < count; i++) {
    const alpha = rows[i * (colours + 1) + colours]!
    for (let c = 0; c < colours; c++) {
      pixels[i * colours + c] = Math.round((rows[i * (colours + 1) + c]! * alpha + 255 * (255 - alpha)) / 255)
    }
  }
  return pixels
}

function lookUp(rows: Uint8Array, chunks: readonly Chunk[]): Uint8Array {
  const colours = chunks.find(({ type }) => type === 'PLTE')?.data
  const alphas = chunks.find(({ type }) => type === 'tRNS')?.data
  if (colours === undefined) throw new PictureFault('PICTURE_DAMAGED')
  const pixels = new Uint8Array(3 * rows.length)
  for (const [i, entry] of rows.entries()) {
    if (3 * entry + 2 >= colours.length) throw new PictureFault('PICTURE_DAMAGED')
    const alpha = alphas?.[entry] ?? 255
    for (let c = 0; c < 3; c++)
      pixels[3 * i + c] = Math.round((colours[3 * entry + c]! * alpha + 255 * (255 - alpha)) / 255)
  }
  return pixels
}

/** Rows with the filter "up", deflated. */
function encodeRows(pixels: Uint8Array, stride: number): Uint8Array {
  const height = pixels.length / stride
  const filtered = new Uint8Array(height * (stride + 1))
  for (let y = 0; y < height; y++) {
    const to = y * (stride + 1)
    filtered[to] = 2
    for (let x = 0; x < stride; x++) {
      filtered[to + 1 + x] = pixels[y * stride + x]! - (y === 0 ? 0 : pixels[(y - 1) * stride + x]!)
    }
  }
  return deflateSync(filtered, { level: 6 })
}

function buildPng({ width, height }: Header, colourType: number, stream: Uint8Array): Uint8Array {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([8, colourType], 8)
  return joinBytes([
    signature,
    buildChunk('IHDR', header),
    buildChunk('IDAT', stream),
    buildChunk('IEND', new Uint8Array(0)),
  ])
}

function buildChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + data.length)
  const view = new DataView(chunk.buffer)
  view.setUint32(0, data.length)
  for (let i = 0; i < 4; i++) chunk[4 + i] = type.charCodeAt(i)
  chunk.set(data, 8)
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)))
  return chunk
}

/** A PNG of 8-bit RGB pixels, row by row (for made-up holders' pictures). */
export function encodePng(width: number, height: number, pixels: Uint8Array): Uint8Array {
  return buildPng({ width, height, colourType: rgb }, rgb, encodeRows(pixels, 3 * width))
}
