// A ZIP from a stranger: names, sizes and the ratio of both are judged before a byte is inflated, and counted again while it is.
import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import type { Entry } from 'yauzl'
import { LicenceError } from '../../errors.ts'
import { type FileFaultCode, fileFault } from './file-fault.ts'

export interface ZipLimits {
  readonly entries: number
  readonly unpackedBytes: number
}

/** An archive whose directory was found sound. */
export interface Zip {
  readonly names: readonly string[]
  has(name: string): boolean
  size(name: string): number
  /** The content piece by piece. Throws BATCH_FILE_INVALID for what is damaged or larger than it said. */
  stream(name: string): AsyncGenerator<Uint8Array>
  bytes(name: string): Promise<Uint8Array>
}

/** More than this from one byte is no document; small files may, since a few hundred blanks deflate to almost nothing. */
const MOST_RATIO = 200
const RATIO_COUNTS_FROM = 1 << 20
const LONGEST_NAME = 400

/**
 * Opens an archive in memory.
 * @throws LicenceError BATCH_FILE_INVALID
 */
export async function openZip(bytes: Uint8Array, limits: ZipLimits): Promise<Zip> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { fromBufferPromise, getFileNameLowLevel, validateFileName } = await import('yauzl')
  // Names are decoded here, since yauzl knows no GB 18030, and judged after: the second octet of a character may be a backslash.
  const nameOf = (entry: Entry, encoding: NameEncoding): string => {
    const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry
    const told = () => getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true)
    const name = isTold(entry) ? told() : (decodeName(fileNameRaw, encoding) ?? told())
    if (validateFileName(name) !== null) throw fileFault('NAME_NOT_ALLOWED')
    return name
  }
  const options = { lazyEntries: true, strictFileNames: true, decodeStrings: false }
  const zip = await fromBufferPromise(buffer, options).catch((cause: unknown) => {
    throw fileFault('FILE_DAMAGED', cause)
  })
  if (zip.entryCount > limits.entries) throw fileFault('TOO_MANY_ENTRIES')
  const entries = new Map<string, Entry>()
  let unpacked = 0
  try {
    const all: Entry[] = []
    for await (const entry of zip.eachEntry()) all.push(entry)
    const encoding = encodingOf(all)
    for (const entry of all) {
      const name = nameOf(entry, encoding)
      if (name.endsWith('/')) continue
      const fault = faultOf(entry, name, entries)
      if (fault) throw fileFault(fault)
      unpacked += entry.uncompressedSize
      if (unpacked > limits.unpackedBytes) throw fileFault('TOO_LARGE_UNPACKED')
      entries.set(name, entry)
    }
  } catch (cause) {
    if (cause instanceof LicenceError) throw cause
    throw fileFault('FILE_DAMAGED', cause)
  }
  async function* stream(name: string): AsyncGenerator<Uint8Array> {
    const entry = entries.get(name)
    if (!entry) throw fileFault('FILE_DAMAGED')
    let readable: Readable | undefined
    try {
      readable = await zip.openReadStreamPromise(entry)
      for await (const piece of readable as AsyncIterable<Uint8Array>) yield piece
    } catch (cause) {
      // yauzl ends a stream that grows beyond the size its entry names.
      if (cause instanceof LicenceError) throw cause
      throw fileFault('FILE_DAMAGED', cause)
    } finally {
      readable?.destroy()
    }
  }
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    size: (name) => entries.get(name)?.uncompressedSize ?? 0,
    stream,
    async bytes(name) {
      const pieces: Uint8Array[] = []
      for await (const piece of stream(name)) pieces.push(piece)
      return Buffer.concat(pieces)
    },
  }
}

function faultOf(entry: Entry, name: string, known: ReadonlyMap<string, Entry>): FileFaultCode | undefined {
  const { uncompressedSize, compressedSize } = entry
  if (name.length > LONGEST_NAME || /\p{Cc}/u.test(name) || isSymbolicLink(entry)) return 'NAME_NOT_ALLOWED'
  if (known.has(name)) return 'NAME_REPEATED'
  if (entry.isEncrypted()) return 'FILE_ENCRYPTED'
  if (!entry.canDecodeFileData()) return 'FILE_DAMAGED'
  const isBomb = uncompressedSize > RATIO_COUNTS_FROM && uncompressedSize > MOST_RATIO * Math.max(1, compressedSize)
  return isBomb ? 'TOO_LARGE_UNPACKED' : undefined
}

const isSymbolicLink = ({ externalFileAttributes }: Entry): boolean =>
  ((externalFileAttributes >>> 16) & 0o170000) === 0o120000

/** Of Info-ZIP: the name in UTF-8 beside the one in the header. */
const UNICODE_PATH = 0x7075

type NameEncoding = 'utf-8' | 'gb18030'

/** Whether the entry says itself how its name is written. */
const isTold = ({ generalPurposeBitFlag, extraFields }: Entry): boolean =>
  (generalPurposeBitFlag & 0x800) !== 0 || extraFields.some(({ id }) => id === UNICODE_PATH)

/** Of "version made by": the systems of Windows (APPNOTE 4.4.2.2). */
const WINDOWS = [0, 10, 11, 14]

/**
 * How names are written of which nothing says it: programs on a Mac write UTF-8, those on a Chinese Windows GB 18030. For all of an archive,
 * since one name (姚尧) can be sound in both.
 */
function encodingOf(entries: readonly Entry[]): NameEncoding {
  const untold = entries.filter((entry) => !isTold(entry) && entry.fileNameRaw.some((byte) => byte > 0x7f))
  if (!untold.every(({ fileNameRaw }) => isUtf8(fileNameRaw))) return 'gb18030'
  const isOfWindows = untold.every(({ versionMadeBy }) => WINDOWS.includes(versionMadeBy >> 8))
  const areBoth = untold.every(({ fileNameRaw }) => decodeName(fileNameRaw, 'gb18030') !== undefined)
  return isOfWindows && areBoth ? 'gb18030' : 'utf-8'
}

function decodeName(bytes: Uint8Array, encoding: NameEncoding): string | undefined {
  const name = new TextDecoder(encoding).decode(bytes)
  return name.includes('\ufffd') ? undefined : name
}
