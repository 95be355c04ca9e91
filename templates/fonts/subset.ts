import { constants, deflateRawSync } from 'node:zlib'
import type { ByteWriter } from '../pdf/byte-writer.ts'
import { adler32, adlerModulus, wordSum } from './checksums.ts'
import type { Face, GlyphRecord } from './face.ts'

const directoryLength = 12 + 16 * 6
const headLength = 56
const hheaLength = 36
const maxpLength = 32
const storedBlockLimit = 65_535
const shortLocaLimit = 131_070
const checksumMagic = 0xb1b0afba

/** The part of a face's subset that no licence changes: .notdef and the fixed characters, deflated once. */
export interface CompiledSubset {
  readonly face: Face
  /** Glyphs 0 … count − 1; a licence's own follow. */
  readonly records: readonly GlyphRecord[]
  readonly chunk: Uint8Array
  readonly length: number
  readonly sum: number
  readonly adlerLow: number
  readonly adlerHigh: number
}

/** Compiles the fixed glyphs of a face: .notdef, then one glyph for each code point, in this order. */
export function compileSubset(face: Face, codePoints: readonly number[]): CompiledSubset {
  const records = [face.record(0), ...codePoints.map((codePoint) => face.record(face.glyphOf(codePoint)))]
  const length = records.reduce((sum, record) => sum + record.bytes.length, 0)
  const plain = new Uint8Array(length)
  let at = 0
  for (const record of records) {
    plain.set(record.bytes, at)
    at += record.bytes.length
  }
  const [adlerLow, adlerHigh] = adler32(plain)
  return {
    face,
    records,
    chunk: deflateRawSync(plain, { level: 9, finishFlush: constants.Z_SYNC_FLUSH }),
    length,
    sum: wordSum(plain, 0, length),
    adlerLow,
    adlerHigh,
  }
}

/**
 * Writes a TrueType file of the fixed and the licence's own glyphs as one zlib stream that is joined, not compressed: stored block
 * (all tables but glyf), ready deflated chunk, stored blocks of own glyph records, Adler-32 (RFC 1950, 1951 §3.2.4).
 *
 * @returns length of the file inside the stream (PDF's /Length1)
 */
export function writeFontFile(
  writer: ByteWriter,
  fixed: CompiledSubset,
  own: readonly GlyphRecord[],
  ownCount: number,
): number {
  let ownLength = 0
  for (let i = 0; i < ownCount; i++) ownLength += own[i]!.bytes.length
  writer.uint16(0x78da)
  const start = writer.position + 5
  const glyphsLength = fixed.length + ownLength
  const prefixLength = writeTables(writer, fixed, own, ownCount, glyphsLength)
  const [low, high] = adler32(writer.bytes.subarray(start, start + prefixLength))
  const joined = new JoinedAdler(low, high)
  splitStored(writer, start - 5, prefixLength)
  writer.put(fixed.chunk)
  joined.add(fixed.adlerLow, fixed.adlerHigh, fixed.length)
  writeOwnGlyphs(writer, own, ownCount, ownLength, joined)
  writer.uint16(joined.high)
  writer.uint16(joined.low)
  return prefixLength + glyphsLength
}

/** Adler-32 of a whole from those of its parts. */
class JoinedAdler {
  low: number
  high: number

  constructor(low: number, high: number) {
    this.low = low
    this.high = high
  }

  add(low: number, high: number, length: number): void {
    this.high = (this.high + high + (length % adlerModulus) * (this.low + adlerModulus - 1)) % adlerModulus
    this.low = (this.low + low + adlerModulus - 1) % adlerModulus
  }
}

/** Writes directory, head, hhea, maxp, hmtx and loca after room for a stored block's header; returns their length. */
function writeTables(
  writer: ByteWriter,
  fixed: CompiledSubset,
  own: readonly GlyphRecord[],
  ownCount: number,
  glyphsLength: number,
): number {
  const { face, records } = fixed
  const count = records.length + ownCount
  const isLong = glyphsLength > shortLocaLimit
  const locaLength = isLong ? 4 * (count + 1) : (2 * (count + 1) + 3) & ~3
  const length = directoryLength + headLength + hheaLength + maxpLength + 4 * count + locaLength
  writer.reserve(5 + length)
  writer.position += 5
  const start = writer.position
  writer.bytes.fill(0, start, start + length)
  const view = new DataView(writer.bytes.buffer, writer.bytes.byteOffset + start, length)
  const head = directoryLength
  const hhea = head + headLength
  const maxp = hhea + hheaLength
  const hmtx = maxp + maxpLength
  const loca = hmtx + 4 * count
  writer.bytes.set(face.tables.head, start + head)
  writer.bytes.set(face.tables.hhea, start + hhea)
  writer.bytes.set(face.tables.maxp, start + maxp)
  view.setUint32(head + 8, 0)
  view.setInt16(head + 50, isLong ? 1 : 0)
  view.setUint16(hhea + 34, count)
  view.setUint16(maxp + 4, count)
  let offset = 0
  let glyphSum = fixed.sum
  for (let i = 0; i < count; i++) {
    const record = i < records.length ? records[i]! : own[i - records.length]!
    view.setUint16(hmtx + 4 * i, record.advance)
    view.setInt16(hmtx + 4 * i + 2, record.leftSideBearing)
    if (isLong) view.setUint32(loca + 4 * i, offset)
    else view.setUint16(loca + 2 * i, offset / 2)
    offset += record.bytes.length
    if (i >= records.length) glyphSum = (glyphSum + record.sum) % 0x100000000
  }
  if (isLong) view.setUint32(loca + 4 * count, offset)
  else view.setUint16(loca + 2 * count, offset / 2)
  writeDirectory(view, writer.bytes, start, [
    { tag: 0x676c7966, at: length, length: glyphsLength, sum: glyphSum },
    { tag: 0x68656164, at: head, length: face.tables.head.length, sum: -1 },
    { tag: 0x68686561, at: hhea, length: hheaLength, sum: -1 },
    { tag: 0x686d7478, at: hmtx, length: 4 * count, sum: -1 },
    { tag: 0x6c6f6361, at: loca, length: isLong ? locaLength : 2 * (count + 1), sum: -1 },
    { tag: 0x6d617870, at: maxp, length: face.tables.maxp.length, sum: -1 },
  ])
  writer.position += length
  return length
}

/** Table directory in the order of tags, checksums, and head's checkSumAdjustment over the whole file. */
function writeDirectory(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  tables: readonly { tag: number; at: number; length: number; sum: number }[],
): void {
  view.setUint32(0, 0x00010000)
  view.setUint16(4, tables.length)
  view.setUint16(6, 64)
  view.setUint16(8, 2)
  view.setUint16(10, 16 * tables.length - 64)
  let whole = 0
  let headAt = 0
  for (const [i, table] of tables.entries()) {
    const entry = 12 + 16 * i
    const sum =
      table.sum >= 0 ? table.sum : wordSum(bytes, start + table.at, start + ((table.at + table.length + 3) & ~3))
    view.setUint32(entry, table.tag)
    view.setUint32(entry + 4, sum)
    view.setUint32(entry + 8, table.at)
    view.setUint32(entry + 12, table.length)
    whole += sum
    if (table.tag === 0x68656164) headAt = table.at
  }
  whole += wordSum(bytes, start, start + directoryLength)
  view.setUint32(headAt + 8, (checksumMagic - (whole % 0x100000000) + 0x100000000) % 0x100000000)
}

function storedHeader(bytes: Uint8Array, at: number, length: number, isFinal: boolean): void {
  bytes[at] = isFinal ? 1 : 0
  bytes[at + 1] = length & 0xff
  bytes[at + 2] = length >>> 8
  bytes[at + 3] = ~length & 0xff
  bytes[at + 4] = (~length >>> 8) & 0xff
}

/** Puts stored-block headers before the bytes that stand after the room for the first; more than one block moves the rest along. */
function splitStored(writer: ByteWriter, headerAt: number, length: number): void {
  let at = headerAt
  let rest = length
  while (rest > storedBlockLimit) {
    storedHeader(writer.bytes, at, storedBlockLimit, false)
    at += 5 + storedBlockLimit
    rest -= storedBlockLimit
    writer.reserve(5)
    writer.bytes.copyWithin(at + 5, at, at + rest)
    writer.position += 5
  }
  storedHeader(writer.bytes, at, rest, false)
}

function writeOwnGlyphs(
  writer: ByteWriter,
  own: readonly GlyphRecord[],
  ownCount: number,
  ownLength: number,
  joined: JoinedAdler,
): void {
  writer.reserve(ownLength + 5 * (1 + Math.ceil(ownLength / storedBlockLimit)))
  const { bytes } = writer
  let at = writer.position
  let rest = ownLength
  let room = 0
  const open = () => {
    room = Math.min(rest, storedBlockLimit)
    rest -= room
    storedHeader(bytes, at, room, rest === 0)
    at += 5
  }
  if (ownLength === 0) open()
  for (let i = 0; i < ownCount; i++) {
    const record = own[i]!
    const { length } = record.bytes
    joined.add(record.adlerLow, record.adlerHigh, length)
    for (let from = 0; from < length; ) {
      if (room === 0) open()
      const take = Math.min(room, length - from)
      bytes.set(take === length ? record.bytes : record.bytes.subarray(from, from + take), at)
      at += take
      room -= take
      from += take
    }
  }
  writer.position = at
}
