// Scans of paper stock (存量证照): which files are taken, and how good they are.
import { LicenceError } from '../errors.ts'

/** How well a scan shows the paper. */
export const scanGrades = {
  A: { zh: '清晰完整，每个字和印章都可辨认', en: 'whole and sharp: every character and seal can be read' },
  B: { zh: '可辨认，有轻微缺陷', en: 'readable, with slight faults' },
  C: { zh: '部分内容难以辨认，须与档案核对', en: 'hard to read in parts: compare with the archive' },
  D: { zh: '缺失或无法辨认，不能单独作为依据', en: 'incomplete or unreadable: proves nothing by itself' },
} as const
export type ScanGrade = keyof typeof scanGrades
export const gradeLetters = Object.keys(scanGrades) as [ScanGrade, ...ScanGrade[]]

export type ScanMediaType = 'application/pdf' | 'image/png' | 'image/jpeg'

/** Why a file is no scan that can be kept. */
export type ScanFault =
  | 'SCAN_KIND_UNKNOWN'
  | 'SCAN_TOO_LARGE'
  | 'SCAN_DAMAGED'
  | 'SCAN_TOO_MANY_PIXELS'
  | 'SCAN_PDF_UNREADABLE'

export const MOST_SCAN_BYTES = 16 << 20
export const MOST_SCANS = 50
/** An A3 sheet at 600 dpi has 70 million. */
const MOST_PIXELS = 100_000_000
const MOST_SIDE = 30_000

/**
 * What a file is by its own first bytes, whatever it calls itself, or why it is no scan. Of pictures the size is read and nothing decoded,
 * so that whoever opens one later needs no more than `MOST_PIXELS`.
 */
export function examineScan(bytes: Uint8Array): { readonly mediaType: ScanMediaType } | { readonly fault: ScanFault } {
  if (bytes.length > MOST_SCAN_BYTES) return { fault: 'SCAN_TOO_LARGE' }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.subarray(0, 5).toString('latin1') === '%PDF-') return { mediaType: 'application/pdf' }
  if (buffer.subarray(0, 8).equals(PNG)) return examinePicture('image/png', pngSides(buffer))
  if (buffer[0] === 0xff && buffer[1] === 0xd8) return examinePicture('image/jpeg', jpegSides(buffer))
  return { fault: 'SCAN_KIND_UNKNOWN' }
}

const messages: Readonly<Record<ScanFault, string>> = {
  SCAN_KIND_UNKNOWN: 'a scan is a PDF, PNG or JPEG',
  SCAN_TOO_LARGE: `a scan has at most ${MOST_SCAN_BYTES >> 20} MiB`,
  SCAN_DAMAGED: 'the picture is damaged',
  SCAN_TOO_MANY_PIXELS: `a picture has at most ${MOST_PIXELS / 1_000_000} million pixels`,
  SCAN_PDF_UNREADABLE: 'the PDF is damaged, encrypted or too involved to be read',
}

export const scanRefused = (fault: ScanFault): LicenceError => new LicenceError('SCAN_FILE_REFUSED', messages[fault])

/** A grade as people write it in a table: a, Ａ, B级. */
export function toGrade(text: string): ScanGrade | undefined {
  const letter = text.normalize('NFKC').trim().toUpperCase().replace(/级$/, '')
  return gradeLetters.find((one) => one === letter)
}

const PNG = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

interface Sides {
  readonly width: number
  readonly height: number
}

const pngSides = (bytes: Buffer): Sides | undefined =>
  bytes.length >= 33 && bytes.readUInt32BE(8) === 13 && bytes.subarray(12, 16).toString('latin1') === 'IHDR'
    ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
    : undefined

/** From the frame header (SOF, ITU-T T.81 B.2.2), found by the lengths of the segments before it. */
function jpegSides(bytes: Buffer): Sides | undefined {
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    // Of what begins the picture data and what stands alone there is no length: no frame came before it.
    if (marker === 0xda || (marker >= 0xd0 && marker <= 0xd9) || marker === 0x01 || marker === 0x00) return undefined
    at += 2 + Math.max(2, bytes.readUInt16BE(at + 2))
  }
  return undefined
}

function examinePicture(mediaType: ScanMediaType, sides: Sides | undefined) {
  if (!sides || sides.width === 0 || sides.height === 0) return { fault: 'SCAN_DAMAGED' } as const
  const isHuge = Math.max(sides.width, sides.height) > MOST_SIDE || sides.width * sides.height > MOST_PIXELS
  return isHuge ? ({ fault: 'SCAN_TOO_MANY_PIXELS' } as const) : { mediaType }
}
