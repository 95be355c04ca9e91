import { readJpeg } from './jpeg.ts'
import type { Picture, PictureLimits } from './limits.ts'
import { PictureFault } from './picture-fault.ts'
import { readPng } from './png.ts'

/**
 * Reads a picture from hostile bytes, known by its content: JPEG (baseline or progressive, grey or colour) or PNG (8 bits, not
 * interlaced; transparency becomes white paper). What is kept has no metadata but how a photo was held.
 *
 * @throws PictureFault saying what is wrong with it
 */
export function readPicture(bytes: Uint8Array, limits: PictureLimits): Picture {
  if (bytes.length > limits.maxBytes) throw new PictureFault('PICTURE_TOO_LARGE')
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return readJpeg(bytes, limits)
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return readPng(bytes, limits)
  throw new PictureFault('PICTURE_NOT_SUPPORTED')
}
