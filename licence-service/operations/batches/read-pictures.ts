import { MOST_SCAN_BYTES } from '../../domain/scan.ts'
import { plainName } from './batch-box.ts'
import { fileFault } from './file-fault.ts'
import { openZip } from './open-zip.ts'

export const MOST_ZIP_BYTES = 64 << 20
const LIMITS = { entries: 20_000, unpackedBytes: 256 << 20 }
/** What a licence takes of a photo is far less. */
const MOST_PICTURE_BYTES = MOST_SCAN_BYTES

/** A photo or a scan out of a ZIP: as it is, it is looked at when a row names it. */
export interface ZippedPicture {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * The JPEG, PNG and PDF files of a ZIP, one at a time; folders and what a Mac adds of its own are passed over.
 * @throws LicenceError BATCH_FILE_INVALID for path tricks, bombs, two files of one name, and what is of another kind
 */
export async function* readPictureZip(bytes: Uint8Array): AsyncGenerator<ZippedPicture> {
  const zip = await openZip(bytes, LIMITS)
  const seen = new Set<string>()
  for (const name of zip.names) {
    const base = name.split('/').at(-1)!
    if (name.startsWith('__MACOSX/') || base.startsWith('.') || base === 'Thumbs.db') continue
    // As rows name it: what is one name there must not be two here.
    const key = plainName(name)
    if (seen.has(key)) throw fileFault('NAME_REPEATED')
    seen.add(key)
    if (zip.size(name) > MOST_PICTURE_BYTES) throw fileFault('TOO_LARGE_UNPACKED')
    const content = await zip.bytes(name)
    if (!isOfKind(content)) throw fileFault('ATTACHMENT_KIND_UNKNOWN')
    yield { name: base, bytes: content }
  }
}

const BEGINNINGS = [Buffer.of(0xff, 0xd8), Buffer.of(0x89, 0x50), Buffer.from('%PDF-')]
const isOfKind = (content: Uint8Array): boolean =>
  BEGINNINGS.some((beginning) => beginning.equals(content.subarray(0, beginning.length)))
