import { checkSides, type Picture, type PictureLimits } from './limits.ts'
import { PictureFault } from './picture-fault.ts'

const startOfScan = 0xda
const endOfImage = 0xd9
const adobe = 0xee
const exif = 0xe1
const upright = 1
const sideways = 5

interface Segment {
  readonly marker: number
  readonly from: number
  readonly to: number
}

/** Size, components and turning of a JPEG this room has already read and kept. */
export interface JpegFrame {
  readonly width: number
  readonly height: number
  readonly components: number
  /** EXIF orientation, 1 … 8. */
  readonly orientation: number
}

/**
 * Reads a JPEG's structure (ITU-T T.81 annex B) to its end of image and keeps what decoding needs. The image data themselves are not
 * decoded.
 */
export function readJpeg(bytes: Uint8Array, limits: PictureLimits): Picture {
  const segments = readSegments(bytes)
  const frame = readFrame(bytes, segments)
  if (frame.components !== 1 && frame.components !== 3) throw new PictureFault('PICTURE_COLOURS_NOT_SUPPORTED')
  const isTurned = frame.orientation >= sideways
  const [width, height] = isTurned ? [frame.height, frame.width] : [frame.width, frame.height]
  checkSides(width, height, limits)
  const kept = segments.filter(
    ({ marker }) => marker === adobe || !((marker >= 0xe0 && marker <= 0xef) || marker === 0xfe),
  )
  const note = frame.orientation === upright ? new Uint8Array(0) : orientationNote(frame.orientation)
  const parts = [
    Uint8Array.of(0xff, 0xd8),
    note,
    ...kept.map(({ from, to }) => bytes.subarray(from, to)),
    Uint8Array.of(0xff, endOfImage),
  ]
  return { bytes: joinBytes(parts), mediaType: 'image/jpeg', width, height }
}

/** The frame of a JPEG that `readJpeg` made. */
export function readJpegFrame(bytes: Uint8Array): JpegFrame {
  return readFrame(bytes, readSegments(bytes))
}

/** What a decoder needs of it: for the PDF, which turns by its own matrix. */
export function withoutOrientation(bytes: Uint8Array): Uint8Array {
  const first = readSegments(bytes)[0]
  if (first?.marker !== exif) return bytes
  return joinBytes([bytes.subarray(0, 2), bytes.subarray(first.to)])
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Every segment between start and end of image; that of a scan holds its entropy-coded data too. */
function readSegments(bytes: Uint8Array): Segment[] {
  const segments: Segment[] = []
  let at = 2
  for (;;) {
    if (bytes[at] !== 0xff) throw new PictureFault('PICTURE_DAMAGED')
    while (bytes[at + 1] === 0xff) at++
    const marker = bytes[at + 1]
    if (marker === undefined || marker === 0) throw new PictureFault('PICTURE_DAMAGED')
    if (marker === endOfImage) {
      if (!segments.some((segment) => segment.marker === startOfScan)) throw new PictureFault('PICTURE_DAMAGED')
      return segments
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
    const end = at + 2 + length
    if (length < 2 || end > bytes.length) throw new PictureFault('PICTURE_DAMAGED')
    const to = marker === startOfScan ? endOfScan(bytes, end) : end
    segments.push({ marker, from: at, to })
    at = to
  }
}

/** Entropy-coded data end at the first marker that is neither a stuffed zero nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue
    const next = bytes[at + 1]!
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
  throw new PictureFault('PICTURE_DAMAGED')
}

/** Baseline, extended and progressive Huffman frames of 8 bits; lossless and arithmetic ones no PDF reader decodes. */
function readFrame(bytes: Uint8Array, segments: readonly Segment[]): JpegFrame {
  const frame = segments.find(({ marker }) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
  if (frame === undefined || frame.to - frame.from < 11) throw new PictureFault('PICTURE_DAMAGED')
  const at = frame.from
  if (frame.marker > 0xc2 || bytes[at + 4] !== 8) throw new PictureFault('PICTURE_NOT_SUPPORTED')
  const height = (bytes[at + 5]! << 8) | bytes[at + 6]!
  const width = (bytes[at + 7]! << 8) | bytes[at + 8]!
  if (width === 0 || height === 0) throw new PictureFault('PICTURE_DAMAGED')
  return { width, height, components: bytes[at + 9]!, orientation: readOrientation(bytes, segments) }
}

/** Tag 0x0112 of the first directory of EXIF (CIPA DC-008); a phone's photo is often stored lying on its side. */
function readOrientation(bytes: Uint8Array, segments: readonly Segment[]): number {
  const segment = segments.find(
    ({ marker, from }) => marker === exif && bytes[from + 4] === 0x45 && bytes[from + 5] === 0x78,
  )
  if (segment === undefined) return upright
  const start = segment.from + 10
  if (segment.to - start < 14) return upright
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, segment.to - start)
  const isLittle = view.getUint16(0) === 0x4949
  const directory = view.getUint32(4, isLittle)
  if (directory + 2 > view.byteLength) return upright
  const count = view.getUint16(directory, isLittle)
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i
    if (entry + 12 > view.byteLength) return upright
    if (view.getUint16(entry, isLittle) !== 0x0112) continue
    const value = view.getUint16(entry + 8, isLittle)
    return value >= 1 && value <= 8 ? value : upright
  }
  return upright
}

/** An EXIF segment that says nothing but the orientation. */
function orientationNote(orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
  const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]
  return Uint8Array.of(0xff, exif, 0, body.length + 2, ...body)
}
