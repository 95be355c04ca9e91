// Pictures as far as their headers go: nothing else of a scan is looked at.
import { crc32 } from 'node:zlib'

/** A PNG as far as its header goes: nothing else of it is looked at. */
export function pngOf(width: number, height: number, mark = 0): Uint8Array {
  const header = Buffer.alloc(25)
  header.writeUInt32BE(13)
  header.write('IHDR', 4, 'latin1')
  header.writeUInt32BE(width, 8)
  header.writeUInt32BE(height, 12)
  header.set([8, 2, 0, 0, 0], 16)
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21)
  return Buffer.concat([Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), header, Buffer.of(mark)])
}

/** A JPEG of an application segment and a frame header. */
export function jpegOf(width: number, height: number): Uint8Array {
  const frame = Buffer.of(0xff, 0xc2, 0, 17, 8, 0, 0, 0, 0, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)
  frame.writeUInt16BE(height, 5)
  frame.writeUInt16BE(width, 7)
  return Buffer.concat([Buffer.of(0xff, 0xd8, 0xff, 0xe0, 0, 4, 0xff, 0xc0), frame])
}
