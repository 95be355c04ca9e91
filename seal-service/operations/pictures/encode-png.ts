import { promisify } from 'node:util'
import { crc32, deflate } from 'node:zlib'
import { inkOctets } from '../../domain/picture/drawing.ts'
import type { Coverage } from '../../domain/picture/raster.ts'

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const rgbAlpha = 6
const mmPerInch = 25.4
const metre = 1
const deflateAsync = promisify(deflate)

/** A PNG (ISO/IEC 15948) in the ink's colour on nothing, its true size in pHYs. */
export async function encodePng({ width, height, ink }: Coverage, dpi: number): Promise<Uint8Array> {
  const [red, green, blue] = inkOctets
  const rows = new Uint8Array(height * (1 + 4 * width))
  for (let y = 0, at = 0; y < height; y++) {
    at++
    for (let x = 0; x < width; x++, at += 4) {
      const alpha = ink[y * width + x]!
      if (alpha === 0) continue
      rows[at] = red
      rows[at + 1] = green
      rows[at + 2] = blue
      rows[at + 3] = alpha
    }
  }
  const perMetre = Math.round((dpi * 1000) / mmPerInch)
  return joinBytes([
    signature,
    chunk('IHDR', [...bigEndian(width), ...bigEndian(height), 8, rgbAlpha, 0, 0, 0]),
    chunk('pHYs', [...bigEndian(perMetre), ...bigEndian(perMetre), metre]),
    chunk('IDAT', await deflateAsync(rows, { level: 6 })),
    chunk('IEND', []),
  ])
}

function chunk(type: string, data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(12 + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, data.length)
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i)
  bytes.set(data, 8)
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)))
  return bytes
}

function bigEndian(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
