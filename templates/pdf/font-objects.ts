import type { TypeCase } from '../draw/type-case.ts'
import { writeFontFile } from '../fonts/subset.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { ObjectWriter } from './object-writer.ts'

export const subsetTagLength = 6
const placeholderTag = 'A'.repeat(subsetTagLength)
const standardWidth = 1000

/** Numbers of the objects that make one face's font (ISO 32000-1 §9.7). */
export interface FontObjects {
  readonly typeCase: TypeCase
  readonly type0: number
  readonly cidFont: number
  readonly descriptor: number
  readonly widths: number
  readonly toUnicode: number
  readonly fontFile: number
}

export function allotFont(objects: ObjectWriter, typeCase: TypeCase): FontObjects {
  return {
    typeCase,
    type0: objects.allot(),
    cidFont: objects.allot(),
    descriptor: objects.allot(),
    widths: objects.allot(),
    toUnicode: objects.allot(),
    fontFile: objects.allot(),
  }
}

/** Writes the dictionaries that no licence changes but for the subset tag; returns the places of the tag. */
export function writeFontDictionaries(objects: ObjectWriter, font: FontObjects): number[] {
  const { face } = font.typeCase
  const scale = (value: number) => Math.round((value * 1000) / face.unitsPerEm)
  const holes: number[] = []
  const write = (number: number, before: string, after: string) => {
    objects.open(number)
    objects.writer.text(before)
    holes.push(objects.writer.position)
    objects.writer.text(`${placeholderTag}+${face.postScriptName}${after}`)
    objects.close()
  }
  write(
    font.type0,
    '<</Type/Font/Subtype/Type0/BaseFont/',
    `/Encoding/Identity-H/DescendantFonts[${font.cidFont} 0 R]/ToUnicode ${font.toUnicode} 0 R>>`,
  )
  write(
    font.cidFont,
    '<</Type/Font/Subtype/CIDFontType2/BaseFont/',
    `/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/CIDToGIDMap/Identity/DW ${standardWidth}` +
      `/W ${font.widths} 0 R/FontDescriptor ${font.descriptor} 0 R>>`,
  )
  write(
    font.descriptor,
    '<</Type/FontDescriptor/FontName/',
    `/Flags ${face.isSerif ? 6 : 4}/FontBBox[${face.box.map(scale).join(' ')}]/ItalicAngle 0/Ascent ${scale(face.ascent)}` +
      `/Descent ${scale(face.descent)}/CapHeight ${scale(face.capHeight)}/StemV ${face.weight >= 600 ? 140 : 80}` +
      `/FontFile2 ${font.fontFile} 0 R>>`,
  )
  return holes
}

/** The first part of the /W array and of the ToUnicode CMap: the fixed characters. */
export function fixedFontParts(typeCase: TypeCase): { widths: string; toUnicode: string } {
  const widths = typeCase.fixedCodePoints.map((_, i) => formatWidth(typeCase.widths[i + 1]!))
  let toUnicode =
    '/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def' +
    '/CMapName/Adobe-Identity-UCS def/CMapType 2 def 1 begincodespacerange<0000><FFFF>endcodespacerange\n'
  const { fixedCodePoints } = typeCase
  for (let first = 1; first <= fixedCodePoints.length; ) {
    const last = Math.min(first | 0xff, fixedCodePoints.length)
    const targets = fixedCodePoints.slice(first - 1, last).map((point) => `<${utf16Hex(point)}>`)
    toUnicode += `1 beginbfrange<${hex4(first)}><${hex4(last)}>[${targets.join('')}]endbfrange\n`
    first = last + 1
  }
  return { widths: widths.length === 0 ? '' : `1[${widths.join(' ')}]`, toUnicode }
}

const hex4 = (value: number) => value.toString(16).toUpperCase().padStart(4, '0')

function utf16Hex(codePoint: number): string {
  if (codePoint < 0x10000) return hex4(codePoint)
  const rest = codePoint - 0x10000
  return hex4(0xd800 + (rest >> 10)) + hex4(0xdc00 + (rest & 0x3ff))
}

function formatWidth(width: number): string {
  return String(Math.round(width * 100) / 100)
}

/** Writes what a licence's own characters change: widths, ToUnicode, font file. */
export function writeFontOfLicence(
  objects: ObjectWriter,
  font: FontObjects,
  parts: { widths: string; toUnicode: string },
): void {
  const { typeCase } = font
  const { writer } = objects
  objects.open(font.widths)
  writer.text(`[${parts.widths}`)
  for (let i = 1; i <= typeCase.ownCount; i++) {
    const width = typeCase.widths[typeCase.fixedCount + i]!
    if (width !== standardWidth) writer.text(`${typeCase.fixedCount + i}[${formatWidth(width)}]`)
  }
  writer.text(']')
  objects.close()
  const endToUnicode = objects.openStream(font.toUnicode, '')
  writer.text(parts.toUnicode)
  writeOwnRanges(writer, typeCase)
  writer.text('endcmap CMapName currentdict/CMap defineresource pop end end')
  endToUnicode()
  writeFontFileObject(objects, font)
}

/** Ranges do not cross a high byte of the code (ISO 32000-1 §9.10.3). */
function writeOwnRanges(writer: ByteWriter, typeCase: TypeCase): void {
  const { fixedCount, ownCount, ownCodePoints } = typeCase
  const end = fixedCount + ownCount
  for (let first = fixedCount + 1; first <= end; ) {
    const last = Math.min(first | 0xff, end)
    writer.text('1 beginbfrange<')
    writer.hex16(first)
    writer.text('><')
    writer.hex16(last)
    writer.text('>[')
    for (let code = first; code <= last; code++) {
      const point = ownCodePoints[code - fixedCount - 1]!
      writer.byte(60)
      if (point < 0x10000) writer.hex16(point)
      else writer.text(utf16Hex(point))
      writer.byte(62)
    }
    writer.text(']endbfrange\n')
    first = last + 1
  }
}

function writeFontFileObject(objects: ObjectWriter, font: FontObjects): void {
  const { writer } = objects
  objects.open(font.fontFile)
  writer.text('<</Filter/FlateDecode/Length1 ')
  const length1At = writer.position
  writer.text('          /Length ')
  const lengthAt = writer.position
  writer.text('          >>stream\n')
  const start = writer.position
  const { typeCase } = font
  const length1 = writeFontFile(writer, typeCase.subset, typeCase.ownRecords, typeCase.ownCount)
  writer.patch(length1At, String(length1))
  writer.patch(lengthAt, String(writer.position - start))
  writer.text('\nendstream\nendobj\n')
}
