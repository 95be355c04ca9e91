import { TemplateError } from '../errors.ts'
import { adler32 } from './checksums.ts'
import { type CharacterMap, readCharacterMap, readTables, viewTable } from './sfnt.ts'

/** One glyph as the font writer copies it: without instructions, padded to 4 bytes, with sums that add up over a whole table. */
export interface GlyphRecord {
  readonly bytes: Uint8Array
  /** Sum of the 32-bit words, modulo 2^32 (OpenType, "Calculating checksums"). */
  readonly sum: number
  /** The two halves of the record's own Adler-32 (RFC 1950 §8.2). */
  readonly adlerLow: number
  readonly adlerHigh: number
  readonly advance: number
  readonly leftSideBearing: number
}

/** A typeface held open. Widths and boxes are in font units. */
export interface Face {
  readonly name: string
  readonly postScriptName: string
  readonly unitsPerEm: number
  readonly ascent: number
  readonly descent: number
  readonly capHeight: number
  readonly box: readonly [number, number, number, number]
  readonly isSerif: boolean
  readonly weight: number
  readonly characters: CharacterMap
  /** The `head`, `hhea` and `maxp` tables as they stand in the face. */
  readonly tables: { readonly head: Uint8Array; readonly hhea: Uint8Array; readonly maxp: Uint8Array }
  /** Glyph number of a character, 0 when the face has none. */
  glyphOf(codePoint: number): number
  advanceOf(glyph: number): number
  /** The glyph's record, made at first use and kept. */
  record(glyph: number): GlyphRecord
}

const composite = -1

/** Opens a TrueType file with simple glyphs. Costs about as long as reading its cmap; glyph records are made as they are asked for. */
export function openFace(name: string, ttf: Uint8Array): Face {
  const tables = readTables(ttf)
  const table = (tag: string) => viewTable(ttf, tables, tag)
  const copy = (tag: string) => {
    const view = table(tag)
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice()
  }
  const [head, hhea, maxp, hmtx, loca, glyf, os2] = [
    table('head'),
    table('hhea'),
    table('maxp'),
    table('hmtx'),
    table('loca'),
    table('glyf'),
    table('OS/2'),
  ]
  const isLong = head.getInt16(50) === 1
  const start = (glyph: number) => (isLong ? loca.getUint32(4 * glyph) : 2 * loca.getUint16(2 * glyph))
  const metricCount = hhea.getUint16(34)
  const advanceOf = (glyph: number) => hmtx.getUint16(4 * Math.min(glyph, metricCount - 1))
  const bearingOf = (glyph: number) =>
    glyph < metricCount ? hmtx.getInt16(4 * glyph + 2) : hmtx.getInt16(4 * metricCount + 2 * (glyph - metricCount))
  const characters = readCharacterMap(table('cmap'))
  const records: (GlyphRecord | undefined)[] = new Array(maxp.getUint16(4))
  return {
    name,
    postScriptName: readPostScriptName(table('name')),
    unitsPerEm: head.getUint16(18),
    ascent: hhea.getInt16(4),
    descent: hhea.getInt16(6),
    capHeight: os2.byteLength >= 90 && os2.getUint16(0) >= 2 ? os2.getInt16(88) : hhea.getInt16(4),
    box: [head.getInt16(36), head.getInt16(38), head.getInt16(40), head.getInt16(42)],
    isSerif: !name.startsWith('sans'),
    weight: os2.getUint16(4),
    characters,
    tables: { head: copy('head'), hhea: copy('hhea'), maxp: copy('maxp') },
    glyphOf: (codePoint) =>
      codePoint < 0x10000 ? characters.basic[codePoint]! : (characters.above.get(codePoint) ?? 0),
    advanceOf,
    record(glyph) {
      return (records[glyph] ??= makeRecord(glyf, start(glyph), start(glyph + 1), advanceOf(glyph), bearingOf(glyph)))
    },
  }
}

/** Copies a simple glyph without its instructions (OpenType, glyf: Simple Glyph Description). */
function makeRecord(glyf: DataView, from: number, to: number, advance: number, leftSideBearing: number): GlyphRecord {
  const bytes = from === to ? new Uint8Array(0) : withoutInstructions(glyf, from, to)
  const words = new DataView(bytes.buffer)
  let sum = 0
  for (let i = 0; i < bytes.length; i += 4) sum = (sum + words.getUint32(i)) >>> 0
  const [adlerLow, adlerHigh] = adler32(bytes)
  return { bytes, sum, adlerLow, adlerHigh, advance, leftSideBearing }
}

function withoutInstructions(glyf: DataView, from: number, to: number): Uint8Array {
  const contours = glyf.getInt16(from)
  if (contours <= composite) throw new TemplateError('TEMPLATE_FONT_INVALID', 'composite glyphs are not supported')
  const instructionsAt = from + 10 + 2 * contours
  const instructions = glyf.getUint16(instructionsAt)
  const source = new Uint8Array(glyf.buffer, glyf.byteOffset, glyf.byteLength)
  const length = to - from - instructions
  const bytes = new Uint8Array((length + 3) & ~3)
  bytes.set(source.subarray(from, instructionsAt))
  bytes.set(source.subarray(instructionsAt + 2 + instructions, to), instructionsAt + 2 - from)
  return bytes
}

/** Name 6 of the name table, ASCII by definition. */
function readPostScriptName(names: DataView): string {
  const strings = names.getUint16(4)
  for (let i = 0; i < names.getUint16(2); i++) {
    const entry = 6 + 12 * i
    if (names.getUint16(entry + 6) !== 6) continue
    let text = ''
    for (let k = 0; k < names.getUint16(entry + 8); k++) {
      const byte = names.getUint8(strings + names.getUint16(entry + 10) + k)
      if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte)
    }
    return text
  }
  throw new TemplateError('TEMPLATE_FONT_INVALID', 'the face has no PostScript name')
}
