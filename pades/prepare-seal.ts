import { primitives } from '../pki/index.ts'
import { type ByteRange, byteRangeAround, digestRanges } from './byte-range.ts'
import { PdfDocument, shareBytes } from './document.ts'
import { PadesError } from './errors.ts'
import { appendUpdate, firstId, writeAscii } from './incremental-update.ts'
import { Budget, defaultLimits } from './limits.ts'
import { byteRangePlaceholder, sealObjects } from './seal-objects.ts'
import type { PreparedSeal, PrepareSealOptions } from './seal-options.ts'

/**
 * Appends everything a seal needs but its CMS (ISO 32000-2, 7.5.6, 12.8; ETSI EN 319 142-1, 6.3).
 *
 * @param pdf any PDF our reader takes, with cross-reference tables or streams, with or without a form; it is not changed
 * @throws PadesError a code of reading; PADES_PAGE_NOT_FOUND, PADES_PLACEMENT_INVALID, PADES_FIELD_NAME_TAKEN,
 *   PADES_ALREADY_SIGNED (it asks to certify what is signed), PADES_CHANGES_NOT_PERMITTED (it is certified already)
 */
export function prepareSeal(pdf: Uint8Array, options: PrepareSealOptions): PreparedSeal {
  if (!Number.isInteger(options.contentsLength) || options.contentsLength <= 0)
    throw new TypeError('contentsLength: a positive integer')
  const document = new PdfDocument(shareBytes(pdf, new Budget(defaultLimits)), pdf.length)
  const objects = sealObjects(document, options)
  const { bytes, offsets } = appendUpdate(document, objects, secondId(document, options))
  const signature = objects.at(-1)!
  const bodyStart = offsets.at(-1)! + `${signature.number} ${signature.generation} obj\n`.length
  const contentsStart = bodyStart + signature.body.length - 1
  const byteRange = byteRangeAround(contentsStart, contentsStart + options.contentsLength * 2 + 2, bytes.length)
  const rangeText = `[${byteRange.join(' ')}`
  writeAscii(bytes, bodyStart + signature.body.lastIndexOf(byteRangePlaceholder), rangeText)
  return { bytes, byteRange, digest: () => sha256(bytes, byteRange) }
}

function sha256(bytes: Uint8Array, byteRange: ByteRange): Uint8Array {
  return digestRanges(bytes, byteRange, (data) => primitives.digestSync('SHA-256', data))
}

/** Names this revision; from what makes it different rather than from all its bytes, whose digest would cost as much again. */
function secondId(document: PdfDocument, { field, signedAt }: PrepareSealOptions): Uint8Array {
  const text = new TextEncoder().encode(`${field} ${signedAt.toISOString()} ${document.end}`)
  const first = firstId(document) ?? new Uint8Array()
  const data = new Uint8Array(first.length + text.length)
  data.set(first)
  data.set(text, first.length)
  return primitives.digestSync('SHA-256', data).subarray(0, 16)
}

const hexDigits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/**
 * Writes the CMS into the reserved place, in place, and returns the finished document (the same array as `prepared.bytes`).
 *
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
