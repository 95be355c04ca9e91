import { isArray, isString, type PdfValue } from './objects.ts'
import { isWhite } from './syntax.ts'

/**
 * The arithmetic of /ByteRange (ISO 32000-2, 12.8.1; ETSI EN 319 142-1, 5.5): two stretches with one gap between them, and in
 * the gap exactly the hex string of the signature's own /Contents, brackets included. The only file that knows it.
 */
export type ByteRange = readonly [first: 0, firstLength: number, second: number, secondLength: number]

export type CheckedByteRange =
  | {
      readonly ok: true
      readonly ranges: readonly [readonly [number, number], readonly [number, number]]
      readonly signedLength: number
      readonly coversWholeFile: boolean
    }
  | { readonly ok: false; readonly fault: string }

/** The range that leaves out [contentsStart, contentsEnd) of a file of `length` bytes. */
export function byteRangeAround(contentsStart: number, contentsEnd: number, length: number): ByteRange {
  return [0, contentsStart, contentsEnd, length - contentsEnd]
}

/**
 * Checks a signature dictionary's /ByteRange against the place of its own /Contents.
 *
 * @param bytes the whole file
 * @param byteRange,contents the dictionary's values; `contents` only where it was read from these octets, not from an object stream
 */
export function checkByteRange(
  bytes: Uint8Array,
  byteRange: PdfValue | undefined,
  contents: PdfValue | undefined,
): CheckedByteRange {
  const fault = (text: string): CheckedByteRange => ({ ok: false, fault: text })
  if (byteRange === undefined) return fault('There is no /ByteRange.')
  if (!isArray(byteRange) || byteRange.items.length !== 4) return fault('/ByteRange is no array of four numbers.')
  const numbers = byteRange.items.filter((item): item is number => typeof item === 'number' && item >= 0)
  if (numbers.length !== 4) return fault('/ByteRange holds something other than integers from 0.')
  const [first, firstLength, second, secondLength] = numbers as [number, number, number, number]
  if (first !== 0) return fault('The first signed stretch does not begin at the start of the file.')
  if (second < firstLength) return fault('The signed stretches overlap.')
  if (second + secondLength > bytes.length) return fault('The signed stretches reach beyond the end of the file.')
  if (!isString(contents) || contents.form !== 'hex')
    return fault('/Contents is no hex string in the signature dictionary itself.')
  if (contents.start !== firstLength || contents.end !== second) {
    return fault("The gap between the signed stretches is not exactly the signature's own /Contents.")
  }
  if (contents.end - contents.start - 2 !== contents.bytes.length * 2) {
    return fault('/Contents holds characters other than pairs of hex digits.')
  }
  if (bytes[firstLength] !== 0x3c || bytes[second - 1] !== 0x3e)
    return fault('The gap between the signed stretches does not begin and end with the brackets of a hex string.')
  const signedLength = second + secondLength
  if (!endsRevision(bytes, second, signedLength)) return fault('The signed part does not end at the end of a revision.')
  return {
    ok: true,
    ranges: [
      [0, firstLength],
      [second, signedLength],
    ],
    signedLength,
    coversWholeFile: signedLength === bytes.length,
  }
}

/** Whether `%%EOF` stands before `end`, in the second stretch, with at most white space between. */
function endsRevision(bytes: Uint8Array, from: number, end: number): boolean {
  let at = end
  while (at > from && isWhite(bytes[at - 1])) at--
  if (at - from < 5) return false
  for (let i = 0; i < 5; i++) if (bytes[at - 5 + i] !== '%%EOF'.charCodeAt(i)) return false
  return true
}

/** Copies the stretches into one array. */
export function joinRanges(bytes: Uint8Array, ranges: readonly (readonly [number, number])[]): Uint8Array {
  const joined = new Uint8Array(ranges.reduce((sum, [from, to]) => sum + to - from, 0))
  let at = 0
  for (const [from, to] of ranges) {
    joined.set(bytes.subarray(from, to), at)
    at += to - from
  }
  return joined
}

/**
 * Calls `digest` with both stretches as one, without copying the first: the second, which is short, is moved into the gap for as
 * long as the digest takes. The bytes are as before when it returns.
 */
export function digestRanges<T>(bytes: Uint8Array, byteRange: ByteRange, digest: (data: Uint8Array) => T): T {
  const [, gapStart, tailStart, tailLength] = byteRange
  const kept = bytes.slice(gapStart, gapStart + tailLength)
  const tail = bytes.slice(tailStart, tailStart + tailLength)
  bytes.set(tail, gapStart)
  try {
    return digest(bytes.subarray(0, gapStart + tailLength))
  } finally {
    bytes.set(kept, gapStart)
    bytes.set(tail, tailStart)
  }
}
