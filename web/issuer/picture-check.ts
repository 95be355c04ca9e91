import { formatSize } from '../kit/format.ts'
import type { Text } from '../kit/language.ts'
import type { Field } from './definition.ts'
import { words } from './words.ts'

export interface PictureFault {
  readonly text: Text
  readonly values: Readonly<Record<string, string | number>>
}

/** JPEG or PNG by their first bytes: a file's name and type are only what somebody says. */
export function pictureKind(bytes: Uint8Array): 'image/jpeg' | 'image/png' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg'
  const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
  return png.every((byte, index) => bytes[index] === byte) ? 'image/png' : undefined
}

/** What the server allows where a definition says nothing. */
export const usualRule = { minSide: 100, maxSide: 6000, maxBytes: 5 * 1024 * 1024 }

/** Whether a picture of this size fits the field's rule. */
export function checkPicture(
  rule: Field['picture'],
  found: { bytes: number; width: number; height: number },
): PictureFault | undefined {
  const { minSide, maxSide, maxBytes } = rule ?? usualRule
  if (found.bytes > maxBytes) {
    return { text: words.pictureSize, values: { size: formatSize(found.bytes), limit: formatSize(maxBytes) } }
  }
  const [least, most] = [Math.min(found.width, found.height), Math.max(found.width, found.height)]
  if (least >= minSide && most <= maxSide) return undefined
  const { width, height } = found
  return { text: words.pictureSides, values: { width, height, min: minSide, max: maxSide } }
}

/** Bytes to base64 in pieces: one call for all of them would overflow the argument stack. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(binary)
}

/** Base64 to bytes; nothing readable gives no bytes. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}
