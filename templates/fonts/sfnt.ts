import { TemplateError } from '../errors.ts'

/** Where a table lies in a TrueType file. */
export interface TableRange {
  readonly offset: number
  readonly length: number
}

/** The tables of a TrueType file by tag (OpenType, "Organization of an OpenType font"). */
export function readTables(ttf: Uint8Array): Map<string, TableRange> {
  const view = new DataView(ttf.buffer, ttf.byteOffset, ttf.byteLength)
  if (ttf.length < 12 || view.getUint32(0) !== 0x00010000) {
    throw new TemplateError('TEMPLATE_FONT_INVALID', 'expected a TrueType file with glyf outlines')
  }
  const tables = new Map<string, TableRange>()
  for (let i = 0; i < view.getUint16(4); i++) {
    const entry = 12 + 16 * i
    const tag = String.fromCharCode(...ttf.subarray(entry, entry + 4))
    const range = { offset: view.getUint32(entry + 8), length: view.getUint32(entry + 12) }
    if (range.offset + range.length > ttf.length) {
      throw new TemplateError('TEMPLATE_FONT_INVALID', `the table ${tag} ends outside the file`)
    }
    tables.set(tag, range)
  }
  return tables
}

/** A table as a view, from its first byte. */
export function viewTable(ttf: Uint8Array, tables: Map<string, TableRange>, tag: string): DataView {
  const range = tables.get(tag)
  if (range === undefined) throw new TemplateError('TEMPLATE_FONT_INVALID', `the face has no table ${tag}`)
  return new DataView(ttf.buffer, ttf.byteOffset + range.offset, range.length)
}

/** The basic plane's characters as an array of glyph numbers, those above as a map: a licence's path has no map for common text. */
export interface CharacterMap {
  readonly basic: Uint16Array
  readonly above: ReadonlyMap<number, number>
}

/** Reads the Unicode subtable with the widest reach: format 12 before format 4. */
export function readCharacterMap(cmap: DataView): CharacterMap {
  const basic = new Uint16Array(0x10000)
  const above = new Map<number, number>()
  const put = (codePoint: number, glyph: number) => {
    if (codePoint < 0x10000) basic[codePoint] = glyph
    else above.set(codePoint, glyph)
  }
  const subtables = Array.from({ length: cmap.getUint16(2) }, (_, i) => cmap.getUint32(4 + 8 * i + 4))
  const at = (format: number) => subtables.find((offset) => cmap.getUint16(offset) === format)
  const full = at(12)
  const bmp = at(4)
  if (full !== undefined) readFormat12(cmap, full, put)
  else if (bmp !== undefined) readFormat4(cmap, bmp, put)
  else throw new TemplateError('TEMPLATE_FONT_INVALID', 'expected a cmap subtable of format 4 or 12')
  return { basic, above }
}

type Put = (codePoint: number, glyph: number) => void

function readFormat12(cmap: DataView, start: number, put: Put): void {
  for (let i = 0; i < cmap.getUint32(start + 12); i++) {
    const group = start + 16 + 12 * i
    const [first, last, glyph] = [cmap.getUint32(group), cmap.getUint32(group + 4), cmap.getUint32(group + 8)]
    for (let codePoint = first; codePoint <= last; codePoint++) put(codePoint, glyph + codePoint - first)
  }
}

function readFormat4(cmap: DataView, start: number, put: Put): void {
  const twice = cmap.getUint16(start + 6)
  for (let i = 0; i < twice; i += 2) {
    const last = cmap.getUint16(start + 14 + i)
    const first = cmap.getUint16(start + 16 + twice + i)
    const delta = cmap.getUint16(start + 16 + 2 * twice + i)
    const rangePlace = start + 16 + 3 * twice + i
    const range = cmap.getUint16(rangePlace)
    for (let codePoint = first; codePoint <= last && codePoint !== 0xffff; codePoint++) {
      const glyph = range === 0 ? codePoint : cmap.getUint16(rangePlace + range + 2 * (codePoint - first))
      if (glyph !== 0) put(codePoint, (glyph + delta) & 0xffff)
    }
  }
}
