import { primitives } from '../pki/index.ts'
import { byteRangeAround, digestRanges, joinRanges } from './byte-range.ts'
import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { appendUpdate, firstId, type UpdatedObject, writeAscii } from './incremental-update.ts'
import type { PreparedSeal } from './seal-options.ts'

/** What stands in /ByteRange until the lengths are known: 10 digits a number are enough for 9 GB. */
const byteRangePlaceholder = `[0 ${' '.repeat(32)}]`

/** The end of a signature dictionary: its /ByteRange, and /Contents up to where its digits begin. */
export const reservedEntries = `/ByteRange ${byteRangePlaceholder} /Contents <`

/** What follows the digits. */
export const afterContents = '> >>'

/**
 * Appends an update whose last object is a signature dictionary that ends in `reservedEntries`, and writes its final /ByteRange.
 *
 * @param contentsLength bytes to reserve for /Contents
 * @param revision what makes this revision different from others, for its part of /ID
 */
export function reserveContents(
  document: PdfDocument,
  objects: readonly UpdatedObject[],
  contentsLength: number,
  revision: string,
): PreparedSeal {
  const { bytes, offsets } = appendUpdate(document, objects, revisionId(document, revision))
  const signature = objects.at(-1)!
  const bodyStart = offsets.at(-1)! + `${signature.number} ${signature.generation} obj\n`.length
  const contentsStart = bodyStart + signature.body.length - 1
  const byteRange = byteRangeAround(contentsStart, contentsStart + contentsLength * 2 + 2, bytes.length)
  const rangeText = `[${byteRange.join(' ')}`
  writeAscii(bytes, bodyStart + signature.body.lastIndexOf(byteRangePlaceholder), rangeText)
  return {
    bytes,
    byteRange,
    signedAddition: () =>
      joinRanges(bytes, [
        [document.shared.bytes.length, contentsStart],
        [byteRange[2], bytes.length],
      ]),
    digest: (algorithm = 'SHA-256') => digestRanges(bytes, byteRange, (data) => primitives.digestSync(algorithm, data)),
  }
}

/** Throws a `TypeError` for anything but a positive integer. */
export function checkContentsLength(contentsLength: number): void {
  if (!Number.isInteger(contentsLength) || contentsLength <= 0)
    throw new TypeError('contentsLength: a positive integer')
}

/** Names a revision; from what makes it different rather than from all its bytes, whose digest would cost as much again. */
export function revisionId(document: PdfDocument, revision: string, added: readonly Uint8Array[] = []): Uint8Array {
  const parts = [
    firstId(document) ?? new Uint8Array(),
    new TextEncoder().encode(`${revision} ${document.end}`),
    ...added,
  ]
  const data = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part, at)
    at += part.length
  }
  return primitives.digestSync('SHA-256', data).subarray(0, 16)
}

const hexDigits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/**
 * Writes the CMS into the reserved place, in place, and returns the finished document (the same array as `prepared.bytes`).
 *
 * @param cms DER: a seal's SignedData, or the token of a document time stamp
 * @throws PadesError PADES_CONTENTS_TOO_SMALL when more was made than reserved
 */
export function embedCms(prepared: PreparedSeal, cms: Uint8Array): Uint8Array {
  const { bytes, byteRange } = prepared
  const from = byteRange[1] + 1
  const to = byteRange[2] - 1
  if (cms.length * 2 > to - from) {
    throw new PadesError('PADES_CONTENTS_TOO_SMALL', `the CMS has ${cms.length} bytes, ${(to - from) / 2} are reserved`)
  }
  let at = from
  for (let i = 0; i < cms.length; i++) {
    const byte = cms[i]!
    bytes[at++] = hexDigits[byte >> 4]!
    bytes[at++] = hexDigits[byte & 15]!
  }
  bytes.fill(0x30, at, to)
  return bytes
}
