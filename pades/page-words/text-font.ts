import { contentData } from '../content-filters.ts'
import type { PdfDocument } from '../document.ts'
import { PadesError } from '../errors.ts'
import { isArray, isReference, nameOf, numberOf, type PdfDictionary, type PdfValue } from '../objects.ts'
import { type CharacterMap, readCharacterMap } from './character-map.ts'
import { type SimpleEncoding, textOfCode, textOfGlyphName } from './simple-encodings.ts'
import { standardWidths } from './standard-widths.ts'

/** A glyph as a string of a content stream shows it. */
export interface ShownGlyph {
  /** What it means; null where the font does not say. */
  readonly text: string | null
  /** To the next glyph in units of the text, for a size of 1: along the line. */
  readonly advance: number
  /** How far left of the line a vertical glyph begins, for a size of 1; 0 for any other. */
  readonly left: number
  /** Whether word spacing is added (9.3.3): the single byte 32. */
  readonly isSpace: boolean
}

export interface TextFont {
  readonly isVertical: boolean
  /** How far its glyphs reach above and below the line, for a size of 1. */
  readonly ascent: number
  readonly descent: number
  glyphs(bytes: Uint8Array): ShownGlyph[]
}

/**
 * Reads a font for the text that it shows (ISO 32000-2, 9.6 to 9.10): /ToUnicode, else a simple font's encoding, else a CMap whose codes
 * are text themselves. What it does not say is null; nothing is guessed from the shape of glyphs.
 *
 * @returns null where not even the widths are known
 * @throws PadesError PADES_LIMIT_EXCEEDED
 */
export function readTextFont(document: PdfDocument, font: PdfDictionary): TextFont | null {
  try {
    const subtype = nameOf(document.resolve(font.entries.get('Subtype')))
    return subtype === 'Type0' ? readComposite(document, font) : readSimple(document, font, subtype)
  } catch (error) {
    if (!(error instanceof PadesError) || error.code === 'PADES_LIMIT_EXCEEDED') throw error
    return null
  }
}

function toUnicodeOf(document: PdfDocument, font: PdfDictionary): CharacterMap | null {
  const map = font.entries.get('ToUnicode')
  return isReference(map) ? readCharacterMap(contentData(document, map), document.shared.budget) : null
}

/** Text that stands for nothing is none. */
const sound = (text: string | null): string | null =>
  text === null || text === '' || /[\0\uFFFD\uFFFE\uFFFF]/.test(text) ? null : text

function reachOf(document: PdfDocument, descriptor: PdfDictionary | null): Pick<TextFont, 'ascent' | 'descent'> {
  const of = (key: string): number => (numberOf(document.resolve(descriptor?.entries.get(key))) ?? 0) / 1000
  const [ascent, descent] = [of('Ascent'), of('Descent')]
  return {
    ascent: ascent > 0.3 && ascent < 1.5 ? ascent : 0.88,
    descent: descent < 0 && descent > -0.8 ? descent : -0.12,
  }
}

function readSimple(document: PdfDocument, font: PdfDictionary, subtype: string | null): TextFont | null {
  const descriptor = document.dictionary(font.entries.get('FontDescriptor'))
  const baseFont = nameOf(document.resolve(font.entries.get('BaseFont'))) ?? ''
  const standard = subtype === 'Type3' ? null : standardWidths(baseFont)
  const matrix = document.resolve(font.entries.get('FontMatrix'))
  const scale = subtype === 'Type3' ? (isArray(matrix) ? (numberOf(document.resolve(matrix.items[0])) ?? 0) : 0) : 0.001
  const first = numberOf(document.resolve(font.entries.get('FirstChar')))
  const list = document.resolve(font.entries.get('Widths'))
  const missing = numberOf(document.resolve(descriptor?.entries.get('MissingWidth'))) ?? 0
  const hasWidths = isArray(list) && first !== null
  if (!hasWidths && standard === null) return null
  const widthOf = (code: number): number => {
    if (!hasWidths) return standard![code - 32] ?? 500
    return numberOf(document.resolve(list.items[code - first])) ?? missing
  }
  const toUnicode = toUnicodeOf(document, font)
  const encoded = simpleEncoding(document, font, descriptor, standard !== null)
  const known = new Map<number, ShownGlyph>()
  return {
    isVertical: false,
    ...reachOf(document, descriptor),
    glyphs(bytes) {
      document.shared.budget.work(bytes.length * 4)
      return Array.from(bytes, (code) => {
        let glyph = known.get(code)
        if (glyph === undefined) {
          const text = sound(toUnicode?.text(code, 1) ?? encoded(code))
          glyph = { text, advance: widthOf(code) * scale, left: 0, isSpace: code === 32 }
          known.set(code, glyph)
        }
        return glyph
      })
    },
  }
}

const SYMBOLIC = 4

/** What the codes of a simple font mean by its /Encoding; a symbolic font without one keeps that to itself. */
function simpleEncoding(
  document: PdfDocument,
  font: PdfDictionary,
  descriptor: PdfDictionary | null,
  isStandard: boolean,
): (code: number) => string | null {
  const encoding = document.resolve(font.entries.get('Encoding'))
  const dictionary = document.dictionary(encoding)
  const named = nameOf(encoding) ?? nameOf(document.resolve(dictionary?.entries.get('BaseEncoding')))
  const flags = numberOf(document.resolve(descriptor?.entries.get('Flags'))) ?? (isStandard ? 0 : SYMBOLIC)
  const isKnown = named === 'WinAnsiEncoding' || named === 'MacRomanEncoding' || named === 'StandardEncoding'
  const base: SimpleEncoding | null = isKnown ? named : (flags & SYMBOLIC) === 0 ? 'StandardEncoding' : null
  const differences = new Map<number, string | null>()
  const list = document.resolve(dictionary?.entries.get('Differences'))
  let code = 0
  for (const item of isArray(list) ? list.items.slice(0, 1_024) : []) {
    const value = document.resolve(item)
    const name = nameOf(value)
    if (name !== null) differences.set(code++, textOfGlyphName(name))
    else code = numberOf(value) ?? code
  }
  return (one) => (differences.has(one) ? differences.get(one)! : base === null ? null : textOfCode(base, one))
}

/** How a CMap of the standard's own list (9.7.5.2) writes text in codes. */
interface TextCodes {
  readonly label: string
  /** How many bytes a code has that begins with these. */
  length(first: number, second: number): number
}

const pairs = { length: () => 2 }
const withAscii = { length: (first: number) => (first < 0x80 ? 1 : 2) }
const gb18030 = {
  length: (first: number, second: number) => (first < 0x80 ? 1 : second >= 0x30 && second <= 0x39 ? 4 : 2),
}

function textCodesOf(name: string): TextCodes | null {
  if (/^Uni(GB|CNS|JIS|KS)-UTF16-[HV]$/.test(name))
    return { label: 'utf-16be', length: (first) => (first >= 0xd8 && first <= 0xdb ? 4 : 2) }
  if (/^Uni(GB|CNS|JIS|KS)-UCS2-[HV]$/.test(name)) return { label: 'utf-16be', ...pairs }
  if (/^(GB-EUC|GBK-EUC|GBKp-EUC)-[HV]$/.test(name)) return { label: 'gbk', ...withAscii }
  if (/^GBK2K-[HV]$/.test(name)) return { label: 'gb18030', ...gb18030 }
  return null
}

function readComposite(document: PdfDocument, font: PdfDictionary): TextFont | null {
  const descendants = document.resolve(font.entries.get('DescendantFonts'))
  const descendant = isArray(descendants) ? document.dictionary(descendants.items[0]) : null
  if (descendant === null) return null
  const encoding = font.entries.get('Encoding')
  const name = nameOf(document.resolve(encoding)) ?? ''
  const codes = textCodesOf(name)
  const isIdentity = name === 'Identity-H' || name === 'Identity-V'
  const own = isReference(encoding) && name === '' ? encoding : undefined
  const map = own === undefined ? null : readCharacterMap(contentData(document, own), document.shared.budget)
  if (!isIdentity && codes === null && map === null) return null
  const isVertical = own === undefined ? name.endsWith('V') : isVerticalMap(document, own)
  const metrics = readMetrics(document, descendant, isVertical)
  const toUnicode = toUnicodeOf(document, font)
  const decoder = codes === null ? null : new TextDecoder(codes.label, { fatal: true })
  const lengthAt = (bytes: Uint8Array, at: number): number =>
    codes !== null ? codes.length(bytes[at]!, bytes[at + 1] ?? 0) : (map?.codeLength(bytes, at) ?? 2)
  const known = new Map<number, ShownGlyph>()
  const read = (bytes: Uint8Array, code: number, length: number): ShownGlyph => {
    const direct = decoder === null ? null : decoded(decoder, bytes)
    const cid = isIdentity ? code : (map?.glyph(code, length) ?? null)
    const isHalf = cid === null && direct !== null && direct.length === 1 && direct.charCodeAt(0) < 0x7f
    const text = sound(toUnicode?.text(code, length) ?? direct)
    return { text, ...metrics(cid, isHalf), isSpace: length === 1 && code === 32 }
  }
  return {
    isVertical,
    ...reachOf(document, document.dictionary(descendant.entries.get('FontDescriptor'))),
    glyphs(bytes) {
      document.shared.budget.work(bytes.length * 4)
      const glyphs: ShownGlyph[] = []
      for (let at = 0; at < bytes.length; ) {
        const length = Math.max(1, Math.min(lengthAt(bytes, at), bytes.length - at))
        const part = bytes.subarray(at, at + length)
        const code = part.reduce((value, byte) => value * 256 + byte, 0)
        const key = length * 2 ** 32 + code
        let glyph = known.get(key)
        if (glyph === undefined) known.set(key, (glyph = read(part, code, length)))
        glyphs.push(glyph)
        at += length
      }
      return glyphs
    },
  }
}

function decoded(decoder: TextDecoder, bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

function isVerticalMap(document: PdfDocument, map: PdfValue): boolean {
  return document.resolve(document.dictionary(map)?.entries.get('WMode')) === 1
}

const MOST_WIDTHS = 70_000

type Metrics = (cid: number | null, isHalf: boolean) => Pick<ShownGlyph, 'advance' | 'left'>

/** Widths by glyph (9.7.4.3). Of a glyph whose number is not known the usual width is taken, of a Latin one half of it. */
function readMetrics(document: PdfDocument, font: PdfDictionary, isVertical: boolean): Metrics {
  const usual = numberOf(document.resolve(font.entries.get('DW'))) ?? 1000
  const widths = readWidths(document, font.entries.get('W'), 1)
  const widthOf = (cid: number | null, isHalf: boolean): number =>
    cid === null ? (isHalf ? usual / 2 : usual) : (widths.get(cid)?.[0] ?? usual)
  if (!isVertical) return (cid, isHalf) => ({ advance: widthOf(cid, isHalf) / 1000, left: 0 })
  const list = document.resolve(font.entries.get('DW2'))
  const down = isArray(list) ? (numberOf(document.resolve(list.items[1])) ?? -1000) : -1000
  const heights = readWidths(document, font.entries.get('W2'), 3)
  return (cid, isHalf) => {
    const [height, left] = (cid === null ? undefined : heights.get(cid)) ?? [down, widthOf(cid, isHalf) / 2]
    return { advance: height! / 1000, left: left! / 1000 }
  }
}

/** `c [w …]` and `first last w`, with `count` numbers a glyph. */
function readWidths(document: PdfDocument, value: PdfValue | undefined, count: number): Map<number, readonly number[]> {
  const list = document.resolve(value)
  const items = isArray(list) ? list.items.map((item) => document.resolve(item)) : []
  const widths = new Map<number, readonly number[]>()
  document.shared.budget.work(items.length)
  const set = (cid: number, numbers: readonly number[]): void => {
    document.shared.budget.work(4)
    if (widths.size < MOST_WIDTHS) widths.set(cid, numbers)
  }
  for (let i = 0; i + 1 < items.length; ) {
    const first = numberOf(items[i]) ?? 0
    const second = items[i + 1]
    if (isArray(second)) {
      const numbers = second.items.map((item) => numberOf(document.resolve(item)) ?? 0)
      for (let at = 0; at + count <= numbers.length; at += count) set(first + at / count, numbers.slice(at, at + count))
      i += 2
    } else {
      const last = Math.min(numberOf(second) ?? first, 65_535)
      const numbers = items.slice(i + 2, i + 2 + count).map((item) => numberOf(item) ?? 0)
      for (let cid = first; cid <= last && numbers.length === count; cid++) set(cid, numbers)
      i += 2 + count
    }
  }
  return widths
}
