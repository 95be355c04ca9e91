import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'
import { TypeCase } from '../../templates/draw/type-case.ts'
import { adler32, wordSum } from '../../templates/fonts/checksums.ts'
import type { Face } from '../../templates/fonts/face.ts'
import { openFace } from '../../templates/fonts/face.ts'
import { type FontSet, glyphOutline, openFonts } from '../../templates/fonts/index.ts'
import { readTables, viewTable } from '../../templates/fonts/sfnt.ts'
import { writeFontFile } from '../../templates/fonts/subset.ts'
import { ByteWriter } from '../../templates/pdf/byte-writer.ts'
import { createSubsetter } from '../support/harfbuzz-subset.ts'
import { outlineArea } from './outline-area.ts'

let fonts: FontSet
beforeAll(async () => {
  fonts = await openFonts()
})

/** The font file of one licence with these own characters, out of its stream. */
function fontFile(typeCase: TypeCase, own: string): { sfnt: Uint8Array; length1: number; stream: Uint8Array } {
  typeCase.begin()
  for (const character of own) typeCase.codeOf(character.codePointAt(0)!)
  const writer = new ByteWriter(1024)
  const length1 = writeFontFile(writer, typeCase.subset, typeCase.ownRecords, typeCase.ownCount)
  const stream = writer.bytes.slice(0, writer.position)
  return { sfnt: new Uint8Array(inflateSync(stream)), length1, stream }
}

/** Every table's checksum and the whole file's (OpenType, "Calculating checksums"). */
function expectRightChecksums(sfnt: Uint8Array): void {
  const view = new DataView(sfnt.buffer)
  for (let i = 0; i < view.getUint16(4); i++) {
    const entry = 12 + 16 * i
    const [sum, from, length] = [view.getUint32(entry + 4), view.getUint32(entry + 8), view.getUint32(entry + 12)]
    const table = new Uint8Array((length + 3) & ~3)
    table.set(sfnt.subarray(from, from + length))
    if (view.getUint32(entry) === 0x68656164) new DataView(table.buffer).setUint32(8, 0)
    expect(wordSum(table, 0, table.length)).toBe(sum)
  }
  expect(wordSum(sfnt, 0, sfnt.length)).toBe(0xb1b0afba)
}

const fixed = [...'名称年月日0123456789'].map((c) => c.codePointAt(0)!)

describe('writeFontFile', () => {
  it('joins a zlib stream whose plain text is a TrueType file with right checksums', () => {
    const { sfnt, length1 } = fontFile(new TypeCase(fonts.faces['serif-regular'], 'F1', fixed), '云汀市青梧数字科技')
    expect(sfnt.length).toBe(length1)
    expectRightChecksums(sfnt)
    expect([...readTables(sfnt).keys()]).toEqual(['glyf', 'head', 'hhea', 'hmtx', 'loca', 'maxp'])
  })

  it('gives every code the glyph, width and bearing of its character', () => {
    const face = fonts.faces['serif-regular']
    const own = '云汀市青梧Åé,'
    const { sfnt } = fontFile(new TypeCase(face, 'F1', fixed), own)
    const tables = readTables(sfnt)
    const [loca, glyf, hmtx] = [viewTable(sfnt, tables, 'loca'), tables.get('glyf')!, viewTable(sfnt, tables, 'hmtx')]
    const points = [...fixed, ...[...own].map((c) => c.codePointAt(0)!)]
    for (const [i, point] of points.entries()) {
      const record = face.record(face.glyphOf(point))
      const [from, to] = [2 * loca.getUint16(2 * (i + 1)), 2 * loca.getUint16(2 * (i + 2))]
      expect(sfnt.subarray(glyf.offset + from, glyf.offset + to)).toEqual(record.bytes)
      expect(hmtx.getUint16(4 * (i + 1))).toBe(record.advance)
      expect(hmtx.getInt16(4 * (i + 1) + 2)).toBe(record.leftSideBearing)
    }
  })

  it('draws each character as HarfBuzz, given the same face, would', async () => {
    const ttf = brotliDecompressSync(readFileSync(join(packageRoot, 'templates/fonts/faces/serif-regular.ttf.br')))
    const subsetter = await createSubsetter(ttf)
    const text = '营业执照统一社会信用代码国锦澜ÀÉß$%&《》（）①㎡あ'
    const points = [...text].map((c) => c.codePointAt(0)!)
    const oracle = openFace('serif-regular', subsetter.subset(points))
    for (const point of points) {
      expect(glyphOutline(fonts.faces['serif-regular'], point)).toEqual(glyphOutline(oracle, point))
    }
  })

  it('uses long offsets and several stored blocks when there are very many characters', () => {
    const many = Array.from({ length: 3000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('')
    const { sfnt, length1, stream } = fontFile(new TypeCase(fonts.faces['serif-bold'], 'F1', fixed), many)
    expect(sfnt.length).toBe(length1)
    expect(stream.length).toBeGreaterThan(10 * 65_535)
    expect(viewTable(sfnt, readTables(sfnt), 'head').getInt16(50)).toBe(1)
    expectRightChecksums(sfnt)
  })

  it('splits the tables too when they outgrow a stored block', () => {
    const many = Array.from({ length: 9000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('')
    const { sfnt, length1 } = fontFile(new TypeCase(fonts.faces['sans-regular'], 'F1', fixed), many)
    expect(sfnt.length).toBe(length1)
    expectRightChecksums(sfnt)
  })

  it('holds for any set of characters, also after other licences and with no own character', () => {
    const typeCase = new TypeCase(fonts.faces['sans-regular'], 'F1', fixed)
    expectRightChecksums(fontFile(typeCase, '').sfnt)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0x4e00, max: 0x9f00 }), { maxLength: 300 }), (points) => {
        const { sfnt, length1 } = fontFile(typeCase, String.fromCodePoint(...points))
        expect(sfnt.length).toBe(length1)
        expectRightChecksums(sfnt)
      }),
      { numRuns: 15 },
    )
  })
})

describe('TypeCase', () => {
  it('gives each licence codes of its own, even after more licences than its stamps can count', () => {
    const typeCase = new TypeCase(fonts.faces['serif-regular'], 'F1', fixed)
    const codesOf = (text: string) => [...text].map((c) => typeCase.codeOf(c.codePointAt(0)!))
    expect(codesOf('云名汀云')).toEqual([fixed.length + 1, expect.any(Number), fixed.length + 2, fixed.length + 1])
    for (let i = 0; i < 65_540; i++) typeCase.begin()
    expect(codesOf('汀云汀0')).toEqual([fixed.length + 1, fixed.length + 2, fixed.length + 1, codesOf('0')[0]])
    expect(typeCase.ownCodePoints.slice(0, typeCase.ownCount)).toEqual([...'汀云'].map((c) => c.codePointAt(0)))
    expect(codesOf('0')[0]).toBeLessThanOrEqual(typeCase.fixedCount)
  })
})

describe('adler32', () => {
  it('is that of zlib, also beyond where sums must be reduced', () => {
    const bytes = new Uint8Array(100_000).fill(255)
    const trailer = deflateSync(bytes).subarray(-4)
    expect(adler32(bytes)).toEqual([trailer.readUInt16BE(2), trailer.readUInt16BE(0)])
    expect(adler32(new TextEncoder().encode('Wikipedia'))).toEqual([0x0398, 0x11e6])
  })
})

describe('openFonts', () => {
  it('covers all of GBK’s characters in every face', () => {
    const decoder = new TextDecoder('gbk')
    let gbk = ''
    for (let high = 0x81; high <= 0xfe; high++) {
      for (let low = 0x40; low <= 0xfe; low++) {
        const isIdeographRow =
          (high >= 0xb0 && high <= 0xf7 && low >= 0xa1) || high < 0xa1 || (high >= 0xaa && low < 0xa1)
        if (low === 0x7f || !isIdeographRow) continue
        const character = decoder.decode(Uint8Array.of(high, low))
        if (/^[\u4e00-\u9fa5]$/.test(character)) gbk += character
      }
    }
    expect(gbk.length).toBe(20_902)
    for (const name of Object.keys(fonts.faces) as (keyof FontSet['faces'])[]) {
      expect(fonts.missingGlyphs(gbk, name)).toEqual([])
    }
  })

  it('finds rare characters of plane 2 in the fallback face and names those it has not', () => {
    expect(fonts.missingGlyphs('𠮷野𪚥𫖯𬀩')).toEqual([])
    expect(fonts.missingGlyphs('李\u{30000}\u{1f600}明\u{1f600}')).toEqual(['\u{30000}', '\u{1f600}'])
  })

  it('carries each face’s licence beside it', () => {
    for (const name of ['NotoSansSC-OFL.txt', 'NotoSerifSC-OFL.txt', 'Hanazono-LICENSE.txt']) {
      expect(readFileSync(join(packageRoot, 'templates/fonts/faces', name), 'utf8')).toMatch(/licen[sc]e/i)
    }
  })
})

describe('glyphOutline', () => {
  const areaOf = (face: Face, character: string) => outlineArea(glyphOutline(face, character.codePointAt(0)!)!.commands)

  it('encloses more the bolder the face', () => {
    expect(areaOf(fonts.faces['serif-bold'], '印')).toBeGreaterThan(areaOf(fonts.faces['serif-regular'], '印'))
  })

  it('is empty for a space and undefined for a character the face has not', () => {
    expect(glyphOutline(fonts.faces['serif-regular'], 32)?.commands).toEqual([])
    expect(glyphOutline(fonts.faces['serif-regular'], 0x1f600)).toBeUndefined()
  })

  it('closes every contour it opens', () => {
    const { commands } = glyphOutline(fonts.faces['serif-regular'], '国'.codePointAt(0)!)!
    const count = (kind: string) => commands.filter(([c]) => c === kind).length
    expect(count('M')).toBeGreaterThan(2)
    expect(count('M')).toBe(count('Z'))
  })
})
